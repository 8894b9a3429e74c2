/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Typed parameters, as many calls answer them: a list of named values of the wire's types.
 */
#pragma once

#include "remote_protocol.h"

/* A growing list of struct remote_typed_param. */
struct params {
	GArray *list;
};

/* Names are printf formats: "block.%u.rd.reqs". */
void params_int(struct params *params, int value, const char *format, ...) G_GNUC_PRINTF(3, 4);
void params_uint(struct params *params, unsigned value, const char *format, ...) G_GNUC_PRINTF(3, 4);
void params_llong(struct params *params, int64_t value, const char *format, ...) G_GNUC_PRINTF(3, 4);
void params_ullong(struct params *params, uint64_t value, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* VALUE is copied. */
void params_string(struct params *params, const char *value, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Hands the list over as the wire's array, which the server frees; PARAMS is empty afterwards. */
struct remote_typed_param *params_take(struct params *params, unsigned *ret_len);
