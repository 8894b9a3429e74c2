/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects by rows: make, copy, free, compare. Notes.
 */
#include <string.h>

#include "model/scalar.h"

const struct model_type *union_arm(const struct row *row, const void *obj)
{
	int tag = *(const int *)((const char *)obj + row->tag_offset);

	for (const struct model_arm *arm = row->arms; arm && arm->type; arm++)
		if (arm->tag == tag)
			return arm->type;
	return NULL;
}

const struct row *union_tag_row(const struct model_type *type, const struct row *row)
{
	for (size_t i = 0; i < type->row_count; i++)
		if (type->rows[i].kind == ROW_ATTR && type->rows[i].offset == row->tag_offset)
			return &type->rows[i];
	return NULL;
}

void rows_init(const struct model_type *type, void *obj)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		if (row->kind == ROW_GROUP)
			rows_init(row->type, obj);
		if (!row_has_scalar(row) || row->absent == 0)
			continue;
		if (scalar_ops(row->scalar)->size == 8)
			*(uint64_t *)row_member(row, obj) = row->absent;
		else
			*(unsigned *)row_member(row, obj) = (unsigned)row->absent;
	}
}

void *model_new(const struct model_type *type)
{
	void *obj = g_malloc0(type->size);

	rows_init(type, obj);
	return obj;
}

static void clear_rows(const struct model_type *type, void *obj)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		GPtrArray **list = row->kind == ROW_LIST ? row_member(row, obj) : NULL;

		if (row_has_scalar(row)) {
			scalar_ops(row->scalar)->clear(row_member(row, obj));
		} else if (row->kind == ROW_CHILD) {
			model_free(row->type, *(void **)row_member(row, obj));
		} else if (list && *list) {
			for (guint k = 0; k < (*list)->len; k++)
				model_free(row->type, (*list)->pdata[k]);
			g_ptr_array_unref(*list);
		} else if (row->kind == ROW_GROUP) {
			clear_rows(row->type, obj);
		} else if (row->kind == ROW_UNION && union_arm(row, obj)) {
			clear_rows(union_arm(row, obj), row_member(row, obj));
		} else if (row->kind == ROW_RAW) {
			g_free(*(char **)row_member(row, obj));
		}
	}
}

void model_free(const struct model_type *type, void *obj)
{
	if (!obj)
		return;
	clear_rows(type, obj);
	g_free(obj);
}

/* TO begins as a byte copy of FROM; what FROM owns is then copied. */
static void copy_rows(const struct model_type *type, const void *from, void *to)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		const void *source = row_member_const(row, from);
		void *target = row_member(row, to);

		if (row_has_scalar(row)) {
			scalar_ops(row->scalar)->copy(source, target);
		} else if (row->kind == ROW_CHILD) {
			*(void **)target = model_copy(row->type, *(void *const *)source);
		} else if (row->kind == ROW_LIST && *(GPtrArray *const *)source) {
			const GPtrArray *list = *(GPtrArray *const *)source;
			GPtrArray *copies = g_ptr_array_sized_new(list->len);
			for (guint k = 0; k < list->len; k++)
				g_ptr_array_add(copies, model_copy(row->type, list->pdata[k]));
			*(GPtrArray **)target = copies;
		} else if (row->kind == ROW_GROUP) {
			copy_rows(row->type, from, to);
		} else if (row->kind == ROW_UNION && union_arm(row, from)) {
			copy_rows(union_arm(row, from), source, target);
		} else if (row->kind == ROW_RAW) {
			*(char **)target = g_strdup(*(char *const *)source);
		}
	}
}

void *model_copy(const struct model_type *type, const void *obj)
{
	if (!obj)
		return NULL;
	void *copy = g_memdup2(obj, type->size);
	copy_rows(type, obj, copy);
	return copy;
}

/* -- compare -- */

static int differs(const struct row *row, const char *path, const void *a, const void *b, struct error *err)
{
	g_autoptr(GString) one = g_string_new(NULL), two = g_string_new(NULL);
	const struct scalar_ops *ops = scalar_ops(row->scalar);

	if (!ops->absent(row, row_member_const(row, a)))
		ops->format(row, row_member_const(row, a), one);
	if (!ops->absent(row, row_member_const(row, b)))
		ops->format(row, row_member_const(row, b), two);
	return fail(err, VIR_ERR_CONFIG_UNSUPPORTED, "%s%s%s is '%s' in one and '%s' in the other", path,
		row->kind == ROW_ATTR ? "@" : "/", row->name ? row->name : "text()", one->str, two->str);
}

static int compare_rows(const struct model_type *type, const char *path, const void *a, const void *b,
	bool all, struct error *err);

static int compare_lists(
	const struct row *row, const char *path, const void *a, const void *b, bool all, struct error *err)
{
	const GPtrArray *one = *(GPtrArray *const *)row_member_const(row, a),
			*two = *(GPtrArray *const *)row_member_const(row, b);
	guint n = one ? one->len : 0, m = two ? two->len : 0;

	if (n != m)
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED, "%s has %u of '%s' in one and %u in the other",
			path, n, row->name, m);
	for (guint i = 0; i < n; i++) {
		g_autofree char *below = g_strdup_printf("%s/%s[%u]", path, row->name, i + 1);
		if (compare_rows(row->type, below, one->pdata[i], two->pdata[i], all, err) < 0)
			return -1;
	}
	return 0;
}

static int compare_children(
	const struct row *row, const char *path, const void *a, const void *b, bool all, struct error *err)
{
	const void *one = *(void *const *)row_member_const(row, a),
		   *two = *(void *const *)row_member_const(row, b);
	g_autofree char *below = g_strdup_printf("%s/%s", path, row->name);

	if (!one || !two)
		return one == two ? 0
				  : fail(err, VIR_ERR_CONFIG_UNSUPPORTED, "%s is only in one of both", below);
	return compare_rows(row->type, below, one, two, all, err);
}

static int compare_row(
	const struct row *row, const char *path, const void *a, const void *b, bool all, struct error *err)
{
	if (row_has_scalar(row))
		return (all || (row->flags & ROW_ABI)) &&
				       !scalar_ops(row->scalar)
						->equal(row_member_const(row, a), row_member_const(row, b))
			       ? differs(row, path, a, b, err)
			       : 0;
	switch (row->kind) {
	case ROW_CHILD:
		return compare_children(row, path, a, b, all, err);
	case ROW_LIST:
		return compare_lists(row, path, a, b, all, err);
	case ROW_GROUP:
		return compare_rows(row->type, path, a, b, all, err);
	case ROW_UNION:
		/* the tag is a row of its own: where it differs, that row has said so */
		if (!union_arm(row, a) || union_arm(row, a) != union_arm(row, b))
			return 0;
		return compare_rows(union_arm(row, a), path, row_member_const(row, a),
			row_member_const(row, b), all, err);
	case ROW_FLAG:
		if ((all || (row->flags & ROW_ABI)) &&
			*(const bool *)row_member_const(row, a) != *(const bool *)row_member_const(row, b))
			return fail(err, VIR_ERR_CONFIG_UNSUPPORTED, "%s/%s is only in one of both", path,
				row->name);
		return 0;
	case ROW_RAW:
		if (all &&
			!scalar_ops(SCALAR_STRING)->equal(row_member_const(row, a), row_member_const(row, b)))
			return fail(err, VIR_ERR_CONFIG_UNSUPPORTED, "%s/%s differs", path, row->name);
		return 0;
	default:
		return 0;
	}
}

static int compare_rows(const struct model_type *type, const char *path, const void *a, const void *b,
	bool all, struct error *err)
{
	for (size_t i = 0; i < type->row_count; i++)
		if (compare_row(&type->rows[i], path, a, b, all, err) < 0)
			return -1;
	return 0;
}

int model_compare(const struct model_type *type, const void *a, const void *b, bool all, struct error *err)
{
	return compare_rows(type, type->element ? type->element : type->name, a, b, all, err);
}

/* -- notes -- */

static void note_free(void *data)
{
	struct model_note *note = data;

	g_free(note->path);
	g_free(note->text);
	g_free(note);
}

void model_note_add(struct model_notes *notes, int line, const char *path, const char *format, ...)
{
	struct model_note *note = g_new0(struct model_note, 1);
	va_list ap;

	if (!notes->items)
		notes->items = g_ptr_array_new_with_free_func(note_free);
	va_start(ap, format);
	note->text = g_strdup_vprintf(format, ap);
	va_end(ap);
	note->line = line;
	note->path = g_strdup(path);
	g_ptr_array_add(notes->items, note);
}

void model_notes_clear(struct model_notes *notes)
{
	g_clear_pointer(&notes->items, g_ptr_array_unref);
}
