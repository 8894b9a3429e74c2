/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Command lines to parsed commands, by the rows of the commands.
 */
#include "shell/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shell/suggest.h"

enum token_kind { TOKEN_WORD, TOKEN_END_OF_COMMAND, TOKEN_END, TOKEN_BAD };

/* Where words come from: a line of text, or words that are separate already. */
struct source {
	const char *at; /* rest of the line; NULL = words */
	char *const *words;
	size_t left;
};

/* The options that every command has. */
static const char *const output_names[] = { "text", "json", NULL };

static void complete_output(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	for (int i = 0; output_names[i]; i++)
		if (g_str_has_prefix(output_names[i], word))
			g_ptr_array_add(out, g_strdup(output_names[i]));
}

static const struct option_row common_options[] = {
	{ "output", OPTION_STRING, OPTION_NAMED | OPTION_HIDDEN, "text or json", complete_output },
};

/* -- names -- */

const struct command_row *command_find(const char *name)
{
	for (const struct command_table *const *table = command_tables; *table; table++)
		for (size_t i = 0; i < (*table)->count; i++) {
			const struct command_row *row = &(*table)->rows[i];
			if (strcmp(row->name, name) == 0 || g_strcmp0(row->alias, name) == 0)
				return row;
		}
	return NULL;
}

static gint compare_rows(gconstpointer a, gconstpointer b)
{
	const struct command_row *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

void command_each(int group, void (*visit)(const struct command_row *row, void *arg), void *arg)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new();

	for (const struct command_table *const *table = command_tables; *table; table++)
		for (size_t i = 0; i < (*table)->count; i++) {
			const struct command_row *row = &(*table)->rows[i];
			if (!(row->flags & COMMAND_HIDDEN) && (group < 0 || (int)row->group == group))
				g_ptr_array_add(rows, (void *)row);
		}
	g_ptr_array_sort(rows, compare_rows);
	for (guint i = 0; i < rows->len; i++)
		visit(g_ptr_array_index(rows, i), arg);
}

const struct option_row *command_option(const struct command_row *row, const char *name)
{
	for (size_t i = 0; i < row->option_count; i++)
		if (strcmp(row->options[i].name, name) == 0)
			return &row->options[i];
	for (size_t i = 0; i < G_N_ELEMENTS(common_options); i++)
		if (strcmp(common_options[i].name, name) == 0)
			return &common_options[i];
	return NULL;
}

static void offer_command(const struct command_row *row, void *arg)
{
	suggest_offer(arg, row->name);
}

const char *command_nearest(const char *name)
{
	struct suggestion nearest = { .wanted = name };

	command_each(-1, offer_command, &nearest);
	return nearest.name;
}

const char *command_nearest_option(const struct command_row *row, const char *name)
{
	struct suggestion nearest = { .wanted = name };

	for (size_t i = 0; i < row->option_count; i++)
		suggest_offer(&nearest, row->options[i].name);
	return nearest.name;
}

/* -- words -- */

/* One quoted or bare piece at *AT into WORD. False: a quote or backslash is left open, said in *RET_WRONG. */
static bool take_piece(const char **at, GString *word, const char **ret_wrong)
{
	const char *p = *at;

	if (*p == '\\') {
		if (!*++p) {
			*ret_wrong = "dangling \\";
			return false;
		}
		if (*p != '\n')
			g_string_append_c(word, *p);
		p++;
	} else if (*p == '\'') {
		for (p++; *p && *p != '\''; p++)
			g_string_append_c(word, *p);
		p += *p == '\'';
	} else if (*p == '"') {
		for (p++; *p && *p != '"'; p++) {
			if (*p == '\\' && !*++p) {
				*ret_wrong = "dangling \\";
				return false;
			}
			g_string_append_c(word, *p);
		}
		if (*p++ != '"') {
			*ret_wrong = "missing \"";
			return false;
		}
	} else {
		g_string_append_c(word, *p++);
	}
	*at = p;
	return true;
}

static const char *skip_blanks(const char *p)
{
	for (;;) {
		if (*p == '\\' && p[1] == '\n')
			p += 2;
		else if (*p == ' ' || *p == '\t')
			p++;
		else
			return p;
	}
}

static enum token_kind token_of_line(struct source *source, char **ret_word, struct error *err)
{
	const char *p = skip_blanks(source->at);
	const char *wrong = NULL;

	if (*p == '#')
		p += strcspn(p, "\n");
	source->at = p;
	if (!*p)
		return TOKEN_END;
	if (*p == ';' || *p == '\n') {
		source->at = p + 1;
		return TOKEN_END_OF_COMMAND;
	}
	g_autoptr(GString) word = g_string_new(NULL);
	while (*p && !strchr(" \t\n;", *p))
		if (!take_piece(&p, word, &wrong)) {
			fail(err, VIR_ERR_INVALID_ARG, "%s", wrong);
			return TOKEN_BAD;
		}
	source->at = p;
	*ret_word = g_string_free(g_steal_pointer(&word), FALSE);
	return TOKEN_WORD;
}

static enum token_kind next_token(struct source *source, char **ret_word, struct error *err)
{
	if (source->at)
		return token_of_line(source, ret_word, err);
	if (source->left == 0)
		return TOKEN_END;
	source->left--;
	*ret_word = g_strdup(*source->words++);
	return TOKEN_WORD;
}

char **command_split(const char *line)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	const char *wrong;
	const char *p = line;

	for (;;) {
		p = skip_blanks(p);
		g_autoptr(GString) word = g_string_new(NULL);
		while (*p && !strchr(" \t\n;", *p))
			if (!take_piece(&p, word, &wrong))
				p += strlen(p);
		g_ptr_array_add(words, g_string_free(g_steal_pointer(&word), FALSE));
		if (!*p)
			break;
		if (*p == ';' || *p == '\n') {
			g_ptr_array_set_size(words, 0);
			p++;
		}
	}
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

/* -- one command -- */

static void value_clear(void *arg)
{
	g_free(((struct command_value *)arg)->text);
}

typedef struct command Command;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Command, command_free)

static struct command *command_new(const struct command_row *row)
{
	struct command *cmd = g_new0(struct command, 1);

	cmd->row = row;
	cmd->values = g_array_new(FALSE, FALSE, sizeof(struct command_value));
	g_array_set_clear_func(cmd->values, value_clear);
	return cmd;
}

void command_free(struct command *cmd)
{
	if (!cmd)
		return;
	g_array_unref(cmd->values);
	g_free(cmd);
}

static void add_value(struct command *cmd, const struct option_row *option, char *text)
{
	struct command_value value = { option, text };

	g_array_append_val(cmd->values, value);
}

static bool seen(const struct command *cmd, const struct option_row *option)
{
	for (guint i = 0; i < cmd->values->len; i++)
		if (g_array_index(cmd->values, struct command_value, i).option == option)
			return true;
	return false;
}

/* "; did you mean 'X'?", or nothing. The text is the caller's. */
static char *suggestion(const char *before, const char *nearest)
{
	return nearest ? g_strdup_printf("; did you mean '%s%s'?", before, nearest) : g_strdup("");
}

static int unknown_option(const struct command_row *row, const char *name, struct error *err)
{
	g_autofree char *hint = suggestion("--", command_nearest_option(row, name));

	return fail(err, VIR_ERR_INVALID_ARG, "command '%s' doesn't support option --%s%s", row->name, name,
		hint);
}

static const char *kind_name(const struct option_row *option)
{
	return option->kind == OPTION_INT ? "number" : "string";
}

/* A word that begins with "--": the option, and its value from behind '=' or from the next word. */
static int parse_option(struct command *cmd, char *word, struct source *source, struct error *err)
{
	char *name = word + 2;
	char *equals = strchr(name, '=');

	if (equals)
		*equals = '\0';
	const struct option_row *option = command_option(cmd->row, name);
	if (!option)
		return unknown_option(cmd->row, name, err);
	if (option->kind != OPTION_DATA && seen(cmd, option))
		return fail(err, VIR_ERR_INVALID_ARG, "option --%s already seen", name);
	if (option->kind == OPTION_BOOL) {
		if (equals)
			return fail(err, VIR_ERR_INVALID_ARG, "invalid '=' after option --%s", name);
		add_value(cmd, option, NULL);
		return 0;
	}
	if (equals) {
		add_value(cmd, option, g_strdup(equals + 1));
		return 0;
	}
	char *value = NULL;
	enum token_kind kind = next_token(source, &value, err);
	if (kind == TOKEN_BAD)
		return -1;
	if (kind != TOKEN_WORD)
		return fail(err, VIR_ERR_INVALID_ARG, "expected syntax: --%s <%s>", name, kind_name(option));
	add_value(cmd, option, value);
	return 0;
}

/* The first option that takes a word without its name and has none yet. */
static const struct option_row *next_positional(const struct command *cmd)
{
	for (size_t i = 0; i < cmd->row->option_count; i++) {
		const struct option_row *option = &cmd->row->options[i];

		if (option->kind == OPTION_BOOL || (option->flags & OPTION_NAMED))
			continue;
		if (option->kind == OPTION_DATA || !seen(cmd, option))
			return option;
	}
	return NULL;
}

static int check_required(const struct command *cmd, struct error *err)
{
	for (size_t i = 0; i < cmd->row->option_count; i++) {
		const struct option_row *option = &cmd->row->options[i];

		if ((option->flags & OPTION_REQUIRED) && !seen(cmd, option))
			return fail(err, VIR_ERR_INVALID_ARG, "command '%s' requires <%s> option",
				cmd->row->name, option->name);
	}
	return 0;
}

static int start_command(const char *name, struct command **ret_cmd, struct error *err)
{
	const struct command_row *row = command_find(name);

	if (!row) {
		g_autofree char *hint = suggestion("", command_nearest(name));
		return fail(err, VIR_ERR_INVALID_ARG, "unknown command: '%s'%s", name, hint);
	}
	*ret_cmd = command_new(row);
	return 0;
}

/* A word of a command whose name is known. *ONLY_DATA: "--" has been seen. */
static int take_word(
	struct command *cmd, char *word, bool *only_data, struct source *source, struct error *err)
{
	if (!*only_data && strcmp(word, "--") == 0 && !(cmd->row->flags & COMMAND_RAW)) {
		*only_data = true;
		return 0;
	}
	/* "--x" is an option, "---x" is not */
	if (!*only_data && strncmp(word, "--", 2) == 0 && g_ascii_isalnum(word[2]) &&
		!(cmd->row->flags & COMMAND_RAW))
		return parse_option(cmd, word, source, err);
	const struct option_row *option = next_positional(cmd);
	if (!option)
		return fail(err, VIR_ERR_INVALID_ARG, "unexpected data '%s'", word);
	add_value(cmd, option, g_strdup(word));
	return 0;
}

/* The words of one command. Sets *RET_END to what ended it; *RET_CMD stays NULL when there was no word. */
static int parse_command(
	struct source *source, struct command **ret_cmd, enum token_kind *ret_end, struct error *err)
{
	g_autoptr(Command) cmd = NULL;
	bool only_data = false;

	for (;;) {
		g_autofree char *word = NULL;
		*ret_end = next_token(source, &word, err);
		if (*ret_end == TOKEN_BAD)
			return -1;
		if (*ret_end != TOKEN_WORD)
			break;
		int rc = cmd ? take_word(cmd, word, &only_data, source, err) : start_command(word, &cmd, err);
		if (rc < 0)
			return -1;
	}
	if (cmd && check_required(cmd, err) < 0)
		return -1;
	*ret_cmd = g_steal_pointer(&cmd);
	return 0;
}

static int parse_all(struct source *source, GPtrArray **ret_commands, struct error *err)
{
	g_autoptr(GPtrArray) commands = g_ptr_array_new_with_free_func((GDestroyNotify)command_free);
	enum token_kind end = TOKEN_WORD;

	while (end != TOKEN_END) {
		struct command *cmd = NULL;
		if (parse_command(source, &cmd, &end, err) < 0)
			return -1;
		if (cmd)
			g_ptr_array_add(commands, cmd);
	}
	*ret_commands = g_steal_pointer(&commands);
	return 0;
}

int command_parse_line(const char *line, GPtrArray **ret_commands, struct error *err)
{
	struct source source = { .at = line };

	return parse_all(&source, ret_commands, err);
}

int command_parse_words(char *const *words, size_t count, GPtrArray **ret_commands, struct error *err)
{
	struct source source = { .words = words, .left = count };

	return parse_all(&source, ret_commands, err);
}

struct command *command_parse_partial(char *const *words, size_t count, const struct option_row **ret_pending)
{
	const struct command_row *row = count ? command_find(words[0]) : NULL;
	struct command *cmd = row ? command_new(row) : NULL;
	bool only_data = false;

	*ret_pending = NULL;
	for (size_t i = 1; cmd && i < count; i++) {
		struct source source = { .words = words + i + 1, .left = count - i - 1 };
		g_autofree char *word = g_strdup(words[i]);
		size_t left = source.left;
		auto_error wrong = { 0 };

		take_word(cmd, word, &only_data, &source, &wrong);
		const struct option_row *option =
			g_str_has_prefix(word, "--") ? command_option(row, word + 2) : NULL;
		if (i + 1 == count && wrong.code && option && option->kind != OPTION_BOOL &&
			(option->kind == OPTION_DATA || !seen(cmd, option)))
			*ret_pending = option;
		i += left - source.left;
	}
	return cmd;
}

const struct option_row *command_next_positional(const struct command *cmd)
{
	return next_positional(cmd);
}

/* -- values -- */

bool command_has(const struct command *cmd, const char *option)
{
	return seen(cmd, command_option(cmd->row, option));
}

const char *command_word(const struct command *cmd, const char *option, size_t index)
{
	const struct option_row *row = command_option(cmd->row, option);

	for (guint i = 0; i < cmd->values->len; i++) {
		const struct command_value *value = &g_array_index(cmd->values, struct command_value, i);
		if (value->option == row && index-- == 0)
			return value->text;
	}
	return NULL;
}

const char *command_text(const struct command *cmd, const char *option)
{
	return command_word(cmd, option, 0);
}

char *command_joined(const struct command *cmd, const char *option)
{
	g_autoptr(GString) out = NULL;
	const char *word;

	for (size_t i = 0; (word = command_word(cmd, option, i)); i++) {
		if (out)
			g_string_append_c(out, ' ');
		else
			out = g_string_new(NULL);
		g_string_append(out, word);
	}
	return out ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

static int bad_number(const char *text, const char *option, struct error *err)
{
	return fail(err, VIR_ERR_INVALID_ARG,
		"Numeric value '%s' for <%s> option is malformed or out of range", text, option);
}

/* Reads a whole decimal number within bounds. */
static bool read_number(const char *text, gint64 least, gint64 most, gint64 *ret_value)
{
	char *end;

	errno = 0;
	gint64 value = g_ascii_strtoll(text, &end, 10);
	if (end == text || *end || errno || value < least || value > most)
		return false;
	*ret_value = value;
	return true;
}

int command_out_of_range(const struct command *cmd, const char *option, struct error *err)
{
	return bad_number(command_text(cmd, option), option, err);
}

int command_int(const struct command *cmd, const char *option, int *ret_value, struct error *err)
{
	const char *text = command_text(cmd, option);
	gint64 value;

	if (!text)
		return 0;
	if (!read_number(text, G_MININT, G_MAXINT, &value))
		return bad_number(text, option, err);
	*ret_value = (int)value;
	return 1;
}

int command_uint(const struct command *cmd, const char *option, unsigned *ret_value, struct error *err)
{
	const char *text = command_text(cmd, option);
	gint64 value;

	if (!text)
		return 0;
	if (!read_number(text, 0, G_MAXUINT, &value))
		return bad_number(text, option, err);
	*ret_value = (unsigned)value;
	return 1;
}

/* "k", "KiB", "KB", ... to a factor; 0 = unknown. */
static uint64_t unit_factor(const char *unit, uint64_t bare)
{
	static const char letters[] = "kmgtpe";

	if (!*unit)
		return bare;
	if (g_ascii_strcasecmp(unit, "b") == 0 || g_ascii_strcasecmp(unit, "byte") == 0 ||
		g_ascii_strcasecmp(unit, "bytes") == 0)
		return 1;
	const char *letter = strchr(letters, g_ascii_tolower(unit[0]));
	if (!letter)
		return 0;
	bool binary = !unit[1] || g_ascii_strcasecmp(unit + 1, "ib") == 0;
	if (!binary && g_ascii_strcasecmp(unit + 1, "b") != 0)
		return 0;
	uint64_t factor = 1;
	for (const char *p = letters; p <= letter; p++)
		factor *= binary ? 1024 : 1000;
	return factor;
}

int command_scaled(const struct command *cmd, const char *option, uint64_t scale, uint64_t max,
	uint64_t *ret_value, struct error *err)
{
	const char *text = command_text(cmd, option);
	char *unit;

	if (!text)
		return 0;
	errno = 0;
	uint64_t value = g_ascii_strtoull(text, &unit, 10);
	if (unit == text || errno || strchr(text, '-'))
		return fail(err, VIR_ERR_INVALID_ARG,
			"Scaled numeric value '%s' for <%s> option is malformed or out of range", text,
			option);
	uint64_t factor = unit_factor(unit, scale);
	if (!factor)
		return fail(err, VIR_ERR_INVALID_ARG,
			"Scaled numeric value '%s' for <%s> option is malformed or out of range\n"
			"error: invalid argument: unknown suffix '%s'",
			text, option, unit);
	if (value && value > max / factor)
		return fail(err, VIR_ERR_OVERFLOW,
			"Scaled numeric value '%s' for <%s> option is malformed or out of range\n"
			"error: numerical overflow: value too large: %s",
			text, option, text);
	*ret_value = value * factor;
	return 1;
}

int command_check(const struct command *cmd, struct error *err)
{
	for (guint i = 0; i < cmd->values->len; i++) {
		const struct command_value *value = &g_array_index(cmd->values, struct command_value, i);
		if (value->text && !value->text[0] && value->option->kind == OPTION_STRING &&
			!(value->option->flags & OPTION_EMPTY_OK))
			return fail(err, VIR_ERR_INVALID_ARG,
				"Failed to get option '%s': Option argument is empty", value->option->name);
	}
	for (const struct exclusive_row *pair = cmd->row->exclusive; pair && pair->a; pair++)
		if (command_has(cmd, pair->a) && command_has(cmd, pair->b))
			return fail(err, VIR_ERR_INVALID_ARG, "Options --%s and --%s are mutually exclusive",
				pair->a, pair->b);
	return 0;
}
