/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The core's start and end, and the table of the calls it answers.
 */
#include "core/core.h"

#include "base/fd.h"
#include "core/api.h"
#include "core/lifecycle.h"
#include "core/registry.h"

#define API_ROW(name, NUMBER)	   [REMOTE_PROC_##NUMBER] = api_##name,
#define NONE_ROW(NUMBER)	   [REMOTE_PROC_##NUMBER] = api_none,
#define NONE_OF_DOMAIN_ROW(NUMBER) [REMOTE_PROC_##NUMBER] = api_none_of_domain,
#define NOT_FOUND_ROW(NUMBER)	   [REMOTE_PROC_##NUMBER] = api_not_found,
static const rpc_handler remote_handlers[] = { API_CALLS(API_ROW) API_NONE_CALLS(NONE_ROW)
		API_NONE_OF_DOMAIN_CALLS(NONE_OF_DOMAIN_ROW) API_NOT_FOUND_CALLS(NOT_FOUND_ROW) };

/* Programs in which nothing is built yet still answer each of their calls with VIR_ERR_NO_SUPPORT. */
const struct rpc_service core_services[] = {
	{ &remote_program, remote_handlers, G_N_ELEMENTS(remote_handlers) },
	{ &qemu_program, NULL, 0 },
	{ &lxc_program, NULL, 0 },
};
const size_t core_service_count = G_N_ELEMENTS(core_services);

int core_init(struct core *core, sd_event *loop, const struct core_paths *paths, bool privileged,
	const struct driver *driver, const struct driver_settings *settings, struct error *err)
{
	const char *folders[] = { paths->config, paths->state, paths->lib, paths->log };

	*core = (struct core){
		.loop = sd_event_ref(loop), .paths = *paths, .privileged = privileged, .driver = driver
	};
	core->driver_host.settings = settings;
	core->sessions = g_ptr_array_new();
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
		if (dir_make(folders[i], 0755, err) < 0)
			return -1;
	if (node_info_read(&core->node, err) < 0)
		return -1;
	if (node_uuid(paths->lib, core->host_uuid, err) < 0)
		return -1;
	g_autofree char *folder = g_build_filename(paths->config, "qemu", NULL);
	core->domains = registry_new(folder, err);
	return core->domains ? lifecycle_init(core, err) : -1;
}

void core_done(struct core *core)
{
	lifecycle_done(core);
	g_clear_pointer(&core->domains, registry_free);
	g_clear_pointer(&core->sessions, g_ptr_array_unref);
	core->loop = sd_event_unref(core->loop);
}
