/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From members of model structs to QEMU's JSON properties, by rows; and the one list of what is made.
 *
 * Owns: the row vocabulary, and the two forms of a made thing: `-device {json}` on the command line,
 * `device_add` over QMP for hotplug.
 * Must not know: which devices there are.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stddef.h>

/* How a member reads. An absent value (NULL, 0) makes no property. */
enum prop_kind {
	PROP_STRING, /* char * */
	PROP_UINT,   /* unsigned */
	PROP_UINT64, /* uint64_t */
	PROP_KIB,    /* uint64_t in KiB, written in bytes */
	PROP_BOOL,   /* enum tristate, written true or false */
	PROP_ONOFF,  /* enum tristate, written "on" or "off" */
	PROP_ENUM,   /* int, the name in VALUES; a NULL there makes no property */
	PROP_MAC,    /* unsigned char[6] */
	PROP_CONST,  /* no member: the text in VALUE */
	PROP_TRUE,   /* no member: true */
};

struct prop_row {
	const char *name; /* "cache.direct" makes nested objects */
	enum prop_kind kind;
	size_t offset;
	const char *const *values; /* PROP_ENUM */
	const char *value;	   /* PROP_CONST */
};

#define PROP(n, s, m, k, ...)                                                                                \
	{                                                                                                    \
		.name = n, .kind = k, .offset = offsetof(s, m), ##__VA_ARGS__                                \
	}
#define PROP_FIXED(n, v)                                                                                     \
	{                                                                                                    \
		.name = n, .kind = PROP_CONST, .value = v                                                    \
	}
#define PROP_YES(n)                                                                                          \
	{                                                                                                    \
		.name = n, .kind = PROP_TRUE                                                                 \
	}

/* Adds what ROWS say of OBJECT to INTO. */
void props_add(json_t *into, const struct prop_row *rows, size_t count, const void *object);
#define PROPS_ADD(into, rows, object) props_add(into, rows, G_N_ELEMENTS(rows), object)

/* Sets one property; dots in NAME make nested objects. VALUE is stolen. */
void props_set(json_t *into, const char *name, json_t *value);
void props_set_string(json_t *into, const char *name, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* What is made, in the order in which QEMU must make it. */
enum part_kind { PART_OBJECT, PART_BLOCKDEV, PART_CHARDEV, PART_NETDEV, PART_DEVICE };

/* Adds "-device", "{...}" to ARGV. PROPS is stolen. A chardev, which QEMU 7.2 takes only as text, becomes k=v
 * text. */
void part_to_argv(GPtrArray *argv, enum part_kind kind, json_t *props);

/* The QMP command that makes the part in a running guest: "device_add" ... */
const char *part_command(enum part_kind kind);
