/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QMP client: lines in, lines out, one waiter per command in flight.
 *
 * A waiter lives on its task's stack and is linked into the client while it waits; whoever
 * unlinks it (reply, end of file, qmp_free) has woken it, so that it never looks at a freed client.
 */
#include "drivers/qemu/qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/fd.h"
#include "base/log.h"

enum { READ_CHUNK = 64 * 1024 };

struct waiter {
	uint64_t id;
	struct task *task;
	json_t *reply;
	gint64 since; /* monotonic, in us */
	bool linked;
};

struct qmp {
	int fd_in, fd_out;
	sd_event_source *source_in, *source_out;
	GByteArray *in;
	guint scanned; /* bytes of IN known to hold no newline */
	GString *out;
	GQueue waiters;
	uint64_t next_id;
	bool greeted, ready, closed; /* ready: it takes commands */
	struct waiter *greeting;     /* who waits for the greeting */
	struct qmp_callbacks callbacks;
	void *opaque;
};

static void waiter_finish(struct qmp *qmp, struct waiter *w, json_t *reply)
{
	if (qmp->greeting == w)
		qmp->greeting = NULL;
	else
		g_queue_remove(&qmp->waiters, w);
	w->linked = false;
	w->reply = reply;
	task_wake(w->task, reply ? 0 : -ECANCELED);
}

static void cancel_all(struct qmp *qmp)
{
	if (qmp->greeting)
		waiter_finish(qmp, qmp->greeting, NULL);
	while (!g_queue_is_empty(&qmp->waiters))
		waiter_finish(qmp, g_queue_peek_head(&qmp->waiters), NULL);
}

static void qmp_close(struct qmp *qmp, const char *why)
{
	if (qmp->closed)
		return;
	qmp->closed = true;
	qmp->source_in = sd_event_source_disable_unref(qmp->source_in);
	qmp->source_out = sd_event_source_disable_unref(qmp->source_out);
	cancel_all(qmp);
	if (qmp->callbacks.closed)
		qmp->callbacks.closed(qmp->opaque, why);
}

/* Whether the nesting of a line stays within the bound; strings are skipped. */
static bool depth_ok(const char *line, size_t len)
{
	int depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < len; i++) {
		char c = line[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > QMP_DEPTH_MAX)
				return false;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return true;
}

static void handle_message(struct qmp *qmp, json_t *msg)
{
	const char *event = json_string_value(json_object_get(msg, "event"));
	if (event) {
		if (qmp->callbacks.event)
			qmp->callbacks.event(qmp->opaque, event, json_object_get(msg, "data"));
		return;
	}
	if (json_object_get(msg, "QMP")) {
		qmp->greeted = true;
		if (qmp->greeting)
			waiter_finish(qmp, qmp->greeting, json_incref(msg));
		return;
	}
	json_t *id = json_object_get(msg, "id");
	for (GList *l = qmp->waiters.head; l; l = l->next) {
		struct waiter *w = l->data;
		if (json_is_number(id) && json_number_value(id) == (double)w->id) {
			waiter_finish(qmp, w, json_incref(msg));
			return;
		}
	}
	log_debug("QMP reply to nobody (its command had timed out)");
}

/* QEMU's numbers go up to 2^64 - 1, jansson's integers do not: a message with greater ones is read with all
 * as reals. */
static json_t *read_json(const char *line, size_t len)
{
	json_error_t jerr;
	json_t *msg = json_loadb(line, len, 0, &jerr);

	if (!msg && json_error_code(&jerr) == json_error_numeric_overflow)
		msg = json_loadb(line, len, JSON_DECODE_INT_AS_REAL, &jerr);
	return msg;
}

/* Returns negative when the peer broke the protocol. */
static int handle_line(struct qmp *qmp, const char *line, size_t len)
{
	while (len > 0 && g_ascii_isspace(line[len - 1]))
		len--;
	if (len == 0)
		return 0;
	if (!depth_ok(line, len))
		return -EPROTO;
	json_t *msg = read_json(line, len);
	if (!json_is_object(msg)) {
		json_decref(msg);
		return -EPROTO;
	}
	handle_message(qmp, msg);
	json_decref(msg);
	return 0;
}

static int handle_input(struct qmp *qmp)
{
	for (;;) {
		guint8 *start = qmp->in->data;
		guint8 *nl = qmp->in->len > qmp->scanned
				     ? memchr(start + qmp->scanned, '\n', qmp->in->len - qmp->scanned)
				     : NULL;
		if (!nl) {
			qmp->scanned = qmp->in->len;
			return qmp->in->len > QMP_LINE_MAX ? -EMSGSIZE : 0;
		}
		size_t len = (size_t)(nl - start);
		int r = handle_line(qmp, (const char *)start, len);
		g_byte_array_remove_range(qmp->in, 0, (guint)len + 1);
		qmp->scanned = 0;
		if (r < 0)
			return r;
	}
}

/* Reads until the descriptor is empty; closes the client at end of file or on a broken message. */
void qmp_drain(struct qmp *qmp)
{
	while (!qmp->closed) {
		guint old = qmp->in->len;
		g_byte_array_set_size(qmp->in, old + READ_CHUNK);
		ssize_t n = read(qmp->fd_in, qmp->in->data + old, READ_CHUNK);
		int saved = errno;
		g_byte_array_set_size(qmp->in, old + (n > 0 ? (guint)n : 0));
		if (n < 0 && (saved == EAGAIN || saved == EINTR))
			return;
		if (n <= 0) {
			qmp_close(qmp, "end of file from QEMU");
			return;
		}
		if (handle_input(qmp) < 0) {
			qmp_close(qmp, "QEMU sent a message that is broken, too long or too deep");
			return;
		}
	}
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *opaque)
{
	qmp_drain(opaque);
	return 0;
}

/* Writes what it can; keeps the rest for when the descriptor is ready. */
static void flush_output(struct qmp *qmp)
{
	while (!qmp->closed && qmp->out->len > 0) {
		ssize_t n = write(qmp->fd_out, qmp->out->str, qmp->out->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			qmp_close(qmp, "cannot write to QEMU");
			return;
		}
		g_string_erase(qmp->out, 0, n);
	}
	if (qmp->source_out)
		sd_event_source_set_enabled(qmp->source_out, qmp->out->len > 0 ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int on_output(sd_event_source *source, int fd, uint32_t events, void *opaque)
{
	flush_output(opaque);
	return 0;
}

static void set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

struct qmp *qmp_new(
	sd_event *loop, int fd_in, int fd_out, const struct qmp_callbacks *callbacks, void *opaque)
{
	struct qmp *qmp = g_new0(struct qmp, 1);
	*qmp = (struct qmp){ .fd_in = fd_in,
		.fd_out = fd_out,
		.in = g_byte_array_new(),
		.out = g_string_new(NULL),
		.callbacks = *callbacks,
		.opaque = opaque };
	set_nonblocking(fd_in);
	if (fd_in == fd_out)
		qmp->fd_out = fcntl(fd_in, F_DUPFD_CLOEXEC, 3); /* epoll takes a descriptor once */
	set_nonblocking(qmp->fd_out);
	g_queue_init(&qmp->waiters);
	if (sd_event_add_io(loop, &qmp->source_in, qmp->fd_in, EPOLLIN, on_input, qmp) < 0 ||
		sd_event_add_io(loop, &qmp->source_out, qmp->fd_out, EPOLLOUT, on_output, qmp) < 0)
		qmp_close(qmp, "cannot watch QEMU's monitor");
	else
		sd_event_source_set_enabled(qmp->source_out, SD_EVENT_OFF);
	return qmp;
}

void qmp_free(struct qmp *qmp)
{
	if (!qmp)
		return;
	qmp->callbacks.closed = NULL;
	qmp_close(qmp, "");
	close(qmp->fd_in);
	close(qmp->fd_out);
	g_byte_array_unref(qmp->in);
	g_string_free(qmp->out, TRUE);
	g_free(qmp);
}

/* Parks until W is answered. On success the reply is the caller's. */
static int wait_reply(struct task *task, struct qmp *qmp, struct waiter *w, const char *what,
	uint64_t timeout_ms, json_t **ret, struct error *err)
{
	if (w->linked)
		task_park(task, timeout_ms);
	if (w->linked) {
		if (qmp->greeting == w)
			qmp->greeting = NULL;
		else
			g_queue_remove(&qmp->waiters, w);
		return fail(err, VIR_ERR_OPERATION_TIMEOUT,
			"QEMU did not answer '%s' within %u s; the guest may be stuck", what,
			(unsigned)(timeout_ms / 1000));
	}
	if (!w->reply)
		return fail(err, VIR_ERR_OPERATION_FAILED,
			"the guest ended while '%s' waited for QEMU's answer", what);
	*ret = w->reply;
	return 0;
}

bool qmp_usable(const struct qmp *qmp)
{
	return qmp && qmp->ready && !qmp->closed;
}

uint64_t qmp_waiting_ms(const struct qmp *qmp)
{
	const struct waiter *oldest = qmp->waiters.head ? qmp->waiters.head->data : NULL;

	return oldest ? (uint64_t)MAX((g_get_monotonic_time() - oldest->since) / 1000, 1) : 0;
}

int qmp_call_raw(struct task *task, struct qmp *qmp, json_t *command, uint64_t timeout_ms, json_t **ret,
	struct error *err)
{
	g_autofree char *name = g_strdup(json_string_value(json_object_get(command, "execute")));
	if (qmp && qmp->closed) {
		json_decref(command);
		return fail(err, VIR_ERR_OPERATION_INVALID,
			"the connection to QEMU's monitor is closed: the guest has ended");
	}
	if (!qmp || !qmp->ready) {
		json_decref(command);
		return fail(err, VIR_ERR_OPERATION_TIMEOUT,
			"QEMU's monitor has not answered since the daemon came back; the guest may be stuck");
	}
	struct waiter w = {
		.id = ++qmp->next_id, .task = task, .since = g_get_monotonic_time(), .linked = true
	};
	json_object_set_new(command, "id", json_integer((json_int_t)w.id));
	char *text = json_dumps(command, JSON_COMPACT);
	json_decref(command);
	if (!text)
		return fail(err, VIR_ERR_INTERNAL_ERROR, "cannot write QEMU command '%s' as JSON",
			name ? name : "?");
	g_string_append(qmp->out, text);
	g_string_append_c(qmp->out, '\n');
	free(text);
	g_queue_push_tail(&qmp->waiters, &w);
	flush_output(qmp);
	return wait_reply(task, qmp, &w, name ? name : "?", timeout_ms, ret, err);
}

static int reply_error(json_t *error, const char *command, struct error *err)
{
	const char *class = json_string_value(json_object_get(error, "class"));
	const char *desc = json_string_value(json_object_get(error, "desc"));
	int code = VIR_ERR_INTERNAL_ERROR;
	if (g_strcmp0(class, "CommandNotFound") == 0)
		code = VIR_ERR_OPERATION_UNSUPPORTED;
	else if (g_strcmp0(class, "DeviceNotActive") == 0)
		code = VIR_ERR_OPERATION_INVALID;
	return fail(err, code, "unable to execute QEMU command '%s': %s", command,
		desc ? desc : "unexpected error");
}

int qmp_call(struct task *task, struct qmp *qmp, const char *command, json_t *args, uint64_t timeout_ms,
	json_t **ret, struct error *err)
{
	json_t *msg = json_object();
	json_object_set_new(msg, "execute", json_string(command));
	if (args)
		json_object_set_new(msg, "arguments", args);
	json_t *reply = NULL;
	if (qmp_call_raw(task, qmp, msg, timeout_ms, &reply, err) < 0)
		return -1;
	json_t *error = json_object_get(reply, "error");
	int r = error ? reply_error(error, command, err) : 0;
	if (r == 0 && ret)
		*ret = json_incref(json_object_get(reply, "return"));
	json_decref(reply);
	return r;
}

int qmp_handshake(struct task *task, struct qmp *qmp, uint64_t timeout_ms, struct error *err)
{
	if (!qmp->greeted) {
		json_t *greeting = NULL;
		struct waiter w = { .task = task, .linked = true };
		if (qmp->closed)
			return fail(err, VIR_ERR_OPERATION_FAILED, "QEMU closed its monitor at once");
		qmp->greeting = &w;
		if (wait_reply(task, qmp, &w, "greeting", timeout_ms, &greeting, err) < 0)
			return -1;
		json_decref(greeting);
	}
	qmp->ready = true;
	int rc = qmp_call(task, qmp, "qmp_capabilities", NULL, timeout_ms, NULL, err);
	qmp->ready = rc == 0;
	return rc;
}
