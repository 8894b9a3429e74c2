/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a guest: start, pause, resume, shutdown, reboot, destroy; what the driver reports; finding
 * running guests again.
 *
 * Owns: guest->live, id, state and reason; the state file of each running guest; jobs; lifecycle events.
 * Must not know: the wire's structs, any hypervisor.
 *
 * A change of a guest is a job: jobs of one guest run one after the other, in order of arrival. Queries need
 * none.
 */
#pragma once

#include "core/core.h"
#include "core/driver.h"

struct task;

/* Tells the driver about the core, and finds again the guests that run. Needs core->domains and core->driver.
 */
int lifecycle_init(struct core *core, struct error *err);

/* Lets go of running guests; they go on. */
void lifecycle_done(struct core *core);

/* Starts a defined guest. FLAGS: VIR_DOMAIN_START_PAUSED. */
int lifecycle_start(
	struct task *task, struct core *core, struct guest *guest, unsigned flags, struct error *err);

enum lifecycle_verb { VERB_SUSPEND, VERB_RESUME, VERB_SHUTDOWN, VERB_REBOOT, VERB_RESET, VERB_DESTROY };

/* Runs one verb on a running guest. FLAGS as the public call's. */
int lifecycle_verb(struct task *task, struct core *core, struct guest *guest, enum lifecycle_verb verb,
	unsigned flags, struct error *err);
