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
	CALL(domain_open_console, DOMAIN_OPEN_CONSOLE)                                                       \
	CALL(domain_create_xml, DOMAIN_CREATE_XML)                                                           \
	CALL(domain_rename, DOMAIN_RENAME)                                                                   \
	CALL(domain_set_metadata, DOMAIN_SET_METADATA)                                                       \
	CALL(domain_get_metadata, DOMAIN_GET_METADATA)                                                       \
	CALL(domain_get_control_info, DOMAIN_GET_CONTROL_INFO)                                               \
	CALL(connect_get_all_domain_stats, CONNECT_GET_ALL_DOMAIN_STATS)                                     \
	CALL(domain_memory_stats, DOMAIN_MEMORY_STATS)                                                       \
	CALL(domain_block_stats, DOMAIN_BLOCK_STATS)                                                         \
	CALL(domain_block_stats_flags, DOMAIN_BLOCK_STATS_FLAGS)                                             \
	CALL(domain_interface_stats, DOMAIN_INTERFACE_STATS)                                                 \
	CALL(domain_get_block_info, DOMAIN_GET_BLOCK_INFO)                                                   \
	CALL(domain_get_vcpus, DOMAIN_GET_VCPUS)                                                             \
	CALL(domain_get_vcpus_flags, DOMAIN_GET_VCPUS_FLAGS)                                                 \
	CALL(domain_get_max_vcpus, DOMAIN_GET_MAX_VCPUS)                                                     \
	CALL(connect_get_max_vcpus, CONNECT_GET_MAX_VCPUS)                                                   \
	CALL(domain_get_job_info, DOMAIN_GET_JOB_INFO)                                                       \
	CALL(domain_get_job_stats, DOMAIN_GET_JOB_STATS)                                                     \
	CALL(domain_abort_job, DOMAIN_ABORT_JOB)                                                             \
	CALL(domain_get_hostname, DOMAIN_GET_HOSTNAME)                                                       \
	CALL(connect_domain_xml_to_native, CONNECT_DOMAIN_XML_TO_NATIVE)                                     \
	CALL(connect_get_domain_capabilities, CONNECT_GET_DOMAIN_CAPABILITIES)                               \
	CALL(connect_domain_event_register, CONNECT_DOMAIN_EVENT_REGISTER)                                   \
	CALL(connect_domain_event_deregister, CONNECT_DOMAIN_EVENT_DEREGISTER)                               \
	CALL(connect_domain_event_register_any, CONNECT_DOMAIN_EVENT_REGISTER_ANY)                           \
	CALL(connect_domain_event_deregister_any, CONNECT_DOMAIN_EVENT_DEREGISTER_ANY)                       \
	CALL(node_get_cpu_stats, NODE_GET_CPU_STATS)                                                         \
	CALL(node_get_memory_stats, NODE_GET_MEMORY_STATS)                                                   \
	CALL(node_get_free_memory, NODE_GET_FREE_MEMORY)                                                     \
	CALL(node_get_cells_free_memory, NODE_GET_CELLS_FREE_MEMORY)                                         \
	CALL(node_get_cpu_map, NODE_GET_CPU_MAP)                                                             \
	CALL(domain_set_memory, DOMAIN_SET_MEMORY)                                                           \
	CALL(domain_set_memory_flags, DOMAIN_SET_MEMORY_FLAGS)                                               \
	CALL(domain_set_max_memory, DOMAIN_SET_MAX_MEMORY)                                                   \
	CALL(domain_inject_nmi, DOMAIN_INJECT_NMI)

#define API_DECLARE(name, NUMBER)                                                                            \
	int api_##name(struct rpc_request *request, const void *args, void *ret, struct error *err);
API_CALLS(API_DECLARE)

/* Calls on kinds of objects that nothing serves yet (api_none.c): lists and counts, those of a domain,
 * look-ups. */
#define API_NONE_CALLS(CALL)                                                                                 \
	CALL(CONNECT_NUM_OF_NETWORKS)                                                                        \
	CALL(CONNECT_LIST_NETWORKS)                                                                          \
	CALL(CONNECT_NUM_OF_DEFINED_NETWORKS)                                                                \
	CALL(CONNECT_LIST_DEFINED_NETWORKS)                                                                  \
	CALL(CONNECT_LIST_ALL_NETWORKS)                                                                      \
	CALL(CONNECT_NUM_OF_STORAGE_POOLS)                                                                   \
	CALL(CONNECT_LIST_STORAGE_POOLS)                                                                     \
	CALL(CONNECT_NUM_OF_DEFINED_STORAGE_POOLS)                                                           \
	CALL(CONNECT_LIST_DEFINED_STORAGE_POOLS)                                                             \
	CALL(CONNECT_LIST_ALL_STORAGE_POOLS)                                                                 \
	CALL(CONNECT_NUM_OF_SECRETS)                                                                         \
	CALL(CONNECT_LIST_SECRETS)                                                                           \
	CALL(CONNECT_LIST_ALL_SECRETS)                                                                       \
	CALL(CONNECT_NUM_OF_NWFILTERS)                                                                       \
	CALL(CONNECT_LIST_NWFILTERS)                                                                         \
	CALL(CONNECT_LIST_ALL_NWFILTERS)                                                                     \
	CALL(CONNECT_LIST_ALL_NWFILTER_BINDINGS)
#define API_NONE_OF_DOMAIN_CALLS(CALL)                                                                       \
	CALL(DOMAIN_HAS_MANAGED_SAVE_IMAGE)                                                                  \
	CALL(DOMAIN_SNAPSHOT_NUM)                                                                            \
	CALL(DOMAIN_SNAPSHOT_LIST_NAMES)                                                                     \
	CALL(DOMAIN_LIST_ALL_SNAPSHOTS)                                                                      \
	CALL(DOMAIN_HAS_CURRENT_SNAPSHOT)                                                                    \
	CALL(DOMAIN_LIST_ALL_CHECKPOINTS)
#define API_NOT_FOUND_CALLS(CALL)                                                                            \
	CALL(NETWORK_LOOKUP_BY_NAME)                                                                         \
	CALL(NETWORK_LOOKUP_BY_UUID)                                                                         \
	CALL(STORAGE_POOL_LOOKUP_BY_NAME)                                                                    \
	CALL(STORAGE_POOL_LOOKUP_BY_UUID)                                                                    \
	CALL(STORAGE_POOL_LOOKUP_BY_TARGET_PATH)                                                             \
	CALL(STORAGE_VOL_LOOKUP_BY_KEY)                                                                      \
	CALL(STORAGE_VOL_LOOKUP_BY_PATH)                                                                     \
	CALL(SECRET_LOOKUP_BY_UUID)                                                                          \
	CALL(SECRET_LOOKUP_BY_USAGE)                                                                         \
	CALL(NWFILTER_LOOKUP_BY_NAME)                                                                        \
	CALL(NWFILTER_LOOKUP_BY_UUID)

int api_none(struct rpc_request *request, const void *args, void *ret, struct error *err);
int api_none_of_domain(struct rpc_request *request, const void *args, void *ret, struct error *err);
int api_not_found(struct rpc_request *request, const void *args, void *ret, struct error *err);
