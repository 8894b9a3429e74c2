/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Typed parameters: one adder a type.
 */
#include "core/params.h"

#include <libvirt/libvirt.h>

static struct remote_typed_param *add(struct params *params, int type, const char *format, va_list args)
{
	struct remote_typed_param param = { .field = g_strdup_vprintf(format, args), .value.type = type };

	if (!params->list)
		params->list = g_array_new(FALSE, TRUE, sizeof(param));
	g_array_append_val(params->list, param);
	return &g_array_index(params->list, struct remote_typed_param, params->list->len - 1);
}

#define ADDER(name, ctype, TYPE, member, from)                                                               \
	void params_##name(struct params *params, ctype value, const char *format, ...)                      \
	{                                                                                                    \
		va_list args;                                                                                \
		va_start(args, format);                                                                      \
		add(params, VIR_TYPED_PARAM_##TYPE, format, args)->value.u.member = from;                    \
		va_end(args);                                                                                \
	}
ADDER(int, int, INT, i, value)
ADDER(uint, unsigned, UINT, ui, value)
ADDER(llong, int64_t, LLONG, l, value)
ADDER(ullong, uint64_t, ULLONG, ul, value)
ADDER(string, const char *, STRING, s, g_strdup(value))

struct remote_typed_param *params_take(struct params *params, unsigned *ret_len)
{
	*ret_len = params->list ? params->list->len : 0;
	if (!params->list)
		return NULL;
	GArray *list = params->list;
	params->list = NULL;
	return (struct remote_typed_param *)g_array_free(list, FALSE);
}
