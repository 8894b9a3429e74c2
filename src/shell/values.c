/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values as text.
 */
#include "shell/values.h"

#include <inttypes.h>
#include <string.h>

/* A number or string as text; NULL: a kind that is shown in more than one way. */
static char *plain_text(const struct remote_typed_param_value *value)
{
	switch (value->type) {
	case VIR_TYPED_PARAM_INT:
		return g_strdup_printf("%d", value->u.i);
	case VIR_TYPED_PARAM_UINT:
		return g_strdup_printf("%u", value->u.ui);
	case VIR_TYPED_PARAM_LLONG:
		return g_strdup_printf("%" PRId64, value->u.l);
	case VIR_TYPED_PARAM_ULLONG:
		return g_strdup_printf("%" PRIu64, value->u.ul);
	case VIR_TYPED_PARAM_STRING:
		return g_strdup(value->u.s);
	default:
		return NULL;
	}
}

char *param_text(const struct remote_typed_param *param)
{
	char *text = plain_text(&param->value);

	if (text)
		return text;
	if (param->value.type == VIR_TYPED_PARAM_DOUBLE)
		return g_strdup_printf("%f", param->value.u.d);
	return g_strdup(param->value.u.b ? "yes" : "no");
}

char *param_raw_text(const struct remote_typed_param *param)
{
	char *text = plain_text(&param->value);

	if (text)
		return text;
	if (param->value.type == VIR_TYPED_PARAM_DOUBLE)
		return g_strdup_printf("%g", param->value.u.d);
	return g_strdup_printf("%d", param->value.u.b);
}

json_t *param_json(const struct remote_typed_param *param)
{
	const struct remote_typed_param_value *value = &param->value;

	switch (value->type) {
	case VIR_TYPED_PARAM_INT:
		return json_integer(value->u.i);
	case VIR_TYPED_PARAM_UINT:
		return json_integer(value->u.ui);
	case VIR_TYPED_PARAM_LLONG:
		return json_integer(value->u.l);
	case VIR_TYPED_PARAM_ULLONG:
		return json_integer((json_int_t)value->u.ul);
	case VIR_TYPED_PARAM_DOUBLE:
		return json_real(value->u.d);
	case VIR_TYPED_PARAM_BOOLEAN:
		return json_boolean(value->u.b);
	default:
		return json_string(value->u.s);
	}
}

const struct remote_typed_param *param_find(
	const struct remote_typed_param *params, unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(params[i].field, name) == 0)
			return &params[i];
	return NULL;
}

bool param_number(
	const struct remote_typed_param *params, unsigned count, const char *name, uint64_t *ret_value)
{
	const struct remote_typed_param *param = param_find(params, count, name);

	if (!param)
		return false;
	switch (param->value.type) {
	case VIR_TYPED_PARAM_INT:
		*ret_value = (uint64_t)param->value.u.i;
		return true;
	case VIR_TYPED_PARAM_UINT:
		*ret_value = param->value.u.ui;
		return true;
	case VIR_TYPED_PARAM_LLONG:
		*ret_value = (uint64_t)param->value.u.l;
		return true;
	case VIR_TYPED_PARAM_ULLONG:
		*ret_value = param->value.u.ul;
		return true;
	default:
		return false;
	}
}

double pretty_size(uint64_t bytes, const char **ret_unit)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024.0 && unit + 1 < G_N_ELEMENTS(units)) {
		value /= 1024.0;
		unit++;
	}
	*ret_unit = units[unit];
	return value;
}

/* -- CPU maps -- */

bool map_bit(const unsigned char *map, unsigned bytes, unsigned bit)
{
	return bit / 8 < bytes && (map[bit / 8] & (1u << bit % 8));
}

static void add_range(GString *out, unsigned first, unsigned last)
{
	g_string_append_printf(out, "%s%u", out->len ? "," : "", first);
	if (last > first)
		g_string_append_printf(out, "-%u", last);
}

char *map_text(const unsigned char *map, unsigned bytes, unsigned count, bool pretty)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (unsigned i = 0; i < count; i++) {
		bool set = map_bit(map, bytes, i);
		unsigned last = i;

		if (!pretty) {
			g_string_append_c(out, set ? 'y' : '-');
			continue;
		}
		if (!set)
			continue;
		while (last + 1 < count && map_bit(map, bytes, last + 1))
			last++;
		add_range(out, i, last);
		i = last;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

json_t *map_json(const unsigned char *map, unsigned bytes, unsigned count)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < count; i++)
		if (map_bit(map, bytes, i))
			json_array_append_new(list, json_integer(i));
	return list;
}

/* -- JSON -- */

static void new_line(GString *out, int depth)
{
	g_string_append_printf(out, "\n%*s", 2 * depth, "");
}

/* Copies a string with its quotes; returns what follows. */
static const char *copy_string(GString *out, const char *p)
{
	const char *begin = p++;

	while (*p && *p != '"')
		p += *p == '\\' && p[1] ? 2 : 1;
	p += *p == '"';
	g_string_append_len(out, begin, p - begin);
	return p;
}

char *pretty_json(const char *text)
{
	g_autoptr(GString) out = g_string_new(NULL);
	int depth = 0;

	for (const char *p = text; *p;) {
		if (*p == '"') {
			p = copy_string(out, p);
			continue;
		}
		if (*p == '{' || *p == '[') {
			g_string_append_c(out, *p);
			/* what is empty has an empty line inside */
			if (p[1] == '}' || p[1] == ']')
				g_string_append_c(out, '\n');
			else
				new_line(out, depth + 1);
			depth++;
		} else if (*p == '}' || *p == ']') {
			new_line(out, --depth);
			g_string_append_c(out, *p);
		} else if (*p == ',') {
			g_string_append_c(out, ',');
			new_line(out, depth);
		} else if (*p == ':') {
			g_string_append(out, ": ");
		} else if (!g_ascii_isspace(*p)) {
			g_string_append_c(out, *p);
		}
		p++;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}
