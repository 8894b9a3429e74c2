/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values as text: typed parameters, sizes, CPU maps, JSON laid out for people.
 */
#pragma once

#include <jansson.h>

#include "remote_protocol.h"

/* A typed parameter as text, the caller's: "1.500000", "yes"; raw: "1.5", "1"; and as JSON. */
char *param_text(const struct remote_typed_param *param);
char *param_raw_text(const struct remote_typed_param *param);
json_t *param_json(const struct remote_typed_param *param);

/* The parameter of a name, or NULL. */
const struct remote_typed_param *param_find(
	const struct remote_typed_param *params, unsigned count, const char *name);
/* The integer of a name: true when it is there. */
bool param_number(
	const struct remote_typed_param *params, unsigned count, const char *name, uint64_t *ret_value);

/* 1126 bytes: 1.100 and "KiB". */
double pretty_size(uint64_t bytes, const char **ret_unit);

/* Bit N of a CPU map. */
bool map_bit(const unsigned char *map, unsigned bytes, unsigned bit);
/* COUNT CPUs as "yy--", or as "0-1,3" (PRETTY); the text is the caller's. */
char *map_text(const unsigned char *map, unsigned bytes, unsigned count, bool pretty);
json_t *map_json(const unsigned char *map, unsigned bytes, unsigned count);

/* Lays JSON text out over lines as libvirt does; numbers and order stay as they are. The text is the
 * caller's. */
char *pretty_json(const char *text);
