/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Structs to canonical XML: rows in order, two spaces an indent, single quotes.
 */
#include <string.h>

#include "model/scalar.h"

/* What a byte becomes; control characters other than tab and newline vanish, as in the peer. */
static const char *const escapes[256] = {
	['&'] = "&amp;",
	['<'] = "&lt;",
	['>'] = "&gt;",
	['\''] = "&apos;",
	['"'] = "&quot;",
	[1 ... 8] = "",
	[11 ... 31] = "",
};

static void escape(GString *out, const char *text)
{
	const char *from = text;

	for (; *text; text++) {
		const char *escaped = escapes[(unsigned char)*text];
		if (G_LIKELY(!escaped))
			continue;
		g_string_append_len(out, from, text - from);
		g_string_append(out, escaped);
		from = text + 1;
	}
	g_string_append_len(out, from, text - from);
}

static void indent_to(GString *out, int indent)
{
	static const char spaces[] = "                                ";

	for (; indent > 0; indent -= 32)
		g_string_append_len(out, spaces, MIN(indent, 32));
}

/* "<NAME" on a line of its own. */
static void open_tag(GString *out, int indent, const char *name)
{
	indent_to(out, indent);
	g_string_append_c(out, '<');
	g_string_append(out, name);
}

static void close_tag(GString *out, const char *name)
{
	g_string_append(out, "</");
	g_string_append(out, name);
	g_string_append(out, ">\n");
}

static void scalar_text(const struct row *row, const void *obj, GString *out)
{
	const void *at = row_member_const(row, obj);

	if (row->scalar == SCALAR_STRING || row->scalar == SCALAR_IP)
		escape(out, *(char *const *)at ? *(char *const *)at : "");
	else
		scalar_ops(row->scalar)->format(row, at, out);
}

static void attribute(const struct row *row, const char *name, const void *obj, GString *out)
{
	g_string_append_c(out, ' ');
	g_string_append(out, name);
	g_string_append(out, "='");
	scalar_text(row, obj, out);
	g_string_append_c(out, '\'');
}

static void format_attributes(const struct model_type *type, const void *obj, unsigned view, GString *out)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		if (!row_in_view(row, view))
			continue;
		if (row->kind == ROW_ATTR && row_shown(row, obj))
			attribute(row, row->name, obj, out);
		if (row->kind == ROW_TEXT && row->scalar == SCALAR_KIB && row_shown(row, obj))
			g_string_append(out, " unit='KiB'");
		if (row->kind == ROW_UNION && union_arm(row, obj))
			format_attributes(union_arm(row, obj), row_member_const(row, obj), view, out);
	}
}

static void format_leaf(const struct row *row, const void *obj, int indent, GString *out)
{
	if (!row_shown(row, obj))
		return;
	open_tag(out, indent, row->name);
	g_string_append(out, row->scalar == SCALAR_KIB ? " unit='KiB'>" : ">");
	scalar_text(row, obj, out);
	close_tag(out, row->name);
}

/* LEAF_ATTR rows in succession with one name make one element. Returns the last one's index. */
static size_t format_leaf_attrs(
	const struct model_type *type, size_t first, const void *obj, unsigned view, int indent, GString *out)
{
	const char *name = type->rows[first].name;
	bool open = false;
	size_t i;

	for (i = first; i < type->row_count && type->rows[i].kind == ROW_LEAF_ATTR &&
			strcmp(type->rows[i].name, name) == 0;
		i++) {
		const struct row *row = &type->rows[i];
		if (!row_in_view(row, view) || !row_shown(row, obj))
			continue;
		if (!open)
			open_tag(out, indent, name);
		open = true;
		attribute(row, row->attr, obj, out);
	}
	if (open)
		g_string_append(out, "/>\n");
	return i - 1;
}

static void format_list(const struct row *row, const void *obj, unsigned view, int indent, GString *out)
{
	const GPtrArray *list = *(GPtrArray *const *)row_member_const(row, obj);

	for (guint i = 0; list && i < list->len; i++)
		model_format_element(row->type, row->name, list->pdata[i], view, indent, out);
}

/* A group with nothing inside is not printed, unless always. */
static void format_group(const struct row *row, const void *obj, unsigned view, int indent, GString *out)
{
	gsize before = out->len;

	model_format_element(row->type, row->name, obj, view, indent, out);
	/* "<name/>\n" */
	if (!(row->flags & ROW_ALWAYS) && out->len == before + indent + strlen(row->name) + 4)
		g_string_truncate(out, before);
}

static void format_raw(const struct row *row, const void *obj, int indent, GString *out)
{
	const char *text = *(char *const *)row_member_const(row, obj);

	if (!text)
		return;
	indent_to(out, indent);
	g_string_append(out, text);
	g_string_append_c(out, '\n');
}

static void format_content(
	const struct model_type *type, const void *obj, unsigned view, int indent, GString *out)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		const void *child;

		if (row->kind == ROW_LEAF_ATTR) {
			i = format_leaf_attrs(type, i, obj, view, indent, out);
			continue;
		}
		if (!row_in_view(row, view))
			continue;
		switch (row->kind) {
		case ROW_LEAF:
			format_leaf(row, obj, indent, out);
			break;
		case ROW_FLAG:
			if (*(const bool *)row_member_const(row, obj)) {
				open_tag(out, indent, row->name);
				g_string_append(out, "/>\n");
			}
			break;
		case ROW_CHILD:
			child = *(void *const *)row_member_const(row, obj);
			if (child)
				model_format_element(row->type, row->name, child, view, indent, out);
			break;
		case ROW_LIST:
			format_list(row, obj, view, indent, out);
			break;
		case ROW_GROUP:
			format_group(row, obj, view, indent, out);
			break;
		case ROW_UNION:
			if (union_arm(row, obj))
				format_content(
					union_arm(row, obj), row_member_const(row, obj), view, indent, out);
			break;
		case ROW_RAW:
			format_raw(row, obj, indent, out);
			break;
		default:
			break; /* attributes are printed already, text by model_format_element() */
		}
	}
}

static const struct row *text_row(const struct model_type *type, const void *obj, unsigned view)
{
	for (size_t i = 0; i < type->row_count; i++)
		if (type->rows[i].kind == ROW_TEXT && row_in_view(&type->rows[i], view) &&
			row_shown(&type->rows[i], obj))
			return &type->rows[i];
	return NULL;
}

void model_format_element(const struct model_type *type, const char *element, const void *obj, unsigned view,
	int indent, GString *out)
{
	const struct row *text = text_row(type, obj, view);

	open_tag(out, indent, element);
	format_attributes(type, obj, view, out);
	gsize open = out->len;
	if (text) {
		g_string_append_c(out, '>');
		scalar_text(text, obj, out);
		close_tag(out, element);
		return;
	}
	g_string_append(out, ">\n");
	gsize inside = out->len;
	format_content(type, obj, view, indent + 2, out);
	if (out->len == inside) {
		g_string_truncate(out, open);
		g_string_append(out, "/>\n");
		return;
	}
	indent_to(out, indent);
	close_tag(out, element);
}

char *model_format(const struct model_type *type, const void *obj, unsigned view)
{
	GString *out = g_string_sized_new(4096);

	model_format_element(type, type->element, obj, view, 0, out);
	return g_string_free(out, FALSE);
}
