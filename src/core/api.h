/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handlers of the wire's calls, by the name of the call. Each is an rpc_handler (rpc/server.h).
 */
#pragma once

#include "remote_protocol.h"
#include "rpc/server.h"

/* name of the call in remote.calls, and the constant of its number */
#define API_CALLS(CALL)                                                                                      \
	CALL(auth_list, AUTH_LIST)                                                                           \
	CALL(connect_open, CONNECT_OPEN)                                                                     \
	CALL(connect_close, CONNECT_CLOSE)                                                                   \
	CALL(connect_supports_feature, CONNECT_SUPPORTS_FEATURE)                                             \
	CALL(connect_get_type, CONNECT_GET_TYPE)                                                             \
	CALL(connect_get_uri, CONNECT_GET_URI)                                                               \
	CALL(connect_get_lib_version, CONNECT_GET_LIB_VERSION)                                               \
	CALL(connect_get_hostname, CONNECT_GET_HOSTNAME)                                                     \
	CALL(connect_is_secure, CONNECT_IS_SECURE)                                                           \
	CALL(connect_get_capabilities, CONNECT_GET_CAPABILITIES)                                             \
	CALL(node_get_info, NODE_GET_INFO)                                                                   \
	CALL(connect_num_of_domains, CONNECT_NUM_OF_DOMAINS)                                                 \
	CALL(connect_list_domains, CONNECT_LIST_DOMAINS)                                                     \
	CALL(connect_num_of_defined_domains, CONNECT_NUM_OF_DEFINED_DOMAINS)                                 \
	CALL(connect_list_defined_domains, CONNECT_LIST_DEFINED_DOMAINS)                                     \
	CALL(connect_list_all_domains, CONNECT_LIST_ALL_DOMAINS)                                             \
	CALL(domain_lookup_by_name, DOMAIN_LOOKUP_BY_NAME)                                                   \
	CALL(domain_lookup_by_uuid, DOMAIN_LOOKUP_BY_UUID)                                                   \
	CALL(domain_lookup_by_id, DOMAIN_LOOKUP_BY_ID)                                                       \
	CALL(domain_define_xml, DOMAIN_DEFINE_XML)                                                           \
	CALL(domain_define_xml_flags, DOMAIN_DEFINE_XML_FLAGS)                                               \
	CALL(domain_undefine, DOMAIN_UNDEFINE)                                                               \
	CALL(domain_undefine_flags, DOMAIN_UNDEFINE_FLAGS)                                                   \
	CALL(domain_get_xml_desc, DOMAIN_GET_XML_DESC)                                                       \
	CALL(domain_get_info, DOMAIN_GET_INFO)                                                               \
	CALL(domain_get_state, DOMAIN_GET_STATE)                                                             \
	CALL(domain_is_active, DOMAIN_IS_ACTIVE)                                                             \
	CALL(domain_is_persistent, DOMAIN_IS_PERSISTENT)                                                     \
	CALL(domain_is_updated, DOMAIN_IS_UPDATED)                                                           \
	CALL(domain_get_autostart, DOMAIN_GET_AUTOSTART)                                                     \
	CALL(domain_set_autostart, DOMAIN_SET_AUTOSTART)                                                     \
	CALL(domain_get_os_type, DOMAIN_GET_OS_TYPE)                                                         \
	CALL(domain_get_max_memory, DOMAIN_GET_MAX_MEMORY)                                                   \
	CALL(domain_has_managed_save_image, DOMAIN_HAS_MANAGED_SAVE_IMAGE)                                   \
	CALL(domain_snapshot_num, DOMAIN_SNAPSHOT_NUM)                                                       \
	CALL(connect_get_version, CONNECT_GET_VERSION)                                                       \
	CALL(connect_register_close_callback, CONNECT_REGISTER_CLOSE_CALLBACK)                               \
	CALL(connect_unregister_close_callback, CONNECT_UNREGISTER_CLOSE_CALLBACK)                           \
	CALL(connect_domain_event_callback_register_any, CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY)         \
	CALL(connect_domain_event_callback_deregister_any, CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY)     \
	CALL(domain_create, DOMAIN_CREATE)                                                                   \
	CALL(domain_create_with_flags, DOMAIN_CREATE_WITH_FLAGS)                                             \
	CALL(domain_suspend, DOMAIN_SUSPEND)                                                                 \
	CALL(domain_resume, DOMAIN_RESUME)                                                                   \
	CALL(domain_shutdown, DOMAIN_SHUTDOWN)                                                               \
	CALL(domain_shutdown_flags, DOMAIN_SHUTDOWN_FLAGS)                                                   \
	CALL(domain_reboot, DOMAIN_REBOOT)                                                                   \
	CALL(domain_reset, DOMAIN_RESET)                                                                     \
	CALL(domain_destroy, DOMAIN_DESTROY)                                                                 \
	CALL(domain_destroy_flags, DOMAIN_DESTROY_FLAGS)                                                     \
	CALL(domain_open_console, DOMAIN_OPEN_CONSOLE)

#define API_DECLARE(name, NUMBER)                                                                            \
	int api_##name(struct rpc_request *request, const void *args, void *ret, struct error *err);
API_CALLS(API_DECLARE)
