/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that start, pause and end guests. Thin: the verbs stand in lifecycle.c.
 */
#include "core/api.h"
#include "core/console.h"
#include "core/lifecycle.h"
#include "core/registry.h"
#include "core/session.h"

static int start(struct rpc_request *request, const struct remote_nonnull_domain *dom, unsigned flags,
	struct guest **ret_guest, struct error *err)
{
	struct session *session = session_writer(request, err);
	struct guest *guest = session ? session_guest(request, dom, err) : NULL;

	if (!guest)
		return -1;
	if (flags_check(request, flags, LIFECYCLE_START_FLAGS, err) < 0)
		return -1;
	if (lifecycle_start(request->task, session->core, guest, flags, session, err) < 0)
		return -1;
	*ret_guest = guest;
	return 0;
}

int api_domain_create(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct guest *guest = NULL;
	return start(request, &((const struct remote_domain_create_args *)args)->dom, 0, &guest, err);
}

int api_domain_create_with_flags(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_create_with_flags_args *in = args;
	struct guest *guest = NULL;

	if (start(request, &in->dom, in->flags, &guest, err) < 0)
		return -1;
	((struct remote_domain_create_with_flags_ret *)ret)->dom = guest_reference(guest);
	return 0;
}

static int verb(struct rpc_request *request, const struct remote_nonnull_domain *dom,
	enum lifecycle_verb what, unsigned flags, struct error *err)
{
	struct session *session = session_writer(request, err);
	struct guest *guest = session ? session_guest(request, dom, err) : NULL;

	return guest ? lifecycle_verb(request->task, session->core, guest, what, flags, err) : -1;
}

/* The calls that are one verb each; those with flags pass them on. */
#define VERB_CALL(call, what)                                                                                \
	int api_##call(struct rpc_request *request, const void *args, void *ret, struct error *err)          \
	{                                                                                                    \
		return verb(request, &((const struct remote_##call##_args *)args)->dom, what, 0, err);       \
	}
#define VERB_CALL_FLAGS(call, what)                                                                          \
	int api_##call(struct rpc_request *request, const void *args, void *ret, struct error *err)          \
	{                                                                                                    \
		const struct remote_##call##_args *in = args;                                                \
		return verb(request, &in->dom, what, in->flags, err);                                        \
	}

VERB_CALL(domain_suspend, VERB_SUSPEND)
VERB_CALL(domain_resume, VERB_RESUME)
VERB_CALL(domain_shutdown, VERB_SHUTDOWN)
VERB_CALL_FLAGS(domain_shutdown_flags, VERB_SHUTDOWN)
VERB_CALL_FLAGS(domain_reboot, VERB_REBOOT)
VERB_CALL(domain_reset, VERB_RESET)
VERB_CALL(domain_destroy, VERB_DESTROY)
VERB_CALL_FLAGS(domain_destroy_flags, VERB_DESTROY)
VERB_CALL_FLAGS(domain_inject_nmi, VERB_NMI)

int api_domain_create_xml(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_create_xml_args *in = args;
	struct session *session = session_writer(request, err);
	struct domain *domain = NULL;
	struct guest *guest = NULL;

	if (!session ||
		flags_check(request, in->flags, LIFECYCLE_START_FLAGS | VIR_DOMAIN_START_VALIDATE, err) < 0 ||
		definition_read(session->core, in->xml_desc, in->flags & VIR_DOMAIN_START_VALIDATE, &domain,
			err) < 0 ||
		lifecycle_create(request->task, session->core, domain, in->flags, session, &guest, err) < 0)
		return -1;
	((struct remote_domain_create_xml_ret *)ret)->dom = guest_reference(guest);
	return 0;
}

int api_domain_open_console(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_open_console_args *in = args;
	struct session *session = session_writer(request, err);
	struct guest *guest = session ? session_guest(request, &in->dom, err) : NULL;

	return guest ? console_open(request, guest, in->dev_name, in->flags, err) : -1;
}
