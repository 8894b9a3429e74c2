/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * <cpu>: the model, topology and features of the guest's processors.
 */
#include "model/domain.h"

static const char *const modes[] = { [CPU_CUSTOM] = "custom",
	[CPU_HOST_MODEL] = "host-model",
	[CPU_HOST_PASSTHROUGH] = "host-passthrough",
	[CPU_MAXIMUM] = "maximum",
	NULL };
static const char *const matches[] = {
	[CPU_MATCH_MINIMUM] = "minimum", [CPU_MATCH_EXACT] = "exact", [CPU_MATCH_STRICT] = "strict", NULL
};
static const char *const checks[] = {
	[CPU_CHECK_NONE] = "none", [CPU_CHECK_PARTIAL] = "partial", [CPU_CHECK_FULL] = "full", NULL
};
static const char *const fallbacks[] = {
	[CPU_FALLBACK_ALLOW] = "allow", [CPU_FALLBACK_FORBID] = "forbid", NULL
};
static const char *const policies[] = { NULL, "force", "require", "optional", "disable", "forbid", NULL };

#define S struct cpu_model
static const struct row model_rows[] = {
	ATTR("fallback", S, fallback, SCALAR_ENUM, .values = fallbacks,
		.doc = "whether the nearest model will do where this one is not known"),
	ATTR("vendor_id", S, vendor_id, SCALAR_STRING, .flags = ROW_ABI,
		.doc = "vendor the guest sees, 12 letters"),
	TEXT(S, name, SCALAR_STRING, .flags = ROW_ABI, .doc = "name of the model"),
};
static MODEL_TYPE(cpu_model_model, "cpu model", S, model_rows);
#undef S

struct cpu_model *cpu_model_new(void)
{
	return model_new(&cpu_model_model);
}

#define S struct cpu_topology
static const struct row topology_rows[] = {
	ATTR("sockets", S, sockets, SCALAR_UINT, .flags = ROW_REQUIRED | ROW_NONZERO | ROW_ABI,
		.doc = "sockets"),
	ATTR("dies", S, dies, SCALAR_UINT, .flags = ROW_NONZERO | ROW_ABI,
		.doc = "dies of a socket; default 1"),
	ATTR("cores", S, cores, SCALAR_UINT, .flags = ROW_REQUIRED | ROW_NONZERO | ROW_ABI,
		.doc = "cores of a die"),
	ATTR("threads", S, threads, SCALAR_UINT, .flags = ROW_REQUIRED | ROW_NONZERO | ROW_ABI,
		.doc = "threads of a core"),
};
static int topology_post_parse(void *self, const struct model_context *ctx, struct error *err)
{
	struct cpu_topology *topology = self;

	if (!topology->dies)
		topology->dies = 1;
	return 0;
}
static MODEL_TYPE(cpu_topology_model, "cpu topology", S, topology_rows, .post_parse = topology_post_parse);
#undef S

#define S struct cpu_feature
static const struct row feature_rows[] = {
	ATTR("policy", S, policy, SCALAR_ENUM, .flags = ROW_ABI, .values = policies,
		.doc = "what the feature is to the guest; default require"),
	ATTR("name", S, name, SCALAR_STRING, .flags = ROW_REQUIRED | ROW_ABI, .doc = "name of the feature"),
};
static int feature_post_parse(void *self, const struct model_context *ctx, struct error *err)
{
	struct cpu_feature *feature = self;

	if (!feature->policy)
		feature->policy = model_enum_value(policies, "require");
	return 0;
}
MODEL_TYPE(cpu_feature_model, "cpu feature", S, feature_rows, .post_parse = feature_post_parse);
#undef S

#define S struct domain_cpu
static const struct row cpu_rows[] = {
	ATTR("mode", S, mode, SCALAR_ENUM, .flags = ROW_ABI, .values = modes,
		.doc = "where the model comes from"),
	ATTR("match", S, match, SCALAR_ENUM, .flags = ROW_ABI, .values = matches,
		.doc = "how exactly the guest gets it; default exact"),
	ATTR("check", S, check, SCALAR_ENUM, .values = checks, .doc = "what is checked at start"),
	ATTR("migratable", S, migratable, SCALAR_ONOFF, .values = NULL,
		.doc = "whether features that hinder migration are left out"),
	CHILD("model", S, model, &cpu_model_model, .doc = "the model"),
	LEAF("vendor", S, vendor, SCALAR_STRING, .flags = ROW_ABI, .doc = "vendor the host must be of"),
	CHILD("topology", S, topology, &cpu_topology_model, .doc = "sockets, cores, threads"),
	LIST("feature", S, features, &cpu_feature_model, .doc = "features that differ from the model"),
};

/* What libvirt's documents leave out has these meanings. */
static int cpu_post_parse(void *self, const struct model_context *ctx, struct error *err)
{
	struct domain_cpu *cpu = self;

	if (!cpu->mode && (cpu->model || cpu->match))
		cpu->mode = CPU_CUSTOM;
	if (cpu->mode == CPU_CUSTOM && !cpu->match)
		cpu->match = model_enum_value(matches, "exact");
	if (cpu->mode == CPU_CUSTOM && (!cpu->model || !cpu->model->name))
		return fail(err, VIR_ERR_XML_ERROR, "Missing CPU model name");
	if (cpu->model && !cpu->model->fallback)
		cpu->model->fallback = model_enum_value(fallbacks, "allow");
	return 0;
}
MODEL_TYPE(cpu_type, "cpu", S, cpu_rows, .post_parse = cpu_post_parse);
#undef S
