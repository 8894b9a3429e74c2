/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Help from the rows: of all commands, of a group, of one command; and the list of commands for the manual
 * page.
 */
#include "shell/help.h"

#include <stdio.h>
#include <string.h>

const struct group_row command_groups[GROUP_COUNT] = {
	[GROUP_DOMAIN] = { "Domain Management", "domain" },
	[GROUP_MONITOR] = { "Domain Monitoring", "monitor" },
	[GROUP_EVENTS] = { "Domain Events", "events" },
	[GROUP_HOST] = { "Host and Hypervisor", "host" },
	[GROUP_INTERFACE] = { "Interface", "interface" },
	[GROUP_FILTER] = { "Network Filter", "filter" },
	[GROUP_NETWORK] = { "Networking", "network" },
	[GROUP_NODEDEV] = { "Node Device", "nodedev" },
	[GROUP_SECRET] = { "Secret", "secret" },
	[GROUP_POOL] = { "Storage Pool", "pool" },
	[GROUP_MODEL] = { "Definitions without a daemon", "definition" },
	[GROUP_SHELL] = { "Vireo itself", "vireo" },
};

static int find_group(const char *keyword)
{
	for (int i = 0; i < GROUP_COUNT; i++)
		if (strcmp(command_groups[i].keyword, keyword) == 0)
			return i;
	return strcmp(keyword, "virsh") == 0 ? GROUP_SHELL : -1;
}

/* -- one command -- */

static const char *type_text(const struct option_row *option)
{
	return option->kind == OPTION_INT ? "<number>" : "<string>";
}

static void add_synopsis(GString *out, const struct option_row *option)
{
	bool required = option->flags & OPTION_REQUIRED;

	if (option->kind == OPTION_BOOL)
		g_string_append_printf(out, " [--%s]", option->name);
	else if (option->kind == OPTION_DATA && (option->flags & OPTION_UNNAMED))
		g_string_append_printf(out, required ? " <%s>..." : " [<%s>]...", option->name);
	else if (option->kind == OPTION_DATA)
		g_string_append_printf(out, required ? " {[--%s] %s}..." : " [[--%s] %s]...", option->name,
			type_text(option));
	else if (required)
		g_string_append_printf(out, " <%s>", option->name);
	else
		g_string_append_printf(out, " [--%s %s]", option->name, type_text(option));
}

char *help_synopsis(const struct command_row *row)
{
	g_autoptr(GString) out = g_string_new(row->name);

	for (size_t i = 0; i < row->option_count; i++)
		if (!(row->options[i].flags & OPTION_HIDDEN))
			add_synopsis(out, &row->options[i]);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

char *help_option_name(const struct option_row *option)
{
	if (option->kind == OPTION_BOOL)
		return g_strdup_printf("--%s", option->name);
	if (option->kind == OPTION_DATA && (option->flags & OPTION_UNNAMED))
		return g_strdup_printf("<%s>", option->name);
	if (option->kind == OPTION_DATA || (option->flags & OPTION_REQUIRED))
		return g_strdup_printf("[--%s] %s", option->name, type_text(option));
	return g_strdup_printf("--%s %s", option->name, type_text(option));
}

static json_t *option_json(const struct option_row *option)
{
	static const char *const kinds[] = { [OPTION_BOOL] = "bool",
		[OPTION_STRING] = "string",
		[OPTION_INT] = "number",
		[OPTION_DATA] = "words" };

	return json_pack("{s:s, s:s, s:b, s:s}", "name", option->name, "kind", kinds[option->kind],
		"required", !!(option->flags & OPTION_REQUIRED), "help", option->help);
}

static json_t *command_json(const struct command_row *row)
{
	json_t *options = json_array();

	for (size_t i = 0; i < row->option_count; i++)
		if (!(row->options[i].flags & OPTION_HIDDEN))
			json_array_append_new(options, option_json(&row->options[i]));
	return json_pack("{s:s, s:s, s:s, s:s*, s:o}", "name", row->name, "group",
		command_groups[row->group].keyword, "help", row->help, "description", row->description,
		"options", options);
}

static void help_command(struct shell *sh, const struct command_row *row)
{
	g_autofree char *synopsis = help_synopsis(row);

	shell_answer(sh, "command", command_json(row));
	shell_print(sh, "  NAME\n    %s - %s\n", row->name, row->help);
	shell_print(sh, "\n  SYNOPSIS\n    %s\n", synopsis);
	if (row->description)
		shell_print(sh, "\n  DESCRIPTION\n    %s\n", row->description);
	if (row->option_count)
		shell_print(sh, "\n  OPTIONS\n");
	for (size_t i = 0; i < row->option_count; i++) {
		if (row->options[i].flags & OPTION_HIDDEN)
			continue;
		g_autofree char *name = help_option_name(&row->options[i]);
		shell_print(sh, "    %-15s  %s\n", name, row->options[i].help);
	}
	shell_print(sh, "\n");
}

/* -- groups -- */

static void print_line(const struct command_row *row, void *arg)
{
	shell_print(arg, "    %-30s %s\n", row->name, row->help);
}

static void add_json(const struct command_row *row, void *arg)
{
	json_array_append_new(arg, command_json(row));
}

static void help_group(struct shell *sh, int group, const char *colon)
{
	shell_print(sh, " %s (help keyword '%s')%s\n", command_groups[group].title,
		command_groups[group].keyword, colon);
	command_each(group, print_line, sh);
}

void help_groups(struct shell *sh, const char *colon)
{
	for (int i = 0; i < GROUP_COUNT; i++) {
		help_group(sh, i, colon);
		shell_print(sh, "\n");
	}
}

static int help_all(struct shell *sh)
{
	json_t *commands = json_array();

	command_each(-1, add_json, commands);
	shell_answer(sh, "commands", commands);
	shell_print(sh, "Grouped commands:\n\n");
	help_groups(sh, ":");
	return 0;
}

int help_run(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *name = command_text(cmd, "command");

	if (command_has(cmd, "man"))
		return help_man(sh);
	if (!name)
		return help_all(sh);
	const struct command_row *row = command_find(name);
	if (row) {
		help_command(sh, row);
		return 0;
	}
	int group = find_group(name);
	if (group < 0) {
		const char *nearest = command_nearest(name);
		return shell_error(sh, "command or command group '%s' doesn't exist%s%s%s", name,
			nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	}
	json_t *commands = json_array();
	command_each(group, add_json, commands);
	shell_answer(sh, "commands", commands);
	help_group(sh, group, ":");
	return 0;
}

/* -- the manual page -- */

/* Text as troff takes it: no line is a request, no '-' becomes a hyphen. */
static char *troff(const char *text)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const char *p = text; *p; p++) {
		if ((p == text || p[-1] == '\n') && (*p == '.' || *p == '\''))
			g_string_append(out, "\\&");
		if (*p == '-' || *p == '\\')
			g_string_append_c(out, '\\');
		if (*p == '\\')
			g_string_append_c(out, 'e');
		else
			g_string_append_c(out, *p);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static void man_option(struct shell *sh, const struct option_row *option)
{
	g_autofree char *name = help_option_name(option);
	g_autofree char *name_text = troff(name);
	g_autofree char *help_text = troff(option->help);

	shell_print(sh, ".TP\n.B \"%s\"\n%s\n", name_text, help_text);
}

static void man_command(const struct command_row *row, void *arg)
{
	struct shell *sh = arg;
	g_autofree char *synopsis = help_synopsis(row);
	g_autofree char *synopsis_text = troff(synopsis);
	g_autofree char *help_text = troff(row->help);

	shell_print(sh, ".SS \"%s\"\n.nh\n.B %s\n.hy\n.PP\n%s\n", row->name, synopsis_text, help_text);
	for (size_t i = 0; i < row->option_count; i++)
		if (!(row->options[i].flags & OPTION_HIDDEN))
			man_option(sh, &row->options[i]);
}

int help_man(struct shell *sh)
{
	for (int i = 0; i < GROUP_COUNT; i++) {
		g_autofree char *title = g_ascii_strup(command_groups[i].title, -1);
		shell_print(sh, ".SH \"%s\"\n", title);
		command_each(i, man_command, sh);
	}
	return 0;
}
