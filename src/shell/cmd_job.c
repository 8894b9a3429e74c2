/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * `domjobinfo`: how far a long job on a domain has come.
 */
#include <inttypes.h>
#include <string.h>

#include "shell/commands.h"
#include "shell/domain.h"
#include "shell/values.h"

enum { LABEL_WIDTH = 17 };

enum job_kind {
	JOB_PLAIN,
	JOB_COUNT,
	JOB_MS,
	JOB_SIZE,
	JOB_SIZE_PER_SECOND,
	JOB_PAGES_PER_SECOND,
	JOB_BYTES
};

/* Values that are shown together, when any of the group's amounts is not 0. */
enum job_group { JOB_ALWAYS, JOB_DATA, JOB_MEMORY, JOB_FILE };

static const char *const job_amounts[][3] = {
	[JOB_DATA] = { VIR_DOMAIN_JOB_DATA_TOTAL, VIR_DOMAIN_JOB_DATA_PROCESSED,
		VIR_DOMAIN_JOB_DATA_REMAINING },
	[JOB_MEMORY] = { VIR_DOMAIN_JOB_MEMORY_TOTAL, VIR_DOMAIN_JOB_MEMORY_PROCESSED,
		VIR_DOMAIN_JOB_MEMORY_REMAINING },
	[JOB_FILE] = { VIR_DOMAIN_JOB_DISK_TOTAL, VIR_DOMAIN_JOB_DISK_PROCESSED,
		VIR_DOMAIN_JOB_DISK_REMAINING },
};

/* In the order in which they are shown. */
static const struct {
	const char *field, *label;
	enum job_kind kind;
	enum job_group group;
	bool not_zero; /* 0 is not shown */
} job_rows[] = {
	{ VIR_DOMAIN_JOB_TIME_ELAPSED_NET, "Time elapsed w/o network:", JOB_MS },
	{ VIR_DOMAIN_JOB_TIME_REMAINING, "Time remaining:", JOB_MS },
	{ VIR_DOMAIN_JOB_DATA_PROCESSED, "Data processed:", JOB_SIZE, JOB_DATA },
	{ VIR_DOMAIN_JOB_DATA_REMAINING, "Data remaining:", JOB_SIZE, JOB_DATA },
	{ VIR_DOMAIN_JOB_DATA_TOTAL, "Data total:", JOB_SIZE, JOB_DATA },
	{ VIR_DOMAIN_JOB_MEMORY_PROCESSED, "Memory processed:", JOB_SIZE, JOB_MEMORY },
	{ VIR_DOMAIN_JOB_MEMORY_REMAINING, "Memory remaining:", JOB_SIZE, JOB_MEMORY },
	{ VIR_DOMAIN_JOB_MEMORY_TOTAL, "Memory total:", JOB_SIZE, JOB_MEMORY },
	{ VIR_DOMAIN_JOB_MEMORY_BPS, "Memory bandwidth:", JOB_SIZE_PER_SECOND, JOB_MEMORY, true },
	{ VIR_DOMAIN_JOB_MEMORY_DIRTY_RATE, "Dirty rate:", JOB_PAGES_PER_SECOND, JOB_MEMORY },
	{ VIR_DOMAIN_JOB_MEMORY_PAGE_SIZE, "Page size:", JOB_BYTES, JOB_MEMORY },
	{ VIR_DOMAIN_JOB_MEMORY_ITERATION, "Iteration:", JOB_PLAIN, JOB_MEMORY },
	{ VIR_DOMAIN_JOB_MEMORY_POSTCOPY_REQS, "Postcopy requests:", JOB_PLAIN, JOB_MEMORY },
	{ VIR_DOMAIN_JOB_DISK_PROCESSED, "File processed:", JOB_SIZE, JOB_FILE },
	{ VIR_DOMAIN_JOB_DISK_REMAINING, "File remaining:", JOB_SIZE, JOB_FILE },
	{ VIR_DOMAIN_JOB_DISK_TOTAL, "File total:", JOB_SIZE, JOB_FILE },
	{ VIR_DOMAIN_JOB_DISK_BPS, "File bandwidth:", JOB_SIZE_PER_SECOND, JOB_FILE, true },
	{ VIR_DOMAIN_JOB_MEMORY_CONSTANT, "Constant pages:", JOB_PLAIN },
	{ VIR_DOMAIN_JOB_MEMORY_NORMAL, "Normal pages:", JOB_PLAIN },
	{ VIR_DOMAIN_JOB_MEMORY_NORMAL_BYTES, "Normal data:", JOB_SIZE },
	{ VIR_DOMAIN_JOB_DOWNTIME, "Total downtime:", JOB_MS },
	{ VIR_DOMAIN_JOB_DOWNTIME_NET, "Downtime w/o network:", JOB_MS },
	{ VIR_DOMAIN_JOB_SETUP_TIME, "Setup time:", JOB_MS },
	{ VIR_DOMAIN_JOB_COMPRESSION_CACHE, "Compression cache:", JOB_SIZE },
	{ VIR_DOMAIN_JOB_COMPRESSION_BYTES, "Compressed data:", JOB_SIZE },
	{ VIR_DOMAIN_JOB_COMPRESSION_PAGES, "Compressed pages:", JOB_COUNT },
	{ VIR_DOMAIN_JOB_COMPRESSION_CACHE_MISSES, "Compression cache misses:", JOB_COUNT },
	{ VIR_DOMAIN_JOB_COMPRESSION_OVERFLOW, "Compression overflows:", JOB_COUNT },
	{ VIR_DOMAIN_JOB_AUTO_CONVERGE_THROTTLE, "Auto converge throttle:", JOB_COUNT },
	{ VIR_DOMAIN_JOB_DISK_TEMP_USED, "Temporary disk space use:", JOB_SIZE },
	{ VIR_DOMAIN_JOB_DISK_TEMP_TOTAL, "Temporary disk space total:", JOB_SIZE },
};

static void print_value(struct shell *sh, const char *label, enum job_kind kind, uint64_t value)
{
	static const char *const units[] = {
		[JOB_MS] = " ms", [JOB_PAGES_PER_SECOND] = " pages/s", [JOB_BYTES] = " bytes"
	};
	const char *unit;

	if (kind == JOB_SIZE || kind == JOB_SIZE_PER_SECOND) {
		double size = pretty_size(value, &unit);
		shell_print(sh, "%-*s %-.3f %s%s\n", LABEL_WIDTH, label, size, unit,
			kind == JOB_SIZE ? "" : "/s");
		return;
	}
	unit = (size_t)kind < G_N_ELEMENTS(units) && units[kind] ? units[kind] : "";
	shell_print(
		sh, "%-*s %-*" PRIu64 "%s\n", LABEL_WIDTH, label, kind == JOB_COUNT ? 13 : 12, value, unit);
}

static bool group_shown(const struct remote_typed_param *params, unsigned count, enum job_group group)
{
	uint64_t value;

	if (group == JOB_ALWAYS)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(job_amounts[group]); i++)
		if (param_number(params, count, job_amounts[group][i], &value) && value)
			return true;
	return false;
}

/* Amounts of a group that is shown count as 0 when they are not there. */
static bool row_value(
	const struct remote_typed_param *params, unsigned count, size_t row, uint64_t *ret_value)
{
	if (param_number(params, count, job_rows[row].field, ret_value))
		return *ret_value || !job_rows[row].not_zero;
	*ret_value = 0;
	return job_rows[row].group != JOB_ALWAYS && job_rows[row].kind == JOB_SIZE;
}

static void print_job(struct shell *sh, int type, const struct remote_typed_param *params, unsigned count)
{
	uint64_t value = 0;

	param_number(params, count, VIR_DOMAIN_JOB_TIME_ELAPSED, &value);
	print_value(sh, "Time elapsed:", JOB_MS, value);
	for (size_t i = 0; i < G_N_ELEMENTS(job_rows); i++) {
		const char *label = job_rows[i].label;

		if (!group_shown(params, count, job_rows[i].group))
			continue;
		if (strcmp(job_rows[i].field, VIR_DOMAIN_JOB_TIME_REMAINING) == 0 &&
			type != VIR_DOMAIN_JOB_BOUNDED)
			continue;
		if (strcmp(job_rows[i].field, VIR_DOMAIN_JOB_DOWNTIME) == 0 &&
			type != VIR_DOMAIN_JOB_COMPLETED)
			label = "Expected downtime:";
		if (row_value(params, count, i, &value))
			print_value(sh, label, job_rows[i].kind, value);
	}
	const struct remote_typed_param *message = param_find(params, count, VIR_DOMAIN_JOB_ERRMSG);
	if (message && message->value.type == VIR_TYPED_PARAM_STRING)
		shell_print(sh, "%-*s %s\n", LABEL_WIDTH, "Error message:", message->value.u.s);
}

static void print_operation(struct shell *sh, const struct remote_typed_param *params, unsigned count)
{
	static const char *const operations[] = { "Unknown", "Start", "Save", "Restore", "Incoming migration",
		"Outgoing migration", "Snapshot", "Snapshot revert", "Dump", "Backup", "Snapshot delete" };
	uint64_t value = 0;

	param_number(params, count, VIR_DOMAIN_JOB_OPERATION, &value);
	shell_print(sh, "%-*s %-12s\n", LABEL_WIDTH,
		"Operation:", value < G_N_ELEMENTS(operations) ? operations[value] : "unknown");
}

static void print_raw(struct shell *sh, int type, const struct remote_typed_param *params, unsigned count)
{
	shell_print(sh, "Job type: %d\n\n", type);
	for (unsigned i = 0; i < count; i++) {
		g_autofree char *text = param_raw_text(&params[i]);
		shell_print(sh, "%s: %s\n", params[i].field, text);
	}
}

static void answer_params(struct shell *sh, const struct remote_typed_param *params, unsigned count)
{
	json_t *stats = json_object();

	for (unsigned i = 0; i < count; i++)
		json_object_set_new(stats, params[i].field, param_json(&params[i]));
	shell_answer(sh, "stats", stats);
}

static int show(struct shell *sh, const struct command *cmd, int type,
	const struct remote_typed_param *params, unsigned count)
{
	static const char *const types[] = { "None", "Bounded", "Unbounded", "Completed", "Failed",
		"Cancelled" };
	const char *name = type >= 0 && type < (int)G_N_ELEMENTS(types) ? types[type] : "unknown";

	shell_answer(sh, "type", json_string(name));
	answer_params(sh, params, count);
	if (command_has(cmd, "rawstats")) {
		print_raw(sh, type, params, count);
		return 0;
	}
	shell_print(sh, "%-*s %-12s\n", LABEL_WIDTH, "Job type:", name);
	if (type == VIR_DOMAIN_JOB_NONE)
		return 0;
	print_operation(sh, params, count);
	bool under_way = type == VIR_DOMAIN_JOB_BOUNDED || type == VIR_DOMAIN_JOB_UNBOUNDED;
	bool asked_for = type == VIR_DOMAIN_JOB_COMPLETED && command_has(cmd, "completed");
	if (under_way || asked_for || command_has(cmd, "anystats"))
		print_job(sh, type, params, count);
	return 0;
}

/* For daemons that have the old call alone. */
static int show_old(struct shell *sh, const struct command *cmd, const struct remote_nonnull_domain *domain,
	struct error *err)
{
	const struct remote_domain_get_job_info_ret *ret =
		CALL(sh, DOMAIN_GET_JOB_INFO, domain_get_job_info, .dom = *domain);

	if (!ret)
		return -1;
#define JOB_PARAM(name, number)                                                                              \
	{                                                                                                    \
		(char *)name,                                                                                \
		{                                                                                            \
			VIR_TYPED_PARAM_ULLONG,                                                              \
			{                                                                                    \
				.ul = number                                                                 \
			}                                                                                    \
		}                                                                                            \
	}
	const struct remote_typed_param params[] = {
		JOB_PARAM(VIR_DOMAIN_JOB_TIME_ELAPSED, ret->timeElapsed),
		JOB_PARAM(VIR_DOMAIN_JOB_TIME_REMAINING, ret->timeRemaining),
		JOB_PARAM(VIR_DOMAIN_JOB_DATA_TOTAL, ret->dataTotal),
		JOB_PARAM(VIR_DOMAIN_JOB_DATA_PROCESSED, ret->dataProcessed),
		JOB_PARAM(VIR_DOMAIN_JOB_DATA_REMAINING, ret->dataRemaining),
		JOB_PARAM(VIR_DOMAIN_JOB_MEMORY_TOTAL, ret->memTotal),
		JOB_PARAM(VIR_DOMAIN_JOB_MEMORY_PROCESSED, ret->memProcessed),
		JOB_PARAM(VIR_DOMAIN_JOB_MEMORY_REMAINING, ret->memRemaining),
		JOB_PARAM(VIR_DOMAIN_JOB_DISK_TOTAL, ret->fileTotal),
		JOB_PARAM(VIR_DOMAIN_JOB_DISK_PROCESSED, ret->fileProcessed),
		JOB_PARAM(VIR_DOMAIN_JOB_DISK_REMAINING, ret->fileRemaining),
	};
#undef JOB_PARAM
	return show(sh, cmd, ret->type, params, G_N_ELEMENTS(params));
}

static int run_domjobinfo(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct flag_row rows[] = { { "completed", VIR_DOMAIN_JOB_STATS_COMPLETED },
		{ "keep-completed", VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED }, { 0 } };
	unsigned flags = flags_of(cmd, rows);

	if (command_has(cmd, "keep-completed") && !command_has(cmd, "completed"))
		return shell_error(sh, "Option --completed is required by option --keep-completed");
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	if (!domain)
		return -1;
	const struct remote_domain_get_job_stats_ret *ret =
		CALL(sh, DOMAIN_GET_JOB_STATS, domain_get_job_stats, .dom = *domain, .flags = flags);
	if (ret)
		return show(sh, cmd, ret->type, ret->params.val, ret->params.len);
	if (err->code != VIR_ERR_NO_SUPPORT || flags)
		return -1;
	error_clear(err);
	return show_old(sh, cmd, domain, err);
}

static const struct option_row domjobinfo_options[] = {
	OPTION_ACTIVE_DOMAIN,
	OPTION_FLAG("completed", "return statistics of a recently completed job"),
	OPTION_FLAG("keep-completed", "don't destroy statistics of a recently completed job when reading"),
	OPTION_FLAG("anystats", "print statistics for any kind of job (even failed ones)"),
	OPTION_FLAG("rawstats", "print the raw data returned by libvirt"),
};

static const struct command_row rows[] = {
	{ "domjobinfo", NULL, GROUP_DOMAIN, "domain job information",
		"Returns information about jobs running on a domain.", OPTIONS(domjobinfo_options),
		.run = run_domjobinfo },
};
COMMAND_TABLE(job_commands, rows);
