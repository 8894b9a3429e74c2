/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * `explain` and `lint`: what the model's rows know of definitions, without a daemon.
 */
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "model/domain.h"
#include "shell/commands.h"
#include "shell/domain.h"
#include "shell/suggest.h"

/* Documents there are, by their root. */
static const struct model_type *const documents[] = { &domain_model };

/* -- rows -- */

static const char *const scalar_names[] = {
	[SCALAR_STRING] = "text",
	[SCALAR_YESNO] = "yes or no",
	[SCALAR_ONOFF] = "on or off",
	[SCALAR_INT] = "integer",
	[SCALAR_UINT] = "integer from 0",
	[SCALAR_UINT64] = "integer from 0",
	[SCALAR_HEX] = "number, printed in hexadecimal",
	[SCALAR_ENUM] = "one of",
	[SCALAR_UUID] = "UUID",
	[SCALAR_MAC] = "MAC address",
	[SCALAR_KIB] = "size, KiB unless a 'unit' attribute says otherwise",
	[SCALAR_CPUSET] = "set of CPUs, as 1-4,^3",
	[SCALAR_IP] = "IP address",
};

static const struct {
	unsigned flag;
	const char *text, *key;
} flag_texts[] = {
	{ ROW_REQUIRED, "required", "required" },
	{ ROW_LIVE, "only while the guest runs", "live" },
	{ ROW_SECURE, "shown with --security-info only", "secure" },
	{ ROW_ACCEPT_ONLY, "read, never printed", "accept_only" },
	{ ROW_NONZERO, "not 0", "nonzero" },
	{ ROW_DEPRECATED, "deprecated", "deprecated" },
};

static bool is_attribute(const struct row *row)
{
	return row->kind == ROW_ATTR;
}

static bool has_scalar(const struct row *row)
{
	return row->kind <= ROW_LEAF_ATTR;
}

/* Visits the rows of a type and those that the arms of its unions bring. Stops when VISIT yields true. */
static const struct row *each_row(
	const struct model_type *type, bool (*visit)(const struct row *row, void *arg), void *arg)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];

		if (row->kind != ROW_UNION && visit(row, arg))
			return row;
		for (const struct model_arm *arm = row->arms; row->kind == ROW_UNION && arm->type; arm++) {
			const struct row *found = each_row(arm->type, visit, arg);
			if (found)
				return found;
		}
	}
	return NULL;
}

/* -- finding a path -- */

struct step {
	const char *name;
	bool attribute;
	struct suggestion near;
};

static bool match_row(const struct row *row, void *arg)
{
	struct step *step = arg;

	/* the attribute of a <name attr='...'/> is a step of its own */
	if (!row->name || is_attribute(row) != step->attribute)
		return false;
	suggest_offer(&step->near, row->name);
	return strcmp(row->name, step->name) == 0;
}

static int unknown_step(struct shell *sh, const struct step *step, const char *parent)
{
	const char *near = step->near.name;
	const char *kind = step->attribute ? "attribute" : "element";

	if (near)
		return shell_error(
			sh, "'%s' has no %s '%s'; did you mean '%s'?", parent, kind, step->name, near);
	return shell_error(sh, "'%s' has no %s '%s'; 'vireo explain %s' lists what it has", parent, kind,
		step->name, parent);
}

/* A place in the rows: an element (its type), or the row of a leaf or attribute. */
struct place {
	const struct model_type *type;
	const struct row *row;
	GString *path;
};

static int step_down(struct shell *sh, struct place *place, const char *name, bool attribute)
{
	struct step step = { name, attribute, { .wanted = name } };

	if (attribute && place->row && place->row->kind == ROW_LEAF_ATTR &&
		strcmp(place->row->attr, name) == 0) {
		g_string_append_printf(place->path, "@%s", name);
		return 0;
	}
	const struct row *row = place->type ? each_row(place->type, match_row, &step) : NULL;
	if (!row)
		return unknown_step(sh, &step, place->path->str);
	g_string_append_printf(place->path, "%s%s", attribute ? "@" : "/", name);
	place->row = row;
	place->type = row->type;
	return 0;
}

static const struct model_type *find_document(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(documents); i++)
		if (strcmp(documents[i]->element, name) == 0)
			return documents[i];
	return NULL;
}

/* "domain/devices/disk/driver@cache"; "/" before it and "/@" are fine. */
static int find_place(struct shell *sh, const char *path, struct place *place)
{
	g_auto(GStrv) halves = g_strsplit(path, "@", 2);
	g_auto(GStrv) names = g_strsplit(halves[0], "/", -1);
	bool first = true;

	for (char **name = names; *name; name++) {
		if (!**name)
			continue;
		if (first) {
			place->type = find_document(*name);
			if (!place->type)
				return shell_error(sh,
					"no document has the root '%s'; paths begin with 'domain'", *name);
			g_string_append(place->path, *name);
		} else if (step_down(sh, place, *name, false) < 0) {
			return -1;
		}
		first = false;
	}
	if (first)
		return shell_error(sh, "'%s' is no path; write for example 'domain/devices/disk'", path);
	return halves[1] ? step_down(sh, place, halves[1], true) : 0;
}

/* -- telling -- */

/* The values of a row as text, the caller's; and as JSON, NULL when it may be anything. */
static char *values_text(const struct row *row)
{
	g_autoptr(GString) out = g_string_new(scalar_names[row->scalar]);
	int n = 0;

	for (int i = 0; row->scalar == SCALAR_ENUM && (i == 0 || row->values[i]); i++)
		if (row->values[i])
			g_string_append_printf(out, "%s %s", n++ ? "," : "", row->values[i]);
	if (row->max)
		g_string_append_printf(out, " up to %" G_GUINT64_FORMAT, row->max);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static json_t *values_json(const struct row *row)
{
	static const char *const yes_no[] = { "yes", "no" }, *const on_off[] = { "on", "off" };
	json_t *list = json_array();

	for (int i = 0; row->scalar == SCALAR_ENUM && (i == 0 || row->values[i]); i++)
		if (row->values[i])
			json_array_append_new(list, json_string(row->values[i]));
	for (int i = 0; i < 2 && (row->scalar == SCALAR_YESNO || row->scalar == SCALAR_ONOFF); i++)
		json_array_append_new(list, json_string(row->scalar == SCALAR_YESNO ? yes_no[i] : on_off[i]));
	return list;
}

static char *flags_text(const struct row *row)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(flag_texts); i++)
		if (row->flags & flag_texts[i].flag)
			g_string_append_printf(out, "%s%s", out->len ? "; " : "", flag_texts[i].text);
	if ((row->flags & ROW_DEPRECATED) && row->instead)
		g_string_append_printf(out, ", instead: %s", row->instead);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static json_t *row_json(const struct row *row)
{
	json_t *object = json_pack(
		"{s:s?, s:b, s:s?}", "name", row->name, "attribute", is_attribute(row), "doc", row->doc);

	if (has_scalar(row)) {
		json_object_set_new(object, "kind", json_string(scalar_names[row->scalar]));
		json_object_set_new(object, "values", values_json(row));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(flag_texts); i++)
		if (row->flags & flag_texts[i].flag)
			json_object_set_new(object, flag_texts[i].key, json_true());
	return object;
}

struct parts {
	struct shell *sh;
	json_t *json;
	bool attributes; /* these, or the elements */
	bool any;
};

/* One line of what an element has: name, meaning. */
static bool tell_part(const struct row *row, void *arg)
{
	struct parts *parts = arg;
	const char *text = row->kind == ROW_TEXT ? "(text)" : row->name;

	if (is_attribute(row) != parts->attributes || !text)
		return false;
	g_autofree char *shown = row->kind == ROW_LEAF_ATTR
					 ? g_strdup_printf("%s@%s", row->name, row->attr)
					 : g_strdup_printf("%s%s", is_attribute(row) ? "@" : "", text);
	shell_print(parts->sh, "%s    %-20s %s%s\n",
		parts->any	    ? ""
		: parts->attributes ? "\n  ATTRIBUTES\n"
				    : "\n  ELEMENTS\n",
		shown, row->doc ? row->doc : "", row->flags & ROW_DEPRECATED ? " (deprecated)" : "");
	json_array_append_new(parts->json, row_json(row));
	parts->any = true;
	return false;
}

static void tell_parts(struct shell *sh, const struct model_type *type)
{
	struct parts attributes = { sh, json_array(), true, false };
	struct parts elements = { sh, json_array(), false, false };

	each_row(type, tell_part, &attributes);
	each_row(type, tell_part, &elements);
	shell_answer(sh, "attributes", attributes.json);
	shell_answer(sh, "elements", elements.json);
}

static void tell_row(struct shell *sh, const struct row *row)
{
	g_autofree char *flags = flags_text(row);

	if (has_scalar(row)) {
		g_autofree char *values = values_text(row);
		shell_print(sh, "\n  VALUE\n    %s\n", values);
	} else if (row->kind == ROW_FLAG) {
		shell_print(sh, "\n  VALUE\n    present or not\n");
	} else if (row->kind == ROW_LIST) {
		shell_print(sh, "\n  VALUE\n    any number of such elements\n");
	}
	if (*flags)
		shell_print(sh, "\n  REMARKS\n    %s\n", flags);
	shell_answer(sh, "row", row_json(row));
}

static int run_explain(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *path = command_text(cmd, "path");
	struct place place = { .path = g_string_new(NULL) };

	int rc = find_place(sh, path ? path : "domain", &place);
	if (rc == 0) {
		const char *doc = place.row && place.row->doc	  ? place.row->doc
				  : place.type && place.type->doc ? place.type->doc
								  : "";
		shell_print(sh, "  NAME\n    %s%s%s\n", place.path->str, *doc ? " - " : "", doc);
		shell_answer(sh, "path", json_string(place.path->str));
		shell_answer(sh, "doc", json_string(doc));
		if (place.row)
			tell_row(sh, place.row);
		if (place.type)
			tell_parts(sh, place.type);
	}
	g_string_free(place.path, TRUE);
	return rc;
}

/* -- lint -- */

static json_t *note_json(const struct model_note *note)
{
	return json_pack("{s:i, s:s?, s:s}", "line", note->line, "path", note->path, "text", note->text);
}

static void tell_notes(struct shell *sh, const char *file, const struct model_notes *notes, json_t *list)
{
	for (guint i = 0; notes->items && i < notes->items->len; i++) {
		const struct model_note *note = g_ptr_array_index(notes->items, i);

		json_array_append_new(list, note_json(note));
		shell_print(sh, "%s:", file);
		if (note->line)
			shell_print(sh, "%d:", note->line);
		shell_print(sh, " %s: %s\n", note->path ? note->path : "", note->text);
	}
}

/* "-" is the standard input. */
static int read_document(const char *file, char **ret_text, size_t *ret_len, struct error *err)
{
	return file_read(strcmp(file, "-") == 0 ? "/dev/stdin" : file, MODEL_XML_MAX, ret_text, ret_len, err);
}

static int run_lint(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *file = command_text(cmd, "file");
	struct model_notes notes = { 0 };
	auto_error wrong = { 0 };
	auto_domain *domain = NULL;
	g_autofree char *text = NULL;
	size_t len;

	if (read_document(file, &text, &len, err) < 0)
		return -1;
	int rc = domain_parse(text, len, MODEL_PARSE_INACTIVE, &domain, &notes, &wrong);
	json_t *list = json_array();
	tell_notes(sh, file, &notes, list);
	if (rc < 0) {
		shell_print(sh, "%s: %s\n", file, wrong.message);
		json_array_append_new(
			list, json_pack("{s:i, s:n, s:s}", "line", 0, "path", "text", wrong.message));
	}
	bool clean = json_array_size(list) == 0;
	if (clean && !sh->json)
		shell_extra(sh, "%s: nothing to remark\n", file);
	shell_answer(sh, "file", json_string(file));
	shell_answer(sh, "clean", json_boolean(clean));
	shell_answer(sh, "notes", list);
	sh->answer_anyway = true;
	model_notes_clear(&notes);
	return clean ? 0 : -1;
}

/* -- rows -- */

struct offers {
	const char *begin;  /* of the last step */
	const char *before; /* what stands in front of it */
	bool attributes;
	GPtrArray *out;
};

static bool offer_row(const struct row *row, void *arg)
{
	struct offers *offers = arg;

	if (row->name && is_attribute(row) == offers->attributes &&
		g_str_has_prefix(row->name, offers->begin))
		g_ptr_array_add(offers->out, g_strconcat(offers->before, row->name, NULL));
	return false;
}

static void complete_path(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	const char *at = strrchr(word, '@'), *slash = strrchr(word, '/');
	const char *begin = at ? at + 1 : slash ? slash + 1 : word;
	g_autofree char *before = g_strndup(word, (gsize)(begin - word));
	g_autofree char *parent = g_strndup(word, before[0] ? strlen(before) - 1 : 0);
	struct offers offers = { begin, before, at != NULL, out };
	struct place place = { .path = g_string_new(NULL) };

	for (size_t i = 0; !before[0] && i < G_N_ELEMENTS(documents); i++)
		if (g_str_has_prefix(documents[i]->element, word))
			g_ptr_array_add(out, g_strdup(documents[i]->element));
	if (before[0] && find_place(sh, parent, &place) == 0 && place.type)
		each_row(place.type, offer_row, &offers);
	g_string_free(place.path, TRUE);
}

static const struct option_row explain_options[] = {
	OPTION_TEXT("path", 0, "element or attribute, as domain/devices/disk/driver@cache (default: domain)",
		.complete = complete_path),
};
static const struct option_row lint_options[] = {
	OPTION_TEXT("file", OPTION_REQUIRED, "file containing an XML domain description, or -",
		.complete = complete_file),
};

static const struct command_row rows[] = {
	{ "explain", NULL, GROUP_MODEL, "what an element or attribute of a definition means",
		"Tells meaning, values and parts, from the rows that the daemon reads definitions by.",
		OPTIONS(explain_options), .flags = COMMAND_LOCAL, .run = run_explain },
	{ "lint", NULL, GROUP_MODEL, "check a domain definition",
		"Tells of parts that are unknown, misplaced or deprecated, with lines and nearest names.\n"
		"    Needs no daemon. The exit status is 1 when there is something to tell.",
		OPTIONS(lint_options), .flags = COMMAND_LOCAL, .run = run_lint },
};
COMMAND_TABLE(model_commands, rows);
