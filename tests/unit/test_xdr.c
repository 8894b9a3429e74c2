/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The XDR codec over every type of the protocol: round trips of random values, truncation, hostile counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "remote_protocol.h"

static const struct rpc_program *const programs[] = { &remote_program, &qemu_program, &lxc_program,
	&admin_program };

/* Random bytes decode to a valid struct now and then; what decodes must encode to the same bytes again. */
static void fuzz_type(const struct xdr_type *type, GRand *random)
{
	g_autofree void *obj = g_malloc0(type->size);

	for (int round = 0; round < 50; round++) {
		uint8_t bytes[256];
		size_t len = g_rand_int_range(random, 0, 64) * 4;
		auto_error err = { 0 };
		/* small words are more often valid counts and flags */
		for (size_t i = 0; i < sizeof(bytes); i += 4)
			memcpy(bytes + i, (uint8_t[4]){ 0, 0, 0, g_rand_int_range(random, 0, 3) }, 4);
		if (xdr_decode(type, bytes, len, obj, &err) < 0)
			continue;
		g_autoptr(GByteArray) out = g_byte_array_new();
		assert_int_equal(xdr_encode(type, obj, out, &err), 0);
		assert_int_equal(out->len, len);
		xdr_clear(type, obj);
	}
	for (size_t i = 0; i < type->size; i++)
		assert_int_equal(((char *)obj)[i], 0);
}

static void each_type(void (*fn)(const struct xdr_type *, GRand *))
{
	g_autoptr(GRand) random = g_rand_new_with_seed(7);

	for (size_t p = 0; p < G_N_ELEMENTS(programs); p++)
		for (uint32_t i = 0; i < programs[p]->call_count; i++) {
			const struct rpc_call *call = &programs[p]->calls[i];
			const struct xdr_type *types[] = { call->args, call->ret, call->event };
			for (size_t t = 0; t < G_N_ELEMENTS(types); t++)
				if (types[t])
					fn(types[t], random);
		}
}

static void test_every_type(void **state)
{
	each_type(fuzz_type);
}

static void test_zero_value_round_trip(const struct xdr_type *type, GRand *random)
{
	g_autofree void *obj = g_malloc0(type->size), *back = g_malloc0(type->size);
	g_autoptr(GByteArray) out = g_byte_array_new(), again = g_byte_array_new();
	auto_error err = { 0 };

	if (xdr_encode(type, obj, out, &err) < 0)
		return; /* a union has no arm 0 */
	assert_int_equal(xdr_decode(type, out->data, out->len, back, &err), 0);
	assert_int_equal(xdr_encode(type, back, again, &err), 0);
	assert_int_equal(out->len, again->len);
	/* every shorter packet is refused, and leaves nothing behind */
	xdr_clear(type, back);
	for (guint len = 0; len < out->len; len += 4)
		assert_true(xdr_decode(type, out->data, len, back, &err) < 0);
}

static void test_truncated(void **state)
{
	each_type(test_zero_value_round_trip);
}

static void test_values_survive(void **state)
{
	struct remote_domain_define_xml_args in = { .xml = "<domain/>" }, back = { 0 };
	g_autoptr(GByteArray) out = g_byte_array_new();
	auto_error err = { 0 };

	assert_int_equal(xdr_encode(&type_remote_domain_define_xml_args, &in, out, &err), 0);
	assert_int_equal(out->len, 4 + 12);
	assert_int_equal(
		xdr_decode(&type_remote_domain_define_xml_args, out->data, out->len, &back, &err), 0);
	assert_string_equal(back.xml, "<domain/>");
	xdr_clear(&type_remote_domain_define_xml_args, &back);
}

static void test_hostile_counts(void **state)
{
	static const uint8_t huge[] = { 0xff, 0xff, 0xff, 0xff }, large[] = { 0, 0x40, 0, 0 };
	struct remote_domain_define_xml_args args = { 0 };
	auto_error err = { 0 };

	assert_true(xdr_decode(&type_remote_domain_define_xml_args, huge, 4, &args, &err) < 0);
	assert_int_equal(err.code, VIR_ERR_RPC);
	assert_non_null(strstr(err.message, "xml")); /* says which field */
	assert_true(xdr_decode(&type_remote_domain_define_xml_args, large, 4, &args, &err) < 0);
	assert_null(args.xml);
}

static void test_call_table(void **state)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < remote_program.call_count; i++)
		count += remote_program.calls[i].name != NULL;
	assert_int_equal(count, 443);
	assert_true(remote_program.calls[REMOTE_PROC_DOMAIN_GET_INFO].reader);
	assert_true(remote_program.calls[REMOTE_PROC_CONNECT_OPEN].reader);
	assert_false(remote_program.calls[REMOTE_PROC_DOMAIN_DESTROY].reader);
	assert_false(remote_program.calls[REMOTE_PROC_DOMAIN_OPEN_CONSOLE].reader);
	assert_false(remote_program.calls[REMOTE_PROC_SECRET_GET_VALUE].reader);
	assert_int_equal(remote_program.calls[REMOTE_PROC_STORAGE_VOL_UPLOAD].stream, RPC_STREAM_TO_SERVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_values_survive),
		cmocka_unit_test(test_hostile_counts),
		cmocka_unit_test(test_call_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
