/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A session: one client's connection as the core sees it.
 */
#pragma once

#include <libvirt/libvirt.h>

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

/* Refuses flags that this call does not know, with VIR_ERR_INVALID_ARG. */
int flags_check(const struct rpc_request *request, unsigned flags, unsigned known, struct error *err);

struct guest;
struct remote_nonnull_domain;

/* The guest that a client's reference means: its UUID counts, as names may be given anew. */
struct guest *session_guest(
	struct rpc_request *request, const struct remote_nonnull_domain *dom, struct error *err);

struct domain;

/* Reads a definition that a client sent: generic and the driver's defaults, notes to the log. STRICT:
 * VALIDATE. */
int definition_read(
	struct core *core, const char *xml, bool strict, struct domain **ret_domain, struct error *err);

/* Which of a guest's two forms a call means by its VIR_DOMAIN_AFFECT_* flags; NULL where not meant. */
struct affected {
	struct domain *live, *config; /* the guest's */
};

/* FLAGS: AFFECT_CURRENT, LIVE, CONFIG. Errors: the guest does not run, or has no definition. */
int guest_affected(struct guest *guest, unsigned flags, struct affected *ret_affected, struct error *err);

/* The same for a call that reads, where only one may be meant. */
const struct domain *guest_read(struct guest *guest, unsigned flags, struct error *err);

/* The filters of virConnectListAllDomains, and of other calls that choose domains as it does. */
enum {
	GUESTS_FILTERS = VIR_CONNECT_LIST_DOMAINS_ACTIVE | VIR_CONNECT_LIST_DOMAINS_INACTIVE |
			 VIR_CONNECT_LIST_DOMAINS_PERSISTENT | VIR_CONNECT_LIST_DOMAINS_TRANSIENT |
			 VIR_CONNECT_LIST_DOMAINS_RUNNING | VIR_CONNECT_LIST_DOMAINS_PAUSED |
			 VIR_CONNECT_LIST_DOMAINS_SHUTOFF | VIR_CONNECT_LIST_DOMAINS_OTHER |
			 VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE | VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE |
			 VIR_CONNECT_LIST_DOMAINS_AUTOSTART | VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART |
			 VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT | VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT |
			 VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT | VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT
};

/* Guests that pass FLAGS; a new array, its elements the registry's. */
GPtrArray *guests_filtered(struct registry *registry, unsigned flags);

/* The domain as clients hold it: name, uuid, id; the name is the caller's. */
struct remote_nonnull_domain guest_reference(const struct guest *guest);
