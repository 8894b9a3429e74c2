/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The default vireod.conf, and the tables' part of the manual page.
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
		"Configuration of vireod. Each key stands here with its default; take away the # in "
		"front to change one. A key that is unknown or set to what it cannot be keeps the "
		"daemon from starting. See vireod(8).");
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

char *document_manual(const char *template)
{
	g_autoptr(GString) options = g_string_new(NULL), keys = g_string_new(NULL);
	GString *out = g_string_new(template);

	append_options(options);
	append_keys(keys);
	g_string_replace(out, "@OPTIONS@\n", options->str, 0);
	g_string_replace(out, "@KEYS@\n", keys->str, 0);
	g_string_replace(out, "@VERSION@", VIREO_VERSION, 0);
	return g_string_free(out, FALSE);
}
