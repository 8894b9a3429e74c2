/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A blocking client: packets out, packets in.
 */
#include "shell/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/fd.h"
#include "remote_protocol.h"
#include "rpc/packet.h"

enum {
	EVENTS_MOST = 10000,
	FEATURE_KEEPALIVE = 10,
	STREAM_PACKET_MOST = 262120,
};

struct reply {
	const struct xdr_type *type;
	void *obj;
};

struct stream {
	bool open;
	int procedure;
	uint32_t serial;
	GByteArray *in;
	bool ended;
	struct error error;
};

struct client {
	int fd;
	bool broken;
	bool keepalive; /* the daemon answers pings */
	int pings;	/* sent without an answer */
	uint32_t serial;
	struct client_options options;
	GArray *replies; /* struct reply */
	GQueue events;	 /* struct client_event * */
	struct stream stream;
};

/* A packet as it came; the payload is freed with packet_clear(). */
struct packet {
	struct packet_header header;
	uint8_t *payload;
	size_t len;
};

static void packet_clear(struct packet *packet)
{
	g_free(packet->payload);
}
#define auto_packet __attribute__((cleanup(packet_clear))) struct packet

/* -- bytes -- */

static int broke(struct client *c, struct error *err, int errnum, const char *what)
{
	c->broken = true;
	return fail_errno(err, errnum, "%s", what);
}

static int send_all(struct client *c, const GByteArray *bytes, struct error *err)
{
	size_t done = 0;

	while (done < bytes->len) {
		ssize_t n = send(c->fd, bytes->data + done, bytes->len - done, MSG_NOSIGNAL);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			return broke(c, err, errno, "Cannot write data");
	}
	return 0;
}

static int send_packet(struct client *c, const struct packet_header *header, const struct xdr_type *type,
	const void *obj, struct error *err)
{
	g_autoptr(GByteArray) out = g_byte_array_new();

	if (packet_append(out, header, type, obj, err) < 0)
		return -1;
	return send_all(c, out, err);
}

/* Nothing arrived for an interval: ask whether the daemon is there. */
static int ping(struct client *c, struct error *err)
{
	struct packet_header header = { KEEPALIVE_PROGRAM, KEEPALIVE_PROTOCOL_VERSION, KEEPALIVE_PROC_PING,
		PACKET_EVENT, 0, PACKET_OK };

	if (!c->keepalive || c->options.keepalive_interval <= 0)
		return 0;
	if (c->pings >= c->options.keepalive_count) {
		c->broken = true;
		return fail(err, VIR_ERR_INTERNAL_ERROR, "connection closed due to keepalive timeout");
	}
	c->pings++;
	return send_packet(c, &header, NULL, NULL, err);
}

/* Unblocks SIGINT while it waits, so that no interrupt is lost between a look at the flag and the wait. */
static int poll_once(struct client *c, int timeout)
{
	struct pollfd poll_fd = { .fd = c->fd, .events = POLLIN };
	struct timespec limit = { timeout / 1000, timeout % 1000 * 1000000L };
	sigset_t open;

	sigprocmask(SIG_SETMASK, NULL, &open);
	sigdelset(&open, SIGINT);
	return ppoll(&poll_fd, 1, timeout < 0 ? NULL : &limit, &open);
}

static bool interrupted(const struct client *c)
{
	return c->options.interrupted && *c->options.interrupted;
}

/* Waits until there is something to read; 1, or 0 when TIMEOUT ms (-1 = none) have passed. */
static int wait_readable(struct client *c, int timeout, bool tell, struct error *err)
{
	gint64 start = g_get_monotonic_time();
	gint64 last_ping = start;

	for (;;) {
		int passed = (int)((g_get_monotonic_time() - start) / 1000);
		int left = timeout < 0 ? 1000 : MIN(MAX(timeout - passed, 0), 1000);
		int n = poll_once(c, left);

		if (n > 0)
			return 1;
		if (interrupted(c))
			return fail(err, VIR_ERR_OPERATION_ABORTED, "interrupted");
		if (n < 0 && errno != EINTR)
			return broke(c, err, errno, "Cannot wait for data");
		gint64 now = g_get_monotonic_time();
		if (timeout >= 0 && (now - start) / 1000 >= timeout)
			return 0;
		if (tell && c->options.waiting)
			c->options.waiting((int)((now - start) / G_USEC_PER_SEC), c->options.waiting_arg);
		if (now - last_ping >= c->options.keepalive_interval * G_USEC_PER_SEC) {
			last_ping = now;
			if (ping(c, err) < 0)
				return -1;
		}
	}
}

static int read_exact(struct client *c, uint8_t *bytes, size_t len, bool tell, struct error *err)
{
	for (size_t done = 0; done < len;) {
		if (wait_readable(c, -1, tell, err) < 0)
			return -1;
		ssize_t n = read(c->fd, bytes + done, len - done);
		if (n == 0)
			return broke(c, err, EIO, "End of file while reading data");
		if (n < 0 && errno != EINTR)
			return broke(c, err, errno, "Cannot read data");
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

static int read_packet(struct client *c, bool tell, struct packet *packet, struct error *err)
{
	uint8_t head[PACKET_LEAST];
	uint32_t length;

	if (read_exact(c, head, sizeof(head), tell, err) < 0)
		goto fail;
	memcpy(&length, head, sizeof(length));
	length = GUINT32_FROM_BE(length);
	if (length < PACKET_LEAST || length > PACKET_MOST) {
		fail(err, VIR_ERR_RPC, "packet of %u bytes; at least %d and at most %d are allowed", length,
			PACKET_LEAST, PACKET_MOST);
		goto fail;
	}
	packet_header_read(head + PACKET_LENGTH_BYTES, &packet->header);
	packet->len = length - PACKET_LEAST;
	packet->payload = g_malloc(packet->len + 1);
	if (read_exact(c, packet->payload, packet->len, tell, err) < 0)
		goto fail;
	c->pings = 0;
	return 0;
fail:
	/* a packet that was read in part cannot be taken up again */
	c->broken = true;
	return -1;
}

/* -- what arrives unasked -- */

static const struct rpc_program *const programs[] = { &remote_program, &qemu_program };

static const struct rpc_call *find_call(uint32_t program, int procedure)
{
	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++)
		if (programs[i]->number == program && procedure >= 0 &&
			(uint32_t)procedure < programs[i]->call_count)
			return &programs[i]->calls[procedure];
	return NULL;
}

static int take_event(struct client *c, const struct packet *packet, struct error *err)
{
	const struct rpc_call *call = find_call(packet->header.program, packet->header.procedure);

	if (!call || !call->event)
		return 0;
	if (g_queue_get_length(&c->events) >= EVENTS_MOST)
		client_event_free(g_queue_pop_head(&c->events));
	g_autofree void *message = g_malloc0(call->event->size);
	if (xdr_decode(call->event, packet->payload, packet->len, message, err) < 0)
		return -1;
	struct client_event *event = g_new0(struct client_event, 1);
	*event = (struct client_event){ call, packet->header.procedure, g_steal_pointer(&message) };
	g_queue_push_tail(&c->events, event);
	return 0;
}

static int take_stream(struct client *c, const struct packet *packet, struct error *err)
{
	struct stream *stream = &c->stream;

	if (!stream->open || packet->header.serial != stream->serial)
		return 0;
	if (packet->header.status == PACKET_ERROR) {
		stream->ended = true;
		return packet_read_error(packet->payload, packet->len, &stream->error, err);
	}
	if (packet->header.type == PACKET_STREAM && packet->header.status == PACKET_CONTINUE && packet->len)
		g_byte_array_append(stream->in, packet->payload, (guint)packet->len);
	else if (packet->header.type == PACKET_STREAM)
		stream->ended = true;
	return 0;
}

static int take_keepalive(struct client *c, const struct packet *packet, struct error *err)
{
	struct packet_header answer = packet->header;

	if (packet->header.procedure != KEEPALIVE_PROC_PING)
		return 0;
	answer.procedure = KEEPALIVE_PROC_PONG;
	return send_packet(c, &answer, NULL, NULL, err);
}

static int take_unasked(struct client *c, const struct packet *packet, struct error *err)
{
	if (packet->header.program == KEEPALIVE_PROGRAM)
		return take_keepalive(c, packet, err);
	if (packet->header.type == PACKET_EVENT)
		return take_event(c, packet, err);
	if (packet->header.type == PACKET_STREAM || packet->header.type == PACKET_STREAM_HOLE)
		return take_stream(c, packet, err);
	return 0;
}

int client_receive(struct client *c, struct error *err)
{
	auto_packet packet = { 0 };

	if (c->broken)
		return fail(err, VIR_ERR_INTERNAL_ERROR, "the connection is closed");
	if (read_packet(c, false, &packet, err) < 0 || take_unasked(c, &packet, err) < 0)
		return -1;
	return 0;
}

/* -- calls -- */

static bool is_answer(const struct packet *packet, const struct packet_header *asked)
{
	return packet->header.type == PACKET_REPLY && packet->header.serial == asked->serial &&
	       packet->header.program == asked->program && packet->header.procedure == asked->procedure;
}

static const void *take_answer(
	struct client *c, const struct rpc_call *call, const struct packet *packet, struct error *err)
{
	auto_error remote = { 0 };
	struct reply reply = { call->ret, NULL };

	if (packet->header.status == PACKET_ERROR) {
		if (packet_read_error(packet->payload, packet->len, &remote, err) == 0)
			error_move(err, &remote);
		return NULL;
	}
	if (!call->ret)
		return c;
	reply.obj = g_malloc0(call->ret->size);
	if (xdr_decode(call->ret, packet->payload, packet->len, reply.obj, err) < 0) {
		g_free(reply.obj);
		return NULL;
	}
	g_array_append_val(c->replies, reply);
	return reply.obj;
}

static const void *exchange(struct client *c, const struct packet_header *header, const struct rpc_call *call,
	const void *args, struct error *err)
{
	if (send_packet(c, header, call->args, args, err) < 0)
		return NULL;
	for (;;) {
		auto_packet packet = { 0 };

		if (read_packet(c, true, &packet, err) < 0)
			return NULL;
		if (is_answer(&packet, header))
			return take_answer(c, call, &packet, err);
		if (take_unasked(c, &packet, err) < 0)
			return NULL;
	}
}

const void *client_call(struct client *c, const struct rpc_program *program, int procedure, const void *args,
	struct error *err)
{
	const struct rpc_call *call = &program->calls[procedure];
	struct packet_header header = { program->number, program->version, procedure, PACKET_CALL,
		++c->serial, PACKET_OK };

	if (c->broken) {
		fail(err, VIR_ERR_INTERNAL_ERROR, "the connection is closed");
		return NULL;
	}
	if (c->options.readonly && !call->reader) {
		g_autofree char *name = client_api_name(call->name);
		fail(err, VIR_ERR_OPERATION_DENIED, "read only access prevents %s", name);
		return NULL;
	}
	const void *answer = exchange(c, &header, call, args, err);
	if (c->options.waiting)
		c->options.waiting(-1, c->options.waiting_arg);
	return answer;
}

void client_forget(struct client *c)
{
	for (guint i = 0; i < c->replies->len; i++) {
		struct reply *reply = &g_array_index(c->replies, struct reply, i);
		xdr_clear(reply->type, reply->obj);
		g_free(reply->obj);
	}
	g_array_set_size(c->replies, 0);
}

/* -- events -- */

int client_event_wait(struct client *c, int timeout, struct client_event **ret_event, struct error *err)
{
	gint64 end = g_get_monotonic_time() + (gint64)timeout * 1000;

	while (g_queue_is_empty(&c->events)) {
		int left = timeout < 0 ? -1 : (int)MAX((end - g_get_monotonic_time()) / 1000, 0);
		int n = wait_readable(c, left, false, err);
		if (n <= 0)
			return n;
		if (client_receive(c, err) < 0)
			return -1;
	}
	*ret_event = g_queue_pop_head(&c->events);
	return 1;
}

void client_event_free(struct client_event *event)
{
	if (!event)
		return;
	xdr_clear(event->call->event, event->message);
	g_free(event->message);
	g_free(event);
}

/* -- the stream -- */

int client_stream_open(struct client *c, int procedure, const void *args, struct error *err)
{
	struct stream *stream = &c->stream;

	client_stream_close(c);
	*stream = (struct stream){ true, procedure, c->serial + 1, g_byte_array_new(), false, { 0 } };
	if (!client_call(c, &remote_program, procedure, args, err)) {
		stream->ended = true;
		client_stream_close(c);
		return -1;
	}
	return 0;
}

static struct packet_header stream_header(const struct client *c, enum packet_status status)
{
	return (struct packet_header){ REMOTE_PROGRAM, REMOTE_PROTOCOL_VERSION, c->stream.procedure,
		PACKET_STREAM, c->stream.serial, status };
}

int client_stream_send(struct client *c, const void *bytes, size_t len, struct error *err)
{
	struct packet_header header = stream_header(c, PACKET_CONTINUE);

	for (size_t done = 0; done < len;) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		guint start = packet_begin(out, &header);
		size_t part = MIN(len - done, STREAM_PACKET_MOST);

		g_byte_array_append(out, (const guint8 *)bytes + done, (guint)part);
		packet_finish(out, start);
		if (send_all(c, out, err) < 0)
			return -1;
		done += part;
	}
	return 0;
}

GByteArray *client_stream_take(struct client *c)
{
	GByteArray *bytes = c->stream.in;

	c->stream.in = g_byte_array_new();
	return bytes;
}

int client_stream_ended(struct client *c, struct error *err)
{
	if (!c->stream.ended)
		return 0;
	if (!c->stream.error.code)
		return 1;
	error_move(err, &c->stream.error);
	return -1;
}

void client_stream_close(struct client *c)
{
	struct packet_header header = stream_header(c, PACKET_OK);
	auto_error ignored = { 0 };

	if (!c->stream.open)
		return;
	if (!c->stream.ended && !c->broken)
		send_packet(c, &header, NULL, NULL, &ignored);
	g_byte_array_unref(c->stream.in);
	error_clear(&c->stream.error);
	c->stream = (struct stream){ 0 };
}

/* -- opening and closing -- */

static int connect_socket(const char *path, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_close fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail_errno(err, errno, "Unable to create a socket");
	if (strlen(path) >= sizeof(address.sun_path))
		return fail(err, VIR_ERR_INVALID_ARG, "the path of socket '%s' is longer than %zu bytes",
			path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_errno(err, errno, "Failed to connect socket to '%s'", path);
	return TAKE_FD(fd);
}

static bool has_auth(const struct remote_auth_list_ret *list, int type)
{
	for (unsigned i = 0; i < list->types.len; i++)
		if (list->types.val[i] == type)
			return true;
	return list->types.len == 0 && type == REMOTE_AUTH_NONE;
}

static int authenticate(struct client *c, struct error *err)
{
	const struct remote_auth_list_ret *list =
		client_call(c, &remote_program, REMOTE_PROC_AUTH_LIST, NULL, err);

	if (!list)
		return -1;
	if (has_auth(list, REMOTE_AUTH_NONE))
		return 0;
	if (has_auth(list, REMOTE_AUTH_POLKIT))
		return client_call(c, &remote_program, REMOTE_PROC_AUTH_POLKIT, NULL, err) ? 0 : -1;
	return fail(err, VIR_ERR_AUTH_UNAVAILABLE,
		"the daemon asks for a kind of authentication that this shell does not have (SASL)");
}

static int open_driver(struct client *c, const char *name, struct error *err)
{
	struct remote_connect_supports_feature_args feature = { FEATURE_KEEPALIVE };
	struct remote_connect_open_args open = { (char *)name, c->options.readonly ? VIR_CONNECT_RO : 0 };
	auto_error ignored = { 0 };

	if (authenticate(c, err) < 0)
		return -1;
	const struct remote_connect_supports_feature_ret *answer =
		client_call(c, &remote_program, REMOTE_PROC_CONNECT_SUPPORTS_FEATURE, &feature, &ignored);
	c->keepalive = answer && answer->supported;
	return client_call(c, &remote_program, REMOTE_PROC_CONNECT_OPEN, &open, err) ? 0 : -1;
}

struct client *client_open(
	const struct target *target, const struct client_options *options, struct error *err)
{
	int fd = connect_socket(target->socket, err);

	if (fd < 0)
		return NULL;
	struct client *c = g_new0(struct client, 1);
	c->fd = fd;
	c->options = *options;
	c->replies = g_array_new(FALSE, FALSE, sizeof(struct reply));
	g_queue_init(&c->events);
	if (open_driver(c, target->name, err) < 0) {
		c->broken = true;
		client_close(c);
		return NULL;
	}
	return c;
}

void client_close(struct client *c)
{
	auto_error ignored = { 0 };

	if (!c)
		return;
	client_stream_close(c);
	if (!c->broken)
		client_call(c, &remote_program, REMOTE_PROC_CONNECT_CLOSE, NULL, &ignored);
	client_forget(c);
	g_array_unref(c->replies);
	for (struct client_event *event; (event = g_queue_pop_head(&c->events));)
		client_event_free(event);
	close(c->fd);
	g_free(c);
}

bool client_broken(const struct client *c)
{
	return c->broken;
}

bool client_readonly(const struct client *c)
{
	return c->options.readonly;
}

int client_fd(const struct client *c)
{
	return c->fd;
}

/* -- names -- */

static const char *api_word(const char *word)
{
	static const char *const upper[] = { "xml", "uuid", "id", "os", "nmi", "tls", "url", "cpu", "pm",
		"fs", "uri", "mac" };
	static const char *const whole[][2] = { { "iothread", "IOThread" }, { "nwfilter", "NWFilter" } };

	for (size_t i = 0; i < G_N_ELEMENTS(whole); i++)
		if (strcmp(word, whole[i][0]) == 0)
			return whole[i][1];
	for (size_t i = 0; i < G_N_ELEMENTS(upper); i++)
		if (strcmp(word, upper[i]) == 0)
			return "";
	return NULL;
}

char *client_api_name(const char *call)
{
	g_auto(GStrv) words = g_strsplit(call, "_", -1);
	g_autoptr(GString) name = g_string_new("vir");

	for (char **word = words; *word; word++) {
		const char *known = api_word(*word);

		if (!known) {
			g_string_append_c(name, g_ascii_toupper(**word));
			g_string_append(name, *word + 1);
		} else if (*known) {
			g_string_append(name, known);
		} else {
			g_autofree char *upper = g_ascii_strup(*word, -1);
			g_string_append(name, upper);
		}
	}
	return g_string_free(g_steal_pointer(&name), FALSE);
}
