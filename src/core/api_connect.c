/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls on the connection itself and on the host: open, close, identity, versions, capabilities, node facts.
 */
#include "core/api.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "core/lifecycle.h"
#include "core/session.h"
#include "host/node.h"

/* What clients ask with connect_supports_feature (numbers of the wire). */
enum feature {
	FEATURE_FD_PASSING = 8,
	FEATURE_TYPED_PARAM_STRING = 9,
	FEATURE_KEEPALIVE = 10,
	FEATURE_XML_MIGRATABLE = 11,
	FEATURE_EVENT_CALLBACK = 14,
	FEATURE_CLOSE_CALLBACK = 15,
};

/* The version of libvirt's interface that is spoken, as clients compare it: 9.0.0. */
enum { INTERFACE_VERSION = 9000000 };

static struct session *session_raw(struct rpc_request *request)
{
	return rpc_client_data(request->client);
}

struct session *session_of(struct rpc_request *request, struct error *err)
{
	struct session *session = session_raw(request);

	if (session->open)
		return session;
	fail(err, VIR_ERR_NO_CONNECT, "the connection is not open yet; %s needs connect_open before",
		request->call->name);
	return NULL;
}

int flags_check(const struct rpc_request *request, unsigned flags, unsigned known, struct error *err)
{
	return flags & ~known ? fail(err, VIR_ERR_INVALID_ARG, "unsupported flags (0x%x) in %s",
					flags & ~known, request->call->name)
			      : 0;
}

int api_auth_list(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct remote_auth_list_ret *answer = ret;

	answer->types.len = 1;
	answer->types.val = g_new0(int, 1);
	answer->types.val[0] = REMOTE_AUTH_NONE;
	return 0;
}

/* Which URIs are served: of qemu, the path that fits this daemon. */
static int uri_check(const struct core *core, const char *uri, struct error *err)
{
	const char *path = core->privileged ? "/system" : "/session";
	const char *query = strchrnul(uri, '?');
	g_autofree char *bare = g_strndup(uri, query - uri);
	const char *after = strstr(bare, "://");

	if (!g_str_has_prefix(bare, "qemu:"))
		return fail(err, VIR_ERR_NO_CONNECT, "'%s'; this daemon serves qemu://%s", uri, path);
	after = after ? strchrnul(after + 3, '/') : bare + strlen("qemu:");
	if (!g_str_equal(after, path))
		return fail(err, VIR_ERR_INTERNAL_ERROR, "unexpected QEMU URI path '%s', try qemu://%s",
			after, path);
	return 0;
}

int api_connect_open(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_open_args *in = args;
	struct session *session = session_raw(request);
	const char *otherwise = session->core->privileged ? "qemu:///system" : "qemu:///session";
	const char *uri = in->name && in->name[0] ? in->name : otherwise;

	if (session->open)
		return fail(err, VIR_ERR_OPERATION_INVALID, "the connection is open already");
	if (uri_check(session->core, uri, err) < 0)
		return -1;
	session->open = true;
	session->readonly = rpc_client_readonly(request->client) || (in->flags & VIR_CONNECT_RO);
	session->uri = g_strdup(otherwise);
	return 0;
}

int api_connect_close(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct session *session = session_raw(request);

	session->open = false;
	lifecycle_owner_gone(session->core, session);
	g_clear_pointer(&session->uri, g_free);
	g_clear_pointer(&session->subscriptions, g_array_unref);
	return 0;
}

int api_connect_supports_feature(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_supports_feature_args *in = args;
	struct remote_connect_supports_feature_ret *answer = ret;

	answer->supported = in->feature == FEATURE_KEEPALIVE || in->feature == FEATURE_FD_PASSING ||
			    in->feature == FEATURE_TYPED_PARAM_STRING ||
			    in->feature == FEATURE_EVENT_CALLBACK || in->feature == FEATURE_CLOSE_CALLBACK ||
			    in->feature == FEATURE_XML_MIGRATABLE;
	return 0;
}

int api_connect_get_type(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct remote_connect_get_type_ret *answer = ret;

	if (!session_of(request, err))
		return -1;
	answer->type = g_strdup("QEMU");
	return 0;
}

int api_connect_get_uri(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct remote_connect_get_uri_ret *answer = ret;
	struct session *session = session_of(request, err);

	if (!session)
		return -1;
	answer->uri = g_strdup(session->uri);
	return 0;
}

int api_connect_get_lib_version(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct remote_connect_get_lib_version_ret *answer = ret;

	if (!session_of(request, err))
		return -1;
	answer->lib_ver = INTERFACE_VERSION;
	return 0;
}

int api_connect_get_hostname(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct remote_connect_get_hostname_ret *answer = ret;

	if (!session_of(request, err))
		return -1;
	answer->hostname = node_hostname();
	return 0;
}

int api_connect_is_secure(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct remote_connect_is_secure_ret *answer = ret;

	if (!session_of(request, err))
		return -1;
	answer->secure = 1; /* a UNIX socket does not leave the host */
	return 0;
}

int api_connect_get_version(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct session *session = session_of(request, err);
	const struct driver *driver = session ? session->core->driver : NULL;

	if (!session)
		return -1;
	if (!driver || driver->version() == 0)
		return fail(err, VIR_ERR_INTERNAL_ERROR,
			"no hypervisor was found on this host; install qemu-system-x86");
	((struct remote_connect_get_version_ret *)ret)->hv_ver = driver->version();
	return 0;
}

/* The daemon never drops a driver under a client, so there is nothing to call back about but the socket's
 * end. */
int api_connect_register_close_callback(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	return session_of(request, err) ? 0 : -1;
}

int api_connect_unregister_close_callback(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	return session_of(request, err) ? 0 : -1;
}

static void *session_opened(struct rpc_client *client, void *arg)
{
	struct session *session = g_new0(struct session, 1);

	session->core = arg;
	session->client = client;
	g_ptr_array_add(session->core->sessions, session);
	return session;
}

static void session_closed(struct rpc_client *client, void *data, void *arg)
{
	struct session *session = data;

	g_ptr_array_remove_fast(session->core->sessions, session);
	lifecycle_owner_gone(session->core, session);
	g_clear_pointer(&session->subscriptions, g_array_unref);
	g_free(session->uri);
	g_free(session);
}

const struct rpc_server_callbacks core_callbacks = { .opened = session_opened, .closed = session_closed };
