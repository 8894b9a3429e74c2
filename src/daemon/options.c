/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of options; getopt's view of it; the text of --help.
 */
#include "daemon/options.h"

#include <getopt.h>
#include <glib.h>
#include <stdio.h>

enum { HELP_INDENT = 24, HELP_WIDTH = 79, LONG_ONLY = 256 /* above every letter */ };

#define AT(member) offsetof(struct options, member)
const struct option_row option_rows[] = {
	{ "root", 0, "DIR", AT(root),
		"Keep configuration, state, logs and sockets below DIR (etc, run, lib, log); any "
		"number of such daemons run side by side" },
	{ "config", 'f', "FILE", AT(config), "Read FILE instead of vireod.conf in the configuration folder" },
	{ "daemon", 'd', NULL, AT(detach),
		"Go to the background once clients can connect: the command then ends with status 0, "
		"or with 1 and the reason" },
	{ "pid-file", 'p', "FILE", AT(pid_file),
		"Write the process number to FILE instead of vireod.pid in the state folder" },
	{ "libvirt-sockets", 0, NULL, AT(libvirt_sockets), "Answer on libvirt's own socket names too" },
	{ "print-config", 0, NULL, AT(print_config),
		"Print a vireod.conf that explains every key and has its default, and end" },
	{ "verbose", 'v', NULL, AT(verbose), "Log what is done, not only what goes wrong" },
	{ "version", 'V', NULL, AT(version), "Print the version and end" },
	{ "help", 'h', NULL, AT(help), "Print this text and end" },
	{ 0 },
};

int options_read(int argc, char **argv, struct options *options)
{
	struct option longs[G_N_ELEMENTS(option_rows)] = { 0 };
	g_autoptr(GString) letters = g_string_new(NULL);
	int value;

	for (size_t i = 0; option_rows[i].name; i++) {
		const struct option_row *row = &option_rows[i];
		longs[i] = (struct option){ row->name, row->argument ? required_argument : no_argument, NULL,
			row->letter ? row->letter : LONG_ONLY + (int)i };
		if (row->letter)
			g_string_append_printf(letters, "%c%s", row->letter, row->argument ? ":" : "");
	}
	while ((value = getopt_long(argc, argv, letters->str, longs, NULL)) >= 0) {
		size_t i = 0;
		while (option_rows[i].name && longs[i].val != value)
			i++;
		if (!option_rows[i].name) {
			fputs("vireod: see 'vireod --help'\n", stderr);
			return -1;
		}
		void *member = (char *)options + option_rows[i].offset;
		if (option_rows[i].argument)
			*(const char **)member = optarg;
		else
			*(bool *)member = true;
	}
	if (optind < argc) {
		fprintf(stderr, "vireod: unexpected argument '%s'; see 'vireod --help'\n", argv[optind]);
		return -1;
	}
	return 0;
}

/* Appends TEXT by words, each line indented and no longer than the screen; the first goes on from COLUMN. */
static void append_wrapped(GString *out, const char *text, int column)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	if (column >= HELP_INDENT) {
		g_string_append_c(out, '\n');
		column = 0;
	}
	g_string_append_printf(out, "%*s", HELP_INDENT - column, "");
	column = HELP_INDENT;
	for (char **word = words; *word; word++) {
		int len = (int)g_utf8_strlen(*word, -1);
		if (column > HELP_INDENT && column + 1 + len > HELP_WIDTH) {
			g_string_append_printf(out, "\n%*s", HELP_INDENT, "");
			column = HELP_INDENT;
		}
		g_string_append_printf(out, "%s%s", column > HELP_INDENT ? " " : "", *word);
		column += len + (column > HELP_INDENT);
	}
	g_string_append_c(out, '\n');
}

char *options_help(void)
{
	GString *out = g_string_new(
		"Usage: vireod [OPTION]...\nThe daemon of Vireo, a virtualization manager that "
		"speaks libvirt's protocol.\nIt stays in the foreground, and ends on SIGTERM; guests "
		"go on without it.\n\n");

	for (const struct option_row *row = option_rows; row->name; row++) {
		g_autofree char *letter =
			row->letter ? g_strdup_printf("-%c, ", row->letter) : g_strdup("    ");
		g_autofree char *head = g_strdup_printf("  %s--%s%s%s", letter, row->name,
			row->argument ? " " : "", row->argument ? row->argument : "");
		g_string_append(out, head);
		append_wrapped(
			out, row->doc, (int)strlen(head) + 1 > HELP_INDENT ? HELP_INDENT : (int)strlen(head));
	}
	return g_string_free(out, FALSE);
}
