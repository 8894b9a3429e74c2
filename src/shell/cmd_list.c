/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * `list`: which domains there are.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/commands.h"
#include "shell/domain.h"

/* Filters of the option's name; what of active and inactive is meant comes apart. */
static const struct flag_row filters[] = {
	{ "persistent", VIR_CONNECT_LIST_DOMAINS_PERSISTENT },
	{ "transient", VIR_CONNECT_LIST_DOMAINS_TRANSIENT },
	{ "with-managed-save", VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE },
	{ "without-managed-save", VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE },
	{ "autostart", VIR_CONNECT_LIST_DOMAINS_AUTOSTART },
	{ "no-autostart", VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART },
	{ "with-snapshot", VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT },
	{ "without-snapshot", VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT },
	{ "with-checkpoint", VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT },
	{ "without-checkpoint", VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT },
	{ "state-running", VIR_CONNECT_LIST_DOMAINS_RUNNING },
	{ "state-paused", VIR_CONNECT_LIST_DOMAINS_PAUSED },
	{ "state-shutoff", VIR_CONNECT_LIST_DOMAINS_SHUTOFF },
	{ "state-other", VIR_CONNECT_LIST_DOMAINS_OTHER },
	{ 0 },
};

static unsigned list_flags(const struct command *cmd)
{
	unsigned flags = VIR_CONNECT_LIST_DOMAINS_ACTIVE;

	if (command_has(cmd, "inactive") || command_has(cmd, "state-shutoff"))
		flags = VIR_CONNECT_LIST_DOMAINS_INACTIVE;
	if (command_has(cmd, "all"))
		flags = VIR_CONNECT_LIST_DOMAINS_INACTIVE | VIR_CONNECT_LIST_DOMAINS_ACTIVE;
	return flags | flags_of(cmd, filters);
}

/* Running ones by id, then the others by name. */
static int compare_domains(const void *a, const void *b)
{
	const struct remote_nonnull_domain *const *x = a, *const *y = b;

	if ((*x)->id >= 0 && (*y)->id >= 0)
		return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
	if ((*x)->id >= 0 || (*y)->id >= 0)
		return (*x)->id >= 0 ? -1 : 1;
	return g_ascii_strcasecmp((*x)->name, (*y)->name);
}

static GPtrArray *sorted(const struct remote_connect_list_all_domains_ret *list)
{
	GPtrArray *domains = g_ptr_array_new();

	for (unsigned i = 0; i < list->domains.len; i++)
		g_ptr_array_add(domains, &list->domains.val[i]);
	g_ptr_array_sort(domains, compare_domains);
	return domains;
}

static const char *id_text(const struct remote_nonnull_domain *domain, char *buffer, size_t size)
{
	if (domain->id < 0)
		return "-";
	g_snprintf(buffer, size, "%d", domain->id);
	return buffer;
}

/* The state to show, or NULL when the domain went away meanwhile. */
static const char *list_state(struct shell *sh, const struct command *cmd,
	const struct remote_nonnull_domain *domain, struct error *err)
{
	const struct remote_domain_get_state_ret *state =
		CALL(sh, DOMAIN_GET_STATE, domain_get_state, .dom = *domain);

	if (!state)
		return NULL;
	if (domain->id < 0 && command_has(cmd, "managed-save")) {
		const struct remote_domain_has_managed_save_image_ret *saved = CALL(
			sh, DOMAIN_HAS_MANAGED_SAVE_IMAGE, domain_has_managed_save_image, .dom = *domain);
		if (saved && saved->result > 0)
			return "saved";
	}
	return domain_state_name(state->state);
}

static int print_table(
	struct shell *sh, const struct command *cmd, const GPtrArray *domains, struct error *err)
{
	static const struct column columns[] = { { "Id", "id", COLUMN_NUMBER }, { "Name", "name" },
		{ "State", "state" }, { "Title", "title" }, { "UUID", "uuid" } };
	bool title = command_has(cmd, "title");
	struct table *table = table_new(columns, sh->json ? 5 : title ? 4 : 3);

	for (guint i = 0; i < domains->len; i++) {
		const struct remote_nonnull_domain *domain = g_ptr_array_index(domains, i);
		const char *state = list_state(sh, cmd, domain, err);
		char id[16], uuid[UUID_TEXT_BYTES];

		if (!state && err->code == VIR_ERR_NO_DOMAIN) {
			error_clear(err);
			continue;
		}
		g_autofree char *text = title && state
						? domain_text(sh, domain, VIR_DOMAIN_METADATA_TITLE, 0, err)
						: g_strdup("");
		if (!state || !text) {
			table_end(sh, table, "domains");
			return -1;
		}
		table_row(table, (const char *[]){ id_text(domain, id, sizeof(id)), domain->name, state, text,
					 uuid_text(domain->uuid, uuid) });
	}
	table_end(sh, table, "domains");
	return 0;
}

/* --uuid, --id, --name: these alone, a domain a line. */
static void print_names(struct shell *sh, const struct command *cmd, const GPtrArray *domains)
{
	bool uuids = command_has(cmd, "uuid"), names = command_has(cmd, "name"), ids = command_has(cmd, "id");
	json_t *list = json_array();

	for (guint i = 0; i < domains->len; i++) {
		const struct remote_nonnull_domain *domain = g_ptr_array_index(domains, i);
		g_autoptr(GString) line = g_string_new(NULL);
		char id[16], uuid[UUID_TEXT_BYTES];

		uuid_text(domain->uuid, uuid);
		json_array_append_new(list, json_pack("{s:s, s:s}", "name", domain->name, "uuid", uuid));
		if (domain->id >= 0)
			json_object_set_new(json_array_get(list, i), "id", json_integer(domain->id));
		if (uuids)
			g_string_append_printf(line, " %s", uuid);
		if (ids && (domain->id >= 0 || uuids || names))
			g_string_append_printf(line, " %s", id_text(domain, id, sizeof(id)));
		if (names)
			g_string_append_printf(line, " %s", domain->name);
		if (line->len)
			shell_print(sh, "%s\n", line->str + 1);
	}
	shell_answer(sh, "domains", list);
}

static int run_list(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_connect_list_all_domains_ret *list = CALL(sh, CONNECT_LIST_ALL_DOMAINS,
		connect_list_all_domains, .need_results = 1, .flags = list_flags(cmd));

	if (!list)
		return shell_error(sh, "Failed to list domains");
	g_autoptr(GPtrArray) domains = sorted(list);
	if (command_has(cmd, "uuid") || command_has(cmd, "name") || command_has(cmd, "id")) {
		print_names(sh, cmd, domains);
		return 0;
	}
	return print_table(sh, cmd, domains, err);
}

static const struct option_row list_options[] = {
	OPTION_FLAG("inactive", "list inactive domains"),
	OPTION_FLAG("all", "list inactive & active domains"),
	OPTION_FLAG("transient", "list transient domains"),
	OPTION_FLAG("persistent", "list persistent domains"),
	OPTION_FLAG("with-snapshot", "list domains with existing snapshot"),
	OPTION_FLAG("without-snapshot", "list domains without a snapshot"),
	OPTION_FLAG("with-checkpoint", "list domains with existing checkpoint"),
	OPTION_FLAG("without-checkpoint", "list domains without a checkpoint"),
	OPTION_FLAG("state-running", "list domains in running state"),
	OPTION_FLAG("state-paused", "list domains in paused state"),
	OPTION_FLAG("state-shutoff", "list domains in shutoff state"),
	OPTION_FLAG("state-other", "list domains in other states"),
	OPTION_FLAG("autostart", "list domains with autostart enabled"),
	OPTION_FLAG("no-autostart", "list domains with autostart disabled"),
	OPTION_FLAG("with-managed-save", "list domains with managed save state"),
	OPTION_FLAG("without-managed-save", "list domains without managed save"),
	OPTION_FLAG("uuid", "list uuid's only"),
	OPTION_FLAG("name", "list domain names only"),
	OPTION_FLAG("id", "list domain IDs only"),
	OPTION_FLAG("table", "list table (default)"),
	OPTION_FLAG("managed-save", "mark inactive domains with managed save state"),
	OPTION_FLAG("title", "show domain title"),
};

static const struct exclusive_row list_exclusive[] = {
	{ "table", "name" },
	{ "table", "uuid" },
	{ "table", "id" },
	{ 0 },
};

static const struct command_row rows[] = {
	{ "list", NULL, GROUP_MONITOR, "list domains", "Returns list of domains.", OPTIONS(list_options),
		.exclusive = list_exclusive, .run = run_list },
};
COMMAND_TABLE(list_commands, rows);
