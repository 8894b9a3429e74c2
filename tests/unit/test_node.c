/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Host facts: they agree with what the C library and the kernel say, and the host's UUID stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "host/node.h"

static void test_info(void **state)
{
	auto_error err = { 0 };
	struct node_info info;

	assert_int_equal(node_info_read(&info, &err), 0);
	assert_int_equal(info.cpus, sysconf(_SC_NPROCESSORS_ONLN));
	assert_true(info.memory / 4 == (uint64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / 4096);
	assert_true(info.nodes * info.sockets * info.cores * info.threads >= info.cpus);
}

static void test_uuid_is_kept(void **state)
{
	auto_error err = { 0 };
	g_autofree char *folder = g_dir_make_tmp("vireo-node-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "host-uuid", NULL);
	unsigned char one[16], two[16];

	assert_int_equal(node_uuid(folder, one, &err), 0);
	assert_int_equal(node_uuid(folder, two, &err), 0);
	assert_memory_equal(one, two, 16);
	g_unlink(path);
	assert_int_equal(g_rmdir(folder), 0);
}

static void test_capabilities_close_what_they_open(void **state)
{
	auto_error err = { 0 };
	struct node_info info;
	unsigned char uuid[16] = { 1, 2 };
	g_autoptr(GString) out = g_string_new(NULL);

	assert_int_equal(node_info_read(&info, &err), 0);
	assert_int_equal(node_capabilities(&info, uuid, out, &err), 0);
	assert_non_null(strstr(out->str, "<uuid>01020000-0000-0000-0000-000000000000</uuid>"));
	assert_non_null(strstr(out->str, "siblings='"));
	assert_true(g_str_has_suffix(out->str, "  </host>\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_uuid_is_kept),
		cmocka_unit_test(test_capabilities_close_what_they_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
