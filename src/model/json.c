/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Structs to JSON, for programs that would rather not read XML.
 */
#include <jansson.h>

#include "model/scalar.h"

static json_t *rows_json(const struct model_type *type, const void *obj, unsigned view, json_t *into);

static uint64_t number_of(const struct row *row, const void *at)
{
	return scalar_ops(row->scalar)->size == 8 ? *(const uint64_t *)at
	       : row->scalar == SCALAR_INT	  ? (uint64_t) * (const int *)at
						  : *(const unsigned *)at;
}

/* A number where JSON can hold it, yes/no and on/off as booleans, else the text that XML has. */
static json_t *scalar_json(const struct row *row, const void *obj)
{
	const struct scalar_ops *ops = scalar_ops(row->scalar);
	const void *at = row_member_const(row, obj);
	bool absent = ops->absent(row, at);
	g_autoptr(GString) text = g_string_new(NULL);

	if (!absent && (row->scalar == SCALAR_YESNO || row->scalar == SCALAR_ONOFF))
		return json_boolean(*(const int *)at == TRISTATE_YES);
	if (ops->integer && (row->scalar == SCALAR_INT || number_of(row, at) <= INT64_MAX))
		return json_integer((json_int_t)number_of(row, at));
	if (!absent)
		ops->format(row, at, text);
	json_t *string = json_string(text->str);
	return string ? string : json_string(""); /* not UTF-8: XML cannot have brought it */
}

static json_t *list_json(const struct row *row, const GPtrArray *list, unsigned view)
{
	json_t *array = json_array();

	for (guint i = 0; i < list->len; i++)
		json_array_append_new(array, rows_json(row->type, list->pdata[i], view, json_object()));
	return array;
}

static void set_prefixed(json_t *into, const char *name, json_t *value)
{
	g_autofree char *key = g_strconcat("@", name, NULL);
	json_object_set_new(into, key, value);
}

static void leaf_attr_json(const struct row *row, const void *obj, json_t *into)
{
	json_t *element = json_object_get(into, row->name);

	if (!element) {
		element = json_object();
		json_object_set_new(into, row->name, element);
	}
	set_prefixed(element, row->attr, scalar_json(row, obj));
}

static void content_json(const struct row *row, const void *obj, unsigned view, json_t *into)
{
	const void *at = row_member_const(row, obj);
	const void *pointer = row->kind == ROW_CHILD || row->kind == ROW_LIST || row->kind == ROW_RAW
				      ? *(void *const *)at
				      : NULL;

	switch (row->kind) {
	case ROW_FLAG:
		if (*(const bool *)at)
			json_object_set_new(into, row->name, json_true());
		break;
	case ROW_CHILD:
		if (pointer)
			json_object_set_new(
				into, row->name, rows_json(row->type, pointer, view, json_object()));
		break;
	case ROW_LIST:
		if (pointer)
			json_object_set_new(into, row->name, list_json(row, pointer, view));
		break;
	case ROW_GROUP: {
		json_t *group = rows_json(row->type, obj, view, json_object());
		if (json_object_size(group) || (row->flags & ROW_ALWAYS))
			json_object_set(into, row->name, group);
		json_decref(group);
		break;
	}
	case ROW_UNION:
		if (union_arm(row, obj))
			rows_json(union_arm(row, obj), at, view, into);
		break;
	case ROW_RAW:
		if (pointer)
			json_object_set_new(into, row->name, json_string(pointer));
		break;
	default:
		break;
	}
}

static json_t *rows_json(const struct model_type *type, const void *obj, unsigned view, json_t *into)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];

		if (!row_in_view(row, view) || (row_has_scalar(row) && !row_shown(row, obj)))
			continue;
		if (row->kind == ROW_ATTR)
			set_prefixed(into, row->name, scalar_json(row, obj));
		else if (row->kind == ROW_TEXT)
			json_object_set_new(into, "#text", scalar_json(row, obj));
		else if (row->kind == ROW_LEAF)
			json_object_set_new(into, row->name, scalar_json(row, obj));
		else if (row->kind == ROW_LEAF_ATTR)
			leaf_attr_json(row, obj, into);
		else
			content_json(row, obj, view, into);
	}
	return into;
}

char *model_json(const struct model_type *type, const void *obj, unsigned view)
{
	json_t *root = json_object();

	json_object_set_new(root, type->element, rows_json(type, obj, view, json_object()));
	char *dumped = json_dumps(root, JSON_INDENT(2));
	char *text = g_strdup(dumped);
	free(dumped);
	json_decref(root);
	return text;
}
