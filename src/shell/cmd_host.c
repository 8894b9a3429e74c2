/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Facts about the host and its hypervisor.
 */
#include <inttypes.h>
#include <string.h>

#include "shell/commands.h"
#include "shell/domain.h"
#include "shell/values.h"
#include "shell/xml.h"

/* -- the connection -- */

static int run_uri(struct shell *sh, const struct command *cmd, struct error *err)
{
	/* what the user gave is more than the daemon knows: it may name a socket */
	if (sh->client_uri) {
		shell_document(sh, "uri", sh->client_uri, "\n");
		return 0;
	}
	const struct remote_connect_get_uri_ret *ret = CALL_PLAIN(sh, CONNECT_GET_URI, connect_get_uri);

	if (!ret)
		return shell_error(sh, "failed to get URI");
	shell_document(sh, "uri", ret->uri, "\n");
	return 0;
}

static int run_hostname(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_connect_get_hostname_ret *ret =
		CALL_PLAIN(sh, CONNECT_GET_HOSTNAME, connect_get_hostname);

	if (!ret)
		return shell_error(sh, "failed to get hostname");
	shell_document(sh, "hostname", ret->hostname, "\n");
	return 0;
}

/* 9002001 to "9.2.1"; the text is the caller's. */
static char *version_text(uint64_t version)
{
	return g_strdup_printf(
		"%" PRIu64 ".%" PRIu64 ".%" PRIu64, version / 1000000, version / 1000 % 1000, version % 1000);
}

static int daemon_version(struct shell *sh, struct error *err)
{
	const struct remote_connect_get_lib_version_ret *ret =
		CALL_PLAIN(sh, CONNECT_GET_LIB_VERSION, connect_get_lib_version);

	if (!ret)
		return shell_error(sh, "failed to get the daemon version");
	g_autofree char *text = version_text(ret->lib_ver);
	shell_print(sh, "Running against daemon: %s\n", text);
	shell_answer(sh, "daemon", json_string(text));
	return 0;
}

static int run_version(struct shell *sh, const struct command *cmd, struct error *err)
{
	g_autofree char *library = version_text(LIBVIR_VERSION_NUMBER);
	const struct remote_connect_get_type_ret *type = CALL_PLAIN(sh, CONNECT_GET_TYPE, connect_get_type);

	if (!type)
		return shell_error(sh, "failed to get hypervisor type");
	shell_print(sh, "Compiled against library: libvirt %s\n", library);
	shell_print(sh, "Using library: libvirt %s\n", library);
	shell_print(sh, "Using API: %s %s\n", type->type, library);
	shell_answer(sh, "api", json_string(type->type));
	shell_answer(sh, "library", json_string(library));
	const struct remote_connect_get_version_ret *version =
		CALL_PLAIN(sh, CONNECT_GET_VERSION, connect_get_version);
	if (!version)
		return shell_error(sh, "failed to get the hypervisor version");
	g_autofree char *hypervisor = version_text(version->hv_ver);
	if (version->hv_ver)
		shell_print(sh, "Running hypervisor: %s %s\n", type->type, hypervisor);
	else
		shell_print(sh, "Cannot extract running %s hypervisor version\n", type->type);
	shell_answer(sh, "hypervisor", version->hv_ver ? json_string(hypervisor) : json_null());
	return command_has(cmd, "daemon") ? daemon_version(sh, err) : 0;
}

static int run_capabilities(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_connect_get_capabilities_ret *ret =
		CALL_PLAIN(sh, CONNECT_GET_CAPABILITIES, connect_get_capabilities);

	if (!ret)
		return shell_error(sh, "failed to get capabilities");
	shell_document(sh, "xml", ret->capabilities, "\n");
	return 0;
}

static const char *domain_capabilities(struct shell *sh, const char *emulator, const char *arch,
	const char *machine, const char *type, struct error *err)
{
	const struct remote_connect_get_domain_capabilities_ret *ret =
		CALL(sh, CONNECT_GET_DOMAIN_CAPABILITIES, connect_get_domain_capabilities,
			.emulatorbin = (char *)emulator, .arch = (char *)arch, .machine = (char *)machine,
			.virttype = (char *)type);

	return ret ? ret->capabilities : NULL;
}

static int run_domcapabilities(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *xml = domain_capabilities(sh, command_text(cmd, "emulatorbin"), command_text(cmd, "arch"),
		command_text(cmd, "machine"), command_text(cmd, "virttype"), err);

	if (!xml)
		return shell_error(sh, "failed to get emulator capabilities");
	shell_document(sh, "xml", xml, "\n");
	return 0;
}

/* -- CPUs -- */

static int run_nodeinfo(struct shell *sh, const struct command *cmd, struct error *err)
{
	enum { WIDTH = 20 };
	const struct remote_node_get_info_ret *info = CALL_PLAIN(sh, NODE_GET_INFO, node_get_info);

	if (!info)
		return shell_error(sh, "failed to get node information");
	g_autofree char *model = g_strndup(info->model, sizeof(info->model));
	shell_field(sh, "cpu_model", NULL, WIDTH, "CPU model:", "%s", model);
	shell_field(sh, "cpus", json_integer(info->cpus), WIDTH, "CPU(s):", "%u", info->cpus);
	if (info->mhz)
		shell_field(
			sh, "cpu_mhz", json_integer(info->mhz), WIDTH, "CPU frequency:", "%u MHz", info->mhz);
	shell_field(sh, "sockets", json_integer(info->sockets), WIDTH, "CPU socket(s):", "%u", info->sockets);
	shell_field(sh, "cores_per_socket", json_integer(info->cores), WIDTH, "Core(s) per socket:", "%u",
		info->cores);
	shell_field(sh, "threads_per_core", json_integer(info->threads), WIDTH, "Thread(s) per core:", "%u",
		info->threads);
	shell_field(sh, "numa_cells", json_integer(info->nodes), WIDTH, "NUMA cell(s):", "%u", info->nodes);
	shell_field(sh, "memory_kib", json_integer((json_int_t)info->memory), WIDTH,
		"Memory size:", "%" PRIu64 " KiB", info->memory);
	return 0;
}

static int run_nodecpumap(struct shell *sh, const struct command *cmd, struct error *err)
{
	enum { WIDTH = 15 };
	const struct remote_node_get_cpu_map_ret *ret =
		CALL(sh, NODE_GET_CPU_MAP, node_get_cpu_map, .need_map = 1, .need_online = 1);

	if (!ret)
		return shell_error(sh, "Unable to get cpu map");
	unsigned cpus = (unsigned)MAX(ret->ret, 0);
	g_autofree char *text = map_text(ret->cpumap.val, ret->cpumap.len, cpus, command_has(cmd, "pretty"));
	shell_field(sh, "present", json_integer(cpus), WIDTH, "CPUs present:", "%u", cpus);
	shell_field(sh, "online", json_integer(ret->online), WIDTH, "CPUs online:", "%u", ret->online);
	shell_field(
		sh, "map", map_json(ret->cpumap.val, ret->cpumap.len, cpus), WIDTH, "CPU map:", "%s", text);
	return 0;
}

/* What is told of CPU time, in order. */
enum { CPU_USER, CPU_SYSTEM, CPU_IDLE, CPU_IOWAIT, CPU_INTR, CPU_UTILIZATION, CPU_COUNT };
static const char *const cpu_fields[CPU_COUNT] = { VIR_NODE_CPU_STATS_USER, VIR_NODE_CPU_STATS_KERNEL,
	VIR_NODE_CPU_STATS_IDLE, VIR_NODE_CPU_STATS_IOWAIT, VIR_NODE_CPU_STATS_INTR,
	VIR_NODE_CPU_STATS_UTILIZATION };
static const char *const cpu_labels[CPU_COUNT] = {
	"user:", "system:", "idle:", "iowait:", "intr:", "usage:"
};

struct cpu_times {
	uint64_t value[CPU_COUNT];
	bool there[CPU_COUNT];
};

static int read_cpu_times(struct shell *sh, int cpu, struct cpu_times *times, struct error *err)
{
	const struct remote_node_get_cpu_stats_ret *count =
		CALL(sh, NODE_GET_CPU_STATS, node_get_cpu_stats, .cpuNum = cpu);

	if (!count)
		return shell_error(sh, "Unable to get number of cpu stats");
	const struct remote_node_get_cpu_stats_ret *ret =
		CALL(sh, NODE_GET_CPU_STATS, node_get_cpu_stats, .cpuNum = cpu, .nparams = count->nparams);
	if (!ret)
		return shell_error(sh, "Unable to get node cpu stats");
	for (unsigned i = 0; i < ret->params.len; i++)
		for (int f = 0; f < CPU_COUNT; f++)
			if (strcmp(ret->params.val[i].field, cpu_fields[f]) == 0) {
				times->value[f] = ret->params.val[i].value;
				times->there[f] = true;
			}
	return 0;
}

static void print_percent(struct shell *sh, int field, double percent)
{
	g_autofree char *key = g_strndup(cpu_labels[field], strlen(cpu_labels[field]) - 1);

	shell_print(sh, "%-15s %5.1f%%\n", cpu_labels[field], percent);
	shell_answer(sh, key, json_real(percent));
}

/* The share of each in what passed between two readings. */
static void print_shares(struct shell *sh, const struct cpu_times *before, const struct cpu_times *after)
{
	static const int shown[] = { CPU_USER, CPU_SYSTEM, CPU_IDLE, CPU_IOWAIT, CPU_INTR };
	double diff[CPU_COUNT], total = 0;

	for (int f = 0; f < CPU_COUNT; f++) {
		diff[f] = (double)after->value[f] - (double)before->value[f];
		if (f != CPU_UTILIZATION)
			total += diff[f];
	}
	if (total <= 0)
		total = 1;
	print_percent(sh, CPU_UTILIZATION, (diff[CPU_USER] + diff[CPU_SYSTEM]) * 100 / total);
	for (size_t i = 0; i < G_N_ELEMENTS(shown); i++)
		if (after->there[shown[i]])
			print_percent(sh, shown[i], diff[shown[i]] * 100 / total);
}

static int cpu_percent(struct shell *sh, int cpu, const struct cpu_times *before, struct error *err)
{
	struct cpu_times after = { 0 };
	struct client_event *event = NULL;

	if (before->there[CPU_UTILIZATION]) {
		uint64_t usage = before->value[CPU_UTILIZATION];
		shell_print(sh, "%-15s %5" PRIu64 "%%\n%-15s %5" PRIu64 "%%\n", "usage:", usage,
			"idle:", 100 - usage);
		shell_answer(sh, "usage", json_integer((json_int_t)usage));
		shell_answer(sh, "idle", json_integer((json_int_t)(100 - usage)));
		return 0;
	}
	/* the command means: over one second */
	int rc = client_event_wait(sh->client, 1000, &event, err);
	client_event_free(event);
	if (rc < 0 || read_cpu_times(sh, cpu, &after, err) < 0)
		return -1;
	print_shares(sh, before, &after);
	return 0;
}

static int run_nodecpustats(struct shell *sh, const struct command *cmd, struct error *err)
{
	struct cpu_times times = { 0 };
	auto_error wrong = { 0 };
	int cpu = VIR_NODE_CPU_STATS_ALL_CPUS;

	if (command_int(cmd, "cpu", &cpu, &wrong) < 0)
		return shell_error(sh, "%s", wrong.detail);
	if (read_cpu_times(sh, cpu, &times, err) < 0)
		return -1;
	if (command_has(cmd, "percent"))
		return cpu_percent(sh, cpu, &times, err);
	for (int f = 0; f < CPU_UTILIZATION; f++) {
		if (!times.there[f])
			continue;
		shell_print(sh, "%-15s %20" PRIu64 "\n", cpu_labels[f], times.value[f]);
		g_autofree char *key = g_strndup(cpu_labels[f], strlen(cpu_labels[f]) - 1);
		shell_answer(sh, key, json_integer((json_int_t)times.value[f]));
	}
	return 0;
}

/* The greatest number of virtual CPUs that the hypervisor's capabilities tell, 0 = they do not. */
static gint64 capabilities_max(struct shell *sh, const char *type, struct error *err)
{
	const char *xml = domain_capabilities(sh, NULL, NULL, NULL, type, err);
	auto_xml doc = xml ? xml_parse(xml, err) : NULL;

	error_clear(err);
	if (!doc)
		return 0;
	g_autofree char *max = xml_text(doc, NULL, "string(/domainCapabilities/vcpu/@max)");
	return g_ascii_strtoll(max, NULL, 10);
}

static int run_maxvcpus(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *type = command_text(cmd, "type");
	gint64 max = capabilities_max(sh, type, err);

	if (max <= 0) {
		const struct remote_connect_get_max_vcpus_ret *ret =
			CALL(sh, CONNECT_GET_MAX_VCPUS, connect_get_max_vcpus, .type = (char *)type);
		if (!ret)
			return -1;
		max = ret->max_vcpus;
	}
	shell_print(sh, "%" G_GINT64_FORMAT "\n", max);
	shell_answer(sh, "max_vcpus", json_integer(max));
	return 0;
}

/* -- memory -- */

static int run_nodememstats(struct shell *sh, const struct command *cmd, struct error *err)
{
	auto_error wrong = { 0 };
	int cell = VIR_NODE_MEMORY_STATS_ALL_CELLS;

	if (command_int(cmd, "cell", &cell, &wrong) < 0)
		return shell_error(sh, "%s", wrong.detail);
	const struct remote_node_get_memory_stats_ret *count =
		CALL(sh, NODE_GET_MEMORY_STATS, node_get_memory_stats, .cellNum = cell);
	if (!count)
		return shell_error(sh, "Unable to get number of memory stats");
	const struct remote_node_get_memory_stats_ret *ret = CALL(
		sh, NODE_GET_MEMORY_STATS, node_get_memory_stats, .cellNum = cell, .nparams = count->nparams);
	if (!ret)
		return shell_error(sh, "Unable to get memory stats");
	for (unsigned i = 0; i < ret->params.len; i++) {
		const struct remote_node_get_memory_stats *stat = &ret->params.val[i];
		shell_print(sh, "%-7s: %20" PRIu64 " KiB\n", stat->field, stat->value);
		shell_answer(sh, stat->field, json_integer((json_int_t)stat->value));
	}
	return 0;
}

/* Free bytes of one cell. */
static int cell_free(struct shell *sh, int cell, uint64_t *ret_bytes, struct error *err)
{
	const struct remote_node_get_cells_free_memory_ret *ret = CALL(
		sh, NODE_GET_CELLS_FREE_MEMORY, node_get_cells_free_memory, .startCell = cell, .maxcells = 1);

	if (!ret)
		return -1;
	if (ret->cells.len != 1)
		return fail(err, VIR_ERR_INTERNAL_ERROR, "the daemon told nothing of cell %d", cell);
	*ret_bytes = ret->cells.val[0];
	return 0;
}

static int free_of_all(struct shell *sh, struct error *err)
{
	const struct remote_connect_get_capabilities_ret *ret =
		CALL_PLAIN(sh, CONNECT_GET_CAPABILITIES, connect_get_capabilities);

	if (!ret)
		return shell_error(sh, "unable to get node capabilities");
	auto_xml doc = xml_parse(ret->capabilities, err);
	if (!doc)
		return -1;
	auto_nodes cells = xml_nodes(doc, NULL, "/capabilities/host/topology/cells/cell");
	if (!cells)
		return shell_error(sh, "could not get information about NUMA topology");
	uint64_t total = 0;
	json_t *list = json_array();
	for (int i = 0; i < xml_count(cells); i++) {
		g_autofree char *id = xml_text(doc, xml_node(cells, i), "string(./@id)");
		int cell = (int)g_ascii_strtoll(id, NULL, 10);
		uint64_t bytes;
		if (cell_free(sh, cell, &bytes, err) < 0) {
			json_decref(list);
			return shell_error(sh, "failed to get free memory for NUMA node number: %d", cell);
		}
		total += bytes / 1024;
		shell_print(sh, "%5d: %10" PRIu64 " KiB\n", cell, bytes / 1024);
		json_array_append_new(list, json_pack("{s:i, s:I}", "cell", cell, "free_kib", bytes / 1024));
	}
	shell_print(sh, "--------------------\n%5s: %10" PRIu64 " KiB\n", "Total", total);
	shell_answer(sh, "cells", list);
	shell_answer(sh, "free_kib", json_integer((json_int_t)total));
	return 0;
}

static int run_freecell(struct shell *sh, const struct command *cmd, struct error *err)
{
	auto_error wrong = { 0 };
	int cell = 0;
	uint64_t bytes;
	int given = command_int(cmd, "cellno", &cell, &wrong);

	if (given < 0)
		return shell_error(sh, "%s", wrong.detail);
	if (command_has(cmd, "all"))
		return free_of_all(sh, err);
	if (given) {
		if (cell_free(sh, cell, &bytes, err) < 0)
			return -1;
		shell_print(sh, "%d: %" PRIu64 " KiB\n", cell, bytes / 1024);
	} else {
		const struct remote_node_get_free_memory_ret *ret =
			CALL_PLAIN(sh, NODE_GET_FREE_MEMORY, node_get_free_memory);
		if (!ret)
			return -1;
		bytes = ret->freeMem;
		shell_print(sh, "Total: %" PRIu64 " KiB\n", bytes / 1024);
	}
	shell_answer(sh, "free_kib", json_integer((json_int_t)(bytes / 1024)));
	return 0;
}

/* -- rows -- */

static const struct option_row version_options[] = { OPTION_FLAG("daemon", "report daemon version too") };
static const struct option_row nodecpumap_options[] = { OPTION_FLAG(
	"pretty", "return human readable output") };
static const struct option_row domcapabilities_options[] = {
	OPTION_TEXT("virttype", 0, "virtualization type (/domain/@type)"),
	OPTION_TEXT("emulatorbin", 0, "path to emulator binary (/domain/devices/emulator)",
		.complete = complete_file),
	OPTION_TEXT("arch", 0, "domain architecture (/domain/os/type/@arch)"),
	OPTION_TEXT("machine", 0, "machine type (/domain/os/type/@machine)"),
};
static const struct option_row nodecpustats_options[] = {
	OPTION_NUMBER("cpu", 0, "prints specified cpu statistics only."),
	OPTION_FLAG("percent", "prints by percentage during 1 second."),
};
static const struct option_row nodememstats_options[] = {
	OPTION_NUMBER("cell", 0, "prints specified cell statistics only."),
};
static const struct option_row maxvcpus_options[] = { OPTION_TEXT("type", 0, "domain type") };
static const struct option_row freecell_options[] = {
	OPTION_NUMBER("cellno", 0, "NUMA cell number"),
	OPTION_FLAG("all", "show free memory for all NUMA cells"),
};
static const struct exclusive_row freecell_exclusive[] = { { "all", "cellno" }, { 0 } };

static const struct command_row rows[] = {
	{ "capabilities", NULL, GROUP_HOST, "capabilities", "Returns capabilities of hypervisor/driver.",
		.run = run_capabilities },
	{ "domcapabilities", NULL, GROUP_HOST, "domain capabilities",
		"Returns capabilities of emulator with respect to host and libvirt.",
		OPTIONS(domcapabilities_options), .run = run_domcapabilities },
	{ "freecell", NULL, GROUP_HOST, "NUMA free memory",
		"display available free memory for the NUMA cell.", OPTIONS(freecell_options),
		.exclusive = freecell_exclusive, .run = run_freecell },
	{ "hostname", NULL, GROUP_HOST, "print the hypervisor hostname", .run = run_hostname },
	{ "maxvcpus", NULL, GROUP_HOST, "connection vcpu maximum",
		"Show maximum number of virtual CPUs for guests on this connection.",
		OPTIONS(maxvcpus_options), .run = run_maxvcpus },
	{ "nodecpumap", NULL, GROUP_HOST, "node cpu map",
		"Displays the node's total number of CPUs, the number of online CPUs and the list of online "
		"CPUs.",
		OPTIONS(nodecpumap_options), .run = run_nodecpumap },
	{ "nodecpustats", NULL, GROUP_HOST, "Prints cpu stats of the node.",
		"Returns cpu stats of the node, in nanoseconds.", OPTIONS(nodecpustats_options),
		.run = run_nodecpustats },
	{ "nodeinfo", NULL, GROUP_HOST, "node information", "Returns basic information about the node.",
		.run = run_nodeinfo },
	{ "nodememstats", NULL, GROUP_HOST, "Prints memory stats of the node.",
		"Returns memory stats of the node, in kilobytes.", OPTIONS(nodememstats_options),
		.run = run_nodememstats },
	{ "uri", NULL, GROUP_HOST, "print the hypervisor canonical URI", .run = run_uri },
	{ "version", NULL, GROUP_HOST, "show version", "Display the system version information.",
		OPTIONS(version_options), .run = run_version },
};
COMMAND_TABLE(host_commands, rows);
