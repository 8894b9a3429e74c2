/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events to clients: who asked for what, and the messages.
 */
#pragma once

#include "core/core.h"
#include "core/guest.h"

/* Tells all who asked. EVENT and DETAIL: virDomainEventType and its detail. */
void events_lifecycle(struct core *core, struct guest *guest, int event, int detail);
void events_reboot(struct core *core, struct guest *guest);
