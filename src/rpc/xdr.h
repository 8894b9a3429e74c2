/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * XDR (RFC 4506) by rows: one codec for every type on the wire.
 *
 * Owns: the row vocabulary, and encode, decode and free of any described struct.
 * Must not know: which types there are, sockets.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum xdr_kind {
	XDR_INT,	    /* int, unsigned */
	XDR_CHAR,	    /* char: a word on the wire */
	XDR_SHORT,	    /* short: a word on the wire */
	XDR_HYPER,	    /* int64_t, uint64_t, double */
	XDR_STRING,	    /* char *, never NULL after decoding (unless the field is optional) */
	XDR_STRING_OR_NULL, /* char *, in a list of optional strings */
	XDR_OPAQUE,	    /* bytes */
	XDR_STRUCT,
};

enum xdr_how {
	XDR_ONE,
	XDR_OPTIONAL, /* a pointer, NULL when absent */
	XDR_FIXED,    /* array of LIMIT */
	XDR_VARIABLE, /* struct { unsigned len; T *val; }, at most LIMIT */
};

struct xdr_type;

struct xdr_field {
	const char *name;
	size_t offset;
	enum xdr_kind kind;
	enum xdr_how how;
	uint32_t limit;		     /* strings and arrays: most bytes or elements */
	const struct xdr_type *type; /* XDR_STRUCT */
	int when;		     /* in a union: the discriminant that chooses this arm */
};

struct xdr_type {
	const char *name;
	size_t size; /* of the C struct */
	const struct xdr_field *fields;
	size_t field_count;
	bool is_union; /* an int discriminant at offset 0, then one arm */
};

/* Appends OBJ to OUT. Fails when a string or array is longer than the protocol allows (VIR_ERR_RPC). */
int xdr_encode(const struct xdr_type *type, const void *obj, GByteArray *out, struct error *err);

/*
 * Reads OBJ, a zeroed struct of TYPE, from LEN bytes, all of which must be used. Nothing is allocated beyond
 * what the bytes present can fill. On failure (VIR_ERR_RPC, says the field) OBJ is empty again.
 */
int xdr_decode(const struct xdr_type *type, const uint8_t *bytes, size_t len, void *obj, struct error *err);

/* Frees what OBJ holds and zeroes it; the struct itself is the caller's. */
void xdr_clear(const struct xdr_type *type, void *obj);
