/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Titles, descriptions and metadata of domains.
 */
#include <string.h>

#include "shell/commands.h"
#include "shell/domain.h"
#include "shell/edit.h"

/* -- desc -- */

static bool set_metadata(struct shell *sh, const struct remote_nonnull_domain *domain, int type,
	const char *text, const char *key, const char *uri, unsigned flags, struct error *err)
{
	return CALL(sh, DOMAIN_SET_METADATA, domain_set_metadata, .dom = *domain, .type = type,
		       .metadata = (char *)text, .key = (char *)key, .uri = (char *)uri,
		       .flags = flags) != NULL;
}

static int show_text(
	struct shell *sh, const struct remote_nonnull_domain *domain, bool title, const char *text)
{
	shell_answer(sh, title ? "title" : "description", json_string(text));
	if (*text)
		shell_print(sh, "%s", text);
	else if (!sh->json)
		shell_extra(sh, "No %s for domain: %s", title ? "title" : "description", domain->name);
	return 0;
}

/* Lets the user edit TEXT in place; a newline at the end that editors add goes. 1 = changed, 0 = not. */
static int edit_text(struct shell *sh, char **text, struct error *err)
{
	g_autofree char *edited = NULL;

	if (edit_once(sh, *text, &edited, err) < 0)
		return -1;
	size_t len = strlen(edited);
	if (len && edited[len - 1] == '\n')
		edited[len - 1] = '\0';
	int changed = strcmp(edited, *text) != 0;
	g_free(*text);
	*text = g_steal_pointer(&edited);
	return changed;
}

static int run_desc(struct shell *sh, const struct command *cmd, struct error *err)
{
	bool title = command_has(cmd, "title"), edit = command_has(cmd, "edit");
	const char *what = title ? "title" : "description";
	int type = title ? VIR_DOMAIN_METADATA_TITLE : VIR_DOMAIN_METADATA_DESCRIPTION;
	unsigned flags = domain_impact(cmd);
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	g_autofree char *given = command_joined(cmd, "new-desc");

	if (!domain)
		return -1;
	g_autofree char *text = given ? g_strdup(given)
				      : domain_text(sh, domain, type, flags & VIR_DOMAIN_AFFECT_CONFIG, err);
	if (!text)
		return -1;
	if (!edit && !given)
		return show_text(sh, domain, title, text);
	int changed = edit ? edit_text(sh, &text, err) : 1;
	if (changed < 0)
		return -1;
	if (!changed && !given) {
		shell_extra(sh, "Domain %s not changed\n", what);
		return 0;
	}
	if (!set_metadata(sh, domain, type, text, NULL, NULL, flags, err))
		return shell_error(sh, "Failed to set new domain %s", what);
	shell_extra(sh, "Domain %s updated successfully", what);
	return 0;
}

/* -- metadata -- */

struct metadata {
	const struct remote_nonnull_domain *domain;
	const char *key, *uri;
	unsigned flags;
};

static int take_metadata(struct shell *sh, void *arg, const char *edited, bool validate, struct error *err)
{
	const struct metadata *metadata = arg;

	return set_metadata(sh, metadata->domain, VIR_DOMAIN_METADATA_ELEMENT, edited, metadata->key,
		       metadata->uri, metadata->flags, err)
		       ? 0
		       : -1;
}

static const char *get_metadata(struct shell *sh, const struct metadata *metadata, struct error *err)
{
	char *uri = (char *)metadata->uri;
	const struct remote_domain_get_metadata_ret *ret =
		CALL(sh, DOMAIN_GET_METADATA, domain_get_metadata, .dom = *metadata->domain,
			.type = VIR_DOMAIN_METADATA_ELEMENT, .uri = uri, .flags = metadata->flags);

	return ret ? ret->metadata : NULL;
}

static int edit_metadata(struct shell *sh, struct metadata *metadata, struct error *err)
{
	const char *text = get_metadata(sh, metadata, err);

	if (!text && err->code != VIR_ERR_NO_DOMAIN_METADATA)
		return -1;
	error_clear(err);
	int rc = edit_until_taken(sh, text ? text : "\n", false, false, take_metadata, metadata, err);
	if (rc < 0)
		return -1;
	shell_extra(sh, rc ? "Metadata modified\n" : "Metadata not changed");
	return 0;
}

static int run_metadata(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *new_text = command_text(cmd, "set");
	bool edit = command_has(cmd, "edit"), remove = command_has(cmd, "remove");
	struct metadata metadata = {
		.key = command_text(cmd, "key"), .uri = command_text(cmd, "uri"), .flags = domain_impact(cmd)
	};

	if ((new_text || edit) && !metadata.key)
		return shell_error(sh, "namespace key is required when modifying metadata");
	metadata.domain = domain_find(sh, cmd, BY_ANY, err);
	if (!metadata.domain)
		return -1;
	if (edit)
		return edit_metadata(sh, &metadata, err);
	if (new_text || remove) {
		if (take_metadata(sh, &metadata, new_text, false, err) < 0)
			return -1;
		shell_extra(sh, remove ? "Metadata removed\n" : "Metadata modified\n");
		return 0;
	}
	const char *text = get_metadata(sh, &metadata, err);
	if (!text)
		return -1;
	shell_document(sh, "metadata", text, "\n");
	return 0;
}

/* -- rows -- */

static const struct option_row desc_options[] = {
	OPTION_DOMAIN,
	OPTION_FLAG("live", "modify/get running state"),
	OPTION_FLAG("config", "modify/get persistent configuration"),
	OPTION_FLAG("current", "modify/get current state configuration"),
	OPTION_FLAG("title", "modify/get the title instead of description"),
	OPTION_FLAG("edit", "open an editor to modify the description"),
	OPTION_WORDS("new-desc", 0, "message"),
};
static const struct option_row metadata_options[] = {
	OPTION_DOMAIN,
	OPTION_TEXT("uri", OPTION_REQUIRED, "URI of the namespace"),
	OPTION_FLAG("live", "modify/get running state"),
	OPTION_FLAG("config", "modify/get persistent configuration"),
	OPTION_FLAG("current", "modify/get current state configuration"),
	OPTION_FLAG("edit", "use an editor to change the metadata"),
	OPTION_TEXT("key", 0, "key to be used as a namespace identifier"),
	OPTION_TEXT("set", 0, "new metadata to set"),
	OPTION_FLAG("remove", "remove the metadata corresponding to an uri"),
};
static const struct exclusive_row desc_exclusive[] = {
	{ "current", "live" },
	{ "current", "config" },
	{ 0 },
};
static const struct exclusive_row metadata_exclusive[] = {
	{ "current", "live" },
	{ "current", "config" },
	{ "edit", "set" },
	{ "remove", "set" },
	{ "remove", "edit" },
	{ 0 },
};

static const struct command_row rows[] = {
	{ "desc", NULL, GROUP_DOMAIN, "show or set domain's description or title",
		"Allows setting or modifying the description or title of a domain.", OPTIONS(desc_options),
		.exclusive = desc_exclusive, .flags = COMMAND_WRITES, .run = run_desc },
	{ "metadata", NULL, GROUP_DOMAIN, "show or set domain's custom XML metadata",
		"Shows or modifies the XML metadata of a domain.", OPTIONS(metadata_options),
		.exclusive = metadata_exclusive, .flags = COMMAND_WRITES, .run = run_metadata },
};
COMMAND_TABLE(text_commands, rows);
