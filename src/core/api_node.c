/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls on the host: capabilities of host and hypervisor, processors, memory.
 */
#include <libvirt/libvirt.h>
#include <string.h>

#include "core/api.h"
#include "core/driver.h"
#include "core/session.h"
#include "model/domain.h"

int api_node_get_info(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct remote_node_get_info_ret *answer = ret;
	struct session *session = session_of(request, err);

	if (!session)
		return -1;
	const struct node_info *node = &session->core->node;
	memcpy(answer->model, node->arch, MIN(sizeof(answer->model) - 1, sizeof(node->arch)));
	answer->memory = node->memory;
	answer->cpus = node->cpus;
	answer->mhz = node->mhz;
	answer->nodes = node->nodes;
	answer->sockets = node->sockets;
	answer->cores = node->cores;
	answer->threads = node->threads;
	return 0;
}

/* Names and values as several calls answer them, each with a struct of its own of the same shape. */
struct figure {
	const char *name;
	uint64_t value;
};

int api_node_get_cpu_stats(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_node_get_cpu_stats_args *in = args;
	struct remote_node_get_cpu_stats_ret *answer = ret;
	struct node_cpu_times times;

	if (!session_of(request, err) || flags_check(request, in->flags, 0, err) < 0 ||
		node_cpu_times(in->cpuNum, &times, err) < 0)
		return -1;
	const struct figure figures[] = {
		{ VIR_NODE_CPU_STATS_KERNEL, times.kernel },
		{ VIR_NODE_CPU_STATS_USER, times.user },
		{ VIR_NODE_CPU_STATS_IDLE, times.idle },
		{ VIR_NODE_CPU_STATS_IOWAIT, times.iowait },
	};
	answer->nparams = G_N_ELEMENTS(figures);
	if (in->nparams == 0) /* asks for how many there are */
		return 0;
	answer->params.len = MIN((unsigned)MAX(in->nparams, 0), G_N_ELEMENTS(figures));
	answer->params.val = g_new0(struct remote_node_get_cpu_stats, G_N_ELEMENTS(figures));
	for (unsigned i = 0; i < answer->params.len; i++)
		answer->params.val[i] =
			(struct remote_node_get_cpu_stats){ g_strdup(figures[i].name), figures[i].value };
	return 0;
}

int api_node_get_memory_stats(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_node_get_memory_stats_args *in = args;
	struct remote_node_get_memory_stats_ret *answer = ret;
	struct node_memory memory;

	if (!session_of(request, err) || flags_check(request, in->flags, 0, err) < 0 ||
		node_memory(in->cellNum, &memory, err) < 0)
		return -1;
	const struct figure figures[] = {
		{ VIR_NODE_MEMORY_STATS_TOTAL, memory.total },
		{ VIR_NODE_MEMORY_STATS_FREE, memory.free },
		{ VIR_NODE_MEMORY_STATS_BUFFERS, memory.buffers },
		{ VIR_NODE_MEMORY_STATS_CACHED, memory.cached },
	};
	const unsigned known = in->cellNum == NODE_ALL ? 4 : 2;
	answer->nparams = (int)known;
	if (in->nparams == 0)
		return 0;
	answer->params.len = MIN((unsigned)MAX(in->nparams, 0), known);
	answer->params.val = g_new0(struct remote_node_get_memory_stats, known);
	for (unsigned i = 0; i < answer->params.len; i++)
		answer->params.val[i] =
			(struct remote_node_get_memory_stats){ g_strdup(figures[i].name), figures[i].value };
	return 0;
}

int api_node_get_free_memory(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct node_memory memory;

	if (!session_of(request, err) || node_memory(NODE_ALL, &memory, err) < 0)
		return -1;
	((struct remote_node_get_free_memory_ret *)ret)->freeMem = memory.free * 1024;
	return 0;
}

int api_node_get_cells_free_memory(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_node_get_cells_free_memory_args *in = args;
	struct remote_node_get_cells_free_memory_ret *answer = ret;
	struct session *session = session_of(request, err);

	if (!session)
		return -1;
	int cells = (int)session->core->node.nodes;
	if (in->startCell < 0 || in->startCell >= cells || in->maxcells <= 0)
		return fail(err, VIR_ERR_INVALID_ARG, "start cell %d out of range (0-%d)", in->startCell,
			cells - 1);
	answer->cells.len = (unsigned)MIN(in->maxcells, cells - in->startCell);
	answer->cells.val = g_new0(uint64_t, answer->cells.len);
	for (unsigned i = 0; i < answer->cells.len; i++) {
		struct node_memory memory;
		if (node_memory(in->startCell + (int)i, &memory, err) < 0)
			return -1;
		answer->cells.val[i] = memory.free * 1024;
	}
	return 0;
}

int api_node_get_cpu_map(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_node_get_cpu_map_args *in = args;
	struct remote_node_get_cpu_map_ret *answer = ret;
	unsigned present, online;

	if (!session_of(request, err) || flags_check(request, in->flags, 0, err) < 0)
		return -1;
	GByteArray *map = node_cpu_map(&present, &online);
	answer->ret = (int)present;
	answer->online = in->need_online ? online : 0;
	answer->cpumap.len = in->need_map ? map->len : 0;
	answer->cpumap.val = g_byte_array_free(map, FALSE);
	return 0;
}

/* -- what runs here -- */

static void format_machine(const struct driver_machine *machine, GString *out)
{
	g_autofree char *canonical =
		machine->canonical ? g_markup_printf_escaped(" canonical='%s'", machine->canonical) : NULL;
	g_autofree char *name = g_markup_escape_text(machine->name, -1);

	g_string_append_printf(out, "      <machine%s maxCpus='%u'>%s</machine>\n",
		canonical ? canonical : "", machine->max_cpus, name);
}

static void format_guest(const struct driver_target *target, GString *out)
{
	const bool x86 = g_str_equal(target->arch, "x86_64") || g_str_equal(target->arch, "i686");

	g_string_append_printf(out,
		"  <guest>\n    <os_type>hvm</os_type>\n    <arch name='%s'>\n      <wordsize>%u</wordsize>\n"
		"      <emulator>%s</emulator>\n",
		target->arch, target->wordsize, target->emulator);
	/* the default first: clients take the first one where they are not told */
	for (int first = 1; first >= 0; first--)
		for (guint i = 0; i < target->machines->len; i++) {
			const struct driver_machine *machine = target->machines->pdata[i];
			if (machine->is_default == first)
				format_machine(machine, out);
		}
	g_string_append_printf(out, "      <domain type='qemu'/>\n%s    </arch>\n    <features>\n",
		target->kvm ? "      <domain type='kvm'/>\n" : "");
	if (g_str_equal(target->arch, "i686"))
		g_string_append(out, "      <pae/>\n      <nonpae/>\n");
	if (x86)
		g_string_append(out, "      <acpi default='on' toggle='yes'/>\n"
				     "      <apic default='on' toggle='no'/>\n");
	g_string_append(out,
		"      <cpuselection/>\n      <deviceboot/>\n"
		"      <disksnapshot default='on' toggle='no'/>\n    </features>\n  </guest>\n\n");
}

int api_connect_get_capabilities(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct remote_connect_get_capabilities_ret *answer = ret;
	struct session *session = session_of(request, err);
	g_autoptr(GString) out = g_string_new("<capabilities>\n\n");

	if (!session || node_capabilities(&session->core->node, session->core->host_uuid, out, err) < 0)
		return -1;
	const GPtrArray *targets = session->core->driver ? session->core->driver->targets() : NULL;
	g_string_append_c(out, '\n');
	for (guint i = 0; targets && i < targets->len; i++)
		format_guest(targets->pdata[i], out);
	g_string_append(out, "</capabilities>\n");
	answer->capabilities = g_strdup(out->str);
	return 0;
}

int api_connect_get_domain_capabilities(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_get_domain_capabilities_args *in = args;
	struct session *session = session_of(request, err);

	if (!session || flags_check(request, in->flags, 0, err) < 0)
		return -1;
	if (!session->core->driver)
		return fail(err, VIR_ERR_NO_SUPPORT, "no hypervisor driver is built in");
	char *text = session->core->driver->domain_capabilities(
		in->emulatorbin, in->arch, in->machine, in->virttype, err);
	((struct remote_connect_get_domain_capabilities_ret *)ret)->capabilities = text;
	return text ? 0 : -1;
}

/* What the API answers for a type of guest, whichever machine it may have. */
int api_connect_get_max_vcpus(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_get_max_vcpus_args *in = args;
	struct session *session = session_of(request, err);
	enum { MAX_QEMU = 16, MAX_KVM = 1024 };

	if (!session)
		return -1;
	bool kvm = g_strcmp0(in->type, "kvm") == 0;
	if (in->type && !kvm && !g_str_equal(in->type, "qemu"))
		return fail(
			err, VIR_ERR_INVALID_ARG, "unknown type '%s'; there are 'qemu' and 'kvm'", in->type);
	((struct remote_connect_get_max_vcpus_ret *)ret)->max_vcpus = kvm ? MAX_KVM : MAX_QEMU;
	return 0;
}

int api_connect_domain_xml_to_native(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_domain_xml_to_native_args *in = args;
	struct session *session = session_writer(request, err);
	auto_domain *domain = NULL;

	if (!session || flags_check(request, in->flags, 0, err) < 0)
		return -1;
	if (!session->core->driver || !session->core->driver->native_export)
		return fail(err, VIR_ERR_NO_SUPPORT, "no hypervisor driver here has a native format");
	if (definition_read(session->core, in->domainXml, false, &domain, err) < 0)
		return -1;
	char *text = session->core->driver->native_export(domain, in->nativeFormat, err);
	((struct remote_connect_domain_xml_to_native_ret *)ret)->nativeConfig = text;
	return text ? 0 : -1;
}
