/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vireod.conf: the table of keys; a reader of "key = value" lines; checks by row.
 */
#include "daemon/config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "model/scalar.h"

enum { FILE_BYTES_MAX = 256 * 1024, LIST_MAX = 1024, KEY_MAX = 64 };

/* in the order of enum log_level */
static const char *const log_words[] = { "error", "warning", "info", "debug", NULL };

#define AT(member) offsetof(struct config, member)
const struct config_row config_rows[] = {
	{ "libvirt_sockets", CONFIG_BOOL, AT(libvirt_sockets), "0", NULL, 0, 1,
		"Whether to answer on libvirt's own socket names too, so that virsh -c "
		"qemu:///system needs no option. The daemon does not start while a libvirt daemon "
		"listens there." },
	{ "user", CONFIG_STRING, AT(user), "\"\"", NULL, 0, 0,
		"The user as whom guests run, by name or as a number with a plus sign in front "
		"(\"+107\"). Empty: as the daemon does. Only the system's daemon can change users." },
	{ "group", CONFIG_STRING, AT(group), "\"\"", NULL, 0, 0,
		"The group as which guests run, by name or number like user. Empty: the main group "
		"of user." },
	{ "dynamic_ownership", CONFIG_BOOL, AT(dynamic_ownership), "1", NULL, 0, 1,
		"Whether disk images and other files of a guest are given to user and group while it "
		"runs. Their owner is put back when it ends." },
	{ "keep_owner", CONFIG_PATHS, AT(keep_owner), "[]", NULL, 0, 0,
		"Folders below which no file changes its owner, whatever dynamic_ownership says: "
		"network file systems on which the daemon may not, say." },
	{ "log_level", CONFIG_WORD, AT(log_level), "\"warning\"", log_words, 0, 0,
		"The least important messages that are logged." },
	{ "max_clients", CONFIG_NUMBER, AT(max_clients), "5000", NULL, 1, 1000000,
		"How many clients may be connected at once; further ones wait until one leaves." },
	{ 0 },
};

/* -- the reader -------------------------------------------------------------------------------- */

struct reader {
	const char *at; /* the text ends with NUL */
	const char *file;
	unsigned line;
};

enum value_kind { VALUE_NUMBER, VALUE_STRING, VALUE_LIST };

struct value {
	enum value_kind kind;
	gint64 number;
	char *text;
	GPtrArray *items; /* char * */
};

static void value_clear(struct value *value)
{
	g_clear_pointer(&value->text, g_free);
	g_clear_pointer(&value->items, g_ptr_array_unref);
}
#define auto_value __attribute__((cleanup(value_clear))) struct value

G_GNUC_PRINTF(3, 4)
static int bad(const struct reader *reader, struct error *err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	g_autofree char *what = g_strdup_vprintf(format, ap);
	va_end(ap);
	return fail(err, VIR_ERR_CONF_SYNTAX, "%s, line %u: %s", reader->file, reader->line, what);
}

/* Skips spaces, and with LINES also ends of lines and comments. */
static void skip(struct reader *reader, bool lines)
{
	for (;; reader->at++) {
		if (lines && *reader->at == '#')
			reader->at += strcspn(reader->at, "\n");
		if (lines && *reader->at == '\n')
			reader->line++;
		else if (*reader->at != ' ' && *reader->at != '\t' && *reader->at != '\r')
			return;
	}
}

static int read_number(struct reader *reader, struct value *value, struct error *err)
{
	char *end;

	errno = 0;
	value->kind = VALUE_NUMBER;
	value->number = g_ascii_strtoll(reader->at, &end, 10);
	if (errno == ERANGE)
		return bad(reader, err, "the number is too large");
	reader->at = end;
	return 0;
}

/* Nothing is escaped: a string that holds one kind of quotes stands in the other. */
static int read_string(struct reader *reader, struct value *value, struct error *err)
{
	char quote = *reader->at++;
	const char *end = reader->at;

	while (*end && *end != quote && *end != '\n')
		end++;
	if (*end != quote)
		return bad(reader, err, "the string that begins here has no closing %c", quote);
	value->kind = VALUE_STRING;
	value->text = g_strndup(reader->at, end - reader->at);
	if (!g_utf8_validate(value->text, -1, NULL))
		return bad(reader, err, "the string is not UTF-8");
	reader->at = end + 1;
	return 0;
}

/* "[" strings with commas in between "]"; it may span lines, and end with a comma. */
static int read_list(struct reader *reader, struct value *value, struct error *err)
{
	value->kind = VALUE_LIST;
	value->items = g_ptr_array_new_with_free_func(g_free);
	reader->at++;
	for (;;) {
		auto_value item = { 0 };
		skip(reader, true);
		if (*reader->at == ']')
			break;
		if (*reader->at != '"' && *reader->at != '\'')
			return bad(reader, err, "a list holds strings in quotes, and ends with ]");
		if (value->items->len == LIST_MAX)
			return bad(reader, err, "a list holds at most %d strings", LIST_MAX);
		if (read_string(reader, &item, err) < 0)
			return -1;
		g_ptr_array_add(value->items, g_steal_pointer(&item.text));
		skip(reader, true);
		if (*reader->at != ',' && *reader->at != ']')
			return bad(reader, err, "a comma or ] is missing after \"%s\"",
				(char *)value->items->pdata[value->items->len - 1]);
		if (*reader->at == ',')
			reader->at++;
	}
	reader->at++;
	return 0;
}

static int read_value(struct reader *reader, struct value *value, struct error *err)
{
	char c = *reader->at;

	if (c == '"' || c == '\'')
		return read_string(reader, value, err);
	if (c == '[')
		return read_list(reader, value, err);
	if (g_ascii_isdigit(c) || (c == '-' && g_ascii_isdigit(reader->at[1])))
		return read_number(reader, value, err);
	return bad(reader, err, "the value must be a number, a \"string\" or a [\"list\"]");
}

/* -- checks by row ----------------------------------------------------------------------------- */

char *config_allowed(const struct config_row *row)
{
	g_autofree char *words = row->words ? g_strjoinv("\", \"", (char **)row->words) : NULL;

	switch (row->type) {
	case CONFIG_BOOL:
		return g_strdup("0 or 1");
	case CONFIG_NUMBER:
		return g_strdup_printf("a number from %u to %u", row->min, row->max);
	case CONFIG_WORD:
		return g_strdup_printf("one of \"%s\"", words);
	case CONFIG_STRING:
		return g_strdup("a string in quotes");
	case CONFIG_PATHS:
		return g_strdup("a list of absolute paths: [\"/one\", \"/two\"]");
	}
	g_assert_not_reached();
}

static bool set_number(const struct config_row *row, const struct value *value, void *member)
{
	if (value->kind != VALUE_NUMBER || value->number < row->min || value->number > row->max)
		return false;
	if (row->type == CONFIG_BOOL)
		*(bool *)member = value->number;
	else
		*(unsigned *)member = (unsigned)value->number;
	return true;
}

static bool set_word(const struct config_row *row, const struct value *value, unsigned *member)
{
	for (unsigned i = 0; value->kind == VALUE_STRING && row->words[i]; i++) {
		if (strcmp(value->text, row->words[i]) == 0) {
			*member = i;
			return true;
		}
	}
	return false;
}

static bool set_string(struct value *value, char **member)
{
	if (value->kind != VALUE_STRING)
		return false;
	g_free(*member);
	*member = value->text[0] ? g_steal_pointer(&value->text) : NULL;
	return true;
}

static bool set_paths(struct value *value, char ***member)
{
	if (value->kind != VALUE_LIST)
		return false;
	for (guint i = 0; i < value->items->len; i++)
		if (!g_path_is_absolute(value->items->pdata[i]))
			return false;
	g_strfreev(*member);
	g_ptr_array_add(value->items, NULL);
	*member = (char **)g_ptr_array_free(g_steal_pointer(&value->items), FALSE);
	return true;
}

/* Puts VALUE where ROW says; false where it is not allowed. May take parts of VALUE. */
static bool set(const struct config_row *row, struct value *value, struct config *config)
{
	void *member = (char *)config + row->offset;

	switch (row->type) {
	case CONFIG_BOOL:
	case CONFIG_NUMBER:
		return set_number(row, value, member);
	case CONFIG_WORD:
		return set_word(row, value, member);
	case CONFIG_STRING:
		return set_string(value, member);
	case CONFIG_PATHS:
		return set_paths(value, member);
	}
	g_assert_not_reached();
}

static char *value_text(const struct value *value)
{
	if (value->kind == VALUE_NUMBER)
		return g_strdup_printf("%" G_GINT64_FORMAT, value->number);
	return value->kind == VALUE_STRING ? g_strdup_printf("\"%s\"", value->text) : g_strdup("a list");
}

/* -- the file ---------------------------------------------------------------------------------- */

static const struct config_row *find_row(const struct reader *reader, const char *name, struct error *err)
{
	const char *names[G_N_ELEMENTS(config_rows)] = { 0 };
	size_t count = 0;

	for (; config_rows[count].name; count++) {
		names[count] = config_rows[count].name;
		if (strcmp(names[count], name) == 0)
			return &config_rows[count];
	}
	const char *near = nearest_name(name, names, count);
	g_autofree char *all = g_strjoinv(", ", (char **)names);
	if (near)
		bad(reader, err, "unknown key '%s'; did you mean '%s'?", name, near);
	else
		bad(reader, err, "unknown key '%s'; the keys are %s", name, all);
	return NULL;
}

/* One "key = value". SEEN has the line of each row that was set before. */
static int read_entry(struct reader *reader, struct config *config, unsigned *seen, struct error *err)
{
	char name[KEY_MAX + 1];
	auto_value value = { 0 };
	size_t len = strspn(reader->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

	if (len == 0 || len > KEY_MAX)
		return bad(reader, err, "a line must be 'key = value', or a comment that begins with #");
	memcpy(name, reader->at, len);
	name[len] = '\0';
	reader->at += len;
	const struct config_row *row = find_row(reader, name, err);
	if (!row)
		return -1;
	unsigned line = reader->line, *first = &seen[row - config_rows];
	if (*first)
		return bad(reader, err, "%s is set already in line %u", name, *first);
	*first = line;
	skip(reader, false);
	if (*reader->at != '=')
		return bad(reader, err, "'=' is missing after %s", name);
	reader->at++;
	skip(reader, false);
	if (read_value(reader, &value, err) < 0)
		return -1;
	skip(reader, false);
	if (*reader->at && *reader->at != '\n' && *reader->at != '#')
		return bad(reader, err, "unexpected text after the value of %s", name);
	g_autofree char *text = value_text(&value), *allowed = config_allowed(row);
	const struct reader begin = { reader->at, reader->file, line };
	if (!set(row, &value, config))
		return bad(&begin, err, "%s is %s, but must be %s", name, text, allowed);
	return 0;
}

int config_read(struct config *config, const char *path, bool required, struct error *err)
{
	unsigned seen[G_N_ELEMENTS(config_rows)] = { 0 };
	g_autofree char *text = NULL;
	struct reader reader = { .file = path, .line = 1 };
	size_t len;

	if (!required && access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (file_read(path, FILE_BYTES_MAX, &text, &len, err) < 0)
		return -1;
	reader.at = text;
	if (strlen(text) != len)
		return fail(err, VIR_ERR_CONF_SYNTAX, "%s: holds a byte of value 0: not a text file", path);
	for (skip(&reader, true); *reader.at; skip(&reader, true))
		if (read_entry(&reader, config, seen, err) < 0)
			return -1;
	return 0;
}

void config_init(struct config *config)
{
	memset(config, 0, sizeof(*config));
	for (const struct config_row *row = config_rows; row->name; row++) {
		struct reader reader = { .at = row->fallback, .file = "default", .line = 1 };
		auto_value value = { 0 };
		auto_error err = { 0 };
		if (read_value(&reader, &value, &err) < 0 || !set(row, &value, config))
			g_error("the default of key %s is not allowed", row->name);
	}
}

void config_clear(struct config *config)
{
	g_clear_pointer(&config->user, g_free);
	g_clear_pointer(&config->group, g_free);
	g_clear_pointer(&config->keep_owner, g_strfreev);
}
