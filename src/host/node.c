/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Host facts from /proc and /sys.
 */
#include "host/node.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/fd.h"

#define CPU_FOLDER  "/sys/devices/system/cpu"
#define NODE_FOLDER "/sys/devices/system/node"

enum {
	SMALL_FILE = 64 * 1024,
	CPUINFO_MAX = 16 * 1024 * 1024,
	CPUS_MAX = 65536, /* more than any kernel is built for */
};

struct processor {
	int socket, core; /* core is unique within its socket only */
	char *siblings;	  /* thread_siblings_list */
};

static char *read_small(const char *path)
{
	auto_error err = { 0 };
	char *text = NULL;

	if (file_read(path, SMALL_FILE, &text, NULL, &err) < 0)
		return NULL;
	return g_strstrip(text);
}

static int read_int(const char *path, int otherwise)
{
	g_autofree char *text = read_small(path);
	return text && text[0] ? atoi(text) : otherwise;
}

/* Calls FN for every number of a kernel list such as "0-3,8". */
static void each_number(const char *list, void (*fn)(unsigned number, void *arg), void *arg)
{
	while (list && *list) {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (end == list)
			return;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (; first <= last && first < CPUS_MAX; first++)
			fn((unsigned)first, arg);
		list = *end == ',' ? end + 1 : NULL;
	}
}

static void add_number(unsigned number, void *arg)
{
	g_array_append_val((GArray *)arg, number);
}

static GArray *numbers_of(const char *path)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
	g_autofree char *list = read_small(path);

	each_number(list, add_number, numbers);
	return numbers;
}

static void processor_read(unsigned cpu, struct processor *processor)
{
	g_autofree char *socket = g_strdup_printf(CPU_FOLDER "/cpu%u/topology/physical_package_id", cpu);
	g_autofree char *core = g_strdup_printf(CPU_FOLDER "/cpu%u/topology/core_id", cpu);
	g_autofree char *siblings = g_strdup_printf(CPU_FOLDER "/cpu%u/topology/thread_siblings_list", cpu);

	processor->socket = MAX(read_int(socket, 0), 0);
	processor->core = MAX(read_int(core, (int)cpu), 0);
	processor->siblings = read_small(siblings);
	if (!processor->siblings)
		processor->siblings = g_strdup_printf("%u", cpu);
}

/* Text after "KEY :" in /proc/cpuinfo's first processor, or NULL; the caller's. */
static char *cpuinfo_value(const char *key)
{
	auto_error err = { 0 };
	g_autofree char *text = NULL;

	if (file_read("/proc/cpuinfo", CPUINFO_MAX, &text, NULL, &err) < 0)
		return NULL;
	for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		size_t len = strlen(key);
		if (strncmp(line, key, len) != 0 || !strchr(" \t:", line[len]))
			continue;
		char *colon = strchr(line, ':');
		char *end = strchrnul(line, '\n');
		if (colon && colon < end)
			return g_strstrip(g_strndup(colon + 1, end - colon - 1));
	}
	return NULL;
}

static uint64_t memory_total(void)
{
	auto_error err = { 0 };
	g_autofree char *text = NULL;
	char *line;

	if (file_read("/proc/meminfo", SMALL_FILE, &text, NULL, &err) < 0)
		return 0;
	line = strstr(text, "MemTotal:");
	return line ? strtoull(line + strlen("MemTotal:"), NULL, 10) : 0;
}

/* Counts distinct sockets, and the most cores a socket has. */
static void count_topology(const GArray *cpus, struct node_info *info)
{
	g_autoptr(GHashTable) sockets =
		g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_hash_table_unref);
	unsigned cores = 0;

	for (guint i = 0; i < cpus->len; i++) {
		struct processor processor;
		processor_read(g_array_index(cpus, unsigned, i), &processor);
		g_free(processor.siblings);
		GHashTable *of_socket = g_hash_table_lookup(sockets, GINT_TO_POINTER(processor.socket));
		if (!of_socket) {
			of_socket = g_hash_table_new(NULL, NULL);
			g_hash_table_insert(sockets, GINT_TO_POINTER(processor.socket), of_socket);
		}
		g_hash_table_add(of_socket, GINT_TO_POINTER(processor.core));
		cores = MAX(cores, g_hash_table_size(of_socket));
	}
	info->sockets = MAX(g_hash_table_size(sockets) / info->nodes, 1);
	info->cores = MAX(cores, 1);
	info->threads = MAX(cpus->len / (info->nodes * info->sockets * info->cores), 1);
}

int node_info_read(struct node_info *info, struct error *err)
{
	g_autoptr(GArray) cpus = numbers_of(CPU_FOLDER "/online");
	g_autoptr(GArray) nodes = numbers_of(NODE_FOLDER "/online");
	g_autofree char *mhz = cpuinfo_value("cpu MHz");
	struct node_info fresh = { .memory = memory_total() };
	struct utsname name;

	if (fresh.memory == 0)
		return fail(
			err, VIR_ERR_INTERNAL_ERROR, "cannot read the host's memory size from /proc/meminfo");
	uname(&name);
	g_strlcpy(fresh.arch, name.machine, sizeof(fresh.arch));
	fresh.cpus = cpus->len ? cpus->len : (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	fresh.nodes = MAX(nodes->len, 1);
	fresh.mhz = mhz ? (unsigned)atoi(mhz) : 0;
	count_topology(cpus, &fresh);
	*info = fresh;
	return 0;
}

int node_cpu_times(int cpu, struct node_cpu_times *ret_times, struct error *err)
{
	g_autofree char *name = cpu == NODE_ALL ? g_strdup("cpu ") : g_strdup_printf("cpu%d ", cpu);
	const uint64_t tick_ns = 1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK);
	unsigned long long user, nice, kernel, idle, iowait, irq, softirq;
	g_autofree char *text = read_small("/proc/stat");

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!g_str_has_prefix(line, name))
			continue;
		if (sscanf(line + strlen(name), "%llu %llu %llu %llu %llu %llu %llu", &user, &nice, &kernel,
			    &idle, &iowait, &irq, &softirq) != 7)
			break;
		*ret_times = (struct node_cpu_times){ .kernel = (kernel + irq + softirq) * tick_ns,
			.user = (user + nice) * tick_ns,
			.idle = idle * tick_ns,
			.iowait = iowait * tick_ns };
		return 0;
	}
	return fail(err, VIR_ERR_INVALID_ARG, "the host has no online processor %d", cpu);
}

/* Value of "NAME:   123 kB"; 0 when there is none. */
static uint64_t meminfo_value(const char *text, const char *name)
{
	const char *at = text ? strstr(text, name) : NULL;

	return at ? g_ascii_strtoull(at + strlen(name), NULL, 10) : 0;
}

int node_memory(int cell, struct node_memory *ret_memory, struct error *err)
{
	g_autofree char *path = cell == NODE_ALL ? g_strdup("/proc/meminfo")
						 : g_strdup_printf(NODE_FOLDER "/node%d/meminfo", cell);
	g_autofree char *text = read_small(path);

	if (!text && cell == 0)
		text = read_small("/proc/meminfo"); /* a kernel without NUMA has one cell */
	if (!text)
		return fail(err, VIR_ERR_INVALID_ARG, "the host has no NUMA cell %d", cell);
	*ret_memory = (struct node_memory){
		.total = meminfo_value(text, "MemTotal:"),
		.free = meminfo_value(text, "MemFree:"),
		.buffers = meminfo_value(text, "Buffers:"),
		.cached = meminfo_value(text, "\nCached:"),
	};
	return 0;
}

GByteArray *node_cpu_map(unsigned *ret_present, unsigned *ret_online)
{
	g_autoptr(GArray) present = numbers_of(CPU_FOLDER "/present");
	g_autoptr(GArray) online = numbers_of(CPU_FOLDER "/online");
	unsigned last = present->len ? g_array_index(present, unsigned, present->len - 1) : 0;
	GByteArray *map = g_byte_array_new();

	g_byte_array_set_size(map, last / 8 + 1);
	memset(map->data, 0, map->len);
	for (guint i = 0; i < online->len; i++) {
		unsigned cpu = g_array_index(online, unsigned, i);
		if (cpu <= last)
			map->data[cpu / 8] |= 1 << cpu % 8;
	}
	*ret_present = last + 1;
	*ret_online = online->len;
	return map;
}

char *node_hostname(void)
{
	char name[256] = "localhost";

	gethostname(name, sizeof(name) - 1);
	return g_strdup(name);
}

/* Reads 32 hexadecimal digits, hyphens between them ignored. */
static bool uuid_scan(const char *text, unsigned char uuid[16])
{
	int digits = 0;

	for (; *text; text++) {
		int value = g_ascii_xdigit_value(*text);
		if (*text == '-')
			continue;
		if (value < 0 || digits == 32)
			return false;
		uuid[digits / 2] = digits % 2 ? uuid[digits / 2] << 4 | value : value;
		digits++;
	}
	return digits == 32;
}

/* Firmware with all bytes alike says nothing about this host. */
static bool uuid_plausible(const unsigned char uuid[16])
{
	return memcmp(uuid, uuid + 1, 15) != 0;
}

int node_uuid(const char *folder, unsigned char uuid[16], struct error *err)
{
	g_autofree char *path = g_build_filename(folder, "host-uuid", NULL);
	g_autofree char *firmware = read_small("/sys/class/dmi/id/product_uuid");
	g_autofree char *kept = NULL;

	if (firmware && uuid_scan(firmware, uuid) && uuid_plausible(uuid))
		return 0;
	kept = read_small(path);
	if (kept && uuid_scan(kept, uuid) && uuid_plausible(uuid))
		return 0;
	g_autofree char *fresh = g_uuid_string_random();
	uuid_scan(fresh, uuid);
	return file_write_atomic(path, fresh, strlen(fresh), 0644, err);
}

static void format_uuid(const unsigned char uuid[16], GString *out)
{
	for (int i = 0; i < 16; i++)
		g_string_append_printf(
			out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

/* <cpu>: what /proc/cpuinfo tells. The model name of the vendor's tables is not known here yet. */
static void format_cpu(const struct node_info *info, GString *out)
{
	g_autofree char *vendor = cpuinfo_value("vendor_id");
	g_autofree char *microcode = cpuinfo_value("microcode");
	g_autofree char *family = cpuinfo_value("cpu family");
	g_autofree char *model = cpuinfo_value("model");
	g_autofree char *stepping = cpuinfo_value("stepping");

	g_string_append_printf(out, "    <cpu>\n      <arch>%s</arch>\n", info->arch);
	if (vendor)
		g_string_append_printf(out, "      <vendor>%s</vendor>\n",
			g_str_equal(vendor, "GenuineIntel")   ? "Intel"
			: g_str_equal(vendor, "AuthenticAMD") ? "AMD"
							      : "unknown");
	if (microcode)
		g_string_append_printf(
			out, "      <microcode version='%lu'/>\n", strtoul(microcode, NULL, 0));
	if (family && model && stepping)
		g_string_append_printf(out, "      <signature family='%d' model='%d' stepping='%d'/>\n",
			atoi(family), atoi(model), atoi(stepping));
	g_string_append_printf(out, "      <topology sockets='%u' dies='1' cores='%u' threads='%u'/>\n",
		info->sockets, info->cores, info->threads);
	g_string_append_printf(
		out, "      <pages unit='KiB' size='%ld'/>\n    </cpu>\n", sysconf(_SC_PAGESIZE) / 1024);
}

static void format_cell(unsigned cell, const struct node_info *info, GString *out)
{
	g_autofree char *list = g_strdup_printf(NODE_FOLDER "/node%u/cpulist", cell);
	g_autofree char *memory = g_strdup_printf(NODE_FOLDER "/node%u/meminfo", cell);
	g_autofree char *text = read_small(memory);
	g_autoptr(GArray) cpus = numbers_of(list);
	const char *total = text ? strstr(text, "MemTotal:") : NULL;

	g_string_append_printf(out,
		"        <cell id='%u'>\n          <memory unit='KiB'>%" G_GUINT64_FORMAT "</memory>\n", cell,
		total ? g_ascii_strtoull(total + strlen("MemTotal:"), NULL, 10) : info->memory);
	g_string_append_printf(out, "          <cpus num='%u'>\n", cpus->len);
	for (guint i = 0; i < cpus->len; i++) {
		unsigned cpu = g_array_index(cpus, unsigned, i);
		struct processor processor;
		processor_read(cpu, &processor);
		g_string_append_printf(out,
			"            <cpu id='%u' socket_id='%d' die_id='0' core_id='%d' siblings='%s'/>\n",
			cpu, processor.socket, processor.core, processor.siblings);
		g_free(processor.siblings);
	}
	g_string_append(out, "          </cpus>\n        </cell>\n");
}

/* The kernel makes a folder a group where devices can be isolated. */
static bool iommu_present(void)
{
	g_autoptr(GDir) groups = g_dir_open("/sys/kernel/iommu_groups", 0, NULL);

	return groups && g_dir_read_name(groups);
}

int node_capabilities(
	const struct node_info *info, const unsigned char uuid[16], GString *out, struct error *err)
{
	g_autoptr(GArray) nodes = numbers_of(NODE_FOLDER "/online");

	g_string_append(out, "  <host>\n    <uuid>");
	format_uuid(uuid, out);
	g_string_append(out, "</uuid>\n");
	format_cpu(info, out);
	g_string_append_printf(out, "    <power_management/>\n    <iommu support='%s'/>\n    <topology>\n",
		iommu_present() ? "yes" : "no");
	g_string_append_printf(out, "      <cells num='%u'>\n", MAX(nodes->len, 1));
	if (nodes->len == 0)
		format_cell(0, info, out);
	for (guint i = 0; i < nodes->len; i++)
		format_cell(g_array_index(nodes, unsigned, i), info, out);
	g_string_append(out, "      </cells>\n    </topology>\n  </host>\n");
	return 0;
}
