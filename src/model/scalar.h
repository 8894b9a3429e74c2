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

/* The type of the arm that OBJ's tag chooses, or NULL. */
const struct model_type *union_arm(const struct row *row, const void *obj);

/* Reads a size with its unit into KiB, rounded up. -1: no number or unknown unit; -2: too large. */
int scalar_scale_kib(const char *number, const char *unit, uint64_t *ret_kib);

/* The name among ROWS and their siblings that is spelled most like NAME, or NULL when none is near. */
const char *nearest_name(const char *name, const char *const *names, size_t count);
