/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys that can be sent to a guest.
 */
#pragma once

#include <glib.h>

/* Number of a code set, or -1. */
int key_codeset(const char *name);

/* The code of a number, or of a name ("KEY_A", in the Linux set); -1 when it is neither. */
int key_code(int codeset, const char *text);

/* Add the names that begin like WORD. */
void key_complete(const char *word, GPtrArray *out);
void key_complete_codeset(const char *word, GPtrArray *out);
