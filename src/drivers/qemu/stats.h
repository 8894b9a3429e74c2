/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Statistics of a running guest: from /proc, the kernel's network counters, and QEMU's monitor.
 */
#pragma once

#include "core/driver.h"

/* The verb `query` of struct driver. A monitor that does not answer within QUERY_TIMEOUT_MS leaves out what
 * it would tell. */
int qemu_query(struct task *task, struct guest *guest, unsigned what, struct guest_stats *ret_stats,
	struct error *err);
