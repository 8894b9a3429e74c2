/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a QEMU program can do: asked once through QMP, kept on disk.
 *
 * Owns: the cache files CACHE/qemu-NAME.json, keyed by path, size, mtime and the state of KVM.
 * Must not know: guests.
 */
#pragma once

#include "core/driver.h"

/*
 * Fills *RET_TARGET (caps_target_free()) for the program at EMULATOR, from the cache when it is current.
 * Errors: VIR_ERR_SYSTEM_ERROR when it cannot be read, else those of a start.
 */
int caps_probe(struct task *task, const struct driver_host *host, const char *emulator,
	struct driver_target **ret_target, struct error *err);
void caps_target_free(struct driver_target *target);

/* The machine type that NAME (an alias or a name; NULL = the default) means; NULL when there is none. */
const struct driver_machine *caps_machine(const struct driver_target *target, const char *name);

/* Whether /dev/kvm lets us make a virtual machine. */
bool caps_kvm_usable(void);

/* <domainCapabilities> of a target; the caller's. Errors: VIR_ERR_INVALID_ARG for an unknown machine or type.
 */
char *caps_domain_xml(
	const struct driver_target *target, const char *machine, const char *virttype, struct error *err);
