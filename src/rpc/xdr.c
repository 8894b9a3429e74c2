/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The XDR codec: walks a type's rows to encode, decode or free.
 */
#include "rpc/xdr.h"

#include <endian.h>
#include <string.h>

enum { DEPTH_MAX = 16 }; /* deeper than any type of the protocol */

struct array {
	unsigned len;
	void *val;
};

/* Bytes of one element in memory. */
static size_t element_size(const struct xdr_field *field)
{
	static const size_t sizes[] = {
		[XDR_INT] = 4,
		[XDR_CHAR] = 1,
		[XDR_SHORT] = 2,
		[XDR_HYPER] = 8,
		[XDR_STRING] = sizeof(char *),
		[XDR_STRING_OR_NULL] = sizeof(char *),
		[XDR_OPAQUE] = 1,
	};
	return field->kind == XDR_STRUCT ? field->type->size : sizes[field->kind];
}

static bool is_string(const struct xdr_field *field)
{
	return field->kind == XDR_STRING || field->kind == XDR_STRING_OR_NULL;
}

/* An optional string is a char * that may be NULL, without a pointer of its own around it. */
static bool is_boxed(const struct xdr_field *field)
{
	return field->how == XDR_OPTIONAL && !is_string(field);
}

/* In a list of strings LIMIT counts elements; each string has the protocol's general bound. */
static uint32_t string_limit(const struct xdr_field *field)
{
	return field->how == XDR_VARIABLE || field->how == XDR_FIXED ? 4194304 : field->limit;
}

/* -- encode ------------------------------------------------------------------------------------ */

static void put_word(GByteArray *out, uint32_t word)
{
	word = htobe32(word);
	g_byte_array_append(out, (const guint8 *)&word, 4);
}

static void put_bytes(GByteArray *out, const void *bytes, size_t len)
{
	static const guint8 zero[4];

	if (len)
		g_byte_array_append(out, bytes, len);
	g_byte_array_append(out, zero, (4 - len % 4) % 4);
}

static int encode_type(const struct xdr_type *type, const void *obj, GByteArray *out, struct error *err);

static int encode_string(const struct xdr_field *field, const char *text, GByteArray *out, struct error *err)
{
	size_t len = text ? strlen(text) : 0;

	if (len > string_limit(field))
		return fail(err, VIR_ERR_RPC, "'%s' is %zu bytes long, the protocol allows %u", field->name,
			len, string_limit(field));
	put_word(out, len);
	put_bytes(out, text, len);
	return 0;
}

static int encode_element(const struct xdr_field *field, const void *at, GByteArray *out, struct error *err)
{
	uint64_t wide;

	switch (field->kind) {
	case XDR_INT:
		put_word(out, *(const uint32_t *)at);
		return 0;
	case XDR_CHAR:
		put_word(out, *(const uint8_t *)at);
		return 0;
	case XDR_SHORT:
		put_word(out, *(const uint16_t *)at);
		return 0;
	case XDR_HYPER:
		memcpy(&wide, at, 8);
		wide = htobe64(wide);
		g_byte_array_append(out, (const guint8 *)&wide, 8);
		return 0;
	case XDR_STRING_OR_NULL:
		put_word(out, *(char *const *)at != NULL);
		return *(char *const *)at ? encode_string(field, *(char *const *)at, out, err) : 0;
	case XDR_STRING:
		return encode_string(field, *(char *const *)at, out, err);
	case XDR_OPAQUE:
		break; /* as a whole, in encode_field() */
	case XDR_STRUCT:
		return encode_type(field->type, at, out, err);
	}
	g_assert_not_reached();
}

static int encode_many(
	const struct xdr_field *field, const char *at, uint32_t count, GByteArray *out, struct error *err)
{
	if (field->kind == XDR_OPAQUE) {
		put_bytes(out, at, count);
		return 0;
	}
	for (uint32_t i = 0; i < count; i++)
		if (encode_element(field, at + i * element_size(field), out, err) < 0)
			return -1;
	return 0;
}

static int encode_field(const struct xdr_field *field, const void *obj, GByteArray *out, struct error *err)
{
	const char *at = (const char *)obj + field->offset;
	const struct array *array = (const struct array *)at;
	const void *pointee;

	switch (field->how) {
	case XDR_ONE:
		return encode_element(field, at, out, err);
	case XDR_OPTIONAL:
		pointee = *(void *const *)at;
		put_word(out, pointee != NULL);
		return pointee ? encode_element(field, is_boxed(field) ? pointee : at, out, err) : 0;
	case XDR_FIXED:
		return encode_many(field, at, field->limit, out, err);
	case XDR_VARIABLE:
		if (array->len > field->limit)
			return fail(err, VIR_ERR_RPC, "'%s' has %u elements, the protocol allows %u",
				field->name, array->len, field->limit);
		put_word(out, array->len);
		return encode_many(field, array->val, array->len, out, err);
	}
	g_assert_not_reached();
}

/* The arm that the discriminant chooses, or NULL. */
static const struct xdr_field *union_arm(const struct xdr_type *type, const void *obj)
{
	int tag = *(const int *)obj;

	for (size_t i = 0; i < type->field_count; i++)
		if (type->fields[i].when == tag)
			return &type->fields[i];
	return NULL;
}

static int encode_type(const struct xdr_type *type, const void *obj, GByteArray *out, struct error *err)
{
	if (type->is_union) {
		const struct xdr_field *arm = union_arm(type, obj);
		if (!arm)
			return fail(err, VIR_ERR_RPC, "%s has no arm %d", type->name, *(const int *)obj);
		put_word(out, *(const uint32_t *)obj);
		return encode_field(arm, obj, out, err);
	}
	for (size_t i = 0; i < type->field_count; i++)
		if (encode_field(&type->fields[i], obj, out, err) < 0)
			return -1;
	return 0;
}

int xdr_encode(const struct xdr_type *type, const void *obj, GByteArray *out, struct error *err)
{
	return encode_type(type, obj, out, err);
}

/* -- decode ------------------------------------------------------------------------------------ */

struct reader {
	const uint8_t *at, *end;
	int depth;
	struct error *err;
};

static int too_short(struct reader *in, const char *name)
{
	return fail(in->err, VIR_ERR_RPC, "the packet ends within '%s'", name);
}

static int get_word(struct reader *in, const char *name, uint32_t *ret)
{
	uint32_t word;

	if (in->end - in->at < 4)
		return too_short(in, name);
	memcpy(&word, in->at, 4);
	*ret = be32toh(word);
	in->at += 4;
	return 0;
}

/* Points at LEN bytes and goes past them and their padding. */
static const uint8_t *get_bytes(struct reader *in, const char *name, uint32_t len)
{
	uint64_t padded = ((uint64_t)len + 3) / 4 * 4;
	const uint8_t *bytes = in->at;

	if ((uint64_t)(in->end - in->at) < padded) {
		too_short(in, name);
		return NULL;
	}
	in->at += padded;
	return bytes;
}

/* Least bytes one element takes on the wire, so that a count can be held against the bytes left. */
static uint32_t element_least(const struct xdr_field *field)
{
	return field->kind == XDR_OPAQUE ? 1 : field->kind == XDR_HYPER ? 8 : 4;
}

static int get_count(
	struct reader *in, const struct xdr_field *field, uint32_t limit, uint32_t least, uint32_t *ret)
{
	uint32_t count = 0;

	if (get_word(in, field->name, &count) < 0)
		return -1;
	if (count > limit)
		return fail(in->err, VIR_ERR_RPC, "'%s' counts %u, the protocol allows %u", field->name,
			count, limit);
	if ((uint64_t)count * least > (uint64_t)(in->end - in->at))
		return too_short(in, field->name);
	*ret = count;
	return 0;
}

static int decode_type(struct reader *in, const struct xdr_type *type, void *obj);

static int decode_string(struct reader *in, const struct xdr_field *field, char **ret)
{
	uint32_t len = 0;
	const uint8_t *bytes;

	if (get_count(in, field, string_limit(field), 1, &len) < 0 ||
		!(bytes = get_bytes(in, field->name, len)))
		return -1;
	if (memchr(bytes, 0, len))
		return fail(in->err, VIR_ERR_RPC, "the string '%s' has a zero byte within", field->name);
	*ret = g_strndup((const char *)bytes, len);
	return 0;
}

static int decode_element(struct reader *in, const struct xdr_field *field, void *at)
{
	uint32_t word = 0, low = 0;

	switch (field->kind) {
	case XDR_STRUCT:
		return decode_type(in, field->type, at);
	case XDR_STRING:
		return decode_string(in, field, at);
	case XDR_STRING_OR_NULL:
		if (get_word(in, field->name, &word) < 0)
			return -1;
		if (word > 1)
			return fail(in->err, VIR_ERR_RPC, "'%s' is neither present nor absent: %u",
				field->name, word);
		return word ? decode_string(in, field, at) : 0;
	case XDR_HYPER:
		if (get_word(in, field->name, &word) < 0 || get_word(in, field->name, &low) < 0)
			return -1;
		*(uint64_t *)at = (uint64_t)word << 32 | low;
		return 0;
	case XDR_INT:
		return get_word(in, field->name, at);
	case XDR_CHAR:
	case XDR_SHORT:
		if (get_word(in, field->name, &word) < 0)
			return -1;
		if (field->kind == XDR_CHAR)
			*(uint8_t *)at = (uint8_t)word;
		else
			*(uint16_t *)at = (uint16_t)word;
		return 0;
	case XDR_OPAQUE:
		break;
	}
	g_assert_not_reached();
}

static int decode_many(struct reader *in, const struct xdr_field *field, char *at, uint32_t count)
{
	if (field->kind == XDR_OPAQUE) {
		const uint8_t *bytes = get_bytes(in, field->name, count);
		if (bytes && count)
			memcpy(at, bytes, count);
		return bytes ? 0 : -1;
	}
	for (uint32_t i = 0; i < count; i++)
		if (decode_element(in, field, at + i * element_size(field)) < 0)
			return -1;
	return 0;
}

static int decode_optional(struct reader *in, const struct xdr_field *field, char *at)
{
	uint32_t present = 0;

	if (get_word(in, field->name, &present) < 0)
		return -1;
	if (present > 1)
		return fail(
			in->err, VIR_ERR_RPC, "'%s' is neither present nor absent: %u", field->name, present);
	if (!present)
		return 0;
	if (!is_boxed(field))
		return decode_element(in, field, at);
	*(void **)at = g_malloc0(element_size(field));
	return decode_element(in, field, *(void **)at);
}

static int decode_field(struct reader *in, const struct xdr_field *field, void *obj)
{
	char *at = (char *)obj + field->offset;
	struct array *array = (struct array *)at;
	uint32_t count = 0;

	switch (field->how) {
	case XDR_ONE:
		return decode_element(in, field, at);
	case XDR_OPTIONAL:
		return decode_optional(in, field, at);
	case XDR_FIXED:
		return decode_many(in, field, at, field->limit);
	case XDR_VARIABLE:
		if (get_count(in, field, field->limit, element_least(field), &count) < 0)
			return -1;
		array->val = g_malloc0_n(MAX(count, 1), element_size(field));
		array->len = count;
		return decode_many(in, field, array->val, count);
	}
	g_assert_not_reached();
}

static int decode_type(struct reader *in, const struct xdr_type *type, void *obj)
{
	int rc = 0;

	if (++in->depth > DEPTH_MAX)
		return fail(in->err, VIR_ERR_RPC, "'%s' is nested too deep", type->name);
	if (type->is_union) {
		const struct xdr_field *arm;
		uint32_t tag = 0;
		if (get_word(in, type->name, &tag) < 0)
			return -1;
		*(uint32_t *)obj = tag;
		arm = union_arm(type, obj);
		rc = arm ? decode_field(in, arm, obj)
			 : fail(in->err, VIR_ERR_RPC, "%s has no arm %u", type->name, tag);
	} else {
		for (size_t i = 0; rc == 0 && i < type->field_count; i++)
			rc = decode_field(in, &type->fields[i], obj);
	}
	in->depth--;
	return rc;
}

int xdr_decode(const struct xdr_type *type, const uint8_t *bytes, size_t len, void *obj, struct error *err)
{
	struct reader in = { bytes, bytes + len, 0, err };

	if (decode_type(&in, type, obj) < 0) {
		xdr_clear(type, obj);
		return -1;
	}
	if (in.at != in.end) {
		xdr_clear(type, obj);
		return fail(err, VIR_ERR_RPC, "%zu bytes follow the end of %s", (size_t)(in.end - in.at),
			type->name);
	}
	return 0;
}

/* -- free -------------------------------------------------------------------------------------- */

static void clear_element(const struct xdr_field *field, void *at)
{
	if (field->kind == XDR_STRUCT)
		xdr_clear(field->type, at);
	else if (is_string(field))
		g_clear_pointer((char **)at, g_free);
}

static void clear_field(const struct xdr_field *field, void *obj)
{
	char *at = (char *)obj + field->offset;
	struct array *array = (struct array *)at;

	if (is_boxed(field)) {
		if (*(void **)at)
			clear_element(field, *(void **)at);
		g_clear_pointer((void **)at, g_free);
	} else if (field->how == XDR_VARIABLE) {
		for (unsigned i = 0; array->val && i < array->len; i++)
			clear_element(field, (char *)array->val + i * element_size(field));
		g_clear_pointer(&array->val, g_free);
	} else if (field->how == XDR_FIXED) {
		for (uint32_t i = 0; i < field->limit; i++)
			clear_element(field, at + i * element_size(field));
	} else {
		clear_element(field, at);
	}
}

void xdr_clear(const struct xdr_type *type, void *obj)
{
	if (type->is_union) {
		const struct xdr_field *arm = union_arm(type, obj);
		if (arm)
			clear_field(arm, obj);
	} else {
		for (size_t i = 0; i < type->field_count; i++)
			clear_field(&type->fields[i], obj);
	}
	memset(obj, 0, type->size);
}
