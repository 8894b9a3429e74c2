/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Consoles as streams: one client at a time on a guest's console.
 */
#pragma once

#include "core/core.h"
#include "core/guest.h"

/*
 * Joins the stream of this call with console ALIAS (NULL = the first). FLAGS: virDomainConsoleFlags; a
 * console in use is an error unless VIR_DOMAIN_CONSOLE_FORCE, which ends the other client's stream.
 */
int console_open(struct rpc_request *request, struct guest *guest, const char *alias, unsigned flags,
	struct error *err);
