/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors: filling, extending and clearing struct error; the prefix table.
 */
#include "base/error.h"

#include <string.h>

/* code -> text in front of the details; alone when there are none. Wording as clients know it. */
static const struct {
	int code;
	const char *prefix;
} prefixes[] = {
	{ VIR_ERR_INTERNAL_ERROR, "internal error" },
	{ VIR_ERR_NO_MEMORY, "out of memory" },
	{ VIR_ERR_NO_SUPPORT, "this function is not supported by the connection driver" },
	{ VIR_ERR_NO_CONNECT, "no connection driver available for" },
	{ VIR_ERR_INVALID_CONN, "invalid connection pointer in" },
	{ VIR_ERR_INVALID_DOMAIN, "invalid domain pointer in" },
	{ VIR_ERR_INVALID_ARG, "invalid argument" },
	{ VIR_ERR_OPERATION_FAILED, "operation failed" },
	{ VIR_ERR_OPERATION_DENIED, "operation forbidden" },
	{ VIR_ERR_OPERATION_INVALID, "Requested operation is not valid" },
	{ VIR_ERR_OPERATION_TIMEOUT, "Timed out during operation" },
	{ VIR_ERR_OPERATION_ABORTED, "operation aborted" },
	{ VIR_ERR_OPERATION_UNSUPPORTED, "Operation not supported" },
	{ VIR_ERR_XML_ERROR, "XML error" },
	{ VIR_ERR_XML_DETAIL, NULL }, /* the model says "(domain_definition):LINE: ..." */
	{ VIR_ERR_XML_INVALID_SCHEMA, "XML document failed to validate against schema" },
	{ VIR_ERR_CONFIG_UNSUPPORTED, "unsupported configuration" },
	{ VIR_ERR_CONF_SYNTAX, "configuration file syntax error" },
	{ VIR_ERR_DOM_EXIST, "domain already exists" },
	{ VIR_ERR_NO_DOMAIN, "Domain not found" },
	{ VIR_ERR_NO_TARGET, NULL }, /* the model says it all */
	{ VIR_ERR_NO_DOMAIN_METADATA, "metadata not found" },
	{ VIR_ERR_SYSTEM_ERROR, NULL },
	{ VIR_ERR_RPC, "RPC error" },
	{ VIR_ERR_AUTH_FAILED, "authentication failed" },
	{ VIR_ERR_AUTH_UNAVAILABLE, "authentication unavailable" },
	{ VIR_ERR_ACCESS_DENIED, "access denied" },
	{ VIR_ERR_RESOURCE_BUSY, "resource busy" },
	{ VIR_ERR_OVERFLOW, "numerical overflow" },
	{ VIR_ERR_NO_NETWORK, "Network not found" },
	{ VIR_ERR_NO_STORAGE_POOL, "Storage pool not found" },
	{ VIR_ERR_NO_STORAGE_VOL, "Storage volume not found" },
	{ VIR_ERR_NO_SECRET, "Secret not found" },
	{ VIR_ERR_NO_NWFILTER, "Network filter not found" },
	{ VIR_ERR_AGENT_UNRESPONSIVE, "Guest agent is not responding" },
};

const char *error_prefix(int code)
{
	for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
		if (prefixes[i].code == code)
			return prefixes[i].prefix;
	return "error";
}

/* Builds the whole message from code and details; takes over DETAIL. */
static void error_set(struct error *err, int code, char *detail)
{
	const char *prefix = error_prefix(code);
	char *message = !prefix	    ? g_strdup(detail)
			: detail[0] ? g_strdup_printf("%s: %s", prefix, detail)
				    : g_strdup(prefix);

	g_free(err->message);
	g_free(err->detail);
	err->code = code;
	err->message = message;
	err->detail = detail;
}

int fail(struct error *err, int code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	error_set(err, code, g_strdup_vprintf(format, ap));
	va_end(ap);
	return -1;
}

int fail_errno(struct error *err, int errnum, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	g_autofree char *what = g_strdup_vprintf(format, ap);
	va_end(ap);
	error_set(err, VIR_ERR_SYSTEM_ERROR, g_strdup_printf("%s: %s", what, g_strerror(errnum)));
	return -1;
}

int fail_ctx(struct error *err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	g_autofree char *what = g_strdup_vprintf(format, ap);
	va_end(ap);
	error_set(err, err->code, g_strdup_printf("%s: %s", what, err->detail ? err->detail : ""));
	return -1;
}

void error_clear(struct error *err)
{
	g_free(err->message);
	g_free(err->detail);
	memset(err, 0, sizeof(*err));
}

void error_move(struct error *dst, struct error *src)
{
	error_clear(dst);
	*dst = *src;
	memset(src, 0, sizeof(*src));
}
