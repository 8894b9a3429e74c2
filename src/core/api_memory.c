/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that change a domain's memory.
 */
#include <libvirt/libvirt.h>

#include "core/api.h"
#include "core/lifecycle.h"
#include "core/registry.h"
#include "core/session.h"

/* In the definition: MAXIMUM lowers the memory at start with it. */
static int set_config(struct core *core, struct guest *guest, uint64_t kib, bool maximum, struct error *err)
{
	auto_domain *config = model_copy(&domain_model, guest->config);

	if (maximum)
		config->memory = kib;
	else
		config->current_memory = kib;
	if (config->current_memory > config->memory && !maximum)
		return fail(err, VIR_ERR_INVALID_ARG, "cannot set memory higher than max memory");
	config->current_memory = MIN(config->current_memory, config->memory);
	if (registry_define(core->domains, config, &guest, err) < 0)
		return -1;
	config = NULL; /* the registry's now */
	return 0;
}

static int set_memory(struct rpc_request *request, const struct remote_nonnull_domain *dom, uint64_t kib,
	unsigned flags, struct error *err)
{
	const unsigned known = VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_MEM_MAXIMUM;
	struct session *session = session_writer(request, err);
	struct guest *guest = session ? session_guest(request, dom, err) : NULL;
	struct affected affected;

	if (!guest || flags_check(request, flags, known, err) < 0 ||
		guest_affected(guest, flags, &affected, err) < 0)
		return -1;
	if (kib == 0)
		return fail(err, VIR_ERR_INVALID_ARG, "memory in %s must not be zero", request->call->name);
	if (affected.live && (flags & VIR_DOMAIN_MEM_MAXIMUM))
		return fail(err, VIR_ERR_OPERATION_INVALID,
			"cannot resize the maximum memory on an active domain");
	if (affected.live && kib > affected.live->memory)
		return fail(err, VIR_ERR_INVALID_ARG, "cannot set memory higher than max memory");
	if (affected.config && set_config(session->core, guest, kib, flags & VIR_DOMAIN_MEM_MAXIMUM, err) < 0)
		return -1;
	return affected.live ? lifecycle_set_memory(request->task, session->core, guest, kib, err) : 0;
}

int api_domain_set_memory(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_set_memory_args *in = args;

	return set_memory(request, &in->dom, in->memory, VIR_DOMAIN_AFFECT_LIVE, err);
}

int api_domain_set_memory_flags(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_set_memory_flags_args *in = args;

	return set_memory(request, &in->dom, in->memory, in->flags, err);
}

int api_domain_set_max_memory(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_set_max_memory_args *in = args;

	return set_memory(request, &in->dom, in->memory, VIR_DOMAIN_MEM_MAXIMUM, err);
}
