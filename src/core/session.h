/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A session: one client's connection as the core sees it.
 */
#pragma once

#include "core/core.h"
#include "remote_protocol.h"

struct session {
	struct core *core;
	struct rpc_client *client;
	bool open;     /* after connect_open */
	bool readonly; /* by socket or by the client's wish */
	char *uri;
	GArray *subscriptions; /* events.c's; NULL = none */
	int next_subscription;
};

/* The session of a request that needs an open connection; NULL with ERR where there is none. */
struct session *session_of(struct rpc_request *request, struct error *err);

/* The same for a call that changes something: VIR_ERR_OPERATION_DENIED where the client opened for reading.
 */
struct session *session_writer(struct rpc_request *request, struct error *err);

struct guest;
struct remote_nonnull_domain;

/* The guest that a client's reference means: its UUID counts, as names may be given anew. */
struct guest *session_guest(
	struct rpc_request *request, const struct remote_nonnull_domain *dom, struct error *err);

/* The domain as clients hold it: name, uuid, id; the name is the caller's. */
struct remote_nonnull_domain guest_reference(const struct guest *guest);
