/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tasks: straight-line code that can wait.
 *
 * Owns: the stackful coroutines on which requests run, and their pooled stacks.
 * Must not know: what the tasks do.
 *
 * All tasks and all event callbacks run in one thread (the loop's); a task gives the
 * thread back only inside a function that takes `struct task *` first. Between two such
 * calls nothing else runs, so daemon state needs no locks.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/error.h"

struct task;

typedef void (*task_fn)(struct task *task, void *arg);

/* Makes a task and runs it until its first wait. The task is freed when FN returns. */
void task_spawn(sd_event *loop, const char *name, task_fn fn, void *arg);

/*
 * Gives the thread back until task_wake() or the deadline.
 * TIMEOUT_MS: milliseconds from now; every wait has one. Returns the value given to task_wake(),
 * or -ETIMEDOUT.
 */
int task_park(struct task *task, uint64_t timeout_ms);

/* Makes a parked task ready with RESULT; it runs from the loop's next turn. A second wake before it runs is
 * ignored. */
void task_wake(struct task *task, int result);

/* Waits until FD has EVENTS (EPOLLIN, ...). Returns the events seen, or -ETIMEDOUT, or another negative
 * errno. */
int task_wait_fd(struct task *task, int fd, uint32_t events, uint64_t timeout_ms);

/*
 * Runs FN side by side on each of the COUNT items of SIZE bytes at ITEMS, a task each, and returns when all
 * have ended. FN has deadlines of its own.
 */
void task_each(struct task *task, const char *name, task_fn fn, void *items, size_t size, size_t count);

/* The loop this task runs on. */
sd_event *task_loop(struct task *task);

/* Frees the pooled stacks; for a clean end in tests. */
void task_pool_clear(void);
