/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kinds of objects that users define and this daemon does not serve yet: there are none, and look-ups say so.
 *
 * Answers that need no more than this let clients that look at everything first (virt-install, virt-manager)
 * go on. What would make or change such an object is "not supported", and so are kinds that are facts of the
 * host.
 */
#include "core/api.h"
#include "core/registry.h"
#include "core/session.h"

/* An answer of zeros is an empty list, or a count of 0. */
int api_none(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	return session_of(request, err) ? 0 : -1;
}

/* The same for what hangs on a domain, which is the first argument of all these calls. */
int api_none_of_domain(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	return session_guest(request, args, err) ? 0 : -1;
}

enum key { KEY_NAME, KEY_UUID, KEY_PATH, KEY_OTHER };

static const struct {
	int procedure, code, domain; /* domain: virErrorDomain; clients tell some codes apart by it */
	const char *kind;
	enum key key; /* what the first argument is */
} rows[] = {
	{ REMOTE_PROC_NETWORK_LOOKUP_BY_NAME, VIR_ERR_NO_NETWORK, VIR_FROM_NETWORK, "network", KEY_NAME },
	{ REMOTE_PROC_NETWORK_LOOKUP_BY_UUID, VIR_ERR_NO_NETWORK, VIR_FROM_NETWORK, "network", KEY_UUID },
	{ REMOTE_PROC_STORAGE_POOL_LOOKUP_BY_NAME, VIR_ERR_NO_STORAGE_POOL, VIR_FROM_STORAGE, "storage pool",
		KEY_NAME },
	{ REMOTE_PROC_STORAGE_POOL_LOOKUP_BY_UUID, VIR_ERR_NO_STORAGE_POOL, VIR_FROM_STORAGE, "storage pool",
		KEY_UUID },
	{ REMOTE_PROC_STORAGE_POOL_LOOKUP_BY_TARGET_PATH, VIR_ERR_NO_STORAGE_POOL, VIR_FROM_STORAGE,
		"storage pool", KEY_PATH },
	{ REMOTE_PROC_STORAGE_VOL_LOOKUP_BY_KEY, VIR_ERR_NO_STORAGE_VOL, VIR_FROM_STORAGE, "storage vol",
		KEY_OTHER },
	{ REMOTE_PROC_STORAGE_VOL_LOOKUP_BY_PATH, VIR_ERR_NO_STORAGE_VOL, VIR_FROM_STORAGE, "storage vol",
		KEY_PATH },
	{ REMOTE_PROC_SECRET_LOOKUP_BY_UUID, VIR_ERR_NO_SECRET, VIR_FROM_SECRET, "secret", KEY_UUID },
	{ REMOTE_PROC_SECRET_LOOKUP_BY_USAGE, VIR_ERR_NO_SECRET, VIR_FROM_SECRET, "secret", KEY_OTHER },
	{ REMOTE_PROC_NWFILTER_LOOKUP_BY_NAME, VIR_ERR_NO_NWFILTER, VIR_FROM_NWFILTER, "nwfilter", KEY_NAME },
	{ REMOTE_PROC_NWFILTER_LOOKUP_BY_UUID, VIR_ERR_NO_NWFILTER, VIR_FROM_NWFILTER, "nwfilter", KEY_UUID },
};

/* Says which object is missing. */
static int not_found(size_t row, const void *args, struct error *err)
{
	const char *const key_names[] = { [KEY_NAME] = "name", [KEY_UUID] = "uuid", [KEY_PATH] = "path" };
	const enum key key = rows[row].key;
	char uuid[37];

	if (key == KEY_OTHER)
		return fail(err, rows[row].code, "no such %s", rows[row].kind);
	if (key == KEY_UUID)
		uuid_text(args, uuid);
	return fail(err, rows[row].code, "no %s with matching %s '%s'", rows[row].kind, key_names[key],
		key == KEY_UUID ? uuid : *(char *const *)args);
}

int api_not_found(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	size_t row = 0;

	if (!session_of(request, err))
		return -1;
	while (rows[row].procedure != request->header.procedure)
		row++; /* API_NOT_FOUND_CALLS has no others */
	not_found(row, args, err);
	err->domain = rows[row].domain;
	return -1;
}
