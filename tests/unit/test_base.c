/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors and files: prefixes, contexts, bounded reads, atomic replacement.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"

static void test_prefix_and_context(void **state)
{
	auto_error err = { 0 };

	assert_int_equal(fail(&err, VIR_ERR_NO_DOMAIN, "no domain with matching name '%s'", "x"), -1);
	assert_string_equal(err.message, "Domain not found: no domain with matching name 'x'");
	assert_int_equal(fail(&err, VIR_ERR_XML_ERROR, "bad"), -1);
	fail_ctx(&err, "line %d", 3);
	assert_string_equal(err.message, "XML error: line 3: bad");
	assert_int_equal(err.code, VIR_ERR_XML_ERROR);
	fail_errno(&err, 2, "cannot open '%s'", "/x");
	assert_string_equal(err.message, "cannot open '/x': No such file or directory");
}

static void test_replace_keeps_one_file(void **state)
{
	auto_error err = { 0 };
	g_autofree char *folder = g_dir_make_tmp("vireo-base-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "a.xml", NULL);
	g_autofree char *text = NULL;
	struct stat st;

	assert_int_equal(file_write_atomic(path, "one", 3, 0600, &err), 0);
	assert_int_equal(file_write_atomic(path, "second", 6, 0640, &err), 0);
	assert_int_equal(file_read(path, 100, &text, NULL, &err), 0);
	assert_string_equal(text, "second");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_true(file_read(path, 3, &text, NULL, &err) < 0); /* past the bound */
	assert_int_equal(g_unlink(path), 0);
	assert_int_equal(g_rmdir(folder), 0); /* no temporary file left */
}

static void test_unwritable_says_where(void **state)
{
	auto_error err = { 0 };

	assert_true(file_write_atomic("/nonexistent/a", "x", 1, 0600, &err) < 0);
	assert_non_null(strstr(err.message, "/nonexistent"));
	assert_int_equal(err.code, VIR_ERR_SYSTEM_ERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefix_and_context),
		cmocka_unit_test(test_replace_keeps_one_file),
		cmocka_unit_test(test_unwritable_says_where),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
