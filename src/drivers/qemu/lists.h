/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Walking the model's lists, which are NULL when empty.
 */
#pragma once

#include <glib.h>

/* for each element VAR of LIST, a statement; INDEX(VAR) is its number */
#define EACH(type, var, list)                                                                                \
	for (guint i_##var = 0; (list) && i_##var < (list)->len; i_##var++)                                  \
		for (type *var = (list)->pdata[i_##var]; var; var = NULL)
#define INDEX(var) i_##var

/* Appends ITEM to a list that may be NULL yet. */
static inline void list_add(GPtrArray **list, void *item)
{
	if (!*list)
		*list = g_ptr_array_new();
	g_ptr_array_add(*list, item);
}
