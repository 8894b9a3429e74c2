/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vireod.conf: defaults, syntax, and what each mistake is told as.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/log.h"
#include "daemon/config.h"
#include "daemon/document.h"

static void config_clear_ptr(struct config *config)
{
	config_clear(config);
}
#define auto_config __attribute__((cleanup(config_clear_ptr))) struct config

/* Reads LEN bytes of TEXT as a file over the defaults. */
static int read_bytes(struct config *config, const char *text, gssize len, struct error *err)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("vireod-conf-XXXXXX", &path, NULL);

	assert_true(fd >= 0);
	g_close(fd, NULL);
	assert_true(g_file_set_contents(path, text, len, NULL));
	config_init(config);
	int rc = config_read(config, path, true, err);
	g_unlink(path);
	return rc;
}

static void test_defaults(void **state)
{
	auto_config config;
	auto_error err = { 0 };

	assert_int_equal(read_bytes(&config, "", 0, &err), 0);
	assert_false(config.libvirt_sockets);
	assert_true(config.dynamic_ownership);
	assert_null(config.user);
	assert_int_equal(config.log_level, LOG_LEVEL_WARNING);
	assert_int_equal(config.max_clients, 5000);
	assert_null(config.keep_owner[0]);
}

static void test_syntax(void **state)
{
	static const char text[] = "# a comment\n\n\tlibvirt_sockets=1 # another\r\n"
				   "user = 'o\"ne'\ngroup = \"\"\nlog_level = \"debug\"\n"
				   "keep_owner = [ \"/a b\", # first\n  '/c',\n]\nmax_clients = 7";
	auto_config config;
	auto_error err = { 0 };

	assert_int_equal(read_bytes(&config, text, -1, &err), 0);
	assert_true(config.libvirt_sockets);
	assert_string_equal(config.user, "o\"ne");
	assert_null(config.group);
	assert_int_equal(config.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(config.max_clients, 7);
	assert_string_equal(config.keep_owner[0], "/a b");
	assert_string_equal(config.keep_owner[1], "/c");
	assert_null(config.keep_owner[2]);
}

static const struct {
	const char *text, *told;
} mistakes[] = {
	{ "\nmax_client = 1\n", "line 2: unknown key 'max_client'; did you mean 'max_clients'?" },
	{ "colour = 1", "line 1: unknown key 'colour'; the keys are libvirt_sockets, user, " },
	{ "max_clients = 0", "line 1: max_clients is 0, but must be a number from 1 to 1000000" },
	{ "max_clients = -1", "max_clients is -1, but must be" },
	{ "max_clients = \"9\"", "max_clients is \"9\", but must be a number" },
	{ "max_clients = 99999999999999999999", "the number is too large" },
	{ "libvirt_sockets = 2", "libvirt_sockets is 2, but must be 0 or 1" },
	{ "log_level = \"loud\"",
		"log_level is \"loud\", but must be one of \"error\", \"warning\", \"info\", \"debug\"" },
	{ "user = 5", "user is 5, but must be a string in quotes" },
	{ "keep_owner = [\n\n\"rel\"]",
		"line 1: keep_owner is a list, but must be a list of absolute paths" },
	{ "keep_owner = [1]", "a list holds strings" },
	{ "keep_owner = [\"/a\" \"/b\"]", "a comma or ] is missing after \"/a\"" },
	{ "keep_owner = [\"/a\",\n", "a list holds strings in quotes, and ends with ]" },
	{ "user = \"open\nuser", "line 1: the string that begins here has no closing \"" },
	{ "user = nobody", "the value must be a number" },
	{ "user \"x\"", "'=' is missing after user" },
	{ "user =", "the value must be a number" },
	{ "user = \"x\" y", "unexpected text after the value of user" },
	{ "user = \"a\"\nuser = \"b\"", "line 2: user is set already in line 1" },
	{ "user = \"\xff\"", "not UTF-8" },
	{ "= 3", "a line must be 'key = value'" },
};

static void test_mistakes(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
		auto_config config;
		auto_error err = { 0 };
		assert_int_equal(read_bytes(&config, mistakes[i].text, -1, &err), -1);
		assert_int_equal(err.code, VIR_ERR_CONF_SYNTAX);
		if (!strstr(err.message, mistakes[i].told))
			print_error("'%s' is told as: %s\n", mistakes[i].text, err.message);
		assert_non_null(strstr(err.message, mistakes[i].told));
	}
}

static void test_bounds(void **state)
{
	g_autofree char *large = g_strnfill(300 * 1024, '\n'), *key = g_strnfill(5000, 'k');
	g_autoptr(GString) many = g_string_new("keep_owner = [");
	auto_config config, second, third, fourth, fifth;
	auto_error err = { 0 };

	assert_int_equal(read_bytes(&config, large, -1, &err), -1);
	assert_int_equal(read_bytes(&second, key, -1, &err), -1);
	assert_int_equal(read_bytes(&third, "user = \"a\0b\"", 12, &err), -1);
	assert_non_null(strstr(err.message, "byte of value 0"));
	for (int i = 0; i < 2000; i++)
		g_string_append(many, "'/x',");
	g_string_append_c(many, ']');
	assert_int_equal(read_bytes(&fourth, many->str, -1, &err), -1);
	assert_non_null(strstr(err.message, "at most 1024 strings"));
	config_init(&fifth);
	assert_int_equal(config_read(&fifth, "/nonexistent/vireod.conf", false, &err), 0);
	assert_int_equal(config_read(&fifth, "/nonexistent/vireod.conf", true, &err), -1);
}

/* The default file, with each key uncommented, says what the defaults are. */
static void test_default_file(void **state)
{
	g_autofree char *text = document_config();
	auto_config config;
	auto_error err = { 0 };

	assert_int_equal(read_bytes(&config, text, -1, &err), 0);
	for (const struct config_row *row = config_rows; row->name; row++) {
		g_autofree char *commented = g_strdup_printf("\n#%s = %s\n", row->name, row->fallback);
		char *at = strstr(text, commented);
		assert_non_null(at);
		at[1] = ' ';
	}
	auto_config again;
	assert_int_equal(read_bytes(&again, text, -1, &err), 0);
	assert_int_equal(again.max_clients, config.max_clients);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_default_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
