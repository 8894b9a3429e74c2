/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands of the shell itself: folders, echo, connecting, help, completion.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shell/commands.h"
#include "shell/domain.h"
#include "shell/help.h"

static int run_cd(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *folder = command_text(cmd, "dir");

	if (!sh->interactive)
		return shell_error(sh, "cd: command valid only in interactive mode");
	if (!folder)
		folder = g_get_home_dir();
	if (chdir(folder ? folder : "/") < 0)
		return shell_error(sh, "cd: %s: %s", folder, g_strerror(errno));
	return 0;
}

static int run_pwd(struct shell *sh, const struct command *cmd, struct error *err)
{
	g_autofree char *folder = g_get_current_dir();

	shell_document(sh, "folder", folder, "\n");
	return 0;
}

/* As a POSIX shell would read it back. */
static char *quote_shell(const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=/:.,@%^";

	if (*word && strspn(word, plain) == strlen(word))
		return g_strdup(word);
	g_auto(GStrv) pieces = g_strsplit(word, "'", -1);
	g_autofree char *joined = g_strjoinv("'\\''", pieces);
	return g_strdup_printf("'%s'", joined);
}

static char *quote_xml(const char *word)
{
	g_autofree char *escaped = g_markup_escape_text(word, -1);
	g_auto(GStrv) pieces = g_strsplit(escaped, "&#39;", -1);

	return g_strjoinv("&apos;", pieces);
}

/* Splits at commas, a line each; two commas stand for one. */
static void echo_split(GString *out, const char *word)
{
	for (const char *p = word; *p; p++) {
		if (*p == ',' && p[1] == ',')
			g_string_append_c(out, *p++);
		else
			g_string_append_c(out, *p == ',' ? '\n' : *p);
	}
	g_string_append_c(out, '\n');
}

static int run_echo(struct shell *sh, const struct command *cmd, struct error *err)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *word;

	for (size_t i = 0; (word = command_word(cmd, "string", i)); i++) {
		g_autofree char *xml = command_has(cmd, "xml") ? quote_xml(word) : g_strdup(word);
		g_autofree char *text = command_has(cmd, "shell") ? quote_shell(xml) : g_strdup(xml);

		if (command_has(cmd, "split")) {
			echo_split(out, text);
			continue;
		}
		g_string_append_printf(out, "%s%s", i ? " " : "", text);
	}
	if (command_has(cmd, "err"))
		shell_error(sh, "%s", out->str);
	else
		shell_document(sh, "text", out->str, "");
	return 0;
}

static int run_quit(struct shell *sh, const struct command *cmd, struct error *err)
{
	sh->quit = true;
	return 0;
}

static int run_connect(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *name = command_text(cmd, "name");

	shell_disconnect(sh);
	if (name) {
		g_free(sh->uri);
		sh->uri = g_strdup(name);
	}
	sh->readonly = command_has(cmd, "readonly");
	return shell_connect(sh, err);
}

static int run_complete(struct shell *sh, const struct command *cmd, struct error *err)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	const char *word;

	for (size_t i = 0; (word = command_word(cmd, "string", i)); i++)
		if (i > 0 || strcmp(word, "--") != 0)
			g_ptr_array_add(words, (char *)word);
	g_autoptr(GPtrArray) found = complete_words(sh, (char **)words->pdata, words->len);
	json_t *list = json_array();
	for (guint i = 0; i < found->len; i++) {
		shell_print(sh, "%s\n", (char *)g_ptr_array_index(found, i));
		json_array_append_new(list, json_string(g_ptr_array_index(found, i)));
	}
	shell_answer(sh, "words", list);
	return 0;
}

static void complete_command(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out);

static const struct option_row cd_options[] = {
	OPTION_TEXT(
		"dir", 0, "directory to switch to (default: home or else root)", .complete = complete_file),
};
static const struct option_row echo_options[] = {
	OPTION_FLAG("shell", "escape for shell use"),
	OPTION_FLAG("xml", "escape for XML use"),
	OPTION_FLAG("split", "split each argument on ','; ',,' is an escape sequence"),
	OPTION_FLAG("err", "output to stderr"),
	OPTION_WORDS("string", OPTION_UNNAMED, "arguments to echo"),
};
static const struct option_row help_options[] = {
	OPTION_TEXT("command", 0,
		"Prints global help, command specific help, or help for a group of related commands",
		.complete = complete_command),
	{ "man", OPTION_BOOL, OPTION_HIDDEN, "the commands' part of the manual page" },
};
static const struct option_row connect_options[] = {
	OPTION_TEXT("name", OPTION_EMPTY_OK, "hypervisor connection URI"),
	OPTION_FLAG("readonly", "read-only connection"),
};
static const struct option_row complete_options[] = {
	OPTION_WORDS("string", OPTION_UNNAMED, "words of the command line so far"),
};

static const struct command_row rows[] = {
	{ "cd", NULL, GROUP_SHELL, "change the current directory", "Change the current directory.",
		OPTIONS(cd_options), .flags = COMMAND_LOCAL, .run = run_cd },
	{ "echo", NULL, GROUP_SHELL, "echo arguments. Used for internal testing.",
		"Echo back arguments, possibly with quoting. Used for internal testing.",
		OPTIONS(echo_options), .flags = COMMAND_LOCAL, .run = run_echo },
	{ "exit", NULL, GROUP_SHELL, "quit this interactive terminal", .flags = COMMAND_LOCAL,
		.run = run_quit },
	{ "help", NULL, GROUP_SHELL, "print help",
		"Prints global help, command specific help, or help for a\n    group of related commands",
		OPTIONS(help_options), .flags = COMMAND_LOCAL, .run = help_run },
	{ "pwd", NULL, GROUP_SHELL, "print the current directory", "Print the current directory.",
		.flags = COMMAND_LOCAL, .run = run_pwd },
	{ "quit", NULL, GROUP_SHELL, "quit this interactive terminal", .flags = COMMAND_LOCAL,
		.run = run_quit },
	{ "connect", NULL, GROUP_SHELL, "(re)connect to hypervisor",
		"Connect to local hypervisor. This is built-in command after shell start up.",
		OPTIONS(connect_options), .flags = COMMAND_LOCAL, .run = run_connect },
	{ "complete", NULL, GROUP_SHELL, "what may stand in the place of the last word", NULL,
		OPTIONS(complete_options), .flags = COMMAND_LOCAL | COMMAND_HIDDEN | COMMAND_RAW,
		.run = run_complete },
};
COMMAND_TABLE(shell_commands, rows);

struct names {
	const char *word;
	GPtrArray *out;
};

static void add_name(const struct command_row *row, void *arg)
{
	struct names *names = arg;

	if (g_str_has_prefix(row->name, names->word))
		g_ptr_array_add(names->out, g_strdup(row->name));
}

static void complete_command(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	struct names names = { word, out };

	command_each(-1, add_name, &names);
	for (int i = 0; i < GROUP_COUNT; i++)
		if (g_str_has_prefix(command_groups[i].keyword, word))
			g_ptr_array_add(out, g_strdup(command_groups[i].keyword));
}
