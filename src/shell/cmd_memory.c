/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory, virtual CPUs and keys of domains.
 */
#include <inttypes.h>

#include "shell/commands.h"
#include "shell/domain.h"
#include "shell/keys.h"
#include "shell/values.h"

/* -- memory -- */

/* Size in KiB, rounded up. */
static int memory_size(struct shell *sh, const struct command *cmd, uint64_t *ret_kib)
{
	auto_error wrong = { 0 };
	uint64_t bytes = 0;

	if (command_scaled(cmd, "size", 1024, G_MAXUINT64, &bytes, &wrong) < 0)
		return shell_error(sh, "%s", wrong.detail);
	*ret_kib = bytes / 1024 + (bytes % 1024 != 0);
	return 0;
}

static int run_setmem(struct shell *sh, const struct command *cmd, struct error *err)
{
	unsigned flags = domain_impact(cmd);
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	uint64_t kib;

	if (!domain || memory_size(sh, cmd, &kib) < 0)
		return -1;
	if (!flags && !command_has(cmd, "current"))
		flags = VIR_DOMAIN_AFFECT_LIVE;
	return CALL(sh, DOMAIN_SET_MEMORY_FLAGS, domain_set_memory_flags, .dom = *domain, .memory = kib,
		       .flags = flags)
		       ? 0
		       : -1;
}

static int run_setmaxmem(struct shell *sh, const struct command *cmd, struct error *err)
{
	unsigned flags = domain_impact(cmd) | VIR_DOMAIN_MEM_MAXIMUM;
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	uint64_t kib;

	if (!domain || memory_size(sh, cmd, &kib) < 0)
		return -1;
	if (!CALL(sh, DOMAIN_SET_MEMORY_FLAGS, domain_set_memory_flags, .dom = *domain, .memory = kib,
		    .flags = flags))
		return shell_error(sh, "Unable to change MaxMemorySize");
	return 0;
}

/* -- how many virtual CPUs -- */

static int vcpu_count(
	struct shell *sh, const struct remote_nonnull_domain *domain, unsigned flags, struct error *err)
{
	const struct remote_domain_get_vcpus_flags_ret *ret =
		CALL(sh, DOMAIN_GET_VCPUS_FLAGS, domain_get_vcpus_flags, .dom = *domain, .flags = flags);

	return ret ? ret->num : -1;
}

/* All four counts, as far as the domain has them. */
static int vcpu_counts(struct shell *sh, const struct remote_nonnull_domain *domain, struct error *err)
{
	static const struct {
		const char *which, *when, *key;
		unsigned flags;
	} rows[] = {
		{ "maximum", "config", "maximum_config", VIR_DOMAIN_VCPU_MAXIMUM | VIR_DOMAIN_VCPU_CONFIG },
		{ "maximum", "live", "maximum_live", VIR_DOMAIN_VCPU_MAXIMUM | VIR_DOMAIN_VCPU_LIVE },
		{ "current", "config", "current_config", VIR_DOMAIN_VCPU_CONFIG },
		{ "current", "live", "current_live", VIR_DOMAIN_VCPU_LIVE },
	};
	const struct remote_domain_is_persistent_ret *kept =
		CALL(sh, DOMAIN_IS_PERSISTENT, domain_is_persistent, .dom = *domain);
	int active = kept ? domain_active(sh, domain, err) : -1;

	if (active < 0)
		return -1;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].flags & VIR_DOMAIN_VCPU_CONFIG ? !kept->persistent : !active)
			continue;
		int count = vcpu_count(sh, domain, rows[i].flags, err);
		if (count < 0)
			return -1;
		shell_print(sh, "%-12s %-12s %3d\n", rows[i].which, rows[i].when, count);
		shell_answer(sh, rows[i].key, json_integer(count));
	}
	return 0;
}

static int run_vcpucount(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct flag_row rows[] = { { "maximum", VIR_DOMAIN_VCPU_MAXIMUM },
		{ "live", VIR_DOMAIN_VCPU_LIVE }, { "config", VIR_DOMAIN_VCPU_CONFIG },
		{ "guest", VIR_DOMAIN_VCPU_GUEST }, { 0 } };
	unsigned flags = flags_of(cmd, rows);
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	if (!flags && !command_has(cmd, "active") && !command_has(cmd, "current"))
		return vcpu_counts(sh, domain, err);
	int count = vcpu_count(sh, domain, flags, err);
	if (count < 0)
		return -1;
	shell_print(sh, "%d\n", count);
	shell_answer(sh, "count", json_integer(count));
	return 0;
}

/* -- each virtual CPU -- */

enum { VCPU_WIDTH = 15, AFFINITY_PER_CPU = 8 };

struct vcpu_maps {
	const unsigned char *bytes;
	unsigned len;  /* of all maps */
	unsigned each; /* bytes a map */
	unsigned cpus; /* of the host */
};

/* The map of virtual CPU N; shorter than wanted when the daemon sent less. */
static const unsigned char *vcpu_map(const struct vcpu_maps *maps, unsigned n, unsigned *ret_len)
{
	unsigned start = n * maps->each;

	*ret_len = start < maps->len ? MIN(maps->each, maps->len - start) : 0;
	return maps->bytes + MIN(start, maps->len);
}

static void print_affinity(
	struct shell *sh, const struct vcpu_maps *maps, unsigned n, bool pretty, json_t *object)
{
	unsigned len;
	const unsigned char *map = vcpu_map(maps, n, &len);
	g_autofree char *text = map_text(map, len, maps->cpus, pretty);

	if (pretty)
		shell_print(sh, "%-*s %s (out of %u)\n", VCPU_WIDTH, "CPU Affinity:", text, maps->cpus);
	else
		shell_print(sh, "%-*s %s\n", VCPU_WIDTH, "CPU Affinity:", text);
	json_object_set_new(object, "affinity", map_json(map, len, maps->cpus));
}

/* CPU and state of a running one; INFO NULL: it does not run. */
static void print_vcpu(struct shell *sh, unsigned n, const struct remote_vcpu_info *info, json_t *object)
{
	static const char *const states[] = { "offline", "running", "blocked" };

	json_object_set_new(object, "vcpu", json_integer(info ? info->number : n));
	if (!info) {
		shell_print(sh, "%-*s %u\n%-*s N/A\n%-*s N/A\n%-*s N/A\n", VCPU_WIDTH, "VCPU:", n, VCPU_WIDTH,
			"CPU:", VCPU_WIDTH, "State:", VCPU_WIDTH, "CPU time");
		return;
	}
	const char *state = info->state >= 0 && info->state < (int)G_N_ELEMENTS(states) ? states[info->state]
											: "no state";
	shell_print(sh, "%-*s %u\n", VCPU_WIDTH, "VCPU:", info->number);
	shell_print(sh, "%-*s %d\n", VCPU_WIDTH, "CPU:", info->cpu);
	shell_print(sh, "%-*s %s\n", VCPU_WIDTH, "State:", state);
	if (info->cpu_time)
		shell_print(sh, "%-*s %.1fs\n", VCPU_WIDTH, "CPU time:", (double)info->cpu_time / 1e9);
	json_object_set_new(object, "cpu", info->cpu >= 0 ? json_integer(info->cpu) : json_null());
	json_object_set_new(object, "state", json_string(state));
	json_object_set_new(object, "cpu_time_ns", json_integer((json_int_t)info->cpu_time));
}

static void print_vcpus(struct shell *sh, unsigned count, const struct remote_vcpu_info *infos,
	const struct vcpu_maps *maps, bool pretty)
{
	json_t *list = json_array();

	for (unsigned n = 0; n < count; n++) {
		json_t *object = json_object();

		print_vcpu(sh, n, infos ? &infos[n] : NULL, object);
		print_affinity(sh, maps, n, pretty, object);
		if (n + 1 < count)
			shell_print(sh, "\n");
		json_array_append_new(list, object);
	}
	shell_answer(sh, "vcpus", list);
}

static int run_vcpuinfo(struct shell *sh, const struct command *cmd, struct error *err)
{
	bool pretty = command_has(cmd, "pretty");
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	const struct remote_node_get_cpu_map_ret *host =
		domain ? CALL(sh, NODE_GET_CPU_MAP, node_get_cpu_map, .need_map = 0) : NULL;
	const struct remote_domain_get_info_ret *info =
		host ? CALL(sh, DOMAIN_GET_INFO, domain_get_info, .dom = *domain) : NULL;

	if (!info)
		return -1;
	struct vcpu_maps maps = { .cpus = (unsigned)MAX(host->ret, 0) };
	maps.each = (maps.cpus + AFFINITY_PER_CPU - 1) / AFFINITY_PER_CPU;
	if (info->state != VIR_DOMAIN_SHUTOFF) {
		const struct remote_domain_get_vcpus_ret *ret = CALL(sh, DOMAIN_GET_VCPUS, domain_get_vcpus,
			.dom = *domain, .maxinfo = info->nrVirtCpu, .maplen = (int)maps.each);
		if (!ret)
			return -1;
		if (ret->info.len > info->nrVirtCpu)
			return fail(err, VIR_ERR_RPC, "host reports too many vCPUs: %u > %u", ret->info.len,
				info->nrVirtCpu);
		maps.bytes = ret->cpumaps.val;
		maps.len = ret->cpumaps.len;
		print_vcpus(sh, ret->info.len, ret->info.val, &maps, pretty);
		return 0;
	}
	const struct remote_domain_get_vcpu_pin_info_ret *pins = CALL(sh, DOMAIN_GET_VCPU_PIN_INFO,
		domain_get_vcpu_pin_info, .dom = *domain, .ncpumaps = info->nrVirtCpu,
		.maplen = (int)maps.each, .flags = VIR_DOMAIN_AFFECT_CONFIG);
	if (!pins)
		return -1;
	maps.bytes = pins->cpumaps.val;
	maps.len = pins->cpumaps.len;
	print_vcpus(sh, (unsigned)MAX(MIN(pins->num, info->nrVirtCpu), 0), NULL, &maps, pretty);
	return 0;
}

/* -- keys -- */

static int read_keys(struct shell *sh, const struct command *cmd, int codeset, GArray *out)
{
	const char *word;

	for (size_t i = 0; (word = command_word(cmd, "keycode", i)); i++) {
		if (i >= VIR_DOMAIN_SEND_KEY_MAX_KEYS)
			return shell_error(sh, "too many keycodes");
		int code = key_code(codeset, word);
		if (code < 0)
			return shell_error(sh, "invalid keycode: '%s'", word);
		unsigned value = (unsigned)code;
		g_array_append_val(out, value);
	}
	return 0;
}

static int run_send_key(struct shell *sh, const struct command *cmd, struct error *err)
{
	g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(unsigned));
	const char *name = command_text(cmd, "codeset");
	int codeset = key_codeset(name ? name : "linux");
	auto_error wrong = { 0 };
	unsigned hold = 0;
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	if (command_uint(cmd, "holdtime", &hold, &wrong) < 0)
		return shell_error(sh, "%s", wrong.detail);
	if (codeset < 0)
		return shell_error(sh, "unknown codeset: '%s'", name);
	if (read_keys(sh, cmd, codeset, keys) < 0)
		return -1;
	return CALL(sh, DOMAIN_SEND_KEY, domain_send_key, .dom = *domain, .codeset = (unsigned)codeset,
		       .holdtime = hold, .keycodes = { keys->len, (unsigned *)(void *)keys->data })
		       ? 0
		       : -1;
}

static void complete_keys(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	key_complete(word, out);
}

static void complete_codeset(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	key_complete_codeset(word, out);
}

/* -- rows -- */

static const struct option_row setmem_options[] = {
	OPTION_DOMAIN,
	OPTION_NUMBER("size", OPTION_REQUIRED, "new memory size, as scaled integer (default KiB)"),
	OPTION_FLAG("config", "affect next boot"),
	OPTION_FLAG("live", "affect running domain"),
	OPTION_FLAG("current", "affect current domain"),
};
static const struct option_row setmaxmem_options[] = {
	OPTION_DOMAIN,
	OPTION_NUMBER("size", OPTION_REQUIRED, "new maximum memory size, as scaled integer (default KiB)"),
	OPTION_FLAG("config", "affect next boot"),
	OPTION_FLAG("live", "affect running domain"),
	OPTION_FLAG("current", "affect current domain"),
};
static const struct option_row vcpucount_options[] = {
	OPTION_DOMAIN,
	OPTION_FLAG("maximum", "get maximum count of vcpus"),
	OPTION_FLAG("active", "get number of currently active vcpus"),
	OPTION_FLAG("live", "get value from running domain"),
	OPTION_FLAG("config", "get value to be used on next boot"),
	OPTION_FLAG("current", "get value according to current domain state"),
	OPTION_FLAG("guest", "retrieve vcpu count from the guest instead of the hypervisor"),
};
static const struct option_row vcpuinfo_options[] = {
	OPTION_DOMAIN,
	OPTION_FLAG("pretty", "return human readable output"),
};
static const struct option_row send_key_options[] = {
	OPTION_ACTIVE_DOMAIN,
	OPTION_TEXT("codeset", OPTION_NAMED, "the codeset of keycodes, default:linux",
		.complete = complete_codeset),
	OPTION_NUMBER("holdtime", OPTION_NAMED, "the time (in milliseconds) how long the keys will be held"),
	OPTION_WORDS("keycode", OPTION_REQUIRED, "the key code", .complete = complete_keys),
};
static const struct exclusive_row current_exclusive[] = {
	{ "current", "live" },
	{ "current", "config" },
	{ 0 },
};
static const struct exclusive_row vcpucount_exclusive[] = {
	{ "live", "config" },
	{ "active", "maximum" },
	{ "guest", "config" },
	{ 0 },
};

static const struct command_row rows[] = {
	{ "send-key", NULL, GROUP_DOMAIN, "Send keycodes to the guest",
		"Send keycodes (integers or symbolic names) to the guest", OPTIONS(send_key_options),
		.flags = COMMAND_WRITES, .run = run_send_key },
	{ "setmaxmem", NULL, GROUP_DOMAIN, "change maximum memory limit",
		"Change the maximum memory allocation limit in the guest domain.", OPTIONS(setmaxmem_options),
		.exclusive = current_exclusive, .flags = COMMAND_WRITES, .run = run_setmaxmem },
	{ "setmem", NULL, GROUP_DOMAIN, "change memory allocation",
		"Change the current memory allocation in the guest domain.", OPTIONS(setmem_options),
		.exclusive = current_exclusive, .flags = COMMAND_WRITES, .run = run_setmem },
	{ "vcpucount", NULL, GROUP_DOMAIN, "domain vcpu counts",
		"Returns the number of virtual CPUs used by the domain.", OPTIONS(vcpucount_options),
		.exclusive = vcpucount_exclusive, .run = run_vcpucount },
	{ "vcpuinfo", NULL, GROUP_DOMAIN, "detailed domain vcpu information",
		"Returns basic information about the domain virtual CPUs.", OPTIONS(vcpuinfo_options),
		.run = run_vcpuinfo },
};
COMMAND_TABLE(memory_commands, rows);
