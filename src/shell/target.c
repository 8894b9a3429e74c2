/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Connection URIs to sockets.
 */
#include "shell/target.h"

#include <string.h>
#include <unistd.h>

/* From the environment; NULL = none. */
static const char *environment_uri(void)
{
	static const char *const variables[] = { "VIREO_URI", "LIBVIRT_DEFAULT_URI",
		"VIRSH_DEFAULT_CONNECT_URI" };

	for (size_t i = 0; i < G_N_ELEMENTS(variables); i++) {
		const char *value = g_getenv(variables[i]);
		if (value && value[0])
			return value;
	}
	return NULL;
}

/* The first path that is there, else the first; CANDIDATES end with NULL. The text is the caller's. */
static char *first_there(char *const *candidates)
{
	for (char *const *path = candidates; *path; path++)
		if (access(*path, F_OK) == 0)
			return g_strdup(*path);
	return g_strdup(candidates[0]);
}

static char *find_socket(bool session, const char *root, bool readonly)
{
	/* a session has no read-only socket in libvirt: what may be done is then said in the open call alone
	 */
	const char *end = readonly && !session ? "-ro" : "";
	const char *runtime = g_get_user_runtime_dir();
	char *paths[4] = { 0 };

	if (root)
		return g_strdup_printf("%s/run/vireo-sock%s", root, readonly ? "-ro" : "");
	if (session) {
		paths[0] = g_strdup_printf("%s/vireo/vireo-sock", runtime);
		paths[1] = g_strdup_printf("%s/libvirt/libvirt-sock", runtime);
		paths[2] = g_strdup_printf("%s/libvirt/virtqemud-sock", runtime);
	} else {
		paths[0] = g_strdup_printf("/run/vireo/vireo-sock%s", end);
		paths[1] = g_strdup_printf("/run/libvirt/libvirt-sock%s", end);
		paths[2] = g_strdup_printf("/run/libvirt/virtqemud-sock%s", end);
	}
	char *found = first_there(paths);
	for (char **path = paths; *path; path++)
		g_free(*path);
	return found;
}

/* Takes "socket" out of QUERY ("a=1&b=2"); the rest goes into *RET_REST, NULL when empty. */
static char *query_socket(const char *query, char **ret_rest)
{
	g_auto(GStrv) words = g_strsplit_set(query ? query : "", "&;", -1);
	g_autoptr(GString) rest = g_string_new(NULL);
	char *socket = NULL;

	for (char **word = words; *word; word++) {
		if (g_str_has_prefix(*word, "socket=") && !socket)
			socket = g_uri_unescape_string(*word + strlen("socket="), NULL);
		else if (**word)
			g_string_append_printf(rest, "%s%s", rest->len ? "&" : "", *word);
	}
	*ret_rest = rest->len ? g_strdup(rest->str) : NULL;
	return socket;
}

/* Splits "driver+transport"; only a local socket can be reached. */
static int check_transport(
	const char *uri, const char *scheme, const char *host, char **ret_driver, struct error *err)
{
	const char *plus = strchr(scheme, '+');

	if (plus && strcmp(plus + 1, "unix") != 0)
		return fail(err, VIR_ERR_OPERATION_UNSUPPORTED,
			"transport '%s' of '%s': this shell reaches local sockets only; run it on that host, "
			"or use a "
			"forwarded socket with '?socket=PATH'",
			plus + 1, uri);
	if (host && host[0])
		return fail(err, VIR_ERR_OPERATION_UNSUPPORTED,
			"host '%s' of '%s': this shell reaches local sockets only; run it on that host, or "
			"use a "
			"forwarded socket with '?socket=PATH'",
			host, uri);
	*ret_driver = plus ? g_strndup(scheme, plus - scheme) : g_strdup(scheme);
	return 0;
}

int target_find(
	const char *uri, const char *root, bool readonly, struct target *ret_target, struct error *err)
{
	const char *given = uri && uri[0] ? uri : environment_uri();
	const char *text = given ? given : geteuid() == 0 ? "qemu:///system" : "qemu:///session";
	g_autofree char *driver = NULL;
	g_autofree char *rest = NULL;
	g_autoptr(GUri) parsed = g_uri_parse(text, G_URI_FLAGS_ENCODED, NULL);

	if (!parsed)
		return fail(err, VIR_ERR_INVALID_ARG,
			"'%s' is not a connection URI; write for example 'qemu:///system'", text);
	if (check_transport(text, g_uri_get_scheme(parsed), g_uri_get_host(parsed), &driver, err) < 0)
		return -1;

	const char *path = g_uri_get_path(parsed);
	char *socket = query_socket(g_uri_get_query(parsed), &rest);
	*ret_target = (struct target){
		.given = g_strdup(given),
		.name = g_strdup_printf("%s://%s%s%s", driver, path, rest ? "?" : "", rest ? rest : ""),
		.socket = socket ? socket : find_socket(strcmp(path, "/session") == 0, root, readonly),
	};
	return 0;
}

void target_clear(struct target *target)
{
	g_free(target->given);
	g_free(target->name);
	g_free(target->socket);
	memset(target, 0, sizeof(*target));
}
