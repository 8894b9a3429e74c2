/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The default vireod.conf, and the manual page: rows and the text around them.
 */
#include "daemon/document.h"

#include <glib.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/options.h"

enum { CONFIG_WIDTH = 78 };

/* Appends TEXT as comment lines. */
static void append_comment(GString *out, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	size_t column = 0;

	for (char **word = words; *word; word++) {
		if (column > 0 && column + 1 + strlen(*word) > CONFIG_WIDTH) {
			g_string_append_c(out, '\n');
			column = 0;
		}
		g_string_append_printf(out, "%s%s", column ? " " : "# ", *word);
		column += strlen(*word) + (column ? 1 : 2);
	}
	g_string_append_c(out, '\n');
}

char *document_config(void)
{
	GString *out = g_string_new(NULL);

	append_comment(out,
		"Configuration of vireod. Each key stands here with its default; take away the # in front to "
		"change one. A key that is unknown or set to what it cannot be keeps the daemon from starting. "
		"See vireod(8).");
	for (const struct config_row *row = config_rows; row->name; row++) {
		g_autofree char *allowed = config_allowed(row);
		g_autofree char *value = g_strdup_printf("Value: %s.", allowed);
		g_string_append_c(out, '\n');
		append_comment(out, row->doc);
		append_comment(out, value);
		g_string_append_printf(out, "#%s = %s\n", row->name, row->fallback);
	}
	return g_string_free(out, FALSE);
}

/* Appends TEXT so that roff prints it as it is; lines begin with no control character in our tables. */
static void append_roff(GString *out, const char *text)
{
	for (const char *at = text; *at; at++) {
		if (*at == '\\')
			g_string_append(out, "\\e");
		else if (*at == '-')
			g_string_append(out, "\\-");
		else if (*at == '\'')
			g_string_append(out, "\\(aq");
		else
			g_string_append_c(out, *at);
	}
}

static void append_options(GString *out)
{
	for (const struct option_row *row = option_rows; row->name; row++) {
		g_string_append(out, ".TP\n.B ");
		if (row->letter)
			g_string_append_printf(out, "\\-%c\\fR,\\fB ", row->letter);
		g_string_append(out, "\\-\\-");
		append_roff(out, row->name);
		if (row->argument)
			g_string_append_printf(out, " \\fI%s", row->argument);
		g_string_append_c(out, '\n');
		append_roff(out, row->doc);
		g_string_append(out, ".\n");
	}
}

static void append_keys(GString *out)
{
	for (const struct config_row *row = config_rows; row->name; row++) {
		g_autofree char *allowed = config_allowed(row);
		g_string_append(out, ".TP\n.B ");
		append_roff(out, row->name);
		g_string_append_c(out, '\n');
		append_roff(out, row->doc);
		g_string_append(out, "\nValue: ");
		append_roff(out, allowed);
		g_string_append(out, ".\nDefault: ");
		append_roff(out, row->fallback);
		g_string_append(out, ".\n");
	}
}

static const char manual_head[] =
	".\\\" Made by daemon-dump from the daemon's tables (make regen). Do not edit.\n"
	".TH VIREOD 8 \"\" \"Vireo " VIREO_VERSION "\" \"System administration\"\n"
	".SH NAME\n"
	"vireod \\- daemon of the virtualization manager Vireo\n"
	".SH SYNOPSIS\n"
	".B vireod\n"
	"[\\fIOPTION\\fR]...\n"
	".SH DESCRIPTION\n"
	"vireod keeps definitions of virtual machines, runs them, and answers clients that speak libvirt\\(aqs "
	"protocol, such as\n"
	".BR virsh (1).\n"
	"It stays in the foreground unless told otherwise. Guests outlive it: a daemon that starts finds the\n"
	"guests that run, however the one before it ended.\n"
	".PP\n"
	"Started by root it is the system\\(aqs daemon; started by another user it is that user\\(aqs own.\n"
	".SH OPTIONS\n";

static const char manual_config[] =
	".SH CONFIGURATION\n"
	"A line of vireod.conf is \\(lqkey = value\\(rq, empty, or a comment that begins with #. A value is a\n"
	"number, a \"string\" in quotes, or a list of strings, [\"one\", \"two\"]; nothing in a string is escaped.\n"
	"A key that is unknown, set twice, or set to what it cannot be keeps the daemon from starting; it says\n"
	"in which line. An option of the command line goes before the file.\n";

static const char manual_tail[] =
	".SH FILES\n"
	"Of the system\\(aqs daemon; a user\\(aqs are vireo below $XDG_CONFIG_HOME, $XDG_RUNTIME_DIR,\n"
	"$XDG_DATA_HOME, and vireo/log below $XDG_CACHE_HOME; with \\fB\\-\\-root\\fR they are etc, run, lib and\n"
	"log below the given folder.\n"
	".TP\n"
	".I /etc/vireo/vireod.conf\n"
	"Configuration.\n"
	".TP\n"
	".I /etc/vireo/qemu/\n"
	"Definitions of guests.\n"
	".TP\n"
	".IR /run/vireo/vireo\\-sock \", \" /run/vireo/vireo\\-sock\\-ro\n"
	"Sockets for clients; the second lets them read only.\n"
	".TP\n"
	".I /run/vireo/vireod.pid\n"
	"Number of the process that serves.\n"
	".TP\n"
	".I /var/lib/vireo/\n"
	"What guests keep.\n"
	".TP\n"
	".I /var/log/vireo/\n"
	"A log for each guest, and vireod.log of a daemon in the background.\n"
	".SH SIGNALS\n"
	"SIGTERM and SIGINT end the daemon, and no guest.\n"
	".SH ENVIRONMENT\n"
	"NOTIFY_SOCKET and LISTEN_FDS are understood as\n"
	".BR sd_notify (3)\n"
	"and\n"
	".BR sd_listen_fds (3)\n"
	"say. A socket whose name ends in \\-ro lets its clients read only.\n"
	".SH EXIT STATUS\n"
	"0 after a clean end, 1 when the daemon could not start or go on; the reason is logged.\n"
	".SH SEE ALSO\n"
	".BR virsh (1),\n"
	".BR systemd.socket (5)\n";

char *document_manual(void)
{
	GString *out = g_string_new(manual_head);

	append_options(out);
	g_string_append(out, manual_config);
	append_keys(out);
	g_string_append(out, manual_tail);
	return g_string_free(out, FALSE);
}
