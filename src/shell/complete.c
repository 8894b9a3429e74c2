/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion of a command line, for bash and for the shell's own prompt: from the rows.
 */
#include <string.h>

#include "shell/domain.h"
#include "shell/options.h"

struct wanted {
	const char *word;
	GPtrArray *out;
};

static void offer_name(const struct command_row *row, void *arg)
{
	struct wanted *wanted = arg;

	if (g_str_has_prefix(row->name, wanted->word))
		g_ptr_array_add(wanted->out, g_strdup(row->name));
}

static void offer_options(const struct command *cmd, const char *word, GPtrArray *out)
{
	for (size_t i = 0; i < cmd->row->option_count; i++) {
		const struct option_row *option = &cmd->row->options[i];
		g_autofree char *text = g_strdup_printf("--%s", option->name);

		if (option->flags & OPTION_HIDDEN)
			continue;
		if (option->kind != OPTION_DATA && command_has(cmd, option->name))
			continue;
		if (g_str_has_prefix(text, word))
			g_ptr_array_add(out, g_steal_pointer(&text));
	}
}

/* Values need not come from the daemon; where they do and none answers, there are none. */
static void offer_values(struct shell *sh, const struct command *cmd, const struct option_row *option,
	const char *word, GPtrArray *out)
{
	auto_error ignored = { 0 };
	json_t *errors = sh->errors;

	if (!option->complete)
		return;
	bool json = sh->json;
	sh->json = true; /* nothing is to be said */
	sh->errors = json_array();
	json_t *answer = sh->answer;
	sh->answer = json_object();
	if ((cmd->row->flags & COMMAND_LOCAL) || option->complete == complete_file ||
		shell_connect(sh, &ignored) == 0)
		option->complete(sh, cmd, word, out);
	json_decref(sh->errors);
	json_decref(sh->answer);
	sh->errors = errors;
	sh->answer = answer;
	sh->json = json;
}

/* "--option=WO": the values, with what stands before them. */
static void offer_assigned(
	struct shell *sh, const struct command *cmd, const char *word, const char *equals, GPtrArray *out)
{
	g_autofree char *name = g_strndup(word + 2, (gsize)(equals - word - 2));
	const struct option_row *option = command_option(cmd->row, name);
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);

	if (option)
		offer_values(sh, cmd, option, equals + 1, values);
	for (guint i = 0; i < values->len; i++)
		g_ptr_array_add(out, g_strdup_printf("--%s=%s", name, (char *)g_ptr_array_index(values, i)));
}

static void complete_command(struct shell *sh, char *const *words, size_t count, GPtrArray *out)
{
	const struct option_row *pending;
	const char *word = words[count - 1];
	struct command *cmd = command_parse_partial(words, count - 1, &pending);

	if (!cmd)
		return;
	const char *equals = strchr(word, '=');
	const struct option_row *next = command_next_positional(cmd);
	if (pending)
		offer_values(sh, cmd, pending, word, out);
	else if (g_str_has_prefix(word, "--") && equals)
		offer_assigned(sh, cmd, word, equals, out);
	else if (word[0] == '-')
		offer_options(cmd, word, out);
	else if (next && next->complete)
		offer_values(sh, cmd, next, word, out);
	else if (!word[0])
		offer_options(cmd, word, out);
	command_free(cmd);
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *complete_words(struct shell *sh, char *const *words, size_t count)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();

	/* options before the command count too: they may say which daemon to ask */
	g_ptr_array_add(argv, (char *)"vireo");
	for (size_t i = 0; i + 1 < count; i++)
		g_ptr_array_add(argv, words[i]);
	g_ptr_array_add(argv, NULL);
	int first = count ? options_read(sh, (int)argv->len - 1, (char **)argv->pdata, true) : -1;
	if (first < 0)
		return out;
	size_t skipped = (size_t)first - 1;
	if (skipped + 1 < count) {
		complete_command(sh, words + skipped, count - skipped, out);
	} else if (words[count - 1][0] == '-') {
		options_complete(words[count - 1], out);
	} else {
		struct wanted wanted = { words[count - 1], out };
		command_each(-1, offer_name, &wanted);
	}
	g_ptr_array_sort(out, compare_texts);
	return out;
}
