/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random objects by rows: whatever they hold, parse(format(object)) must equal it.
 */
#include "model/scalar.h"

enum { DEPTH_MOST = 8, LIST_MOST = 3 };

static void random_rows(const struct model_type *type, GRand *random, void *obj, int depth);

static void *random_object(const struct model_type *type, GRand *random, int depth)
{
	void *obj = model_new(type);

	random_rows(type, random, obj, depth + 1);
	return obj;
}

static void random_list(const struct row *row, GRand *random, GPtrArray **list, int depth)
{
	*list = g_ptr_array_new();
	for (int n = g_rand_int_range(random, 1, LIST_MOST + 1); n > 0; n--)
		g_ptr_array_add(*list, random_object(row->type, random, depth));
}

static void random_row(const struct row *row, GRand *random, void *obj, int depth)
{
	const struct model_type *arm;

	switch (row->kind) {
	case ROW_FLAG:
		*(bool *)row_member(row, obj) = true;
		break;
	case ROW_CHILD:
		*(void **)row_member(row, obj) = random_object(row->type, random, depth);
		break;
	case ROW_LIST:
		random_list(row, random, row_member(row, obj), depth);
		break;
	case ROW_GROUP:
		random_rows(row->type, random, obj, depth + 1);
		break;
	case ROW_UNION:
		arm = union_arm(row, obj);
		if (!arm)
			break;
		rows_init(arm, row_member(row, obj));
		random_rows(arm, random, row_member(row, obj), depth + 1);
		break;
	case ROW_RAW:
		*(char **)row_member(row, obj) =
			g_strdup_printf("<%s>\n    <x:a xmlns:x=\"urn:x\" n=\"%u\"/>\n  </%s>", row->name,
				g_rand_int(random), row->name);
		break;
	default:
		scalar_ops(row->scalar)->random(row, random, row_member(row, obj));
	}
}

static void random_rows(const struct model_type *type, GRand *random, void *obj, int depth)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		bool required = (row->flags & ROW_REQUIRED) || row->kind == ROW_UNION;
		bool deep = depth > DEPTH_MOST && (row->kind == ROW_CHILD || row->kind == ROW_LIST);

		if (row->flags & ROW_ACCEPT_ONLY)
			continue;
		if (required || (!deep && g_rand_boolean(random)))
			random_row(row, random, obj, depth);
	}
}

void *model_random(const struct model_type *type, GRand *random)
{
	return random_object(type, random, 0);
}
