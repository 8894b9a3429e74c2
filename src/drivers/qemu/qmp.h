/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A QMP client on one descriptor.
 *
 * Owns: framing, bounds, matching of replies to waiting tasks, QEMU's error texts.
 * Must not know: guests, what the commands mean.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "loop/task.h"

struct qmp;

enum {
	QMP_LINE_MAX = 16 * 1024 * 1024, /* bytes in one message */
	QMP_DEPTH_MAX = 64,		 /* nesting of one message */
	QMP_TIMEOUT_MS = 30 * 1000,	 /* usual deadline of a command */
};

struct qmp_callbacks {
	void (*event)(void *opaque, const char *name, json_t *data); /* DATA is borrowed, NULL when none */
	void (*closed)(void *opaque, const char *why);		     /* once; every waiter was cancelled */
};

/* Takes FD_IN and FD_OUT (may be the same; non-blocking from now on). Callbacks must not free the client. */
struct qmp *qmp_new(
	sd_event *loop, int fd_in, int fd_out, const struct qmp_callbacks *callbacks, void *opaque);

/* Cancels every waiter and closes. NULL is fine. */
void qmp_free(struct qmp *qmp);

/* Waits for the greeting and negotiates. Errors as qmp_call(). */
int qmp_handshake(struct task *task, struct qmp *qmp, uint64_t timeout_ms, struct error *err);

/*
 * One command. ARGS is stolen, NULL for none. *RET (may be NULL) gets the "return" member, the caller's
 * reference. Errors: VIR_ERR_OPERATION_TIMEOUT at the deadline, VIR_ERR_OPERATION_FAILED when the guest ended
 * meanwhile, else QEMU's own text.
 */
int qmp_call(struct task *task, struct qmp *qmp, const char *command, json_t *args, uint64_t timeout_ms,
	json_t **ret, struct error *err);

/* As qmp_call(), but the answer is the whole reply object, error or not. COMMAND is stolen; its "id" is
 * replaced. */
int qmp_call_raw(struct task *task, struct qmp *qmp, json_t *command, uint64_t timeout_ms, json_t **ret,
	struct error *err);

/* How long the oldest unanswered command has waited, at least 1; 0 = none waits. */
uint64_t qmp_waiting_ms(const struct qmp *qmp);
/* Whether commands can be sent: it has greeted us, and is connected. NULL is not. */
bool qmp_usable(const struct qmp *qmp);

/* Reads what has arrived already (before a guest's end is judged by its last events). */
void qmp_drain(struct qmp *qmp);
