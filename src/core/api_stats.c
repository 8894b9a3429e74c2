/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that tell figures of guests: domain statistics by group, disks, interfaces, memory, vCPUs, jobs.
 *
 * None needs a job: a guest that is being changed, or whose monitor does not answer, still tells what is
 * known without it.
 */
#include <errno.h>
#include <libvirt/libvirt.h>
#include <string.h>

#include "core/api.h"
#include "core/driver.h"
#include "core/lifecycle.h"
#include "core/params.h"
#include "core/registry.h"
#include "core/session.h"
#include "host/image.h"
#include "loop/task.h"

static unsigned vcpus_online(const struct domain *domain)
{
	return domain->vcpu->current ? domain->vcpu->current : domain->vcpu->count;
}

static const struct domain *current(const struct guest *guest)
{
	return guest->live ? guest->live : guest->config;
}

static const char *disk_path(const struct domain_disk *disk)
{
	return !disk->source ? NULL : disk->source->file ? disk->source->file : disk->source->dev;
}

/* Asks the driver for parts of a guest that may end meanwhile. RET_STATS is cleared by the caller in any
 * case. */
static int query(struct task *task, struct guest *guest, unsigned what, struct guest_stats *ret_stats,
	struct error *err)
{
	if (!guest->live)
		return fail(err, VIR_ERR_OPERATION_INVALID, "domain is not running");
	guest_ref(guest);
	int rc = guest->driver->query(task, guest, what, ret_stats, err);
	guest_unref(guest);
	return rc;
}

/* -- groups of domstats, in the order in which they are answered -- */

/* What one group is made from: STATS is zeroed where the guest does not run. */
struct record {
	const struct guest *guest;
	const struct domain *domain;
	const struct guest_stats *stats;
	struct params params;
};

static void add_state(struct record *r)
{
	params_int(&r->params, r->guest->runtime.state, "state.state");
	params_int(&r->params, r->guest->runtime.reason, "state.reason");
}

static void add_cpu(struct record *r)
{
	if (!r->guest->live)
		return;
	params_ullong(&r->params, r->stats->cpu_ns, "cpu.time");
	params_ullong(&r->params, r->stats->user_ns, "cpu.user");
	params_ullong(&r->params, r->stats->system_ns, "cpu.system");
	params_uint(&r->params, 0, "cpu.cache.monitor.count");
}

/* Figures of the balloon, by the API's tags. */
static const struct {
	int tag;
	const char *name;
} balloon_rows[] = {
	{ VIR_DOMAIN_MEMORY_STAT_SWAP_IN, "balloon.swap_in" },
	{ VIR_DOMAIN_MEMORY_STAT_SWAP_OUT, "balloon.swap_out" },
	{ VIR_DOMAIN_MEMORY_STAT_MAJOR_FAULT, "balloon.major_fault" },
	{ VIR_DOMAIN_MEMORY_STAT_MINOR_FAULT, "balloon.minor_fault" },
	{ VIR_DOMAIN_MEMORY_STAT_UNUSED, "balloon.unused" },
	{ VIR_DOMAIN_MEMORY_STAT_AVAILABLE, "balloon.available" },
	{ VIR_DOMAIN_MEMORY_STAT_USABLE, "balloon.usable" },
	{ VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE, "balloon.last-update" },
	{ VIR_DOMAIN_MEMORY_STAT_DISK_CACHES, "balloon.disk_caches" },
	{ VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGALLOC, "balloon.hugetlb_pgalloc" },
	{ VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGFAIL, "balloon.hugetlb_pgfail" },
};

static void add_balloon(struct record *r)
{
	params_ullong(&r->params, r->stats->balloon_kib ? r->stats->balloon_kib : r->domain->current_memory,
		"balloon.current");
	params_ullong(&r->params, r->domain->memory, "balloon.maximum");
	for (size_t i = 0; i < G_N_ELEMENTS(balloon_rows); i++)
		if (r->stats->balloon_stat_set & 1ULL << balloon_rows[i].tag)
			params_ullong(&r->params, r->stats->balloon_stat[balloon_rows[i].tag], "%s",
				balloon_rows[i].name);
	if (r->guest->live)
		params_ullong(&r->params, r->stats->rss_kib, "balloon.rss");
}

static void add_vcpu(struct record *r)
{
	const GArray *vcpus = r->stats->vcpus;

	params_uint(&r->params, vcpus_online(r->domain), "vcpu.current");
	params_uint(&r->params, r->domain->vcpu->count, "vcpu.maximum");
	for (guint i = 0; vcpus && i < vcpus->len; i++) {
		const struct vcpu_stats *v = &g_array_index(vcpus, struct vcpu_stats, i);
		params_int(&r->params, VIR_VCPU_RUNNING, "vcpu.%u.state", i);
		params_ullong(&r->params, v->time_ns, "vcpu.%u.time", i);
		params_ullong(&r->params, v->wait_ns, "vcpu.%u.wait", i);
		params_ullong(&r->params, v->delay_ns, "vcpu.%u.delay", i);
	}
}

static void add_interface(struct record *r)
{
	const GPtrArray *interfaces = r->domain->interfaces;
	const GArray *counted = r->stats->interfaces;

	if (!r->guest->live)
		return;
	params_uint(&r->params, interfaces ? interfaces->len : 0, "net.count");
	for (guint i = 0, k = 0; interfaces && i < interfaces->len; i++) {
		const struct domain_interface *interface = interfaces->pdata[i];
		const struct interface_stats *s = counted && k < counted->len
							  ? &g_array_index(counted, struct interface_stats, k)
							  : NULL;
		if (!s || g_strcmp0(s->name, interface->target) != 0)
			continue; /* it has no device on the host */
		k++;
		params_string(&r->params, s->name, "net.%u.name", i);
		params_ullong(&r->params, s->rx_bytes, "net.%u.rx.bytes", i);
		params_ullong(&r->params, s->rx_packets, "net.%u.rx.pkts", i);
		params_ullong(&r->params, s->rx_errs, "net.%u.rx.errs", i);
		params_ullong(&r->params, s->rx_drop, "net.%u.rx.drop", i);
		params_ullong(&r->params, s->tx_bytes, "net.%u.tx.bytes", i);
		params_ullong(&r->params, s->tx_packets, "net.%u.tx.pkts", i);
		params_ullong(&r->params, s->tx_errs, "net.%u.tx.errs", i);
		params_ullong(&r->params, s->tx_drop, "net.%u.tx.drop", i);
	}
}

static void add_block_live(struct params *params, const struct block_stats *b, guint i)
{
	params_ullong(params, b->rd_reqs, "block.%u.rd.reqs", i);
	params_ullong(params, b->rd_bytes, "block.%u.rd.bytes", i);
	params_ullong(params, b->rd_ns, "block.%u.rd.times", i);
	params_ullong(params, b->wr_reqs, "block.%u.wr.reqs", i);
	params_ullong(params, b->wr_bytes, "block.%u.wr.bytes", i);
	params_ullong(params, b->wr_ns, "block.%u.wr.times", i);
	params_ullong(params, b->fl_reqs, "block.%u.fl.reqs", i);
	params_ullong(params, b->fl_ns, "block.%u.fl.times", i);
}

/* Sizes as QEMU tells them, else as the file does. */
static void add_block_sizes(
	struct params *params, const struct domain_disk *disk, const struct block_stats *b, guint i)
{
	struct image_size size = { 0 };
	auto_error ignored = { 0 };

	if (!disk_path(disk))
		return;
	if (b && b->capacity)
		size = (struct image_size){ b->capacity, b->allocation, b->physical };
	else if (image_size_read(disk_path(disk), disk->driver ? disk->driver->type : NULL, &size, &ignored) <
		 0)
		return;
	params_ullong(params, size.allocation, "block.%u.allocation", i);
	params_ullong(params, size.capacity, "block.%u.capacity", i);
	params_ullong(params, size.physical, "block.%u.physical", i);
}

static void add_block(struct record *r)
{
	const GPtrArray *disks = r->domain->disks;
	const GArray *counted = r->stats->blocks;

	params_uint(&r->params, disks ? disks->len : 0, "block.count");
	for (guint i = 0; disks && i < disks->len; i++) {
		const struct domain_disk *disk = disks->pdata[i];
		const struct block_stats *b =
			counted && i < counted->len ? &g_array_index(counted, struct block_stats, i) : NULL;
		params_string(&r->params, disk->target->dev, "block.%u.name", i);
		if (disk_path(disk))
			params_string(&r->params, disk_path(disk), "block.%u.path", i);
		if (b)
			add_block_live(&r->params, b, i);
		add_block_sizes(&r->params, disk, b, i);
	}
}

static const struct {
	unsigned group; /* virDomainStatsTypes */
	unsigned query; /* enum query_what */
	void (*add)(struct record *record);
} groups[] = {
	{ VIR_DOMAIN_STATS_STATE, 0, add_state },
	{ VIR_DOMAIN_STATS_CPU_TOTAL, QUERY_CPU, add_cpu },
	{ VIR_DOMAIN_STATS_BALLOON, QUERY_BALLOON, add_balloon },
	{ VIR_DOMAIN_STATS_VCPU, QUERY_VCPU, add_vcpu },
	{ VIR_DOMAIN_STATS_INTERFACE, QUERY_INTERFACE, add_interface },
	{ VIR_DOMAIN_STATS_BLOCK, QUERY_BLOCK, add_block },
};

/* Groups that exist in the API and are not filled here: refused only with ENFORCE. */
enum {
	OTHER_GROUPS = VIR_DOMAIN_STATS_PERF | VIR_DOMAIN_STATS_IOTHREAD | VIR_DOMAIN_STATS_MEMORY |
		       VIR_DOMAIN_STATS_DIRTYRATE | VIR_DOMAIN_STATS_VM
};

/* -- all guests at once: their monitors answer side by side -- */

struct gathered {
	struct guest *guest;
	unsigned what;
	struct guest_stats stats;
};

static void gather_one(struct task *task, void *arg)
{
	struct gathered *one = arg;
	auto_error ignored = { 0 }; /* it ended meanwhile: it is told as what it is then */

	query(task, one->guest, one->what, &one->stats, &ignored);
}

static unsigned groups_asked(unsigned stats, unsigned flags, unsigned *ret_query, struct error *err)
{
	unsigned known = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
		known |= groups[i].group;
	if ((flags & VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS) && (stats & ~known))
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
			       "Stats types bits 0x%x are not supported by this daemon", stats & ~known),
		       0;
	stats = stats ? stats & known : known;
	*ret_query = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
		*ret_query |= stats & groups[i].group ? groups[i].query : 0;
	return stats;
}

static void record_fill(struct remote_domain_stats_record *ret, struct gathered *one, unsigned asked)
{
	struct record record = { one->guest, current(one->guest), &one->stats, { NULL } };

	ret->dom = guest_reference(one->guest);
	for (size_t i = 0; record.domain && i < G_N_ELEMENTS(groups); i++)
		if (asked & groups[i].group)
			groups[i].add(&record);
	ret->params.val = params_take(&record.params, &ret->params.len);
}

/* The guests that are meant: those named, or all that pass the filter. A new array, each held. */
static GPtrArray *meant(struct rpc_request *request,
	const struct remote_connect_get_all_domain_stats_args *in, struct error *err)
{
	struct session *session = session_of(request, err);
	GPtrArray *guests;

	if (!session)
		return NULL;
	if (in->doms.len == 0)
		guests = guests_filtered(session->core->domains, in->flags);
	else
		guests = g_ptr_array_new();
	for (unsigned i = 0; i < in->doms.len; i++) {
		auto_error gone = { 0 }; /* undefined between the client's list and this call */
		struct guest *guest = session_guest(request, &in->doms.val[i], &gone);
		if (guest)
			g_ptr_array_add(guests, guest);
	}
	guests_hold(guests);
	return guests;
}

int api_connect_get_all_domain_stats(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_get_all_domain_stats_args *in = args;
	struct remote_connect_get_all_domain_stats_ret *answer = ret;
	const unsigned how = VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT |
			     VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING |
			     VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS;
	unsigned what = 0, asked;

	if (flags_check(request, in->flags, how | GUESTS_FILTERS, err) < 0)
		return -1;
	asked = groups_asked(in->stats, in->flags, &what, err);
	g_autoptr(GPtrArray) guests = err->code ? NULL : meant(request, in, err);
	if (!guests)
		return -1;
	struct gathered *all = g_new0(struct gathered, MAX(guests->len, 1));
	for (guint i = 0; i < guests->len; i++)
		all[i] = (struct gathered){ .guest = guests->pdata[i], .what = what };
	if (what)
		task_each(request->task, "statistics", gather_one, all, sizeof(*all), guests->len);
	answer->retStats.val = g_new0(struct remote_domain_stats_record, MAX(guests->len, 1));
	answer->retStats.len = guests->len;
	for (guint i = 0; i < guests->len; i++) {
		record_fill(&answer->retStats.val[i], &all[i], asked);
		guest_stats_clear(&all[i].stats);
	}
	g_free(all);
	return 0;
}

/* -- one guest's disks, interfaces, memory -- */

/* The disk whose target or source is PATH; NULL with ERR. */
static const struct domain_disk *disk_find(const struct domain *domain, const char *path, struct error *err)
{
	for (guint i = 0; domain->disks && i < domain->disks->len; i++) {
		const struct domain_disk *disk = domain->disks->pdata[i];
		if (g_str_equal(disk->target->dev, path) || g_strcmp0(disk_path(disk), path) == 0)
			return disk;
	}
	fail(err, VIR_ERR_INVALID_ARG, "invalid path: %s", path);
	return NULL;
}

/* Sums the disks named by PATH: one, or all where it is empty. */
static int block_sum(struct rpc_request *request, const struct remote_nonnull_domain *dom, const char *path,
	struct block_stats *ret_sum, struct error *err)
{
	struct guest *guest = session_guest(request, dom, err);
	struct guest_stats stats = { 0 };

	if (!guest || query(request->task, guest, QUERY_BLOCK, &stats, err) < 0)
		return -1;
	const struct domain_disk *disk = path[0] && guest->live ? disk_find(guest->live, path, err) : NULL;
	*ret_sum = (struct block_stats){ 0 };
	for (guint i = 0; !err->code && stats.blocks && i < stats.blocks->len; i++) {
		const struct block_stats *b = &g_array_index(stats.blocks, struct block_stats, i);
		if (disk && !g_str_equal(b->target, disk->target->dev))
			continue;
		ret_sum->rd_reqs += b->rd_reqs, ret_sum->rd_bytes += b->rd_bytes, ret_sum->rd_ns += b->rd_ns;
		ret_sum->wr_reqs += b->wr_reqs, ret_sum->wr_bytes += b->wr_bytes, ret_sum->wr_ns += b->wr_ns;
		ret_sum->fl_reqs += b->fl_reqs, ret_sum->fl_ns += b->fl_ns;
	}
	guest_stats_clear(&stats);
	return err->code ? -1 : 0;
}

int api_domain_block_stats(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_block_stats_args *in = args;
	struct remote_domain_block_stats_ret *answer = ret;
	struct block_stats sum;

	if (block_sum(request, &in->dom, in->path, &sum, err) < 0)
		return -1;
	answer->rd_req = (int64_t)sum.rd_reqs;
	answer->rd_bytes = (int64_t)sum.rd_bytes;
	answer->wr_req = (int64_t)sum.wr_reqs;
	answer->wr_bytes = (int64_t)sum.wr_bytes;
	answer->errs = -1; /* QEMU does not count them */
	return 0;
}

enum { BLOCK_PARAMS = 8 };

int api_domain_block_stats_flags(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_block_stats_flags_args *in = args;
	struct remote_domain_block_stats_flags_ret *answer = ret;
	struct params params = { NULL };
	struct block_stats sum;

	if (flags_check(request, in->flags, VIR_TYPED_PARAM_STRING_OKAY, err) < 0 ||
		block_sum(request, &in->dom, in->path, &sum, err) < 0)
		return -1;
	answer->nparams = BLOCK_PARAMS;
	if (in->nparams == 0) /* asks for how many there are */
		return 0;
	params_llong(&params, (int64_t)sum.wr_bytes, VIR_DOMAIN_BLOCK_STATS_WRITE_BYTES);
	params_llong(&params, (int64_t)sum.wr_reqs, VIR_DOMAIN_BLOCK_STATS_WRITE_REQ);
	params_llong(&params, (int64_t)sum.rd_bytes, VIR_DOMAIN_BLOCK_STATS_READ_BYTES);
	params_llong(&params, (int64_t)sum.rd_reqs, VIR_DOMAIN_BLOCK_STATS_READ_REQ);
	params_llong(&params, (int64_t)sum.fl_reqs, VIR_DOMAIN_BLOCK_STATS_FLUSH_REQ);
	params_llong(&params, (int64_t)sum.wr_ns, VIR_DOMAIN_BLOCK_STATS_WRITE_TOTAL_TIMES);
	params_llong(&params, (int64_t)sum.rd_ns, VIR_DOMAIN_BLOCK_STATS_READ_TOTAL_TIMES);
	params_llong(&params, (int64_t)sum.fl_ns, VIR_DOMAIN_BLOCK_STATS_FLUSH_TOTAL_TIMES);
	answer->params.val = params_take(&params, &answer->params.len);
	return 0;
}

int api_domain_get_block_info(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_get_block_info_args *in = args;
	struct remote_domain_get_block_info_ret *answer = ret;
	struct guest *guest = session_guest(request, &in->dom, err);
	struct image_size size;

	if (!guest || flags_check(request, in->flags, 0, err) < 0)
		return -1;
	const struct domain_disk *disk = disk_find(current(guest), in->path, err);
	if (!disk)
		return -1;
	if (!disk_path(disk))
		return fail(err, VIR_ERR_INVALID_ARG, "disk '%s' does not currently have a source assigned",
			in->path);
	if (image_size_read(disk_path(disk), disk->driver ? disk->driver->type : NULL, &size, err) < 0)
		return -1;
	answer->capacity = size.capacity;
	answer->allocation = size.allocation;
	answer->physical = size.physical;
	return 0;
}

/* Whether DEVICE, a host device's name or a MAC, is this interface. */
static bool is_interface(const struct domain_interface *interface, const char *device)
{
	const unsigned char *m = interface->mac;
	g_autofree char *mac =
		g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);

	return g_strcmp0(interface->target, device) == 0 || g_ascii_strcasecmp(mac, device) == 0;
}

/* Host device of the guest's interface DEVICE, the caller's; NULL with ERR. */
static char *interface_device(const struct domain *live, const char *device, struct error *err)
{
	for (guint i = 0; live->interfaces && i < live->interfaces->len; i++) {
		const struct domain_interface *interface = live->interfaces->pdata[i];
		if (!is_interface(interface, device))
			continue;
		if (interface->target)
			return g_strdup(interface->target);
		fail(err, VIR_ERR_OPERATION_UNSUPPORTED,
			"interface '%s' has no device on the host, so nothing is counted", device);
		return NULL;
	}
	fail(err, VIR_ERR_INVALID_ARG, "'%s' is not a known interface", device);
	return NULL;
}

int api_domain_interface_stats(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_interface_stats_args *in = args;
	struct remote_domain_interface_stats_ret *answer = ret;
	struct guest *guest = session_guest(request, &in->dom, err);
	struct guest_stats stats = { 0 };

	if (!guest || query(request->task, guest, QUERY_INTERFACE, &stats, err) < 0)
		return -1;
	g_autofree char *device = interface_device(guest->live, in->device, err);
	for (guint i = 0; device && i < stats.interfaces->len; i++) {
		const struct interface_stats *s = &g_array_index(stats.interfaces, struct interface_stats, i);
		if (!g_str_equal(s->name, device))
			continue;
		*answer = (struct remote_domain_interface_stats_ret){ (int64_t)s->rx_bytes,
			(int64_t)s->rx_packets, (int64_t)s->rx_errs, (int64_t)s->rx_drop,
			(int64_t)s->tx_bytes, (int64_t)s->tx_packets, (int64_t)s->tx_errs,
			(int64_t)s->tx_drop };
	}
	guest_stats_clear(&stats);
	return device ? 0 : -1;
}

int api_domain_memory_stats(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_memory_stats_args *in = args;
	struct remote_domain_memory_stats_ret *answer = ret;
	struct guest *guest = session_guest(request, &in->dom, err);
	struct guest_stats stats = { 0 };

	if (!guest || flags_check(request, in->flags, 0, err) < 0 ||
		query(request->task, guest, QUERY_BALLOON, &stats, err) < 0)
		return -1;
	const uint64_t set = stats.balloon_stat_set | 1ULL << VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON |
			     1ULL << VIR_DOMAIN_MEMORY_STAT_RSS;
	stats.balloon_stat[VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON] = stats.balloon_kib ? stats.balloon_kib
								    : guest->live
									    ? guest->live->current_memory
									    : 0;
	stats.balloon_stat[VIR_DOMAIN_MEMORY_STAT_RSS] = stats.rss_kib;
	answer->stats.val = g_new0(struct remote_domain_memory_stat, VIR_DOMAIN_MEMORY_STAT_NR);
	for (int tag = 0; tag < VIR_DOMAIN_MEMORY_STAT_NR && answer->stats.len < in->maxStats; tag++)
		if (set & 1ULL << tag)
			answer->stats.val[answer->stats.len++] =
				(struct remote_domain_memory_stat){ tag, stats.balloon_stat[tag] };
	guest_stats_clear(&stats);
	return 0;
}

/* -- vCPUs -- */

int api_domain_get_vcpus_flags(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_get_vcpus_flags_args *in = args;
	struct guest *guest = session_guest(request, &in->dom, err);
	const unsigned known = VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_VCPU_MAXIMUM |
			       VIR_DOMAIN_VCPU_GUEST;

	if (!guest || flags_check(request, in->flags, known, err) < 0)
		return -1;
	if (in->flags & VIR_DOMAIN_VCPU_GUEST)
		return fail(err, VIR_ERR_AGENT_UNRESPONSIVE,
			"the count of vCPUs that the guest uses needs its agent; talking to one is not built "
			"yet");
	const struct domain *domain = guest_read(guest, in->flags, err);
	if (!domain)
		return -1;
	((struct remote_domain_get_vcpus_flags_ret *)ret)->num =
		(int)(in->flags & VIR_DOMAIN_VCPU_MAXIMUM ? domain->vcpu->count : vcpus_online(domain));
	return 0;
}

int api_domain_get_max_vcpus(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct guest *guest =
		session_guest(request, &((const struct remote_domain_get_max_vcpus_args *)args)->dom, err);
	const struct domain *live = guest ? guest_read(guest, VIR_DOMAIN_AFFECT_LIVE, err) : NULL;

	if (!live)
		return -1;
	((struct remote_domain_get_max_vcpus_ret *)ret)->num = (int)live->vcpu->count;
	return 0;
}

/* A row of the affinity map: the CPUs that one vCPU may run on, which are all while nothing pins them. */
static void affinity_fill(unsigned char *map, int len, unsigned cpus)
{
	for (unsigned cpu = 0; cpu < cpus && cpu / 8 < (unsigned)len; cpu++)
		map[cpu / 8] |= 1 << cpu % 8;
}

int api_domain_get_vcpus(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_get_vcpus_args *in = args;
	struct remote_domain_get_vcpus_ret *answer = ret;
	struct session *session = session_of(request, err);
	struct guest *guest = session ? session_guest(request, &in->dom, err) : NULL;
	const unsigned cpus = session ? session->core->node.cpus : 0;
	struct guest_stats stats = { 0 };

	if (!guest)
		return -1;
	if (!guest->live)
		return fail(err, VIR_ERR_OPERATION_INVALID,
			"cannot retrieve vcpu information for inactive domain");
	if (in->maxinfo < 0 || in->maxinfo > REMOTE_VCPUINFO_MAX || in->maplen < 0 ||
		(int64_t)in->maxinfo * in->maplen > REMOTE_CPUMAPS_MAX)
		return fail(err, VIR_ERR_RPC,
			"%d vCPUs with maps of %d bytes are more than an answer can hold", in->maxinfo,
			in->maplen);
	if (query(request->task, guest, QUERY_VCPU, &stats, err) < 0)
		return -1;
	unsigned count = stats.vcpus ? MIN(stats.vcpus->len, (guint)in->maxinfo) : 0;
	answer->info.len = count;
	answer->info.val = g_new0(struct remote_vcpu_info, MAX(count, 1));
	answer->cpumaps.len = count * (unsigned)in->maplen;
	answer->cpumaps.val = g_malloc0(MAX(answer->cpumaps.len, 1));
	for (unsigned i = 0; i < count; i++) {
		const struct vcpu_stats *v = &g_array_index(stats.vcpus, struct vcpu_stats, i);
		answer->info.val[i] =
			(struct remote_vcpu_info){ i, VIR_VCPU_RUNNING, v->time_ns, MAX(v->cpu, 0) };
		affinity_fill(answer->cpumaps.val + (size_t)i * in->maplen, in->maplen, cpus);
	}
	guest_stats_clear(&stats);
	return 0;
}

/* -- the job and the monitor -- */

static int need_running(
	struct rpc_request *request, const struct remote_nonnull_domain *dom, struct error *err)
{
	struct guest *guest = session_guest(request, dom, err);

	if (guest && !guest->live)
		return fail(err, VIR_ERR_OPERATION_INVALID, "domain is not running");
	return guest ? 0 : -1;
}

/* Jobs that have a progress (migration, save, backup) are not built: none runs, which is type 0 and nothing
 * else. */
int api_domain_get_job_info(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	return need_running(request, &((const struct remote_domain_get_job_info_args *)args)->dom, err);
}

int api_domain_get_job_stats(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	return need_running(request, &((const struct remote_domain_get_job_stats_args *)args)->dom, err);
}

int api_domain_abort_job(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	if (!session_writer(request, err) ||
		need_running(request, &((const struct remote_domain_abort_job_args *)args)->dom, err) < 0)
		return -1;
	return fail(err, VIR_ERR_OPERATION_INVALID, "no job is active on the domain");
}

int api_domain_get_control_info(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_get_control_info_args *in = args;
	struct remote_domain_get_control_info_ret *answer = ret;
	struct session *session = session_of(request, err);
	struct guest *guest = session ? session_guest(request, &in->dom, err) : NULL;

	if (!guest || flags_check(request, in->flags, 0, err) < 0)
		return -1;
	if (!guest->live)
		return fail(err, VIR_ERR_OPERATION_INVALID, "domain is not running");
	answer->state = (unsigned)guest->driver->control(guest, &answer->stateTime);
	if (answer->state == VIR_DOMAIN_CONTROL_OK && lifecycle_busy(guest))
		answer->state = VIR_DOMAIN_CONTROL_JOB;
	return 0;
}

int api_domain_get_hostname(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	if (need_running(request, &((const struct remote_domain_get_hostname_args *)args)->dom, err) < 0)
		return -1;
	return fail(err, VIR_ERR_NO_SUPPORT,
		"the guest's own name comes from its agent or its DHCP lease; neither is built yet");
}
