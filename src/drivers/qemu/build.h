/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a domain to QEMU's arguments.
 *
 * Owns: which QEMU device each model element is, aliases, the driver's defaults and checks.
 * Must not know: processes, QMP.
 */
#pragma once

#include "core/driver.h"
#include "drivers/qemu/qemu_guest.h"
#include "model/domain.h"

/* Gives every device the alias it goes by in QEMU ("virtio-disk0", "net0"); idempotent. */
void qemu_assign_aliases(struct domain *def);

/* Defaults: emulator, machine, architecture, balloon, controllers that devices need. TARGETS: struct
 * driver_target *. */
int qemu_complete(struct domain *def, const GPtrArray *targets, struct error *err);

/* What QEMU, or this driver yet, cannot do: VIR_ERR_CONFIG_UNSUPPORTED. */
int qemu_check(const struct domain *def, const GPtrArray *targets, struct error *err);

/* Program and arguments, ending with NULL; DEF has its aliases. The caller's. */
GPtrArray *qemu_build_argv(const struct domain *def);

/* Whether what TIMER says reaches QEMU. */
bool qemu_timer_is_built(const struct domain_timer *timer);

/* What the guest's power-off, reboot and crash lead to. */
struct qemu_policy qemu_build_policy(const struct domain *def);
