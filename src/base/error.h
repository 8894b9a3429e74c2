/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors: what went wrong, as clients will see it.
 *
 * Owns: struct error, the text prefixes that belong to the public error codes.
 * Must not know: virtualization, the wire.
 *
 * Convention: `struct error *err` is the last parameter and never NULL; a function that
 * can fail returns a negative number (or NULL) after filling it. The codes are those of
 * libvirt's public header, because clients test them.
 */
#pragma once

#include <libvirt/virterror.h>
#include <stdarg.h>
#include <glib.h>

/* cmocka has a macro of this name; its headers come before ours */
#undef fail

struct error {
	int code;      /* virErrorNumber; 0 = no error */
	int domain;    /* virErrorDomain; 0 = the API layer fills in the caller's */
	char *message; /* whole text: the code's prefix, then the details */
	char *detail;  /* the details alone, as given to fail() */
};

/* Fills ERR and returns -1, so that `return fail(err, ...)` reads well. An earlier error in ERR is replaced.
 */
int fail(struct error *err, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* As fail(), for a system call: appends ": " and the text of errno value ERRNUM; the code is
 * VIR_ERR_SYSTEM_ERROR. */
int fail_errno(struct error *err, int errnum, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Puts "TEXT: " before the details of an error, to say what was being done. Returns -1. */
int fail_ctx(struct error *err, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Frees what ERR holds and makes it empty; the struct itself is the caller's. */
void error_clear(struct error *err);

/* Moves SRC into DST; SRC is empty afterwards. */
void error_move(struct error *dst, struct error *src);

/* The text in front of the details of an error with this code: "internal error", ... Never NULL. */
const char *error_prefix(int code);

/* An error that cleans up after itself: `auto_error err = {0};` */
#define auto_error __attribute__((cleanup(error_clear))) struct error
