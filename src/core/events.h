/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events to clients: who asked for what, and the messages.
 */
#pragma once

#include "core/core.h"
#include "core/guest.h"

/* Each tells all who asked. EVENT and DETAIL: virDomainEventType and its detail. */
void events_lifecycle(struct core *core, struct guest *guest, int event, int detail);
/* The old name is undefined, the new one defined. */
void events_renamed(struct core *core, struct guest *guest, const char *old_name);
void events_reboot(struct core *core, struct guest *guest);
/* OFFSET: seconds from UTC. */
void events_rtc_change(struct core *core, struct guest *guest, int64_t offset);
/* ACTION: virDomainEventWatchdogAction. */
void events_watchdog(struct core *core, struct guest *guest, int action);
/* PATH and ALIAS of the disk, NULL = not known. ACTION: virDomainEventIOErrorAction. */
void events_io_error(struct core *core, struct guest *guest, const char *path, const char *alias, int action);
void events_balloon(struct core *core, struct guest *guest, uint64_t kib);
/* The monitor does not answer any more. */
void events_control_error(struct core *core, struct guest *guest);
/* TYPE: virDomainMetadataType; URI of an element, else NULL. */
void events_metadata_change(struct core *core, struct guest *guest, int type, const char *uri);
