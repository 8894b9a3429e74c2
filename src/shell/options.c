/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options before the command.
 */
#include "shell/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/help.h"

enum { OPTION_ROOT = 256, OPTION_OUTPUT, OPTION_VERSION };

static int set_uri(struct shell *sh, const char *value)
{
	g_free(sh->uri);
	sh->uri = g_strdup(value);
	return 0;
}

static int set_root(struct shell *sh, const char *value)
{
	g_free(sh->root);
	sh->root = g_canonicalize_filename(value, NULL);
	return 0;
}

static int set_output(struct shell *sh, const char *value)
{
	sh->json_wanted = strcmp(value, "json") == 0;
	if (sh->json_wanted || strcmp(value, "text") == 0)
		return 0;
	return shell_error(sh, "--output '%s' is not known; choose 'text' or 'json'", value);
}

static int set_debug(struct shell *sh, const char *value)
{
	char *end;
	long level = strtol(value, &end, 10);

	if (end == value || *end)
		return shell_error(sh, "option -d takes a numeric argument");
	if (level < 0 || level > SHELL_DEBUG_DEFAULT)
		shell_error(sh, "ignoring debug level %s out of range [0-4]", value);
	else
		sh->debug = (int)level;
	return 0;
}

static int set_escape(struct shell *sh, const char *value)
{
	size_t len = strlen(value);

	if (len == 1)
		sh->escape = value[0];
	else if (len == 2 && value[0] == '^')
		sh->escape = (char)(g_ascii_toupper(value[1]) & 0x1f);
	else
		return shell_error(sh, "Invalid string '%s' for escape sequence", value);
	return 0;
}

static int set_seconds(struct shell *sh, char letter, const char *value, int *ret)
{
	char *end;
	long number = strtol(value, &end, 10);

	if (end == value || *end || number < -1 || number > 100000)
		return shell_error(sh, "Invalid value for option -%c", letter);
	*ret = (int)number;
	return 0;
}

static int set_interval(struct shell *sh, const char *value)
{
	return set_seconds(sh, 'k', value, &sh->keepalive_interval);
}

static int set_count(struct shell *sh, const char *value)
{
	return set_seconds(sh, 'K', value, &sh->keepalive_count);
}

static int set_quiet(struct shell *sh, const char *value)
{
	sh->quiet = true;
	return 0;
}

static int set_readonly(struct shell *sh, const char *value)
{
	sh->readonly = true;
	return 0;
}

static int set_timing(struct shell *sh, const char *value)
{
	sh->timing = true;
	return 0;
}

static int show_help(struct shell *sh, const char *value)
{
	options_usage(sh);
	return 1;
}

static int show_version(struct shell *sh, const char *value)
{
	if (!value || strcmp(value, "long") != 0)
		puts(VIREO_VERSION);
	else
		puts("vireo " VIREO_VERSION ", the shell of the virtualization manager Vireo\n"
		     "It speaks libvirt's wire protocol, to vireod and to libvirt's daemons, over local "
		     "sockets.");
	return 1;
}

static int show_long_version(struct shell *sh, const char *value)
{
	return show_version(sh, "long");
}

/* LETTER, or beyond characters a name alone. Positive from `set`: answered, end. */
static const struct {
	int letter;
	const char *name;
	int has_value;
	const char *usage, *help;
	int (*set)(struct shell *sh, const char *value);
} rows[] = {
	{ 'c', "connect", required_argument, "-c | --connect=URI", "hypervisor connection URI", set_uri },
	{ OPTION_ROOT, "root", required_argument, "     --root=DIR", "socket of `vireod --root DIR`",
		set_root },
	{ 'd', "debug", required_argument, "-d | --debug=NUM", "debug level [0-4]", set_debug },
	{ 'e', "escape", required_argument, "-e | --escape <char>", "set escape sequence for console",
		set_escape },
	{ 'h', "help", no_argument, "-h | --help", "this help", show_help },
	{ 'k', "keepalive-interval", required_argument, "-k | --keepalive-interval=NUM",
		"keepalive interval in seconds, 0 for disable", set_interval },
	{ 'K', "keepalive-count", required_argument, "-K | --keepalive-count=NUM",
		"number of possible missed keepalive messages", set_count },
	{ OPTION_OUTPUT, "output", required_argument, "     --output=FORMAT", "text, or json for programs",
		set_output },
	{ 'q', "quiet", no_argument, "-q | --quiet", "quiet mode", set_quiet },
	{ 'r', "readonly", no_argument, "-r | --readonly", "connect readonly", set_readonly },
	{ 't', "timing", no_argument, "-t | --timing", "print timing information", set_timing },
	{ 'v', NULL, no_argument, "-v", "short version", show_version },
	{ 'V', NULL, no_argument, "-V", "long version", show_long_version },
	{ OPTION_VERSION, "version", optional_argument, "     --version[=TYPE]",
		"version, TYPE is short or long (default short)", show_version },
};

void options_usage(struct shell *sh)
{
	printf("\nvireo [options]... [<command_string>]\nvireo [options]... <command> [args...]\n\n  "
	       "options:\n");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (strlen(rows[i].usage) > 22)
			printf("    %s\n%28s%s\n", rows[i].usage, "", rows[i].help);
		else
			printf("    %-23s %s\n", rows[i].usage, rows[i].help);
	}
	printf("  commands (non interactive mode):\n\n");
	help_groups(sh, "");
	printf("\n  (specify help <group> for details about the commands in the group)\n");
	printf("\n  (specify help <command> for details about the command)\n\n");
}

void options_complete(const char *word, GPtrArray *out)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = rows[i].name ? g_strdup_printf("--%s", rows[i].name)
						     : g_strdup_printf("-%c", rows[i].letter);
		if (g_str_has_prefix(text, word))
			g_ptr_array_add(out, g_steal_pointer(&text));
	}
}

/* The rows as getopt_long() takes them. */
static void getopt_rows(char *letters, struct option *names)
{
	*letters++ = '+';
	*letters++ = ':';
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].letter < 256) {
			*letters++ = (char)rows[i].letter;
			if (rows[i].has_value)
				*letters++ = ':';
		}
		if (rows[i].name)
			*names++ = (struct option){ rows[i].name, rows[i].has_value, NULL, rows[i].letter };
	}
}

static int missing_value(struct shell *sh, int letter)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].letter == letter)
			return letter < 256
				       ? shell_error(sh, "option '-%c'/'--%s' requires an argument", letter,
						 rows[i].name)
				       : shell_error(sh, "option '--%s' requires an argument", rows[i].name);
	return -1;
}

static int apply(struct shell *sh, int letter, const char *value, const char *word, bool quietly)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].letter == letter)
			return rows[i].set(sh, value);
	if (quietly)
		return -1;
	if (letter == ':')
		return missing_value(sh, optopt);
	if (optopt && optopt < 256)
		return shell_error(sh, "unsupported option '-%c'. See --help.", optopt);
	return shell_error(sh, "unsupported option '%s'. See --help.", word);
}

int options_read(struct shell *sh, int argc, char **argv, bool quietly)
{
	char letters[2 * G_N_ELEMENTS(rows) + 3] = "";
	struct option names[G_N_ELEMENTS(rows) + 1] = { 0 };
	int letter;

	getopt_rows(letters, names);
	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, letters, names, NULL)) >= 0) {
		if (quietly && (letter == 'h' || letter == 'v' || letter == 'V' || letter == OPTION_VERSION))
			return -2;
		int rc = apply(sh, letter, optarg, argv[MAX(optind - 1, 1)], quietly);
		if (rc != 0)
			return rc < 0 ? -1 : -2;
	}
	return optind;
}
