/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handlers of the wire's calls, by the name of the call. Each is an rpc_handler (rpc/server.h).
 */
#pragma once

#include "remote_protocol.h"
#include "rpc/server.h"

/* name of the call in remote.calls, and the constant of its number */
#define API_CALLS(CALL)                                                    \
	CALL(auth_list, AUTH_LIST)                                         \
	CALL(connect_open, CONNECT_OPEN)                                   \
	CALL(connect_close, CONNECT_CLOSE)                                 \
	CALL(connect_supports_feature, CONNECT_SUPPORTS_FEATURE)           \
	CALL(connect_get_type, CONNECT_GET_TYPE)                           \
	CALL(connect_get_uri, CONNECT_GET_URI)                             \
	CALL(connect_get_lib_version, CONNECT_GET_LIB_VERSION)             \
	CALL(connect_get_hostname, CONNECT_GET_HOSTNAME)                   \
	CALL(connect_is_secure, CONNECT_IS_SECURE)                         \
	CALL(connect_get_capabilities, CONNECT_GET_CAPABILITIES)           \
	CALL(node_get_info, NODE_GET_INFO)

#define API_DECLARE(name, NUMBER) \
	int api_##name(struct rpc_request *request, const void *args, void *ret, struct error *err);
API_CALLS(API_DECLARE)
