/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows to a reference for people, in Markdown: a section an element, a line an attribute or child.
 */
#include "model/scalar.h"

struct reference {
	GString *out;
	GHashTable *seen; /* type -> path of the section that tells of it */
};

static void section(struct reference *r, const struct model_type *type, const char *path, const char *doc);

static void value_text(const struct row *row, GString *out)
{
	const char *const *words = scalar_words(row);

	if (!words) {
		g_string_append(out, scalar_ops(row->scalar)->name);
		if (row->max)
			g_string_append_printf(out, " up to %" G_GUINT64_FORMAT, row->max);
		return;
	}
	int first = words[0] ? 0 : 1;
	for (int i = first; words[i]; i++)
		g_string_append_printf(out, "%s`%s`", i > first ? " " : "", words[i]);
}

static void flags_text(const struct row *row, GString *out)
{
	static const struct {
		unsigned flag;
		const char *text;
	} texts[] = {
		{ ROW_REQUIRED, "required" },
		{ ROW_LIVE, "only while running" },
		{ ROW_SECURE, "only shown to who may see secrets" },
		{ ROW_ACCEPT_ONLY, "read, never printed" },
		{ ROW_NONZERO, "not 0" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (row->flags & texts[i].flag)
			g_string_append_printf(out, "; %s", texts[i].text);
	if (row->flags & ROW_DEPRECATED)
		g_string_append_printf(out, "; deprecated%s%s", row->instead ? ", instead: " : "",
			row->instead ? row->instead : "");
}

/* One line: name, values, meaning. */
static void line(struct reference *r, const struct row *row)
{
	GString *out = r->out;

	g_string_append(out, "| ");
	if (row->kind == ROW_ATTR)
		g_string_append_printf(out, "`@%s`", row->name);
	else if (row->kind == ROW_TEXT)
		g_string_append(out, "text");
	else if (row->kind == ROW_LEAF_ATTR)
		g_string_append_printf(out, "`<%s>` `@%s`", row->name, row->attr);
	else
		g_string_append_printf(out, "`<%s>`", row->name);
	g_string_append(out, " | ");
	if (row_has_scalar(row))
		value_text(row, out);
	else if (row->kind == ROW_FLAG)
		g_string_append(out, "present or not");
	else if (row->kind == ROW_RAW)
		g_string_append(out, "any elements with a namespace");
	else
		g_string_append(out, row->kind == ROW_LIST ? "elements" : "element");
	g_string_append_printf(out, " | %s", row->doc ? row->doc : "");
	flags_text(row, out);
	g_string_append(out, " |\n");
}

static void lines(struct reference *r, const struct model_type *type)
{
	for (size_t i = 0; i < type->row_count; i++)
		if (type->rows[i].kind != ROW_UNION)
			line(r, &type->rows[i]);
}

/* The rows that only one value of the tag brings. */
static void arms(struct reference *r, const struct model_type *type, const struct row *row)
{
	const struct row *tag = union_tag_row(type, row);

	for (const struct model_arm *arm = row->arms; arm->type; arm++) {
		g_string_append_printf(r->out, "| **with `@%s=%s`** | | |\n", tag ? tag->name : "?",
			tag && tag->values[arm->tag] ? tag->values[arm->tag] : "");
		lines(r, arm->type);
	}
}

static void below(struct reference *r, const struct model_type *type, const char *path)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		if (row->kind == ROW_UNION)
			for (const struct model_arm *arm = row->arms; arm->type; arm++)
				below(r, arm->type, path);
		if (!row->type)
			continue;
		g_autofree char *inner = g_strdup_printf("%s/%s", path, row->name);
		section(r, row->type, inner, row->doc);
	}
}

static void section(struct reference *r, const struct model_type *type, const char *path, const char *doc)
{
	const char *told = g_hash_table_lookup(r->seen, type->rows);

	g_string_append_printf(r->out, "\n## %s\n", path);
	if (doc)
		g_string_append_printf(r->out, "%c%s.\n", g_ascii_toupper(doc[0]), doc + 1);
	if (told) {
		g_string_append_printf(r->out, "Same as %s.\n", told);
		return;
	}
	g_hash_table_insert(r->seen, (void *)type->rows, g_strdup(path));
	g_string_append(r->out, "\n| part | value | meaning |\n|---|---|---|\n");
	lines(r, type);
	for (size_t i = 0; i < type->row_count; i++)
		if (type->rows[i].kind == ROW_UNION)
			arms(r, type, &type->rows[i]);
	below(r, type, path);
}

char *model_reference(const struct model_type *type)
{
	struct reference r = { g_string_sized_new(65536),
		g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free) };

	g_string_append_printf(r.out, "# <%s>\n", type->element);
	section(&r, type, type->element, type->doc);
	g_hash_table_unref(r.seen);
	return g_string_free(r.out, FALSE);
}
