/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Statistics and devices of domains: domstats, disks, interfaces, memory, jobs.
 */
#include <inttypes.h>
#include <string.h>

#include "shell/commands.h"
#include "shell/domain.h"
#include "shell/values.h"
#include "shell/xml.h"

/* -- domstats -- */

static const struct flag_row stats_groups[] = {
	{ "state", VIR_DOMAIN_STATS_STATE },
	{ "cpu-total", VIR_DOMAIN_STATS_CPU_TOTAL },
	{ "balloon", VIR_DOMAIN_STATS_BALLOON },
	{ "vcpu", VIR_DOMAIN_STATS_VCPU },
	{ "interface", VIR_DOMAIN_STATS_INTERFACE },
	{ "block", VIR_DOMAIN_STATS_BLOCK },
	{ "perf", VIR_DOMAIN_STATS_PERF },
	{ "iothread", VIR_DOMAIN_STATS_IOTHREAD },
	{ "memory", VIR_DOMAIN_STATS_MEMORY },
	{ "dirtyrate", VIR_DOMAIN_STATS_DIRTYRATE },
	{ "vm", VIR_DOMAIN_STATS_VM },
	{ 0 },
};

static const struct flag_row stats_flags[] = {
	{ "list-active", VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE },
	{ "list-inactive", VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE },
	{ "list-persistent", VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT },
	{ "list-transient", VIR_CONNECT_GET_ALL_DOMAINS_STATS_TRANSIENT },
	{ "list-running", VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING },
	{ "list-paused", VIR_CONNECT_GET_ALL_DOMAINS_STATS_PAUSED },
	{ "list-shutoff", VIR_CONNECT_GET_ALL_DOMAINS_STATS_SHUTOFF },
	{ "list-other", VIR_CONNECT_GET_ALL_DOMAINS_STATS_OTHER },
	{ "enforce", VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS },
	{ "backing", VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING },
	{ "nowait", VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT },
	{ 0 },
};

static void print_record(
	struct shell *sh, const struct remote_domain_stats_record *record, bool first, json_t *list)
{
	json_t *stats = json_object();

	shell_print(sh, "%sDomain: '%s'\n", first ? "" : "\n", record->dom.name);
	for (unsigned i = 0; i < record->params.len; i++) {
		const struct remote_typed_param *param = &record->params.val[i];
		g_autofree char *text = param_text(param);

		shell_print(sh, "  %s=%s\n", param->field, text);
		json_object_set_new(stats, param->field, param_json(param));
	}
	json_array_append_new(list, json_pack("{s:s, s:o}", "name", record->dom.name, "stats", stats));
}

/* The domains named on the command line, into one array for the call; the caller's. */
static int named_domains(struct shell *sh, const struct command *cmd, GArray *out, struct error *err)
{
	const char *name;

	for (size_t i = 0; (name = command_word(cmd, "domain", i)); i++) {
		const struct remote_nonnull_domain *domain = domain_find_text(sh, name, BY_ANY, err);
		if (!domain)
			return -1;
		g_array_append_vals(out, domain, 1);
	}
	return 0;
}

static int run_domstats(struct shell *sh, const struct command *cmd, struct error *err)
{
	g_autoptr(GArray) domains = g_array_new(FALSE, FALSE, sizeof(struct remote_nonnull_domain));

	if (named_domains(sh, cmd, domains, err) < 0)
		return -1;
	const struct remote_connect_get_all_domain_stats_ret *ret =
		CALL(sh, CONNECT_GET_ALL_DOMAIN_STATS, connect_get_all_domain_stats,
			.doms = { domains->len, (struct remote_nonnull_domain *)(void *)domains->data },
			.stats = flags_of(cmd, stats_groups), .flags = flags_of(cmd, stats_flags));
	if (!ret)
		return -1;
	json_t *list = json_array();
	for (unsigned i = 0; i < ret->retStats.len; i++)
		print_record(sh, &ret->retStats.val[i], i == 0, list);
	shell_answer(sh, "domains", list);
	return 0;
}

/* -- lists of devices -- */

static xmlDocPtr device_document(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	unsigned flags = command_has(cmd, "inactive") ? VIR_DOMAIN_XML_INACTIVE : 0;
	const char *xml = domain ? domain_xml(sh, domain, flags, err) : NULL;

	if (domain && !xml)
		shell_error(sh, "Failed to get domain description xml");
	return xml ? xml_parse(xml, err) : NULL;
}

/* A table of what XPATH finds: a cell an expression; what is empty is "-". */
static void device_table(struct shell *sh, xmlDocPtr doc, const char *xpath, const struct column *columns,
	const char *const *expressions, size_t count, const char *key)
{
	struct table *table = table_new(columns, count);
	auto_nodes nodes = xml_nodes(doc, NULL, xpath);

	for (int n = 0; n < xml_count(nodes); n++) {
		g_auto(GStrv) cells = g_new0(char *, count + 1);
		const char *shown[8];

		for (size_t i = 0; i < count; i++) {
			cells[i] = xml_text(doc, xml_node(nodes, n), expressions[i]);
			shown[i] = cells[i][0] ? cells[i] : NULL;
		}
		table_row(table, shown);
	}
	table_end(sh, table, key);
}

/*
 * The attribute that names a disk's source; of an NVMe controller its PCI address: from place 1 on when it is
 * one, else from place infinity on, which is nothing.
 */
#define DISK_SOURCE                                                                                          \
	"concat(string(./source/@file | ./source/@dev | ./source/@dir | ./source/@name | ./source/@volume |" \
	" ./source/@path), substring(concat('nvme://', substring(./source/address/@domain, 3), ':',"         \
	" substring(./source/address/@bus, 3), ':', substring(./source/address/@slot, 3), '.',"              \
	" substring(./source/address/@function, 3), '/', ./source/@namespace), 1 div (./@type = 'nvme')))"

static int run_domblklist(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct column columns[] = { { "Type", "type" }, { "Device", "device" },
		{ "Target", "target" }, { "Source", "source" } };
	static const char *const cells[] = {
		"string(./@type)", "string(./@device)", "string(./target/@dev)",
		"string(./source/@file | ./source/@dev | ./source/@dir | ./source/@name | ./source/@volume)"
	};
	auto_xml doc = device_document(sh, cmd, err);
	size_t skip = command_has(cmd, "details") || sh->json ? 0 : 2;

	if (!doc)
		return -1;
	device_table(sh, doc, "/domain/devices/disk", columns + skip, cells + skip, 4 - skip, "disks");
	return 0;
}

static int run_domiflist(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct column columns[] = { { "Interface", "interface" }, { "Type", "type" },
		{ "Source", "source" }, { "Model", "model" }, { "MAC", "mac" } };
	static const char *const cells[] = { "string(./target/@dev)", "string(./@type)",
		"string(./source/@bridge | ./source/@dev | ./source/@network | ./source/@name | "
		"./source/@path)",
		"string(./model/@type)", "string(./mac/@address)" };
	auto_xml doc = device_document(sh, cmd, err);

	if (!doc)
		return -1;
	device_table(sh, doc, "/domain/devices/interface", columns, cells, 5, "interfaces");
	return 0;
}

/* -- disks -- */

static const struct block_stat {
	const char *name, *wire, *label;
} block_stats[] = {
	{ "rd_req", VIR_DOMAIN_BLOCK_STATS_READ_REQ, "number of read operations:" },
	{ "rd_bytes", VIR_DOMAIN_BLOCK_STATS_READ_BYTES, "number of bytes read:" },
	{ "wr_req", VIR_DOMAIN_BLOCK_STATS_WRITE_REQ, "number of write operations:" },
	{ "wr_bytes", VIR_DOMAIN_BLOCK_STATS_WRITE_BYTES, "number of bytes written:" },
	{ "errs", VIR_DOMAIN_BLOCK_STATS_ERRS, "error count:" },
	{ "flush_operations", VIR_DOMAIN_BLOCK_STATS_FLUSH_REQ, "number of flush operations:" },
	{ "rd_total_times", VIR_DOMAIN_BLOCK_STATS_READ_TOTAL_TIMES, "total duration of reads (ns):" },
	{ "wr_total_times", VIR_DOMAIN_BLOCK_STATS_WRITE_TOTAL_TIMES, "total duration of writes (ns):" },
	{ "flush_total_times", VIR_DOMAIN_BLOCK_STATS_FLUSH_TOTAL_TIMES, "total duration of flushes (ns):" },
};

static void print_block_stat(
	struct shell *sh, const char *device, bool human, const struct block_stat *stat, int64_t value)
{
	if (human)
		shell_print(sh, " %-31s %" PRId64 "\n", stat->label, value);
	else
		shell_print(sh, "%s %s %" PRId64 "\n", device, stat->name, value);
	shell_answer(sh, stat->name, json_integer(value));
}

/* Statistics that have no row. */
static void print_other_stats(
	struct shell *sh, const char *device, const struct remote_domain_block_stats_flags_ret *ret)
{
	for (unsigned i = 0; i < ret->params.len; i++) {
		const struct remote_typed_param *param = &ret->params.val[i];
		bool known = false;

		for (size_t r = 0; r < G_N_ELEMENTS(block_stats); r++)
			known = known || strcmp(block_stats[r].wire, param->field) == 0;
		if (known)
			continue;
		g_autofree char *text = param_text(param);
		shell_print(sh, "%s %s %s\n", device, param->field, text);
		shell_answer(sh, param->field, param_json(param));
	}
}

/* For daemons that have the old call alone. */
static int old_block_stats(struct shell *sh, const struct remote_nonnull_domain *domain, const char *device,
	bool human, struct error *err)
{
	const struct remote_domain_block_stats_ret *ret =
		CALL(sh, DOMAIN_BLOCK_STATS, domain_block_stats, .dom = *domain, .path = (char *)device);

	if (!ret)
		return shell_error(sh, "Failed to get block stats %s %s", domain->name, device);
	const int64_t values[] = { ret->rd_req, ret->rd_bytes, ret->wr_req, ret->wr_bytes, ret->errs };
	if (human)
		shell_print(sh, "Device: %s\n", device);
	for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
		if (values[i] >= 0)
			print_block_stat(sh, device, human, &block_stats[i], values[i]);
	return 0;
}

static int run_domblkstat(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *given = command_text(cmd, "device");
	const char *device = given ? given : "";
	bool human = command_has(cmd, "human");
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	const struct remote_domain_block_stats_flags_ret *ret =
		CALL(sh, DOMAIN_BLOCK_STATS_FLAGS, domain_block_stats_flags, .dom = *domain,
			.path = (char *)device, .nparams = REMOTE_DOMAIN_BLOCK_STATS_PARAMETERS_MAX);
	if (!ret) {
		if (err->code != VIR_ERR_NO_SUPPORT)
			return -1;
		error_clear(err);
		return old_block_stats(sh, domain, device, human, err);
	}
	if (human)
		shell_print(sh, "Device: %s\n", device);
	for (size_t i = 0; i < G_N_ELEMENTS(block_stats); i++) {
		uint64_t value;
		if (param_number(ret->params.val, ret->params.len, block_stats[i].wire, &value))
			print_block_stat(sh, device, human, &block_stats[i], (int64_t)value);
	}
	print_other_stats(sh, human ? "" : device, ret);
	return 0;
}

/* -- interfaces -- */

static int run_domifstat(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const char *const names[] = { "rx_bytes", "rx_packets", "rx_errs", "rx_drop", "tx_bytes",
		"tx_packets", "tx_errs", "tx_drop" };
	const char *device = command_text(cmd, "interface");
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	const struct remote_domain_interface_stats_ret *ret = CALL(
		sh, DOMAIN_INTERFACE_STATS, domain_interface_stats, .dom = *domain, .device = (char *)device);
	if (!ret)
		return shell_error(sh, "Failed to get interface stats %s %s", domain->name, device);
	const int64_t values[] = { ret->rx_bytes, ret->rx_packets, ret->rx_errs, ret->rx_drop, ret->tx_bytes,
		ret->tx_packets, ret->tx_errs, ret->tx_drop };
	for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
		if (values[i] >= 0) {
			shell_print(sh, "%s %s %" PRId64 "\n", device, names[i], values[i]);
			shell_answer(sh, names[i], json_integer(values[i]));
		}
	return 0;
}

/* -- memory -- */

static const char *const memory_names[VIR_DOMAIN_MEMORY_STAT_NR] = {
	[VIR_DOMAIN_MEMORY_STAT_SWAP_IN] = "swap_in",
	[VIR_DOMAIN_MEMORY_STAT_SWAP_OUT] = "swap_out",
	[VIR_DOMAIN_MEMORY_STAT_MAJOR_FAULT] = "major_fault",
	[VIR_DOMAIN_MEMORY_STAT_MINOR_FAULT] = "minor_fault",
	[VIR_DOMAIN_MEMORY_STAT_UNUSED] = "unused",
	[VIR_DOMAIN_MEMORY_STAT_AVAILABLE] = "available",
	[VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON] = "actual",
	[VIR_DOMAIN_MEMORY_STAT_RSS] = "rss",
	[VIR_DOMAIN_MEMORY_STAT_USABLE] = "usable",
	[VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE] = "last_update",
	[VIR_DOMAIN_MEMORY_STAT_DISK_CACHES] = "disk_caches",
	[VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGALLOC] = "hugetlb_pgalloc",
	[VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGFAIL] = "hugetlb_pgfail",
};

static int set_period(struct shell *sh, const struct command *cmd, const struct remote_nonnull_domain *domain,
	int period, struct error *err)
{
	unsigned flags = domain_impact(cmd);

	if (period < 0)
		return shell_error(sh, "Invalid collection period value '%d'", period);
	if (!flags && !command_has(cmd, "current") && domain->id >= 0)
		flags = VIR_DOMAIN_AFFECT_LIVE;
	if (!CALL(sh, DOMAIN_SET_MEMORY_STATS_PERIOD, domain_set_memory_stats_period, .dom = *domain,
		    .period = period, .flags = flags))
		return shell_error(sh, "Unable to change balloon collection period.");
	return 0;
}

static int run_dommemstat(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	auto_error wrong = { 0 };
	int period = 0;

	if (!domain)
		return -1;
	int given = command_int(cmd, "period", &period, &wrong);
	if (given < 0)
		return shell_error(sh, "%s", wrong.detail);
	if (given)
		return set_period(sh, cmd, domain, period, err);
	const struct remote_domain_memory_stats_ret *ret = CALL(sh, DOMAIN_MEMORY_STATS, domain_memory_stats,
		.dom = *domain, .maxStats = VIR_DOMAIN_MEMORY_STAT_NR);
	if (!ret)
		return shell_error(sh, "Failed to get memory statistics for domain %s", domain->name);
	for (unsigned i = 0; i < ret->stats.len; i++) {
		const struct remote_domain_memory_stat *stat = &ret->stats.val[i];
		if (stat->tag < 0 || stat->tag >= VIR_DOMAIN_MEMORY_STAT_NR || !memory_names[stat->tag])
			continue;
		shell_print(sh, "%s %" PRIu64 "\n", memory_names[stat->tag], stat->val);
		shell_answer(sh, memory_names[stat->tag], json_integer((json_int_t)stat->val));
	}
	return 0;
}

/* -- rows -- */

static const struct option_row domstats_options[] = {
	OPTION_FLAG("state", "report domain state"),
	OPTION_FLAG("cpu-total", "report domain physical cpu usage"),
	OPTION_FLAG("balloon", "report domain balloon statistics"),
	OPTION_FLAG("vcpu", "report domain virtual cpu information"),
	OPTION_FLAG("interface", "report domain network interface information"),
	OPTION_FLAG("block", "report domain block device statistics"),
	OPTION_FLAG("perf", "report domain perf event statistics"),
	OPTION_FLAG("iothread", "report domain IOThread information"),
	OPTION_FLAG("memory", "report domain memory usage"),
	OPTION_FLAG("dirtyrate", "report domain dirty rate information"),
	OPTION_FLAG("vm", "report hypervisor-specific statistics"),
	OPTION_FLAG("list-active", "list only active domains"),
	OPTION_FLAG("list-inactive", "list only inactive domains"),
	OPTION_FLAG("list-persistent", "list only persistent domains"),
	OPTION_FLAG("list-transient", "list only transient domains"),
	OPTION_FLAG("list-running", "list only running domains"),
	OPTION_FLAG("list-paused", "list only paused domains"),
	OPTION_FLAG("list-shutoff", "list only shutoff domains"),
	OPTION_FLAG("list-other", "list only domains in other states"),
	OPTION_FLAG("raw", "do not pretty-print the fields"),
	OPTION_FLAG("enforce", "enforce requested stats parameters"),
	OPTION_FLAG("backing", "add backing chain information to block stats"),
	OPTION_FLAG("nowait", "report only stats that are accessible instantly"),
	OPTION_WORDS(
		"domain", OPTION_UNNAMED, "list of domains to get stats for", .complete = complete_domain),
};
static const struct option_row domblklist_options[] = {
	OPTION_DOMAIN,
	OPTION_FLAG("inactive", "get inactive rather than running configuration"),
	OPTION_FLAG("details", "additionally display the type and device value"),
};
static const struct option_row domiflist_options[] = {
	OPTION_DOMAIN,
	OPTION_FLAG("inactive", "get inactive rather than running configuration"),
};
static const struct option_row domblkstat_options[] = {
	OPTION_ACTIVE_DOMAIN,
	OPTION_TEXT("device", OPTION_EMPTY_OK, "block device", .complete = complete_disk),
	OPTION_FLAG("human", "print a more human readable output"),
};
static const struct option_row domifstat_options[] = {
	OPTION_ACTIVE_DOMAIN,
	OPTION_TEXT("interface", OPTION_REQUIRED, "interface device specified by name or MAC Address",
		.complete = complete_interface),
};
static const struct option_row dommemstat_options[] = {
	OPTION_ACTIVE_DOMAIN,
	OPTION_NUMBER("period", 0, "period in seconds to set collection"),
	OPTION_FLAG("config", "affect next boot"),
	OPTION_FLAG("live", "affect running domain"),
	OPTION_FLAG("current", "affect current domain"),
};
static const struct exclusive_row current_exclusive[] = {
	{ "current", "live" },
	{ "current", "config" },
	{ 0 },
};

static const struct command_row rows[] = {
	{ "domblklist", NULL, GROUP_MONITOR, "list all domain blocks",
		"Get the summary of block devices for a domain.", OPTIONS(domblklist_options),
		.run = run_domblklist },
	{ "domblkstat", NULL, GROUP_MONITOR, "get device block stats for a domain",
		"Get device block stats for a running domain. See man page or use --human for explanation of "
		"fields",
		OPTIONS(domblkstat_options), .run = run_domblkstat },
	{ "domiflist", NULL, GROUP_MONITOR, "list all domain virtual interfaces",
		"Get the summary of virtual interfaces for a domain.", OPTIONS(domiflist_options),
		.run = run_domiflist },
	{ "domifstat", NULL, GROUP_MONITOR, "get network interface stats for a domain",
		"Get network interface stats for a running domain.", OPTIONS(domifstat_options),
		.run = run_domifstat },
	{ "dommemstat", NULL, GROUP_MONITOR, "get memory statistics for a domain",
		"Get memory statistics for a running domain.", OPTIONS(dommemstat_options),
		.exclusive = current_exclusive, .run = run_dommemstat },
	{ "domstats", NULL, GROUP_MONITOR, "get statistics about one or multiple domains",
		"Gets statistics about one or more (or all) domains", OPTIONS(domstats_options),
		.run = run_domstats },
};
COMMAND_TABLE(stats_commands, rows);
