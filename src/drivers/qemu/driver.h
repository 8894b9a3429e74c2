/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The QEMU driver, for the daemon to hand to the core.
 */
#pragma once

#include "core/driver.h"

extern const struct driver qemu_driver;

/* Frees what probe() found; for a clean end. */
void qemu_driver_done(void);
