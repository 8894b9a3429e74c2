/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documents made from the daemon's tables.
 *
 * Must not know: where they are installed.
 */
#pragma once

/* A vireod.conf with every key explained and commented out; the caller's. */
char *document_config(void);

/* TEMPLATE, a manual page as roff, with @OPTIONS@, @KEYS@ and @VERSION@ filled in; the caller's. */
char *document_manual(const char *template);
