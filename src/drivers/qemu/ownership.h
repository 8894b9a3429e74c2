/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose files are: what a guest that runs as another user needs is given to that user while it runs.
 *
 * Owns: the owner of such files, and the records from which it is put back, LIB_DIR/ownership/UUID.json.
 * Must not know: processes.
 *
 * A record is on disk before the first file changes, and lasts over a restart of the host. A file that
 * several guests use is put back when the last of them ends. One whose owner somebody else has changed
 * meanwhile is left alone.
 */
#pragma once

#include "core/driver.h"

/* Reads the records, and puts back what guests left that run no more. For the start of the daemon. */
int ownership_load(const struct driver_host *host, struct error *err);

/*
 * To be called before a start, and again when guest->live has got a device: gives the files of guest->live to
 * the user that guests run as, except those that this user may use as they are. Does nothing where guests run
 * as the daemon does. On failure nothing has changed.
 */
int ownership_take(const struct guest *guest, struct error *err);

/* Puts back what the guest, which has ended, was given. Nothing is fine. */
void ownership_release(const struct guest *guest);

/* Forgets the records in memory, not those on disk. */
void ownership_done(void);
