/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What QEMU guests have without saying so: controllers, input, video, balloon, CPU, and values of devices.
 *
 * Owns: libvirt's defaults for x86 machines. Must not know: addresses, arguments.
 */
#pragma once

#include "model/domain.h"

/* Adds what is missing; idempotent. DEF has its machine and architecture. Drives' controllers come between
 * the two. */
void defaults_fill(struct domain *def);
void defaults_fill_consoles(struct domain *def);
