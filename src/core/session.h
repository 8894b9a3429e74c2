/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A session: one client's connection as the core sees it.
 */
#pragma once

#include "core/core.h"

struct session {
	struct core *core;
	struct rpc_client *client;
	bool open;     /* after connect_open */
	bool readonly; /* by socket or by the client's wish */
	char *uri;
};

/* The session of a request that needs an open connection; NULL with ERR where there is none. */
struct session *session_of(struct rpc_request *request, struct error *err);
