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

struct session;

/* The flags of a start that are known: those that concern a saved state have none to concern yet. */
enum {
	LIFECYCLE_START_FLAGS = VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_AUTODESTROY |
				VIR_DOMAIN_START_BYPASS_CACHE | VIR_DOMAIN_START_FORCE_BOOT
};

/* Starts a defined guest. FLAGS: virDomainCreateFlags; with AUTODESTROY it ends with OWNER's connection. */
int lifecycle_start(struct task *task, struct core *core, struct guest *guest, unsigned flags,
	struct session *owner, struct error *err);

/*
 * Starts a guest from LIVE, complete (definition_read()), which is taken over in any case: a transient one,
 * or a defined one with the same name and UUID, whose definition stays. FLAGS and OWNER as above.
 */
int lifecycle_create(struct task *task, struct core *core, struct domain *live, unsigned flags,
	struct session *owner, struct guest **ret_guest, struct error *err);

/* Whether somebody changes the guest just now, or waits to. */
bool lifecycle_busy(const struct guest *guest);

/* Ends the guests that were to go with OWNER's connection. */
void lifecycle_owner_gone(struct core *core, struct session *owner);

/* Keeps guest->live for a restarted daemon, after a change of it. */
int lifecycle_save(struct core *core, struct guest *guest, struct error *err);

/* Starts what is marked for it, once after each start of the host. Returns at once. */
void lifecycle_autostart(struct core *core);

enum lifecycle_verb {
	VERB_SUSPEND,
	VERB_RESUME,
	VERB_SHUTDOWN,
	VERB_REBOOT,
	VERB_RESET,
	VERB_DESTROY,
	VERB_NMI
};

/* Sets a running guest's balloon, in KiB. */
int lifecycle_set_memory(
	struct task *task, struct core *core, struct guest *guest, uint64_t kib, struct error *err);

/* Runs one verb on a running guest. FLAGS as the public call's. */
int lifecycle_verb(struct task *task, struct core *core, struct guest *guest, enum lifecycle_verb verb,
	unsigned flags, struct error *err);
