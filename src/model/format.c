/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Structs to canonical XML: rows in order, two spaces an indent, single quotes.
 */
#include <string.h>

#include "model/scalar.h"

static void escape(GString *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			g_string_append(out, "&amp;");
			break;
		case '<':
			g_string_append(out, "&lt;");
			break;
		case '>':
			g_string_append(out, "&gt;");
			break;
		case '\'':
			g_string_append(out, "&apos;");
			break;
		case '"':
			g_string_append(out, "&quot;");
			break;
		default:
			g_string_append_c(out, *text);
		}
	}
}

static void indent_to(GString *out, int indent)
{
	for (; indent > 0; indent--)
		g_string_append_c(out, ' ');
}

/* Whether VIEW shows this row at all. */
static bool in_view(const struct row *row, unsigned view)
{
	return !(row->flags & ROW_ACCEPT_ONLY) &&
	       !((row->flags & ROW_LIVE) && (view & MODEL_VIEW_INACTIVE)) &&
	       !((row->flags & ROW_SECURE) && !(view & MODEL_VIEW_SECURE)) &&
	       !((row->flags & ROW_NOT_MIGRATABLE) && (view & MODEL_VIEW_MIGRATABLE));
}

static bool scalar_shown(const struct row *row, const void *obj)
{
	return (row->flags & ROW_ALWAYS) || !scalar_ops(row->scalar)->absent(row, row_member_const(row, obj));
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
	g_string_append_printf(out, " %s='", name);
	scalar_text(row, obj, out);
	g_string_append_c(out, '\'');
}

static void format_attributes(const struct model_type *type, const void *obj, unsigned view, GString *out)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		if (!in_view(row, view))
			continue;
		if (row->kind == ROW_ATTR && scalar_shown(row, obj))
			attribute(row, row->name, obj, out);
		if (row->kind == ROW_TEXT && row->scalar == SCALAR_KIB)
			g_string_append(out, " unit='KiB'");
		if (row->kind == ROW_UNION && union_arm(row, obj))
			format_attributes(union_arm(row, obj), row_member_const(row, obj), view, out);
	}
}

static void format_leaf(const struct row *row, const void *obj, int indent, GString *out)
{
	if (!scalar_shown(row, obj))
		return;
	indent_to(out, indent);
	g_string_append_printf(out, "<%s%s>", row->name, row->scalar == SCALAR_KIB ? " unit='KiB'" : "");
	scalar_text(row, obj, out);
	g_string_append_printf(out, "</%s>\n", row->name);
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
		if (!in_view(row, view) || !scalar_shown(row, obj))
			continue;
		if (!open) {
			indent_to(out, indent);
			g_string_append_printf(out, "<%s", name);
		}
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
	g_autofree char *empty = g_strdup_printf("%*s<%s/>\n", indent, "", row->name);

	model_format_element(row->type, row->name, obj, view, indent, out);
	if (!(row->flags & ROW_ALWAYS) && strcmp(out->str + before, empty) == 0)
		g_string_truncate(out, before);
}

static void format_raw(const struct row *row, const void *obj, int indent, GString *out)
{
	const char *text = *(char *const *)row_member_const(row, obj);

	if (!text)
		return;
	indent_to(out, indent);
	g_string_append_printf(out, "%s\n", text);
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
		if (!in_view(row, view))
			continue;
		switch (row->kind) {
		case ROW_LEAF:
			format_leaf(row, obj, indent, out);
			break;
		case ROW_FLAG:
			if (*(const bool *)row_member_const(row, obj)) {
				indent_to(out, indent);
				g_string_append_printf(out, "<%s/>\n", row->name);
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

static const struct row *text_row(const struct model_type *type, const void *obj)
{
	for (size_t i = 0; i < type->row_count; i++)
		if (type->rows[i].kind == ROW_TEXT && scalar_shown(&type->rows[i], obj))
			return &type->rows[i];
	return NULL;
}

void model_format_element(const struct model_type *type, const char *element, const void *obj, unsigned view,
	int indent, GString *out)
{
	const struct row *text = text_row(type, obj);

	indent_to(out, indent);
	g_string_append_printf(out, "<%s", element);
	format_attributes(type, obj, view, out);
	gsize open = out->len;
	if (text) {
		g_string_append_c(out, '>');
		scalar_text(text, obj, out);
		g_string_append_printf(out, "</%s>\n", element);
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
	g_string_append_printf(out, "</%s>\n", element);
}

char *model_format(const struct model_type *type, const void *obj, unsigned view)
{
	GString *out = g_string_sized_new(4096);

	model_format_element(type, type->element, obj, view, 0, out);
	return g_string_free(out, FALSE);
}
