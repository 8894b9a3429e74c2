/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * <domstatus>: what is kept of a running guest, so that a restarted daemon knows it as before.
 */
#include "model/domain.h"

/* By virDomainState. */
static const char *const states[] = { NULL, "running", "blocked", "paused", "shutdown", "shutoff", "crashed",
	"pmsuspended", NULL };

#define S struct domain_status
static const struct row status_rows[] = {
	ATTR("state", S, state, SCALAR_ENUM, .flags = ROW_REQUIRED, .values = states,
		.doc = "what it did last"),
	ATTR("reason", S, reason, SCALAR_INT, .doc = "why, by the state's own numbers; default 0"),
	ATTR("autodestroy", S, autodestroy, SCALAR_YESNO,
		.doc = "whether it ends with its client's connection"),
	CHILD("domain", S, domain, &domain_model, .flags = ROW_REQUIRED, .doc = "the running guest"),
};
MODEL_TYPE(domain_status_model, "domain status", S, status_rows, .element = "domstatus");
#undef S
