/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where each device stands: PCI slots, places of drives, USB and virtio-serial ports, and the PCI controllers
 * these need.
 *
 * Owns: the rules of QEMU's x86 machines (pc, q35), and the order in which libvirt hands out addresses.
 * Must not know: arguments, processes.
 */
#pragma once

#include "model/domain.h"

enum machine_family { MACHINE_OTHER, MACHINE_PC, MACHINE_Q35 };

/* The family of a machine type's name; MACHINE_OTHER gets no addresses here. */
enum machine_family machine_family(const struct domain *def);

/* Places of drives, and their controllers; before addresses_assign(). Errors as there. */
int addresses_assign_drives(struct domain *def, struct error *err);

/*
 * Gives an address to every device that has none; idempotent. Addresses that are there stay. Errors: two
 * devices with one address (VIR_ERR_XML_ERROR; drives: VIR_ERR_CONFIG_UNSUPPORTED), a place that does not
 * exist, no room.
 */
int addresses_assign(struct domain *def, struct error *err);

/* Adds the controller of TYPE and INDEX where there is none. MODEL: 0 = none. */
void controller_ensure(struct domain *def, int type, unsigned index, int model);

/* The place of a disk by its target's name alone: vda 0, vdb 1, ... vdaa 26. */
unsigned disk_target_index(const struct domain_disk *disk);
