/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as what QEMU's monitor says, while one task shakes hands and others wait for answers: each of
 * them comes to an end.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drivers/qemu/qmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEP = 4096, WAITERS = 3, LONG_MS = 3600 * 1000 };

struct run {
	struct qmp *qmp;
	int under_way;
};

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void on_event(void *opaque, const char *name, json_t *data)
{
	demand(name && (!data || json_typeof(data) <= JSON_NULL));
}

static void talk(struct task *task, void *arg)
{
	struct run *run = arg;
	json_t *answer = NULL;
	auto_error err = { 0 };

	if (qmp_handshake(task, run->qmp, LONG_MS, &err) == 0 &&
		qmp_call(task, run->qmp, "query-status", NULL, LONG_MS, &answer, &err) < 0)
		demand(err.code != 0 && err.message);
	json_decref(answer);
	run->under_way--;
}

static void ask(struct task *task, void *arg)
{
	struct run *run = arg;
	json_t *answer = NULL;
	auto_error err = { 0 };

	if (qmp_call_raw(task, run->qmp, json_pack("{s:s}", "execute", "stop"), LONG_MS, &answer, &err) < 0)
		demand(err.code != 0 && err.message);
	json_decref(answer);
	run->under_way--;
}

static void feed(struct qmp *qmp, int fd, const uint8_t *data, size_t size)
{
	while (size > 0) {
		ssize_t n = send(fd, data, MIN(size, STEP), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			return; /* closed, because of what came before */
		data += n;
		size -= (size_t)n;
		qmp_drain(qmp);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct qmp_callbacks callbacks = { .event = on_event };
	struct run run = { .under_way = WAITERS };
	sd_event *loop = NULL;
	int ends[2];

	demand(sd_event_new(&loop) >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	run.qmp = qmp_new(loop, ends[0], ends[0], &callbacks, NULL);
	task_spawn(loop, "talk", talk, &run);
	for (int i = 1; i < WAITERS; i++)
		task_spawn(loop, "ask", ask, &run);
	feed(run.qmp, ends[1], data, size);
	while (sd_event_run(loop, 0) > 0)
		;
	close(ends[1]);
	while (run.under_way > 0)
		demand(sd_event_run(loop, UINT64_MAX) >= 0);
	qmp_free(run.qmp);
	sd_event_unref(loop);
	return 0;
}
