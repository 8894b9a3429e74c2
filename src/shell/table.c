/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables: columns as wide as their widest cell on a screen; in JSON an array of objects.
 */
#include <string.h>

#include "shell/shell.h"

struct table {
	const struct column *columns;
	size_t count;
	GPtrArray *rows; /* char **, COUNT cells each */
};

static void row_free(void *row)
{
	g_strfreev(row);
}

struct table *table_new(const struct column *columns, size_t count)
{
	struct table *table = g_new0(struct table, 1);

	*table = (struct table){ columns, count, g_ptr_array_new_with_free_func(row_free) };
	return table;
}

/* What does not print would break the layout: shown as \xNN. The text is the caller's. */
static char *printable(const char *text)
{
	g_autoptr(GString) out = g_string_new(NULL);

	while (*text) {
		gunichar c = g_utf8_get_char_validated(text, -1);
		if (c == (gunichar)-1 || c == (gunichar)-2 || !g_unichar_isprint(c)) {
			g_string_append_printf(out, "\\x%02x", (unsigned char)*text++);
			continue;
		}
		g_string_append_unichar(out, c);
		text = g_utf8_next_char(text);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Places on the screen. */
static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);
		if (!g_unichar_iszerowidth(c))
			width += g_unichar_iswide(c) ? 2 : 1;
	}
	return width;
}

void table_row(struct table *table, const char *const *cells)
{
	char **row = g_new0(char *, table->count + 1);

	for (size_t i = 0; i < table->count; i++)
		row[i] = printable(cells[i] ? cells[i] : "-");
	g_ptr_array_add(table->rows, row);
}

static void measure(struct shell *sh, const struct table *table, size_t *widths)
{
	for (size_t i = 0; i < table->count; i++) {
		widths[i] = sh->quiet ? 0 : text_width(table->columns[i].title);
		for (guint r = 0; r < table->rows->len; r++) {
			char **row = g_ptr_array_index(table->rows, r);
			widths[i] = MAX(widths[i], text_width(row[i]));
		}
	}
}

static void add_cell(const struct table *table, GString *line, const char *cell, size_t width, size_t column)
{
	g_string_append_printf(line, " %s", cell);
	if (column + 1 < table->count)
		g_string_append_printf(line, "%*s", (int)(width - text_width(cell) + 2), "");
}

static void print_header(struct shell *sh, const struct table *table, const size_t *widths)
{
	g_autoptr(GString) line = g_string_new(NULL);
	size_t total = 0;

	for (size_t i = 0; i < table->count; i++) {
		add_cell(table, line, table->columns[i].title, widths[i], i);
		total += widths[i] + 3;
	}
	g_autofree char *rule = g_strnfill(total, '-');
	shell_print(sh, "%s%s%s\n%s\n", sh->colour_out ? "\033[1m" : "", line->str,
		sh->colour_out ? "\033[0m" : "", rule);
}

static void print_table(struct shell *sh, const struct table *table)
{
	g_autofree size_t *widths = g_new0(size_t, table->count);

	measure(sh, table, widths);
	if (!sh->quiet)
		print_header(sh, table, widths);
	for (guint r = 0; r < table->rows->len; r++) {
		char **row = g_ptr_array_index(table->rows, r);
		g_autoptr(GString) line = g_string_new(NULL);
		for (size_t i = 0; i < table->count; i++)
			add_cell(table, line, row[i], widths[i], i);
		shell_print(sh, "%s\n", line->str);
	}
}

static json_t *cell_json(const struct column *column, const char *cell)
{
	if (strcmp(cell, "-") == 0)
		return json_null();
	if (column->kind == COLUMN_NUMBER)
		return json_integer(g_ascii_strtoll(cell, NULL, 10));
	if (column->kind == COLUMN_YES_NO)
		return json_boolean(strcmp(cell, "yes") == 0);
	return json_string(cell);
}

static json_t *table_json(const struct table *table)
{
	json_t *array = json_array();

	for (guint r = 0; r < table->rows->len; r++) {
		char **row = g_ptr_array_index(table->rows, r);
		json_t *object = json_object();
		for (size_t i = 0; i < table->count; i++)
			json_object_set_new(
				object, table->columns[i].key, cell_json(&table->columns[i], row[i]));
		json_array_append_new(array, object);
	}
	return array;
}

void table_end(struct shell *sh, struct table *table, const char *key)
{
	if (sh->json)
		shell_answer(sh, key, table_json(table));
	else
		print_table(sh, table);
	table_free(table);
}

void table_free(struct table *table)
{
	g_ptr_array_unref(table->rows);
	g_free(table);
}
