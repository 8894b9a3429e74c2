/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scalars: how each kind of value reads, prints, copies, compares. One row a kind; inside the engine only.
 */
#pragma once

#include "model/engine.h"

struct scalar_ops {
	const char *name; /* in messages and reference */
	size_t size;	  /* in the struct */
	/* Reads TEXT into AT; -1 with a plain message in *WHY (the caller's) when it is no such value. */
	int (*parse)(const struct row *row, const char *text, void *at, char **why);
	/* Appends the text of the value, unescaped. */
	void (*format)(const struct row *row, const void *at, GString *out);
	bool (*absent)(const struct row *row, const void *at);
	void (*copy)(const void *from, void *to);
	void (*clear)(void *at);
	bool (*equal)(const void *a, const void *b);
	/* Puts a value that is not absent and that parse() would accept. */
	void (*random)(const struct row *row, GRand *random, void *at);
	const char *pattern; /* XML Schema pattern of the text; NULL: any, or a choice of scalar_words() */
	bool integer;	     /* JSON prints a number */
};

const struct scalar_ops *scalar_ops(enum scalar_kind kind);

/* Where a row's member is. */
static inline void *row_member(const struct row *row, void *obj)
{
	return (char *)obj + row->offset;
}

static inline const void *row_member_const(const struct row *row, const void *obj)
{
	return (const char *)obj + row->offset;
}

/* Whether the member is a scalar: ATTR, TEXT, LEAF, LEAF_ATTR. */
static inline bool row_has_scalar(const struct row *row)
{
	return row->kind <= ROW_LEAF_ATTR;
}

/* Whether VIEW shows a row at all. */
static inline bool row_in_view(const struct row *row, unsigned view)
{
	return !(row->flags & ROW_ACCEPT_ONLY) &&
	       !((row->flags & ROW_LIVE) && (view & MODEL_VIEW_INACTIVE)) &&
	       !((row->flags & ROW_SECURE) && !(view & MODEL_VIEW_SECURE)) &&
	       !((row->flags & ROW_NOT_MIGRATABLE) && (view & MODEL_VIEW_MIGRATABLE));
}

/* Whether a scalar's value is printed. */
static inline bool row_shown(const struct row *row, const void *obj)
{
	return (row->flags & ROW_ALWAYS) || !scalar_ops(row->scalar)->absent(row, row_member_const(row, obj));
}

/* The words a value may be, laid out as row->values; NULL when the kind has no such list. */
const char *const *scalar_words(const struct row *row);

/* Gives members whose absent value is not zero that value; OBJ is zeroed. Not those inside unions. */
void rows_init(const struct model_type *type, void *obj);

/* The row that fills UNION's tag, or NULL. */
const struct row *union_tag_row(const struct model_type *type, const struct row *row);

/* The type of the arm that OBJ's tag chooses, or NULL. */
const struct model_type *union_arm(const struct row *row, const void *obj);

/* Reads a size with its unit into KiB, rounded up. -1: no number; -2: too large; -3: unknown unit. */
int scalar_scale_kib(const char *number, const char *unit, uint64_t *ret_kib);

/* The units sizes may have; NULL-terminated. */
extern const char *const scalar_units[];

/* The name among NAMES that is spelled most like NAME, or NULL when none is near. */
const char *nearest_name(const char *name, const char *const *names, size_t count);
