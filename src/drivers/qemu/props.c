/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one mechanism behind every QEMU device: rows to JSON, JSON to arguments.
 */
#include "drivers/qemu/props.h"

#include <stdlib.h>
#include <string.h>

#include "model/engine.h"

static json_t *row_value(const struct prop_row *row, const void *object)
{
	const void *at = (const char *)object + row->offset;
	uint64_t number = 0;
	switch (row->kind) {
	case PROP_STRING:
		return *(char *const *)at ? json_string(*(char *const *)at) : NULL;
	case PROP_UINT:
		number = *(const unsigned *)at;
		return number ? json_integer((json_int_t)number) : NULL;
	case PROP_UINT64:
		number = *(const uint64_t *)at;
		return number ? json_integer((json_int_t)number) : NULL;
	case PROP_KIB:
		number = *(const uint64_t *)at;
		return number ? json_integer((json_int_t)(number * 1024)) : NULL;
	case PROP_BOOL:
		number = *(const unsigned *)at;
		return number != TRISTATE_ABSENT ? json_boolean(number == TRISTATE_YES) : NULL;
	case PROP_ONOFF:
		number = *(const unsigned *)at;
		return number != TRISTATE_ABSENT ? json_string(number == TRISTATE_YES ? "on" : "off") : NULL;
	case PROP_ENUM: {
		const char *name = row->values[*(const int *)at];
		return name ? json_string(name) : NULL;
	}
	case PROP_MAC: {
		const unsigned char *m = at;
		return json_sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	}
	case PROP_CONST:
		return json_string(row->value);
	case PROP_TRUE:
		return json_true();
	}
	return NULL;
}

void props_set(json_t *into, const char *name, json_t *value)
{
	const char *dot;
	while ((dot = strchr(name, '.')) != NULL) {
		g_autofree char *head = g_strndup(name, (gsize)(dot - name));
		json_t *child = json_object_get(into, head);
		if (!child) {
			child = json_object();
			json_object_set_new(into, head, child);
		}
		into = child;
		name = dot + 1;
	}
	json_object_set_new(into, name, value);
}

void props_set_string(json_t *into, const char *name, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	props_set(into, name, json_string(text));
}

void props_add(json_t *into, const struct prop_row *rows, size_t count, const void *object)
{
	for (size_t i = 0; i < count; i++) {
		json_t *value = row_value(&rows[i], object);
		if (value)
			props_set(into, rows[i].name, value);
	}
}

static const struct {
	const char *option, *command;
} kinds[] = {
	[PART_OBJECT] = { "-object", "object-add" },
	[PART_BLOCKDEV] = { "-blockdev", "blockdev-add" },
	[PART_CHARDEV] = { "-chardev", "chardev-add" },
	[PART_NETDEV] = { "-netdev", "netdev_add" },
	[PART_DEVICE] = { "-device", "device_add" },
};

const char *part_command(enum part_kind kind)
{
	return kinds[kind].command;
}

/* Text form of an option: "backend,id=x,path=y"; commas in values are doubled, as QEMU reads them. */
static char *options_text(json_t *props)
{
	GString *out = g_string_new(json_string_value(json_object_get(props, "backend")));
	const char *key;
	json_t *value;
	json_object_foreach(props, key, value)
	{
		if (strcmp(key, "backend") == 0)
			continue;
		g_string_append_printf(out, ",%s=", key);
		if (json_is_boolean(value))
			g_string_append(out, json_is_true(value) ? "on" : "off");
		else if (json_is_integer(value))
			g_string_append_printf(out, "%lld", (long long)json_integer_value(value));
		for (const char *c = json_string_value(value); c && *c; c++) {
			g_string_append_c(out, *c);
			if (*c == ',')
				g_string_append_c(out, ',');
		}
	}
	return g_string_free(out, FALSE);
}

void part_to_argv(GPtrArray *argv, enum part_kind kind, json_t *props)
{
	g_ptr_array_add(argv, g_strdup(kinds[kind].option));
	if (kind == PART_CHARDEV) {
		g_ptr_array_add(argv, options_text(props));
	} else {
		char *text = json_dumps(props, JSON_COMPACT);
		g_ptr_array_add(argv, g_strdup(text ? text : "{}"));
		free(text);
	}
	json_decref(props);
}
