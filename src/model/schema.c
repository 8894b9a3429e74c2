/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows to a RELAX NG grammar: one definition a type; children in any order, as the parser takes them.
 */
#include <string.h>

#include "model/scalar.h"

struct schema {
	GString *out;
	GPtrArray *types; /* struct model_type *, in the order of their definitions; grows while they are
			     written */
};

static void content(struct schema *s, const struct model_type *type);

/* "disk-source.12": the definition of a type, which is written later if it is new. */
static char *definition_name(struct schema *s, const struct model_type *type)
{
	guint index;

	if (!g_ptr_array_find(s->types, type, &index)) {
		index = s->types->len;
		g_ptr_array_add(s->types, (void *)type);
	}
	g_autofree char *name = g_strdup(type->name);
	return g_strdup_printf("%s.%u", g_strcanon(name, "abcdefghijklmnopqrstuvwxyz0123456789", '-'), index);
}

static void put(struct schema *s, const char *text)
{
	g_string_append(s->out, text);
}

static void open_named(struct schema *s, const char *what, const char *name)
{
	g_string_append_printf(s->out, "<%s name='%s'>", what, name);
}

static void words(struct schema *s, const char *const *names)
{
	put(s, "<choice>");
	for (int i = names[0] ? 0 : 1; names[i]; i++)
		g_string_append_printf(s->out, "<value>%s</value>", names[i]);
	put(s, "</choice>");
}

static void scalar(struct schema *s, const struct row *row)
{
	const char *pattern = scalar_ops(row->scalar)->pattern;

	if (scalar_words(row))
		words(s, scalar_words(row));
	else if (pattern)
		g_string_append_printf(
			s->out, "<data type='token'><param name='pattern'>%s</param></data>", pattern);
	else
		put(s, "<text/>");
}

static void attribute(struct schema *s, const struct row *row, const char *name)
{
	bool required = row->flags & ROW_REQUIRED;

	put(s, required ? "" : "<optional>");
	open_named(s, "attribute", name);
	scalar(s, row);
	put(s, required ? "</attribute>" : "</attribute></optional>");
}

/* The unit beside a size: in any case of letters, which only a pattern says. */
static void unit_attribute(struct schema *s)
{
	put(s, "<optional><attribute name='unit'><data type='token'><param name='pattern'>");
	for (int i = 0; scalar_units[i]; i++) {
		put(s, i ? "|" : "");
		for (const char *c = scalar_units[i]; *c; c++)
			g_string_append_printf(s->out, "[%c%c]", g_ascii_toupper(*c), g_ascii_tolower(*c));
	}
	put(s, "</param></data></attribute></optional>");
}

/* LEAF_ATTR rows in succession with one name are one element. Returns the last one's index. */
static size_t leaf_attrs(struct schema *s, const struct model_type *type, size_t first)
{
	const char *name = type->rows[first].name;
	size_t i;

	for (i = first; i < type->row_count && type->rows[i].kind == ROW_LEAF_ATTR &&
			strcmp(type->rows[i].name, name) == 0;
		i++)
		attribute(s, &type->rows[i], type->rows[i].attr);
	return i - 1;
}

static void element_inside(struct schema *s, const struct model_type *type, size_t *i)
{
	const struct row *row = &type->rows[*i];
	g_autofree char *ref = NULL;

	switch (row->kind) {
	case ROW_LEAF:
		if (row->scalar == SCALAR_KIB)
			unit_attribute(s);
		scalar(s, row);
		break;
	case ROW_LEAF_ATTR:
		*i = leaf_attrs(s, type, *i);
		break;
	case ROW_FLAG:
		put(s, "<empty/>");
		break;
	case ROW_RAW:
		put(s, "<ref name='anything'/>");
		break;
	default:
		ref = definition_name(s, row->type);
		g_string_append_printf(s->out, "<ref name='%s'/>", ref);
	}
}

static void element(struct schema *s, const struct model_type *type, size_t *i)
{
	const struct row *row = &type->rows[*i];
	bool required = row->flags & ROW_REQUIRED;
	const char *around = row->kind == ROW_LIST ? required ? "oneOrMore" : "zeroOrMore"
			     : required		   ? NULL
						   : "optional";

	if (around)
		g_string_append_printf(s->out, "<%s>", around);
	open_named(s, "element", row->name);
	element_inside(s, type, i);
	put(s, "</element>");
	if (around)
		g_string_append_printf(s->out, "</%s>", around);
}

static const struct model_type *arm_of(const struct row *row, int tag)
{
	for (const struct model_arm *arm = row->arms; arm->type; arm++)
		if (arm->tag == tag)
			return arm->type;
	return NULL;
}

/* Each value of the tag with what stands beside it. */
static void union_choice(struct schema *s, const struct row *tag, const struct row *row)
{
	put(s, "<choice>");
	for (int value = tag->values[0] ? 0 : 1; tag->values[value]; value++) {
		put(s, "<interleave>");
		open_named(s, "attribute", tag->name);
		g_string_append_printf(s->out, "<value>%s</value></attribute>", tag->values[value]);
		if (arm_of(row, value))
			content(s, arm_of(row, value));
		put(s, "</interleave>");
	}
	if (!(tag->flags & ROW_REQUIRED)) {
		if (arm_of(row, 0))
			content(s, arm_of(row, 0));
		else
			put(s, "<empty/>");
	}
	put(s, "</choice>");
}

/* Whether a union of TYPE is chosen by ROW, and so says what the attribute may be. */
static bool is_tag(const struct model_type *type, const struct row *row)
{
	for (size_t i = 0; i < type->row_count; i++)
		if (type->rows[i].kind == ROW_UNION && union_tag_row(type, &type->rows[i]) == row)
			return true;
	return false;
}

/* Everything that stands on or in an element of TYPE; a sequence of patterns for an <interleave>. */
static void content(struct schema *s, const struct model_type *type)
{
	put(s, "<interleave><empty/>");
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];

		if (row->kind == ROW_ATTR) {
			if (!is_tag(type, row))
				attribute(s, row, row->name);
		} else if (row->kind == ROW_UNION) {
			union_choice(s, union_tag_row(type, row), row);
		} else if (row->kind != ROW_TEXT) {
			element(s, type, &i);
		}
	}
	put(s, "</interleave>");
}

static void definition(struct schema *s, const struct model_type *type)
{
	g_autofree char *name = definition_name(s, type);

	open_named(s, "define", name);
	content(s, type);
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		if (row->kind != ROW_TEXT)
			continue;
		if (row->scalar == SCALAR_KIB)
			unit_attribute(s);
		put(s, row->flags & ROW_REQUIRED ? "" : "<choice><empty/>");
		scalar(s, row);
		put(s, row->flags & ROW_REQUIRED ? "" : "</choice>");
	}
	put(s, "</define>\n");
}

char *model_schema(const struct model_type *type)
{
	struct schema s = { g_string_sized_new(65536), g_ptr_array_new() };
	g_autofree char *root = definition_name(&s, type);

	put(&s, "<grammar xmlns='http://relaxng.org/ns/structure/1.0' "
		"datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>\n");
	g_string_append_printf(
		s.out, "<start><element name='%s'><ref name='%s'/></element></start>\n", type->element, root);
	for (guint i = 0; i < s.types->len; i++)
		definition(&s, s.types->pdata[i]);
	put(&s, "<define name='anything'><zeroOrMore><choice><text/><attribute><anyName/></attribute>"
		"<element><anyName/><ref name='anything'/></element></choice></zeroOrMore></define>\n"
		"</grammar>\n");
	g_ptr_array_unref(s.types);
	return g_string_free(s.out, FALSE);
}
