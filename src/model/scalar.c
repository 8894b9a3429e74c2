/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The scalar kinds, one table row each, and their functions.
 */
#include "model/scalar.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int model_enum_value(const char *const *values, const char *name)
{
	for (int i = values[0] ? 0 : 1; values[i]; i++)
		if (strcmp(values[i], name) == 0)
			return i;
	return -1;
}

/* -- strings -- */

static int string_parse(const struct row *row, const char *text, void *at, char **why)
{
	*(char **)at = g_strdup(text);
	return 0;
}

static void string_format(const struct row *row, const void *at, GString *out)
{
	g_string_append(out, *(char *const *)at);
}

static bool string_absent(const struct row *row, const void *at)
{
	return *(char *const *)at == NULL;
}

static void string_copy(const void *from, void *to)
{
	*(char **)to = g_strdup(*(char *const *)from);
}

static void string_clear(void *at)
{
	g_clear_pointer((char **)at, g_free);
}

static bool string_equal(const void *a, const void *b)
{
	return g_strcmp0(*(char *const *)a, *(char *const *)b) == 0;
}

static int ip_parse(const struct row *row, const char *text, void *at, char **why)
{
	unsigned char address[16];

	if (inet_pton(AF_INET, text, address) != 1 && inet_pton(AF_INET6, text, address) != 1) {
		*why = g_strdup("not an IPv4 or IPv6 address");
		return -1;
	}
	return string_parse(row, text, at, why);
}

/* -- words: tristates and enums -- */

static const char *const yesno[] = { NULL, "yes", "no", NULL };
static const char *const onoff[] = { NULL, "on", "off", NULL };

static int word_parse(const char *const *values, const char *text, void *at, char **why)
{
	int value = model_enum_value(values, text);

	if (value >= 0) {
		*(int *)at = value;
		return 0;
	}
	g_autoptr(GString) allowed = g_string_new("allowed are");
	for (int i = values[0] ? 0 : 1; values[i]; i++)
		g_string_append_printf(allowed, "%s '%s'", i > (values[0] ? 0 : 1) ? "," : "", values[i]);
	int first = values[0] ? 0 : 1;
	const char *near = nearest_name(text, values + first, g_strv_length((char **)(values + first)));
	if (near)
		g_string_append_printf(allowed, "; did you mean '%s'?", near);
	*why = g_strdup(allowed->str);
	return -1;
}

const char *const *scalar_words(const struct row *row)
{
	return row->scalar == SCALAR_ENUM    ? row->values
	       : row->scalar == SCALAR_YESNO ? yesno
	       : row->scalar == SCALAR_ONOFF ? onoff
					     : NULL;
}

static int enum_parse(const struct row *row, const char *text, void *at, char **why)
{
	return word_parse(row->values, text, at, why);
}

static int yesno_parse(const struct row *row, const char *text, void *at, char **why)
{
	return word_parse(yesno, text, at, why);
}

static int onoff_parse(const struct row *row, const char *text, void *at, char **why)
{
	return word_parse(onoff, text, at, why);
}

static void enum_format(const struct row *row, const void *at, GString *out)
{
	const char *name = row->values[*(const int *)at];
	g_string_append(out, name ? name : "");
}

static void yesno_format(const struct row *row, const void *at, GString *out)
{
	g_string_append(out, yesno[*(const int *)at]);
}

static void onoff_format(const struct row *row, const void *at, GString *out)
{
	g_string_append(out, onoff[*(const int *)at]);
}

/* -- numbers: decimal, 0x hexadecimal, 0 octal -- */

static int number_read(const char *text, uint64_t max, uint64_t *ret, char **why)
{
	char *end;

	if (!g_ascii_isdigit(text[0])) {
		*why = g_strdup("not a whole number");
		return -1;
	}
	errno = 0;
	uint64_t value = strtoull(text, &end, 0);
	if (*end) {
		*why = g_strdup("not a whole number");
		return -1;
	}
	if (errno == ERANGE || value > max) {
		*why = g_strdup_printf("the greatest value allowed is %" G_GUINT64_FORMAT, max);
		return -1;
	}
	*ret = value;
	return 0;
}

static int number_parse(const struct row *row, const char *text, uint64_t type_max, uint64_t *ret, char **why)
{
	if (number_read(text, row->max ? row->max : type_max, ret, why) < 0)
		return -1;
	if (*ret == 0 && (row->flags & ROW_NONZERO)) {
		*why = g_strdup("Zero is not permitted");
		return -1;
	}
	return 0;
}

static int uint_parse(const struct row *row, const char *text, void *at, char **why)
{
	uint64_t value = 0;

	if (number_parse(row, text, UINT32_MAX, &value, why) < 0)
		return -1;
	*(unsigned *)at = (unsigned)value;
	return 0;
}

static int int_parse(const struct row *row, const char *text, void *at, char **why)
{
	bool negative = text[0] == '-';
	uint64_t value = 0;

	if (number_parse(row, text + negative, INT32_MAX, &value, why) < 0)
		return -1;
	*(int *)at = negative ? -(int)value : (int)value;
	return 0;
}

static int uint64_parse(const struct row *row, const char *text, void *at, char **why)
{
	return number_parse(row, text, UINT64_MAX, at, why);
}

static void int_format(const struct row *row, const void *at, GString *out)
{
	g_string_append_printf(out, "%d", *(const int *)at);
}

static void uint_format(const struct row *row, const void *at, GString *out)
{
	g_string_append_printf(out, "%u", *(const unsigned *)at);
}

static void uint64_format(const struct row *row, const void *at, GString *out)
{
	g_string_append_printf(out, "%" G_GUINT64_FORMAT, *(const uint64_t *)at);
}

static void hex_format(const struct row *row, const void *at, GString *out)
{
	g_string_append_printf(out, "0x%0*x", row->digits, *(const unsigned *)at);
}

static bool word_absent(const struct row *row, const void *at)
{
	return *(const unsigned *)at == (unsigned)row->absent;
}

static bool uint64_absent(const struct row *row, const void *at)
{
	return *(const uint64_t *)at == row->absent;
}

static void word_copy(const void *from, void *to)
{
	memcpy(to, from, 4);
}

static void long_copy(const void *from, void *to)
{
	memcpy(to, from, 8);
}

static void no_clear(void *at)
{
}

static bool word_equal(const void *a, const void *b)
{
	return memcmp(a, b, 4) == 0;
}

static bool long_equal(const void *a, const void *b)
{
	return memcmp(a, b, 8) == 0;
}

static int kib_parse(const struct row *row, const char *text, void *at, char **why)
{
	int rc = scalar_scale_kib(text, NULL, at);

	if (rc < 0)
		*why = g_strdup("not a size");
	return rc;
}

/* -- bytes: UUID and MAC -- */

static int bytes_parse(const char *text, const char *separators, unsigned char *bytes, int count)
{
	int digits = 0;

	for (; *text; text++) {
		int value = g_ascii_xdigit_value(*text);
		if (value < 0 && strchr(separators, *text) && digits % 2 == 0)
			continue;
		if (value < 0 || digits == 2 * count)
			return -1;
		bytes[digits / 2] = digits % 2 ? bytes[digits / 2] << 4 | value : value;
		digits++;
	}
	return digits == 2 * count ? 0 : -1;
}

static int uuid_parse(const struct row *row, const char *text, void *at, char **why)
{
	unsigned char bytes[16];

	if (bytes_parse(text, "- \n\t", bytes, 16) < 0) {
		*why = g_strdup("malformed uuid element; a UUID has 32 hexadecimal digits, such as "
				"3e3fce45-4f53-4fa7-bb32-11f34168b82b");
		return -1;
	}
	memcpy(at, bytes, 16);
	return 0;
}

static int mac_parse(const struct row *row, const char *text, void *at, char **why)
{
	unsigned char bytes[6];

	if (bytes_parse(text, ":", bytes, 6) < 0) {
		*why = g_strdup("not a MAC address such as 52:54:00:12:34:56");
		return -1;
	}
	if (bytes[0] & 1) {
		*why = g_strdup("expected unicast mac address, found multicast");
		return -1;
	}
	memcpy(at, bytes, 6);
	return 0;
}

static void hex_append(GString *out, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";
	const char pair[2] = { digits[byte >> 4], digits[byte & 15] };

	g_string_append_len(out, pair, 2);
}

static void uuid_format(const struct row *row, const void *at, GString *out)
{
	const unsigned char *bytes = at;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			g_string_append_c(out, '-');
		hex_append(out, bytes[i]);
	}
}

static void mac_format(const struct row *row, const void *at, GString *out)
{
	const unsigned char *bytes = at;

	for (int i = 0; i < 6; i++) {
		if (i)
			g_string_append_c(out, ':');
		hex_append(out, bytes[i]);
	}
}

static bool all_zero(const unsigned char *bytes, size_t count)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}

static bool uuid_absent(const struct row *row, const void *at)
{
	return all_zero(at, 16);
}

static bool mac_absent(const struct row *row, const void *at)
{
	return all_zero(at, 6);
}

static void uuid_copy(const void *from, void *to)
{
	memcpy(to, from, 16);
}

static void mac_copy(const void *from, void *to)
{
	memcpy(to, from, 6);
}

static bool uuid_equal(const void *a, const void *b)
{
	return memcmp(a, b, 16) == 0;
}

static bool mac_equal(const void *a, const void *b)
{
	return memcmp(a, b, 6) == 0;
}

/* -- CPU sets: a GArray of 64-bit words -- */

enum { CPU_MOST = 16384 };

static void cpuset_put(GArray *words, unsigned cpu, bool on)
{
	uint64_t bit = UINT64_C(1) << (cpu % 64);

	if (words->len <= cpu / 64)
		g_array_set_size(words, cpu / 64 + 1);
	if (on)
		g_array_index(words, uint64_t, cpu / 64) |= bit;
	else
		g_array_index(words, uint64_t, cpu / 64) &= ~bit;
}

static bool cpuset_get(const GArray *words, unsigned cpu)
{
	return cpu / 64 < words->len && (g_array_index(words, uint64_t, cpu / 64) >> (cpu % 64) & 1);
}

/* One item: "3", "1-4" or "^3". Returns where it ends, or NULL. */
static const char *cpuset_item(GArray *words, const char *text)
{
	bool off = text[0] == '^';
	char *end;

	text += off;
	if (!g_ascii_isdigit(text[0]))
		return NULL;
	unsigned long first = strtoul(text, &end, 10), last = first;
	if (*end == '-' && !off) {
		if (!g_ascii_isdigit(end[1]))
			return NULL;
		last = strtoul(end + 1, &end, 10);
	}
	if (last < first || last >= CPU_MOST)
		return NULL;
	for (; first <= last; first++)
		cpuset_put(words, first, !off);
	return end;
}

static int cpuset_parse(const struct row *row, const char *text, void *at, char **why)
{
	g_autoptr(GArray) words = g_array_new(FALSE, TRUE, sizeof(uint64_t));
	g_auto(GStrv) items = g_strsplit(text, ",", -1);

	for (int i = 0; items[i]; i++) {
		const char *end = cpuset_item(words, g_strstrip(items[i]));
		if (!end || *end) {
			*why = g_strdup_printf(
				"Failed to parse bitmap '%s'; a CPU set reads like '1-4,^3,6'", text);
			return -1;
		}
	}
	for (guint i = 0; i < words->len; i++)
		if (g_array_index(words, uint64_t, i)) {
			*(GArray **)at = g_steal_pointer(&words);
			return 0;
		}
	*why = g_strdup("the CPU set is empty");
	return -1;
}

static void cpuset_format(const struct row *row, const void *at, GString *out)
{
	const GArray *words = *(GArray *const *)at;
	bool first = true;

	for (unsigned cpu = 0; cpu < words->len * 64; cpu++) {
		unsigned last = cpu;
		if (!cpuset_get(words, cpu))
			continue;
		while (cpuset_get(words, last + 1))
			last++;
		g_string_append_printf(out, first ? "%u" : ",%u", cpu);
		if (last > cpu)
			g_string_append_printf(out, "-%u", last);
		first = false;
		cpu = last;
	}
}

static void cpuset_copy(const void *from, void *to)
{
	GArray *words = *(GArray *const *)from;
	*(GArray **)to = words ? g_array_copy(words) : NULL;
}

static void cpuset_clear(void *at)
{
	g_clear_pointer((GArray **)at, g_array_unref);
}

static bool cpuset_equal(const void *a, const void *b)
{
	const GArray *one = *(GArray *const *)a, *two = *(GArray *const *)b;

	if (!one || !two)
		return one == two;
	for (unsigned cpu = 0; cpu < MAX(one->len, two->len) * 64; cpu++)
		if (cpuset_get(one, cpu) != cpuset_get(two, cpu))
			return false;
	return true;
}

/* -- sizes -- */

const char *const scalar_units[] = { "b", "byte", "bytes", "k", "KiB", "KB", "M", "MiB", "MB", "G", "GiB",
	"GB", "T", "TiB", "TB", "P", "PiB", "PB", "E", "EiB", "EB", NULL };
static const uint64_t unit_bytes[] = { 1, 1, 1, UINT64_C(1) << 10, UINT64_C(1) << 10, 1000, UINT64_C(1) << 20,
	UINT64_C(1) << 20, 1000000, UINT64_C(1) << 30, UINT64_C(1) << 30, 1000000000, UINT64_C(1) << 40,
	UINT64_C(1) << 40, UINT64_C(1000000000000), UINT64_C(1) << 50, UINT64_C(1) << 50,
	UINT64_C(1000000000000000), UINT64_C(1) << 60, UINT64_C(1) << 60, UINT64_C(1000000000000000000) };

int scalar_scale_kib(const char *number, const char *unit, uint64_t *ret_kib)
{

	g_autofree char *why = NULL;
	uint64_t value = 0, bytes = 1024;
	size_t i;

	if (number_read(number, UINT64_MAX, &value, &why) < 0)
		return g_ascii_isdigit(number[0]) && strspn(number, "0123456789") == strlen(number) ? -2 : -1;
	if (unit) {
		for (i = 0; scalar_units[i] && g_ascii_strcasecmp(scalar_units[i], unit) != 0; i++)
			;
		if (!scalar_units[i])
			return -3;
		bytes = unit_bytes[i];
	}
	unsigned __int128 total = (unsigned __int128)value * bytes;
	if (total > (unsigned __int128)INT64_MAX)
		return -2;
	*ret_kib = (uint64_t)((total + 1023) / 1024);
	return 0;
}

/* -- random values -- */

static void string_random(const struct row *row, GRand *random, void *at)
{
	static const char *const parts[] = { "a", "Z", "0", "/", "-", ".", "&", "<", ">", "'", "\"", "]]>",
		"x y", "\303\251", "\360\237\230\200", "&amp;" };
	GString *text = g_string_new("s"); /* neither blank nor empty: an empty element is no value */

	for (int n = g_rand_int_range(random, 0, 12); n > 0; n--)
		g_string_append(text, parts[g_rand_int_range(random, 0, G_N_ELEMENTS(parts))]);
	*(char **)at = g_string_free(text, FALSE);
}

static void ip_random(const struct row *row, GRand *random, void *at)
{
	unsigned a = g_rand_int(random) & 0xff, b = g_rand_int(random) & 0xff;

	*(char **)at = g_rand_boolean(random) ? g_strdup_printf("10.%u.0.%u", a, b)
					      : g_strdup_printf("fe80::%x:%x", a, b);
}

static void words_random(const struct row *row, GRand *random, void *at)
{
	const char *const *words = scalar_words(row);
	int count = 1;

	while (words[count])
		count++;
	*(int *)at = count > 1 ? g_rand_int_range(random, 1, count) : 0;
}

/* From 1 to MAX or to what the row allows, of all magnitudes; not the absent value. */
static uint64_t number_random(const struct row *row, GRand *random, uint64_t max)
{
	uint64_t bits = (uint64_t)g_rand_int(random) << 32 | g_rand_int(random), value;

	max = row->max ? row->max : max;
	bits >>= g_rand_int_range(random, 0, 64);
	value = max == UINT64_MAX ? bits : bits % (max + 1);
	value = MAX(value, 1);
	return value == row->absent ? 1 + (value == 1) : value;
}

static void uint_random(const struct row *row, GRand *random, void *at)
{
	*(unsigned *)at = (unsigned)number_random(row, random, UINT32_MAX);
}

static void int_random(const struct row *row, GRand *random, void *at)
{
	int value = (int)number_random(row, random, INT32_MAX);

	*(int *)at = row->max || row->absent || g_rand_boolean(random) ? value : -value;
}

static void uint64_random(const struct row *row, GRand *random, void *at)
{
	*(uint64_t *)at = number_random(row, random, UINT64_MAX);
}

static void kib_random(const struct row *row, GRand *random, void *at)
{
	*(uint64_t *)at = number_random(row, random, INT64_MAX / 1024);
}

static void uuid_random(const struct row *row, GRand *random, void *at)
{
	for (int i = 0; i < 16; i++)
		((unsigned char *)at)[i] = g_rand_int_range(random, 1, 256);
}

static void mac_random(const struct row *row, GRand *random, void *at)
{
	for (int i = 0; i < 6; i++)
		((unsigned char *)at)[i] = i ? g_rand_int_range(random, 0, 256) : 0x52;
}

static void cpuset_random(const struct row *row, GRand *random, void *at)
{
	GArray *words = g_array_new(FALSE, TRUE, sizeof(uint64_t));

	for (int n = g_rand_int_range(random, 1, 40); n > 0; n--)
		cpuset_put(words, g_rand_int_range(random, 0, 200), true);
	*(GArray **)at = words;
}

/* -- the table -- */

#define NUMBER "0[xX][0-9a-fA-F]+|[0-9]+"

static const struct scalar_ops ops[] = {
	[SCALAR_STRING] = { "text", sizeof(char *), string_parse, string_format, string_absent, string_copy,
		string_clear, string_equal, string_random, NULL, false },
	[SCALAR_YESNO] = { "yes or no", 4, yesno_parse, yesno_format, word_absent, word_copy, no_clear,
		word_equal, words_random, NULL, false },
	[SCALAR_ONOFF] = { "on or off", 4, onoff_parse, onoff_format, word_absent, word_copy, no_clear,
		word_equal, words_random, NULL, false },
	[SCALAR_INT] = { "integer", 4, int_parse, int_format, word_absent, word_copy, no_clear, word_equal,
		int_random, "-?(" NUMBER ")", true },
	[SCALAR_UINT] = { "number", 4, uint_parse, uint_format, word_absent, word_copy, no_clear, word_equal,
		uint_random, NUMBER, true },
	[SCALAR_UINT64] = { "number", 8, uint64_parse, uint64_format, uint64_absent, long_copy, no_clear,
		long_equal, uint64_random, NUMBER, true },
	[SCALAR_HEX] = { "hexadecimal number", 4, uint_parse, hex_format, word_absent, word_copy, no_clear,
		word_equal, uint_random, NUMBER, true },
	[SCALAR_ENUM] = { "word", 4, enum_parse, enum_format, word_absent, word_copy, no_clear, word_equal,
		words_random, NULL, false },
	[SCALAR_UUID] = { "UUID", 16, uuid_parse, uuid_format, uuid_absent, uuid_copy, no_clear, uuid_equal,
		uuid_random, "([ \\-]*[0-9a-fA-F]{2}){16}[ \\-]*", false },
	[SCALAR_MAC] = { "MAC address", 6, mac_parse, mac_format, mac_absent, mac_copy, no_clear, mac_equal,
		mac_random, "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", false },
	[SCALAR_KIB] = { "size", 8, kib_parse, uint64_format, uint64_absent, long_copy, no_clear, long_equal,
		kib_random, NUMBER, true },
	[SCALAR_CPUSET] = { "CPU set", sizeof(GArray *), cpuset_parse, cpuset_format, string_absent,
		cpuset_copy, cpuset_clear, cpuset_equal, cpuset_random, "[0-9,\\-\\^ ]+", false },
	[SCALAR_IP] = { "IP address", sizeof(char *), ip_parse, string_format, string_absent, string_copy,
		string_clear, string_equal, ip_random, "[0-9a-fA-F.:]+", false },
};

const struct scalar_ops *scalar_ops(enum scalar_kind kind)
{
	return &ops[kind];
}

/* Edit distance, bounded by short names. */
static unsigned distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned row[40];

	if (la >= G_N_ELEMENTS(row) || lb >= G_N_ELEMENTS(row))
		return 99;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned above = row[j];
			row[j] = MIN(MIN(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[lb];
}

const char *nearest_name(const char *name, const char *const *names, size_t count)
{
	const char *best = NULL;
	unsigned least = MIN(strlen(name) / 2, 3) + 1;

	for (size_t i = 0; i < count; i++) {
		unsigned d = distance(name, names[i]);
		if (d < least) {
			least = d;
			best = names[i];
		}
	}
	return best;
}
