/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Facts about one domain: identity, state, job, displays.
 */
#include <inttypes.h>
#include <string.h>

#include "shell/commands.h"
#include "shell/domain.h"
#include "shell/xml.h"

/* -- identity -- */

static int run_domid(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_NAME | BY_UUID, err);

	if (!domain)
		return -1;
	if (domain->id < 0)
		shell_print(sh, "-\n");
	else
		shell_print(sh, "%d\n", domain->id);
	shell_answer(sh, "id", domain->id < 0 ? json_null() : json_integer(domain->id));
	return 0;
}

static int run_domuuid(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_NAME | BY_ID, err);
	char uuid[UUID_TEXT_BYTES];

	if (!domain)
		return -1;
	shell_document(sh, "uuid", uuid_text(domain->uuid, uuid), "\n");
	return 0;
}

static int run_domname(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ID | BY_UUID, err);

	if (!domain)
		return -1;
	shell_document(sh, "name", domain->name, "\n");
	return 0;
}

/* -- dominfo -- */

enum { INFO_WIDTH = 15 };

static void info_basic(struct shell *sh, const struct remote_nonnull_domain *domain, struct error *err)
{
	char uuid[UUID_TEXT_BYTES];

	if (domain->id < 0)
		shell_field(sh, "id", json_null(), INFO_WIDTH, "Id:", "-");
	else
		shell_field(sh, "id", json_integer(domain->id), INFO_WIDTH, "Id:", "%d", domain->id);
	shell_field(sh, "name", NULL, INFO_WIDTH, "Name:", "%s", domain->name);
	shell_field(sh, "uuid", NULL, INFO_WIDTH, "UUID:", "%s", uuid_text(domain->uuid, uuid));
	const struct remote_domain_get_os_type_ret *os =
		CALL(sh, DOMAIN_GET_OS_TYPE, domain_get_os_type, .dom = *domain);
	if (os)
		shell_field(sh, "os_type", NULL, INFO_WIDTH, "OS Type:", "%s", os->type);
	error_clear(err);
}

static int info_run(struct shell *sh, const struct remote_nonnull_domain *domain, struct error *err)
{
	const struct remote_domain_get_info_ret *info =
		CALL(sh, DOMAIN_GET_INFO, domain_get_info, .dom = *domain);

	if (!info)
		return -1;
	shell_field(sh, "state", NULL, INFO_WIDTH, "State:", "%s", domain_state_name(info->state));
	shell_field(sh, "cpus", json_integer(info->nrVirtCpu), INFO_WIDTH, "CPU(s):", "%u", info->nrVirtCpu);
	if (info->cpuTime)
		shell_field(sh, "cpu_time_ns", json_integer((json_int_t)info->cpuTime), INFO_WIDTH,
			"CPU time:", "%.1fs", (double)info->cpuTime / 1e9);
	if (info->maxMem == G_MAXUINT)
		shell_field(sh, "max_memory_kib", json_null(), INFO_WIDTH, "Max memory:", "no limit");
	else
		shell_field(sh, "max_memory_kib", json_integer((json_int_t)info->maxMem), INFO_WIDTH,
			"Max memory:", "%" PRIu64 " KiB", info->maxMem);
	shell_field(sh, "used_memory_kib", json_integer((json_int_t)info->memory), INFO_WIDTH,
		"Used memory:", "%" PRIu64 " KiB", info->memory);
	return 0;
}

static void info_kept(struct shell *sh, const struct remote_nonnull_domain *domain, struct error *err)
{
	const struct remote_domain_is_persistent_ret *kept =
		CALL(sh, DOMAIN_IS_PERSISTENT, domain_is_persistent, .dom = *domain);
	const struct remote_domain_get_autostart_ret *autostart =
		CALL(sh, DOMAIN_GET_AUTOSTART, domain_get_autostart, .dom = *domain);
	const struct remote_domain_has_managed_save_image_ret *saved =
		CALL(sh, DOMAIN_HAS_MANAGED_SAVE_IMAGE, domain_has_managed_save_image, .dom = *domain);

	error_clear(err);
	shell_field(sh, "persistent", kept ? json_boolean(kept->persistent) : json_null(), INFO_WIDTH,
		"Persistent:", "%s",
		!kept		   ? "unknown"
		: kept->persistent ? "yes"
				   : "no");
	if (autostart)
		shell_field(sh, "autostart", json_boolean(autostart->autostart), INFO_WIDTH,
			"Autostart:", "%s", autostart->autostart ? "enable" : "disable");
	shell_field(sh, "managed_save", saved ? json_boolean(saved->result) : json_null(), INFO_WIDTH,
		"Managed save:", "%s",
		!saved		? "unknown"
		: saved->result ? "yes"
				: "no");
}

/* chars of the wire's array of char as text */
static char *chars_text(unsigned len, const char *val)
{
	return g_strndup(val ? val : "", len);
}

static int info_security(struct shell *sh, const struct remote_nonnull_domain *domain, struct error *err)
{
	const struct remote_node_get_security_model_ret *model =
		CALL_PLAIN(sh, NODE_GET_SECURITY_MODEL, node_get_security_model);

	if (!model) {
		if (err->code != VIR_ERR_NO_SUPPORT)
			return -1;
		error_clear(err);
		return 0;
	}
	g_autofree char *name = chars_text(model->model.len, model->model.val);
	g_autofree char *doi = chars_text(model->doi.len, model->doi.val);
	if (!*name)
		return 0;
	shell_field(sh, "security_model", NULL, INFO_WIDTH, "Security model:", "%s", name);
	shell_field(sh, "security_doi", NULL, INFO_WIDTH, "Security DOI:", "%s", doi);
	const struct remote_domain_get_security_label_ret *label =
		CALL(sh, DOMAIN_GET_SECURITY_LABEL, domain_get_security_label, .dom = *domain);
	if (!label)
		return -1;
	g_autofree char *text = chars_text(label->label.len, label->label.val);
	if (*text)
		shell_field(sh, "security_label", json_string(text), INFO_WIDTH, "Security label:", "%s (%s)",
			text, label->enforcing ? "enforcing" : "permissive");
	return 0;
}

static void info_messages(struct shell *sh, const struct remote_nonnull_domain *domain, struct error *err)
{
	const struct remote_domain_get_messages_ret *messages =
		CALL(sh, DOMAIN_GET_MESSAGES, domain_get_messages, .dom = *domain);
	json_t *list = json_array();

	error_clear(err);
	for (unsigned i = 0; messages && i < messages->msgs.len; i++) {
		shell_print(sh, "%-*s %s\n", INFO_WIDTH, i ? "" : "Messages:", messages->msgs.val[i]);
		json_array_append_new(list, json_string(messages->msgs.val[i]));
	}
	shell_answer(sh, "messages", list);
}

static int run_dominfo(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	info_basic(sh, domain, err);
	if (info_run(sh, domain, err) < 0)
		return -1;
	info_kept(sh, domain, err);
	if (info_security(sh, domain, err) < 0)
		return -1;
	info_messages(sh, domain, err);
	return 0;
}

/* -- state -- */

static int run_domstate(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	const struct remote_domain_get_state_ret *state =
		CALL(sh, DOMAIN_GET_STATE, domain_get_state, .dom = *domain);
	if (!state)
		return -1;
	const char *name = domain_state_name(state->state);
	const char *reason = domain_reason_name(state->state, state->reason);
	shell_answer(sh, "state", json_string(name));
	shell_answer(sh, "reason", json_string(reason));
	if (command_has(cmd, "reason"))
		shell_print(sh, "%s (%s)\n", name, reason);
	else
		shell_print(sh, "%s\n", name);
	return 0;
}

static int run_domcontrol(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const char *const states[] = { "ok", "background job", "occupied", "error" };
	static const char *const details[] = { "none", "unknown", "monitor failure",
		"internal (locking) error" };
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	const struct remote_domain_get_control_info_ret *info =
		CALL(sh, DOMAIN_GET_CONTROL_INFO, domain_get_control_info, .dom = *domain);
	if (!info)
		return -1;
	const char *state = info->state < G_N_ELEMENTS(states) ? states[info->state] : "unknown";
	const char *detail = info->details < G_N_ELEMENTS(details) ? details[info->details] : "unknown";
	shell_answer(sh, "state", json_string(state));
	shell_answer(sh, "seconds", json_real((double)info->stateTime / 1000.0));
	if (info->state == VIR_DOMAIN_CONTROL_OK)
		shell_print(sh, "%s\n", state);
	else if (info->state == VIR_DOMAIN_CONTROL_ERROR)
		shell_print(sh, "%s%s%s\n", state, info->details ? ": " : "", info->details ? detail : "");
	else
		shell_print(sh, "%s (%0.3fs)\n", state, (double)info->stateTime / 1000.0);
	return 0;
}

/* -- displays and terminals -- */

static xmlDocPtr domain_document(
	struct shell *sh, const struct remote_nonnull_domain *domain, unsigned flags, struct error *err)
{
	const char *xml = domain_xml(sh, domain, flags, err);

	if (!xml)
		shell_error(sh, "Failed to get domain description xml");
	return xml ? xml_parse(xml, err) : NULL;
}

static int run_ttyconsole(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	auto_xml doc = domain ? domain_document(sh, domain, 0, err) : NULL;

	if (!doc)
		return -1;
	g_autofree char *tty = xml_text(doc, NULL, "string(/domain/devices/console/@tty)");
	shell_answer(sh, "tty", *tty ? json_string(tty) : json_null());
	if (!*tty)
		return -1;
	shell_print(sh, "%s\n", tty);
	return 0;
}

static int check_running(struct shell *sh, const struct remote_nonnull_domain *domain, struct error *err)
{
	int active = domain_active(sh, domain, err);

	return active > 0 ? 0 : active < 0 ? -1 : shell_error(sh, "Domain is not running");
}

static int run_vncdisplay(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain || check_running(sh, domain, err) < 0)
		return -1;
	auto_xml doc = domain_document(sh, domain, 0, err);
	if (!doc)
		return -1;
	g_autofree char *port = xml_text(doc, NULL, "string(/domain/devices/graphics[@type='vnc']/@port)");
	g_autofree char *listen =
		xml_text(doc, NULL, "string(/domain/devices/graphics[@type='vnc']/@listen)");
	gint64 number = g_ascii_strtoll(port, NULL, 10);
	if (!*port || number <= 0)
		return shell_error(sh, "Failed to get VNC port. Is this domain using VNC?");
	bool any = !*listen || strcmp(listen, "0.0.0.0") == 0;
	g_autofree char *display = g_strdup_printf("%s:%" G_GINT64_FORMAT, any ? "" : listen, number - 5900);
	shell_document(sh, "display", display, "\n");
	return 0;
}

/* The host part of a display's URI: nowhere means this host. IPv6 gets brackets. */
static char *display_host(xmlDocPtr doc, xmlNodePtr graphics)
{
	g_autofree char *listen = xml_text(doc, graphics, "string(./@listen)");

	if (!*listen) {
		g_autofree char *address = xml_text(doc, graphics, "string(./listen/@address)");
		g_free(listen);
		listen = g_steal_pointer(&address);
	}
	if (!*listen || strcmp(listen, "0.0.0.0") == 0 || strcmp(listen, "::") == 0)
		return g_strdup("localhost");
	return strchr(listen, ':') ? g_strdup_printf("[%s]", listen) : g_strdup(listen);
}

/* Of a D-Bus display: its socket. */
static char *dbus_uri(xmlDocPtr doc, xmlNodePtr graphics)
{
	g_autofree char *address = xml_text(doc, graphics, "string(./@address)");

	return g_str_has_prefix(address, "unix:path=")
		       ? g_strconcat("dbus+unix://", address + strlen("unix:path="), NULL)
		       : NULL;
}

/*
 * TYPE://[:PASSWORD@]HOST:PORT..., or NULL when the display cannot be reached. The password is there when the
 * daemon gave it. The text is the caller's.
 */
static char *display_uri(xmlDocPtr doc, xmlNodePtr graphics, const char *type)
{
	g_autofree char *port = xml_text(doc, graphics, "string(./@port)");
	g_autofree char *tls_port = xml_text(doc, graphics, "string(./@tlsPort)");
	g_autofree char *socket = xml_text(doc, graphics, "string(./@socket | ./listen/@socket)");
	g_autofree char *secret = xml_text(doc, graphics, "string(./@passwd)");
	g_autofree char *host = display_host(doc, graphics);
	gint64 number = g_ascii_strtoll(port, NULL, 10);
	gint64 tls = g_ascii_strtoll(tls_port, NULL, 10);
	bool vnc = strcmp(type, "vnc") == 0, spice = strcmp(type, "spice") == 0;
	g_autoptr(GString) out = g_string_new(type);

	if (number <= 0 && tls <= 0 && !*socket)
		return NULL;
	g_string_append(out, *socket && number <= 0 ? "+unix://" : "://");
	if (*secret && vnc)
		g_string_append_printf(out, ":%s@", secret);
	if (*socket && number <= 0)
		return g_strconcat(out->str, socket, NULL);
	g_string_append(out, host);
	if (number > 0)
		g_string_append_printf(out, ":%" G_GINT64_FORMAT, vnc ? number - 5900 : number);
	if (tls > 0)
		g_string_append_printf(out, "?tls-port=%" G_GINT64_FORMAT, tls);
	if (*secret && spice)
		g_string_append_printf(out, "%spassword=%s", tls > 0 ? "&" : "?", secret);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static GPtrArray *displays(xmlDocPtr doc, const struct command *cmd)
{
	static const char *const types[] = { "vnc", "spice", "rdp", "dbus" };
	const char *wanted = command_text(cmd, "type");
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		g_autofree char *xpath = g_strdup_printf("/domain/devices/graphics[@type='%s']", types[i]);
		if (wanted && strcmp(wanted, types[i]) != 0)
			continue;
		auto_nodes nodes = xml_nodes(doc, NULL, xpath);
		if (!nodes)
			continue;
		char *uri = strcmp(types[i], "dbus") == 0 ? dbus_uri(doc, xml_node(nodes, 0))
							  : display_uri(doc, xml_node(nodes, 0), types[i]);
		if (uri)
			g_ptr_array_add(out, uri);
	}
	return out;
}

static int run_domdisplay(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	const char *type = command_text(cmd, "type");
	bool all = command_has(cmd, "all");

	if (!domain || check_running(sh, domain, err) < 0)
		return -1;
	auto_xml doc = domain_document(
		sh, domain, command_has(cmd, "include-password") ? VIR_DOMAIN_XML_SECURE : 0, err);
	if (!doc)
		return -1;
	g_autoptr(GPtrArray) found = displays(doc, cmd);
	if (!found->len)
		return type ? shell_error(sh, "No graphical display with type '%s' found", type)
			    : shell_error(sh, "No graphical display found");
	json_t *list = json_array();
	for (guint i = 0; i < (all ? found->len : 1); i++) {
		shell_print(sh, "%s%s", (char *)g_ptr_array_index(found, i), all ? "\n" : "");
		json_array_append_new(list, json_string(g_ptr_array_index(found, i)));
	}
	shell_answer(sh, "displays", list);
	return 0;
}

/* -- rows -- */

static const struct option_row domain_options[] = { OPTION_DOMAIN };
static const struct option_row active_options[] = { OPTION_ACTIVE_DOMAIN };
static const struct option_row domid_options[] = { OPTION_DOMAIN_OF("domain name or uuid", complete_domain) };
static const struct option_row domuuid_options[] = { OPTION_DOMAIN_OF("domain id or name", complete_domain) };
static const struct option_row domname_options[] = { OPTION_DOMAIN_OF("domain id or uuid", complete_domain) };
static const struct option_row domstate_options[] = {
	OPTION_DOMAIN,
	OPTION_FLAG("reason", "also print reason for the state"),
};
static const struct option_row domdisplay_options[] = {
	OPTION_ACTIVE_DOMAIN,
	OPTION_FLAG("include-password", "includes the password into the connection URI if available"),
	OPTION_TEXT("type", 0,
		"select particular graphical display (e.g. \"vnc\", \"spice\", \"rdp\", \"dbus\")"),
	OPTION_FLAG("all", "show all possible graphical displays"),
};

static const struct exclusive_row domdisplay_exclusive[] = { { "all", "type" }, { 0 } };

static const struct command_row rows[] = {
	{ "domdisplay", NULL, GROUP_DOMAIN, "domain display connection URI",
		"Output the IP address and port number for the graphical display.",
		OPTIONS(domdisplay_options), .exclusive = domdisplay_exclusive, .run = run_domdisplay },
	{ "domid", NULL, GROUP_DOMAIN, "convert a domain name or UUID to domain id", NULL,
		OPTIONS(domid_options), .run = run_domid },
	{ "domname", NULL, GROUP_DOMAIN, "convert a domain id or UUID to domain name", NULL,
		OPTIONS(domname_options), .run = run_domname },
	{ "domuuid", NULL, GROUP_DOMAIN, "convert a domain name or id to domain UUID", NULL,
		OPTIONS(domuuid_options), .run = run_domuuid },
	{ "ttyconsole", NULL, GROUP_DOMAIN, "tty console", "Output the device for the TTY console.",
		OPTIONS(active_options), .run = run_ttyconsole },
	{ "vncdisplay", NULL, GROUP_DOMAIN, "vnc display",
		"Output the IP address and port number for the VNC display.", OPTIONS(active_options),
		.run = run_vncdisplay },
	{ "domcontrol", NULL, GROUP_MONITOR, "domain control interface state",
		"Returns state of a control interface to the domain.", OPTIONS(active_options),
		.run = run_domcontrol },
	{ "dominfo", NULL, GROUP_MONITOR, "domain information", "Returns basic information about the domain.",
		OPTIONS(domain_options), .run = run_dominfo },
	{ "domstate", NULL, GROUP_MONITOR, "domain state", "Returns state about a domain.",
		OPTIONS(domstate_options), .run = run_domstate },
};
COMMAND_TABLE(info_commands, rows);
