/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows to JSON properties to arguments.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "drivers/qemu/props.h"
#include "model/engine.h"

struct sample {
	char *file;
	unsigned queues;
	uint64_t kib;
	int direct, readonly, model;
	unsigned char mac[6];
};

static const char *const models[] = { NULL, "virtio-net-pci", "e1000" };

static const struct prop_row rows[] = {
	PROP_FIXED("driver", "file"),
	PROP("filename", struct sample, file, PROP_STRING),
	PROP("queues", struct sample, queues, PROP_UINT),
	PROP("size", struct sample, kib, PROP_KIB),
	PROP("cache.direct", struct sample, direct, PROP_BOOL),
	PROP("cache.on", struct sample, readonly, PROP_ONOFF),
	PROP("model", struct sample, model, PROP_ENUM, .values = models),
	PROP("mac", struct sample, mac, PROP_MAC),
	PROP_YES("auto"),
};

static void test_rows(void **state)
{
	struct sample s = { .file = "/a \"b\",c",
		.kib = 4,
		.direct = TRISTATE_NO,
		.readonly = TRISTATE_YES,
		.model = 2,
		.mac = { 0x52, 0x54, 0, 1, 2, 0xff } };
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	json_t *props = json_object();
	PROPS_ADD(props, rows, &s);
	part_to_argv(argv, PART_BLOCKDEV, props);
	assert_int_equal(argv->len, 2);
	assert_string_equal(argv->pdata[0], "-blockdev");
	assert_string_equal(argv->pdata[1],
		"{\"driver\":\"file\",\"filename\":\"/a \\\"b\\\",c\",\"size\":4096,"
		"\"cache\":{\"direct\":false,\"on\":\"on\"},\"model\":\"e1000\",\"mac\":\"52:54:00:01:02:"
		"ff\",\"auto\":true}");
}

static void test_absent(void **state)
{
	struct sample s = { 0 };
	json_t *props = json_object();
	props_add(props, rows, 7, &s);
	assert_int_equal(json_object_size(props), 1);
	json_decref(props);
}

static void test_chardev_text(void **state)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	json_t *props = json_pack("{s:s, s:s, s:s, s:b, s:i}", "backend", "socket", "id", "charserial0",
		"path", "/a,b", "server", 1, "port", 5);
	part_to_argv(argv, PART_CHARDEV, props);
	assert_string_equal(argv->pdata[1], "socket,id=charserial0,path=/a,,b,server=on,port=5");
	assert_string_equal(part_command(PART_CHARDEV), "chardev-add");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_chardev_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
