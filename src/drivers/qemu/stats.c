/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Statistics: one function a source, each leaving out what it cannot have.
 *
 * Owns: what the monitor's answers mean. Must not know: how clients see the figures.
 */
#include "drivers/qemu/stats.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "drivers/qemu/qemu_guest.h"
#include "model/domain.h"

enum { QUERY_TIMEOUT_MS = 3000 };

/* -- /proc ------------------------------------------------------------------------------------- */

/* Reads a small file; false when there is none. */
static bool read_small(const char *path, char *text, size_t size)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	text[MAX(n, 0)] = '\0';
	return n > 0;
}

struct process_times {
	uint64_t user_ns, system_ns, rss_kib;
	int cpu; /* where it ran last */
};

/* From a stat file of /proc, which proc(5) describes. */
static bool read_times(const char *path, struct process_times *times)
{
	uint64_t tick_ns = 1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK);
	unsigned long long user = 0, system = 0, rss = 0;
	char text[1024];

	times->cpu = -1;
	const char *p = read_small(path, text, sizeof(text)) ? strrchr(text, ')') : NULL;
	if (!p || sscanf(p + 2,
			  "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %*u "
			  "%*u %llu "
			  "%*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*d %d",
			  &user, &system, &rss, &times->cpu) < 3)
		return false;
	times->user_ns = user * tick_ns;
	times->system_ns = system * tick_ns;
	times->rss_kib = rss * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
	return true;
}

static void query_process(pid_t pid, struct guest_stats *stats)
{
	struct process_times times;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (!read_times(path, &times))
		return;
	stats->user_ns = times.user_ns;
	stats->system_ns = times.system_ns;
	stats->cpu_ns = times.user_ns + times.system_ns;
	stats->rss_kib = times.rss_kib;
}

/* Seconds with six digits, as the scheduler's file prints milliseconds. */
static uint64_t sched_ns(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	at = at ? strchr(at, ':') : NULL;
	return at ? (uint64_t)(g_ascii_strtod(at + 1, NULL) * 1000000.0) : 0;
}

static void read_vcpu(pid_t pid, struct vcpu_stats *vcpu)
{
	struct process_times times;
	unsigned long long delay = 0;
	char path[96], text[4096];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)vcpu->thread);
	if (!read_times(path, &times))
		return;
	vcpu->time_ns = times.user_ns + times.system_ns;
	vcpu->cpu = times.cpu;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)pid, (int)vcpu->thread);
	if (read_small(path, text, sizeof(text)) && sscanf(text, "%*u %llu", &delay) == 1)
		vcpu->delay_ns = delay;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/sched", (int)pid, (int)vcpu->thread);
	if (read_small(path, text, sizeof(text)))
		vcpu->wait_ns = sched_ns(text, "wait_sum");
}

/* -- network ----------------------------------------------------------------------------------- */

static uint64_t counter(const char *device, const char *name)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", device, name);
	return read_small(path, text, sizeof(text)) ? g_ascii_strtoull(text, NULL, 10) : 0;
}

/* The host's end of the cable: what it receives, the guest has sent. */
static void query_interfaces(const struct domain *live, struct guest_stats *stats)
{
	stats->interfaces = g_array_new(FALSE, TRUE, sizeof(struct interface_stats));
	for (guint i = 0; live->interfaces && i < live->interfaces->len; i++) {
		const char *device = ((const struct domain_interface *)live->interfaces->pdata[i])->target;
		if (!device || strchr(device, '/'))
			continue;
		struct interface_stats s = {
			.name = g_strdup(device),
			.rx_bytes = counter(device, "tx_bytes"),
			.rx_packets = counter(device, "tx_packets"),
			.rx_errs = counter(device, "tx_errors"),
			.rx_drop = counter(device, "tx_dropped"),
			.tx_bytes = counter(device, "rx_bytes"),
			.tx_packets = counter(device, "rx_packets"),
			.tx_errs = counter(device, "rx_errors"),
			.tx_drop = counter(device, "rx_dropped"),
		};
		g_array_append_val(stats->interfaces, s);
	}
}

/* -- the monitor ------------------------------------------------------------------------------- */

/* Whom to ask. Who did not answer once is not asked again in the same query. */
struct source {
	struct task *task;
	struct qemu_guest *q;
	bool silent;
};

/* The answer of a command, the caller's; NULL when there is none. ARGS is stolen. */
static json_t *ask(struct source *source, const char *command, json_t *args)
{
	struct qmp *monitor = source->silent ? NULL : qemu_guest_monitor(source->q);
	auto_error why = { 0 };
	json_t *answer = NULL;

	if (!monitor) {
		json_decref(args);
		return NULL;
	}
	if (qmp_call(source->task, monitor, command, args, QUERY_TIMEOUT_MS, &answer, &why) == 0)
		return answer;
	source->silent = why.code == VIR_ERR_OPERATION_TIMEOUT;
	return NULL;
}

static uint64_t number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	double real = json_real_value(value); /* see read_json() of the monitor */

	return json_is_integer(value)			? (uint64_t)json_integer_value(value)
	       : real >= 0 && real < (double)UINT64_MAX ? (uint64_t)real
							: 0;
}

/* Asks once which threads the vCPUs are: vCPUs are not plugged while a guest runs. */
static const GArray *vcpu_threads(struct source *source)
{
	GArray **threads = qemu_guest_threads(source->q);
	json_t *answer = *threads ? NULL : ask(source, "query-cpus-fast", NULL), *cpu;
	size_t i;

	if (answer && !*threads) /* nobody else has asked meanwhile */
		*threads = g_array_new(FALSE, TRUE, sizeof(pid_t));
	json_array_foreach(answer, i, cpu)
	{
		pid_t thread = (pid_t)json_integer_value(json_object_get(cpu, "thread-id"));
		if ((*threads)->len == i)
			g_array_append_val(*threads, thread);
	}
	json_decref(answer);
	return *threads;
}

static void query_vcpus(struct source *source, pid_t pid, struct guest_stats *stats)
{
	const GArray *threads = vcpu_threads(source);

	if (!threads)
		return;
	stats->vcpus = g_array_new(FALSE, TRUE, sizeof(struct vcpu_stats));
	for (guint i = 0; i < threads->len; i++) {
		struct vcpu_stats v = {
			.online = true, .thread = g_array_index(threads, pid_t, i), .cpu = -1
		};
		read_vcpu(pid, &v);
		g_array_append_val(stats->vcpus, v);
	}
}

/* What the guest's balloon driver tells, by QEMU's names; sizes are bytes there and KiB in the API. */
static const struct {
	const char *name;
	int tag;
	unsigned divisor;
} balloon_rows[] = {
	{ "stat-swap-in", VIR_DOMAIN_MEMORY_STAT_SWAP_IN, 1024 },
	{ "stat-swap-out", VIR_DOMAIN_MEMORY_STAT_SWAP_OUT, 1024 },
	{ "stat-major-faults", VIR_DOMAIN_MEMORY_STAT_MAJOR_FAULT, 1 },
	{ "stat-minor-faults", VIR_DOMAIN_MEMORY_STAT_MINOR_FAULT, 1 },
	{ "stat-free-memory", VIR_DOMAIN_MEMORY_STAT_UNUSED, 1024 },
	{ "stat-total-memory", VIR_DOMAIN_MEMORY_STAT_AVAILABLE, 1024 },
	{ "stat-available-memory", VIR_DOMAIN_MEMORY_STAT_USABLE, 1024 },
	{ "stat-disk-caches", VIR_DOMAIN_MEMORY_STAT_DISK_CACHES, 1024 },
	{ "stat-htlb-pgalloc", VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGALLOC, 1 },
	{ "stat-htlb-pgfail", VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGFAIL, 1 },
};

static void set_stat(struct guest_stats *stats, int tag, uint64_t value)
{
	stats->balloon_stat[tag] = value;
	stats->balloon_stat_set |= 1ULL << tag;
}

static void query_balloon_stats(struct source *source, const char *alias, struct guest_stats *stats)
{
	g_autofree char *path = g_strdup_printf("/machine/peripheral/%s", alias);
	json_t *answer =
		ask(source, "qom-get", json_pack("{s:s, s:s}", "path", path, "property", "guest-stats"));
	const json_t *values = json_object_get(answer, "stats");

	for (size_t i = 0; i < G_N_ELEMENTS(balloon_rows); i++) {
		double value = json_number_value(json_object_get(values, balloon_rows[i].name));
		/* QEMU says 2^64 - 1 for what the guest did not tell */
		if (json_object_get(values, balloon_rows[i].name) && value >= 0 && value < (double)INT64_MAX)
			set_stat(stats, balloon_rows[i].tag,
				number(values, balloon_rows[i].name) / balloon_rows[i].divisor);
	}
	if (answer)
		set_stat(stats, VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE, number(answer, "last-update"));
	json_decref(answer);
}

/*
 * How far the balloon is, its events tell. What the guest's driver tells is asked for where the definition
 * has it collected; else there is nothing, as of no time.
 */
static void query_balloon(struct source *source, const struct domain_memballoon *balloon, uint64_t current,
	struct guest_stats *stats)
{
	stats->balloon_kib = current;
	if (!balloon || !balloon->alias)
		return;
	g_autofree char *alias = g_strdup(balloon->alias);
	if (balloon->stats_period)
		query_balloon_stats(source, alias, stats);
	else
		set_stat(stats, VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE, 0);
}

/* -- disks ------------------------------------------------------------------------------------- */

/* Whether a monitor's entry is of device ALIAS: its id, or its path in QEMU's object tree. */
static bool is_device(const json_t *entry, const char *alias)
{
	const char *qdev = json_string_value(json_object_get(entry, "qdev"));
	g_auto(GStrv) parts = qdev ? g_strsplit(qdev, "/", -1) : NULL;

	return parts && alias && g_strv_contains((const char *const *)parts, alias);
}

static const json_t *entry_of(const json_t *list, const char *alias)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		if (is_device(entry, alias))
			return entry;
	}
	return NULL;
}

static void add_block(
	const struct domain_disk *disk, const json_t *counted, const json_t *block, GArray *blocks)
{
	const json_t *stats = json_object_get(counted, "stats");
	const json_t *below = json_object_get(json_object_get(counted, "parent"), "stats");
	const json_t *image = json_object_get(json_object_get(block, "inserted"), "image");
	const struct disk_source *source = disk->source;
	const char *path = source ? source->file ? source->file : source->dev : NULL;
	struct block_stats b = {
		.target = g_strdup(disk->target->dev),
		.path = g_strdup(path),
		.rd_reqs = number(stats, "rd_operations"),
		.rd_bytes = number(stats, "rd_bytes"),
		.rd_ns = number(stats, "rd_total_time_ns"),
		.wr_reqs = number(stats, "wr_operations"),
		.wr_bytes = number(stats, "wr_bytes"),
		.wr_ns = number(stats, "wr_total_time_ns"),
		.fl_reqs = number(stats, "flush_operations"),
		.fl_ns = number(stats, "flush_total_time_ns"),
		.allocation = number(below ? below : stats, "wr_highest_offset"),
		.capacity = number(image, "virtual-size"),
		.physical = number(image, "actual-size"),
	};
	g_array_append_val(blocks, b);
}

static void query_blocks(struct source *source, struct guest *guest, struct guest_stats *stats)
{
	json_t *counted = ask(source, "query-blockstats", NULL);
	json_t *blocks = counted ? ask(source, "query-block", NULL) : NULL;
	const struct domain *live = guest->live; /* NULL: the guest ended while we waited */

	if (blocks && live) {
		stats->blocks = g_array_new(FALSE, TRUE, sizeof(struct block_stats));
		for (guint i = 0; live->disks && i < live->disks->len; i++) {
			const struct domain_disk *disk = live->disks->pdata[i];
			add_block(disk, entry_of(counted, disk->alias), entry_of(blocks, disk->alias),
				stats->blocks);
		}
	}
	json_decref(counted);
	json_decref(blocks);
}

static const struct domain_memballoon *balloon_of(const struct domain *live)
{
	return live->memballoons && live->memballoons->len ? live->memballoons->pdata[0] : NULL;
}

int qemu_query(struct task *task, struct guest *guest, unsigned what, struct guest_stats *ret_stats,
	struct error *err)
{
	auto_guest *q = qemu_guest_running(guest, err);

	if (!q)
		return -1;
	struct source source = { .task = task, .q = q };
	pid_t pid = guest->runtime.pid;
	query_process(pid, ret_stats);
	if (what & QUERY_INTERFACE)
		query_interfaces(guest->live, ret_stats);
	if (what & QUERY_BALLOON)
		query_balloon(&source, balloon_of(guest->live), guest->live->current_memory, ret_stats);
	if (what & QUERY_VCPU)
		query_vcpus(&source, pid, ret_stats);
	if ((what & QUERY_BLOCK) && guest->live && guest->live->disks)
		query_blocks(&source, guest, ret_stats);
	return 0;
}
