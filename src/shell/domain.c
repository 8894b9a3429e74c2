/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding domains and saying what they are.
 */
#include "shell/domain.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "shell/xml.h"

enum { ARGUMENT_FILE_MOST = 10 * 1024 * 1024 };

/* -- finding -- */

static const struct remote_nonnull_domain *by_id(struct shell *sh, const char *text, struct error *err)
{
	char *end;

	errno = 0;
	long id = strtol(text, &end, 10);
	if (end == text || *end || errno || id < 0 || id > G_MAXINT)
		return NULL;
	const struct remote_domain_lookup_by_id_ret *ret =
		CALL(sh, DOMAIN_LOOKUP_BY_ID, domain_lookup_by_id, .id = (int)id);
	return ret ? &ret->dom : NULL;
}

/* Exactly the form with hyphens: others may be names. */
static bool parse_uuid(const char *text, unsigned char *uuid)
{
	size_t digit = 0;

	if (strlen(text) != UUID_TEXT_BYTES - 1)
		return false;
	for (size_t i = 0; text[i]; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return false;
			continue;
		}
		int value = g_ascii_xdigit_value(text[i]);
		if (value < 0)
			return false;
		uuid[digit / 2] = (unsigned char)(digit % 2 ? uuid[digit / 2] | value : value << 4);
		digit++;
	}
	return true;
}

static const struct remote_nonnull_domain *by_uuid(struct shell *sh, const char *text, struct error *err)
{
	struct remote_domain_lookup_by_uuid_args args;

	if (!parse_uuid(text, args.uuid))
		return NULL;
	const struct remote_domain_lookup_by_uuid_ret *ret =
		shell_call(sh, REMOTE_PROC_DOMAIN_LOOKUP_BY_UUID, &args, err);
	return ret ? &ret->dom : NULL;
}

static const struct remote_nonnull_domain *by_name(struct shell *sh, const char *text, struct error *err)
{
	const struct remote_domain_lookup_by_name_ret *ret =
		CALL(sh, DOMAIN_LOOKUP_BY_NAME, domain_lookup_by_name, .name = (char *)text);

	return ret ? &ret->dom : NULL;
}

const struct remote_nonnull_domain *domain_find_text(
	struct shell *sh, const char *text, unsigned by, struct error *err)
{
	static const struct {
		unsigned by;
		const struct remote_nonnull_domain *(*find)(struct shell *, const char *, struct error *);
	} ways[] = { { BY_ID, by_id }, { BY_UUID, by_uuid }, { BY_NAME, by_name } };

	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
		if (!(by & ways[i].by) || client_broken(sh->client))
			continue;
		error_clear(err);
		const struct remote_nonnull_domain *domain = ways[i].find(sh, text, err);
		if (domain) {
			shell_answer(sh, "domain", json_string(domain->name));
			return domain;
		}
	}
	shell_error(sh, "failed to get domain '%s'", text);
	if (err->code == VIR_ERR_NO_DOMAIN)
		error_clear(err);
	return NULL;
}

const struct remote_nonnull_domain *domain_find(
	struct shell *sh, const struct command *cmd, unsigned by, struct error *err)
{
	return domain_find_text(sh, command_text(cmd, "domain"), by, err);
}

/* -- facts -- */

const char *domain_xml(
	struct shell *sh, const struct remote_nonnull_domain *domain, unsigned flags, struct error *err)
{
	const struct remote_domain_get_xml_desc_ret *ret =
		CALL(sh, DOMAIN_GET_XML_DESC, domain_get_xml_desc, .dom = *domain, .flags = flags);

	return ret ? ret->xml : NULL;
}

int domain_active(struct shell *sh, const struct remote_nonnull_domain *domain, struct error *err)
{
	const struct remote_domain_is_active_ret *ret =
		CALL(sh, DOMAIN_IS_ACTIVE, domain_is_active, .dom = *domain);

	return ret ? ret->active : -1;
}

static const char *const state_names[] = { "no state", "running", "idle", "paused", "in shutdown", "shut off",
	"crashed", "pmsuspended" };

const char *domain_state_name(int state)
{
	return state >= 0 && state < (int)G_N_ELEMENTS(state_names) ? state_names[state] : "no state";
}

/* By state, then by reason; the first of each is what is said of a reason that is not known. */
static const char *const reason_names[][16] = {
	[VIR_DOMAIN_NOSTATE] = { "unknown" },
	[VIR_DOMAIN_RUNNING] = { "unknown", "booted", "migrated", "restored", "from snapshot", "unpaused",
		"migration canceled", "save canceled", "event wakeup", "crashed", "post-copy",
		"post-copy failed" },
	[VIR_DOMAIN_BLOCKED] = { "unknown" },
	[VIR_DOMAIN_PAUSED] = { "unknown", "user", "migrating", "saving", "dumping", "I/O error", "watchdog",
		"from snapshot", "shutting down", "creating snapshot", "crashed", "starting up", "post-copy",
		"post-copy failed" },
	[VIR_DOMAIN_SHUTDOWN] = { "unknown", "user" },
	[VIR_DOMAIN_SHUTOFF] = { "unknown", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed",
		"from snapshot", "daemon" },
	[VIR_DOMAIN_CRASHED] = { "unknown", "panicked" },
	[VIR_DOMAIN_PMSUSPENDED] = { "unknown" },
};

const char *domain_reason_name(int state, int reason)
{
	if (state < 0 || state >= (int)G_N_ELEMENTS(reason_names))
		return "unknown";
	const char *const *names = reason_names[state];
	return reason >= 0 && reason < 16 && names[reason] ? names[reason] : names[0];
}

unsigned flags_of(const struct command *cmd, const struct flag_row *rows)
{
	unsigned flags = 0;

	for (; rows->option; rows++)
		if (command_has(cmd, rows->option))
			flags |= rows->flag;
	return flags;
}

unsigned domain_impact(const struct command *cmd)
{
	static const struct flag_row rows[] = { { "live", VIR_DOMAIN_AFFECT_LIVE },
		{ "config", VIR_DOMAIN_AFFECT_CONFIG }, { 0 } };

	return flags_of(cmd, rows);
}

static char *text_of_xml(struct shell *sh, const struct remote_nonnull_domain *domain, int type,
	unsigned flags, struct error *err)
{
	unsigned view = flags & VIR_DOMAIN_AFFECT_CONFIG ? VIR_DOMAIN_XML_INACTIVE : 0;
	const char *xml = domain_xml(sh, domain, view, err);
	auto_xml doc = xml ? xml_parse(xml, err) : NULL;

	if (!doc)
		return NULL;
	return xml_text(doc, NULL,
		type == VIR_DOMAIN_METADATA_TITLE ? "string(/domain/title)" : "string(/domain/description)");
}

char *domain_text(struct shell *sh, const struct remote_nonnull_domain *domain, int type, unsigned flags,
	struct error *err)
{
	const struct remote_domain_get_metadata_ret *ret = CALL(
		sh, DOMAIN_GET_METADATA, domain_get_metadata, .dom = *domain, .type = type, .flags = flags);

	if (ret)
		return g_strdup(ret->metadata);
	if (err->code == VIR_ERR_NO_DOMAIN_METADATA) {
		error_clear(err);
		return g_strdup("");
	}
	if (err->code != VIR_ERR_NO_SUPPORT)
		return NULL;
	error_clear(err);
	return text_of_xml(sh, domain, type, flags, err);
}

const char *uuid_text(const unsigned char *uuid, char *buffer)
{
	char *out = buffer;

	for (int i = 0; i < VIR_UUID_BUFLEN; i++)
		out += g_snprintf(
			out, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
	return buffer;
}

int read_argument_file(const char *path, char **ret_text, struct error *err)
{
	size_t len;

	if (access(path, R_OK) < 0)
		return fail_errno(err, errno, "Failed to open file '%s'", path);
	if (file_read(path, ARGUMENT_FILE_MOST, ret_text, &len, err) < 0)
		return -1;
	return 0;
}

/* -- completion -- */

void complete_from(const char *const *words, const char *word, GPtrArray *out)
{
	for (; *words; words++)
		if (g_str_has_prefix(*words, word))
			g_ptr_array_add(out, g_strdup(*words));
}

static void complete_domains(struct shell *sh, unsigned flags, const char *word, GPtrArray *out)
{
	auto_error ignored = { 0 };
	struct error *err = &ignored;
	const struct remote_connect_list_all_domains_ret *list = CALL(
		sh, CONNECT_LIST_ALL_DOMAINS, connect_list_all_domains, .need_results = 1, .flags = flags);

	for (unsigned i = 0; list && i < list->domains.len; i++)
		if (g_str_has_prefix(list->domains.val[i].name, word))
			g_ptr_array_add(out, g_strdup(list->domains.val[i].name));
}

void complete_domain(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	complete_domains(sh, 0, word, out);
}

void complete_active(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	complete_domains(sh, VIR_CONNECT_LIST_DOMAINS_ACTIVE, word, out);
}

void complete_inactive(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	complete_domains(sh, VIR_CONNECT_LIST_DOMAINS_INACTIVE, word, out);
}

/* What XPATH yields in the XML of the domain that the words so far name. */
static void complete_xpath(
	struct shell *sh, const struct command *cmd, const char *xpath, const char *word, GPtrArray *out)
{
	auto_error ignored = { 0 };
	struct error *err = &ignored;
	const char *name = command_text(cmd, "domain");
	const struct remote_nonnull_domain *domain = name ? by_name(sh, name, err) : NULL;
	const char *xml = domain ? domain_xml(sh, domain, 0, err) : NULL;
	auto_xml doc = xml ? xml_parse(xml, err) : NULL;
	auto_nodes nodes = doc ? xml_nodes(doc, NULL, xpath) : NULL;

	for (int i = 0; nodes && i < xml_count(nodes); i++) {
		g_autofree char *text = xml_text(doc, xml_node(nodes, i), "string(.)");
		if (g_str_has_prefix(text, word))
			g_ptr_array_add(out, g_steal_pointer(&text));
	}
}

void complete_disk(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	complete_xpath(sh, cmd, "/domain/devices/disk/target/@dev", word, out);
}

void complete_interface(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	complete_xpath(sh, cmd,
		"/domain/devices/interface/target/@dev | /domain/devices/interface/mac/@address", word, out);
}

void complete_file(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	g_autofree char *folder = g_path_get_dirname(word);
	const char *slash = strrchr(word, '/');
	const char *begin = slash ? slash + 1 : word;
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		if (!g_str_has_prefix(name, begin) || (name[0] == '.' && begin[0] != '.'))
			continue;
		g_autofree char *path = g_strdup_printf("%.*s%s", (int)(begin - word), word, name);
		bool is_folder = g_file_test(path, G_FILE_TEST_IS_DIR);
		g_ptr_array_add(out, g_strconcat(path, is_folder ? "/" : NULL, NULL));
	}
}
