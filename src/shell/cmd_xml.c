/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Definitions as text: show, edit, convert; and the monitor of QEMU.
 */
#include <string.h>

#include "shell/commands.h"
#include "shell/domain.h"
#include "shell/edit.h"
#include "shell/values.h"
#include "shell/xml.h"

/* -- dumpxml -- */

/* What an XPath expression finds, a line each. */
static char *matches_text(xmlDocPtr doc, xmlXPathObjectPtr nodes)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (int i = 0; i < xml_count(nodes); i++) {
		g_autofree char *text = xml_dump(doc, xml_node(nodes, i));
		g_string_append_printf(out, "%s\n", text);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* The same below one root element, so that it is a document. */
static char *matches_wrapped(xmlXPathObjectPtr nodes)
{
	auto_xml doc = xmlNewDoc((const xmlChar *)"1.0");
	xmlNodePtr root = xmlNewDocNode(doc, NULL, (const xmlChar *)"nodes", NULL);

	xmlDocSetRootElement(doc, root);
	for (int i = 0; i < xml_count(nodes); i++)
		xmlAddChild(root, xmlDocCopyNode(xml_node(nodes, i), doc, 1));
	g_autofree char *text = xml_dump(doc, root);
	return g_strconcat(text, "\n", NULL);
}

static int print_matches(
	struct shell *sh, const struct command *cmd, const char *xml, const char *xpath, struct error *err)
{
	auto_xml doc = xml_parse(xml, err);
	auto_nodes nodes = NULL;

	if (!doc)
		return -1;
	if (!xml_is_node_set(doc, xpath))
		return fail(err, VIR_ERR_INTERNAL_ERROR, "Incorrect xpath '%s'", xpath);
	nodes = xml_nodes(doc, NULL, xpath);
	g_autofree char *text = command_has(cmd, "wrap") ? matches_wrapped(nodes) : matches_text(doc, nodes);
	shell_document(sh, "xml", text, "");
	return 0;
}

static int run_dumpxml(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct flag_row flags[] = { { "inactive", VIR_DOMAIN_XML_INACTIVE },
		{ "security-info", VIR_DOMAIN_XML_SECURE }, { "update-cpu", VIR_DOMAIN_XML_UPDATE_CPU },
		{ "migratable", VIR_DOMAIN_XML_MIGRATABLE }, { 0 } };
	const char *xpath = command_text(cmd, "xpath");
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	const char *xml = domain ? domain_xml(sh, domain, flags_of(cmd, flags), err) : NULL;

	if (!xml)
		return -1;
	if (xpath)
		return print_matches(sh, cmd, xml, xpath, err);
	shell_document(sh, "xml", xml, "");
	return 0;
}

/* -- edit -- */

struct definition {
	const struct remote_nonnull_domain *domain;
	char *before; /* as it was when the user began */
	char *name;   /* of what was defined */
};

enum { EDIT_VIEW = VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE };

/* Someone else may have changed the definition meanwhile: their work is not to be lost unseen. */
static int check_unchanged(struct shell *sh, struct definition *definition, struct error *err)
{
	const char *now = domain_xml(sh, definition->domain, EDIT_VIEW, err);

	if (!now)
		return -1;
	if (strcmp(now, definition->before) == 0)
		return 0;
	g_free(definition->before);
	definition->before = g_strdup(now);
	return fail(err, VIR_ERR_OPERATION_INVALID, "the XML configuration was changed by another user");
}

static int take_definition(struct shell *sh, void *arg, const char *edited, bool validate, struct error *err)
{
	struct definition *definition = arg;

	if (check_unchanged(sh, definition, err) < 0)
		return -1;
	const struct remote_domain_define_xml_flags_ret *ret =
		CALL(sh, DOMAIN_DEFINE_XML_FLAGS, domain_define_xml_flags, .xml = (char *)edited,
			.flags = validate ? VIR_DOMAIN_DEFINE_VALIDATE : 0);
	if (!ret)
		return -1;
	definition->name = ret->dom.name;
	return 0;
}

static int run_edit(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	const char *xml = domain ? domain_xml(sh, domain, EDIT_VIEW, err) : NULL;

	if (!xml)
		return -1;
	struct definition definition = { domain, g_strdup(xml), domain->name };
	int rc = edit_until_taken(
		sh, xml, true, !command_has(cmd, "skip-validate"), take_definition, &definition, err);
	g_free(definition.before);
	if (rc < 0)
		return -1;
	shell_extra(sh,
		rc ? "Domain '%s' XML configuration edited.\n"
		   : "Domain '%s' XML configuration not changed.\n",
		definition.name);
	shell_answer(sh, "changed", json_boolean(rc));
	return 0;
}

/* -- native formats -- */

static int run_to_native(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *path = command_text(cmd, "xml");
	g_autofree char *file = NULL;
	const char *xml = NULL;

	if (command_has(cmd, "domain")) {
		const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
		xml = domain ? domain_xml(sh, domain, 0, err) : NULL;
		if (!xml)
			return domain ? shell_error(sh, "failed to retrieve XML") : -1;
	} else if (path) {
		if (read_argument_file(path, &file, err) < 0)
			return -1;
		xml = file;
	} else {
		return shell_error(sh, "need either domain or domain XML");
	}
	const struct remote_connect_domain_xml_to_native_ret *ret =
		CALL(sh, CONNECT_DOMAIN_XML_TO_NATIVE, connect_domain_xml_to_native,
			.nativeFormat = (char *)command_text(cmd, "format"), .domainXml = (char *)xml);
	if (!ret)
		return -1;
	shell_document(sh, "native", ret->nativeConfig, "");
	return 0;
}

static int run_from_native(struct shell *sh, const struct command *cmd, struct error *err)
{
	g_autofree char *config = NULL;

	if (read_argument_file(command_text(cmd, "config"), &config, err) < 0)
		return -1;
	const struct remote_connect_domain_xml_from_native_ret *ret =
		CALL(sh, CONNECT_DOMAIN_XML_FROM_NATIVE, connect_domain_xml_from_native,
			.nativeFormat = (char *)command_text(cmd, "format"), .nativeConfig = config);
	if (!ret)
		return -1;
	shell_document(sh, "xml", ret->domainXml, "");
	return 0;
}

/* -- the monitor -- */

/* "name" and "members" of its arguments to a QMP command; the text is the caller's. */
static char *wrap_command(struct shell *sh, const char *name, const char *members, struct error *err)
{
	json_error_t wrong;

	if (!members)
		return g_strdup_printf("{\"execute\":\"%s\"}", name);
	g_autofree char *object = g_strdup_printf("{%s}", members);
	json_t *arguments = json_loads(object, 0, &wrong);
	if (!arguments) {
		shell_error(sh, "failed to wrap arguments '%s' into a QMP command wrapper", members);
		fail(err, VIR_ERR_INTERNAL_ERROR, "cannot parse json %s: %s", object, wrong.text);
		return NULL;
	}
	json_decref(arguments);
	return g_strdup_printf("{\"execute\":\"%s\",\"arguments\":%s}", name, object);
}

/* The command to send, from the words of the command line. */
static char *monitor_text(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *first = command_word(cmd, "cmd", 0);
	g_autofree char *joined = command_joined(cmd, "cmd");

	if (command_has(cmd, "hmp") || first[strspn(first, " \t\n")] == '{')
		return g_steal_pointer(&joined);
	bool more = command_word(cmd, "cmd", 1) != NULL;
	return wrap_command(sh, first, more ? joined + strlen(first) + 1 : NULL, err);
}

static int print_return(struct shell *sh, const struct command *cmd, const char *result, struct error *err)
{
	json_error_t wrong;
	json_t *answer = json_loads(result, JSON_DECODE_ANY, &wrong);
	json_t *value = json_object_get(answer, "return");

	if (!value) {
		json_decref(answer);
		return shell_error(sh, answer ? "'return' member missing" : "the answer is not JSON");
	}
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	g_autofree char *pretty = command_has(cmd, "pretty") ? pretty_json(text) : g_strdup(text);
	shell_print(sh, "%s", pretty);
	shell_answer(sh, "return", json_incref(value));
	free(text);
	json_decref(answer);
	return 0;
}

static void print_answer(struct shell *sh, const struct command *cmd, const char *result)
{
	json_error_t wrong;
	json_t *answer = json_loads(result, 0, &wrong);
	g_autofree char *pretty = command_has(cmd, "pretty") ? pretty_json(result) : NULL;

	if (pretty)
		shell_print(sh, "%s", pretty);
	else
		shell_print(sh, "%s\n", result);
	shell_answer(sh, "answer", answer ? answer : json_string(result));
}

static int run_monitor(struct shell *sh, const struct command *cmd, struct error *err)
{
	unsigned flags = command_has(cmd, "hmp") ? 1 : 0; /* VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP */
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	if (command_has(cmd, "pass-fds"))
		return shell_error(sh, "--pass-fds: this shell cannot pass descriptors");
	g_autofree char *text = monitor_text(sh, cmd, err);
	if (!text)
		return -1;
	struct qemu_domain_monitor_command_args args = { *domain, text, flags };
	const struct qemu_domain_monitor_command_ret *ret =
		client_call(sh->client, &qemu_program, QEMU_PROC_DOMAIN_MONITOR_COMMAND, &args, err);
	if (!ret)
		return -1;
	if (command_has(cmd, "return-value"))
		return print_return(sh, cmd, ret->result, err);
	print_answer(sh, cmd, ret->result);
	return 0;
}

/* -- rows -- */

static const struct option_row dumpxml_options[] = {
	OPTION_DOMAIN,
	OPTION_FLAG("inactive", "show inactive defined XML"),
	OPTION_FLAG("security-info", "include security sensitive information in XML dump"),
	OPTION_FLAG("update-cpu", "update guest CPU according to host CPU"),
	OPTION_FLAG("migratable", "provide XML suitable for migrations"),
	OPTION_TEXT("xpath", OPTION_NAMED, "xpath expression to filter the XML document"),
	OPTION_FLAG("wrap", "wrap xpath results in an common root element"),
};
static const struct option_row edit_options[] = {
	OPTION_DOMAIN,
	OPTION_FLAG("skip-validate", "skip validation of the XML against the schema"),
};
static void complete_format(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	static const char *const formats[] = { "qemu-argv", "xen-xl", "xen-xm", "xen-sxpr", "lxc-tools",
		NULL };

	complete_from(formats, word, out);
}

static const struct option_row to_native_options[] = {
	OPTION_TEXT("format", OPTION_REQUIRED, "target config data type format", .complete = complete_format),
	OPTION_TEXT("domain", OPTION_NAMED, "domain name, id or uuid", .complete = complete_domain),
	OPTION_TEXT("xml", 0, "xml data file to export from", .complete = complete_file),
};
static const struct option_row from_native_options[] = {
	OPTION_TEXT("format", OPTION_REQUIRED, "source config data format", .complete = complete_format),
	OPTION_TEXT("config", OPTION_REQUIRED, "config data file to import from", .complete = complete_file),
};
static const struct option_row monitor_options[] = {
	OPTION_ACTIVE_DOMAIN,
	OPTION_FLAG("hmp", "command is in human monitor protocol"),
	OPTION_FLAG("pretty", "pretty-print any qemu monitor protocol output"),
	OPTION_FLAG("return-value", "extract the value of the 'return' key from the returned string"),
	OPTION_TEXT("pass-fds", OPTION_NAMED, "pass file descriptors N,M,... along with the command"),
	OPTION_WORDS("cmd", OPTION_REQUIRED, "command"),
};
static const struct exclusive_row to_native_exclusive[] = {
	{ "domain", "xml" },
	{ 0 },
};
static const struct exclusive_row monitor_exclusive[] = {
	{ "hmp", "return-value" },
	{ "hmp", "pretty" },
	{ 0 },
};

static const struct command_row rows[] = {
	{ "domxml-from-native", NULL, GROUP_DOMAIN, "Convert native config to domain XML",
		"Convert native guest configuration format to domain XML format.",
		OPTIONS(from_native_options), .flags = COMMAND_WRITES, .run = run_from_native },
	{ "domxml-to-native", NULL, GROUP_DOMAIN, "Convert domain XML to native config",
		"Convert domain XML config to a native guest configuration format.",
		OPTIONS(to_native_options), .exclusive = to_native_exclusive, .flags = COMMAND_WRITES,
		.run = run_to_native },
	{ "dumpxml", NULL, GROUP_DOMAIN, "domain information in XML",
		"Output the domain information as an XML dump to stdout.", OPTIONS(dumpxml_options),
		.run = run_dumpxml },
	{ "edit", NULL, GROUP_DOMAIN, "edit XML configuration for a domain",
		"Edit the XML configuration for a domain.", OPTIONS(edit_options), .flags = COMMAND_WRITES,
		.run = run_edit },
	{ "qemu-monitor-command", NULL, GROUP_DOMAIN, "QEMU Monitor Command", "QEMU Monitor Command",
		OPTIONS(monitor_options), .exclusive = monitor_exclusive, .flags = COMMAND_WRITES,
		.run = run_monitor },
};
COMMAND_TABLE(xml_commands, rows);
