/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The server: listeners, connections and their queues, dispatch of calls as tasks, streams.
 */
#include "rpc/server.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/fd.h"
#include "base/log.h"
#include "loop/task.h"
#include "remote_protocol.h"
#include "rpc/descriptors.h"

enum {
	CALLS_IN_FLIGHT = 64, /* further calls of one client wait in the socket */
	READ_STEP = 64 * 1024,
	QUEUE_READ_STOP = 1024 * 1024,	/* unsent bytes at which a client is not read from any more */
	QUEUE_FDS_STOP = 64,		/* unsent descriptors at which it is not read from either */
	QUEUE_STREAM_STOP = 256 * 1024, /* ... at which streams pause */
	QUEUE_MOST = 64 * 1024 * 1024,	/* ... at which it is cut off */
	STREAMS_PER_CLIENT = 64,
	BACKLOG = 1024,
};

struct listener {
	struct rpc_server *server;
	int fd;
	bool readonly;
	char *path; /* NULL: not ours to remove */
	sd_event_source *source;
};

struct rpc_server {
	sd_event *loop;
	const struct rpc_service *services;
	size_t service_count;
	const struct rpc_server_callbacks *callbacks;
	void *arg;
	GPtrArray *listeners; /* struct listener * */
	GHashTable *clients;  /* set of struct rpc_client * */
	unsigned max_clients; /* 0 = any number */
};

struct rpc_client {
	int refs;
	struct rpc_server *server; /* NULL once closed */
	int fd;
	bool readonly;
	struct ucred credentials;
	sd_event_source *source;
	GByteArray *in, *out;
	guint out_sent;	 /* bytes of OUT already gone */
	uint64_t out_at; /* of all bytes ever sent, the place of the first that is not gone */
	GQueue fds_out;	 /* struct fd_out *, by place */
	GArray *fds_in;	 /* int; what has arrived and no call has taken */
	unsigned calls;
	bool streams_paused;
	bool handling;	    /* within client_packets() */
	GPtrArray *streams; /* struct rpc_stream * */
	void *data;
};

/* A descriptor that goes beside one byte of the output. */
struct fd_out {
	uint64_t at;
	int fd;
};

struct rpc_stream {
	struct rpc_client *client;
	struct packet_header header;
	const struct rpc_stream_callbacks *callbacks;
	void *arg;
};

struct call_task {
	struct rpc_request request;
	const struct rpc_service *service;
	uint8_t *payload;
	size_t len;
};

static void client_close(struct rpc_client *client);
static void client_flush(struct rpc_client *client);
static void client_packets(struct rpc_client *client);

static size_t unsent(const struct rpc_client *client)
{
	return client->out->len - client->out_sent;
}

/* -- clients ----------------------------------------------------------------------------------- */

static void fd_out_free(void *data)
{
	struct fd_out *out = data;

	close(out->fd);
	g_free(out);
}

struct rpc_client *rpc_client_ref(struct rpc_client *client)
{
	client->refs++;
	return client;
}

void rpc_client_unref(struct rpc_client *client)
{
	if (!client || --client->refs > 0)
		return;
	g_byte_array_unref(client->in);
	g_byte_array_unref(client->out);
	g_array_unref(client->fds_in);
	g_ptr_array_unref(client->streams);
	g_free(client);
}

void *rpc_client_data(const struct rpc_client *client)
{
	return client->data;
}

bool rpc_client_readonly(const struct rpc_client *client)
{
	return client->readonly;
}

struct ucred rpc_client_credentials(const struct rpc_client *client)
{
	return client->credentials;
}

/* Asks epoll for what this client may do now. */
static void client_update(struct rpc_client *client)
{
	uint32_t events = 0;

	if (!client->server)
		return;
	if (client->calls < CALLS_IN_FLIGHT && unsent(client) < QUEUE_READ_STOP &&
		client->fds_out.length < QUEUE_FDS_STOP)
		events |= EPOLLIN;
	if (unsent(client) > 0)
		events |= EPOLLOUT;
	sd_event_source_set_io_events(client->source, events);
}

static void streams_resume(struct rpc_client *client)
{
	if (!client->streams_paused || unsent(client) >= QUEUE_STREAM_STOP / 2)
		return;
	client->streams_paused = false;
	g_autoptr(GPtrArray) streams = g_ptr_array_copy(client->streams, NULL, NULL);
	for (guint i = 0; i < streams->len; i++) {
		struct rpc_stream *stream = streams->pdata[i];
		/* an earlier callback may have ended this one */
		if (g_ptr_array_find(client->streams, stream, NULL) && stream->callbacks->writable)
			stream->callbacks->writable(stream, stream->arg);
	}
}

/* Sends the next bytes, up to one that has a descriptor beside it, or that one. As send(). */
static ssize_t client_send(struct rpc_client *client)
{
	const guint8 *bytes = client->out->data + client->out_sent;
	struct fd_out *next = g_queue_peek_head(&client->fds_out);

	if (!next || next->at > client->out_at) {
		size_t len = next ? MIN(unsent(client), next->at - client->out_at) : unsent(client);
		return send(client->fd, bytes, len, MSG_NOSIGNAL);
	}
	ssize_t n = fds_send(client->fd, (char)*bytes, next->fd);
	if (n > 0)
		fd_out_free(g_queue_pop_head(&client->fds_out));
	return n;
}

/* Sends what the socket takes. May close the client. */
static void client_flush(struct rpc_client *client)
{
	while (client->server && unsent(client) > 0) {
		ssize_t n = client_send(client);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			client_close(client);
			return;
		}
		client->out_sent += n;
		client->out_at += n;
	}
	if (!client->server)
		return;
	if (unsent(client) == 0) {
		g_byte_array_set_size(client->out, 0);
		client->out_sent = 0;
	} else if (client->out_sent > QUEUE_STREAM_STOP) {
		g_byte_array_remove_range(client->out, 0, client->out_sent);
		client->out_sent = 0;
	}
	if (unsent(client) > QUEUE_MOST) {
		log_warning("client (pid %d) does not read its answers; connection closed",
			client->credentials.pid);
		client_close(client);
		return;
	}
	client_update(client);
}

static void stream_free(struct rpc_stream *stream)
{
	g_ptr_array_remove_fast(stream->client->streams, stream);
	rpc_client_unref(stream->client);
	g_free(stream);
}

/* Accepts clients while there is room for them. */
static void listeners_update(struct rpc_server *server)
{
	bool room = !server->max_clients || g_hash_table_size(server->clients) < server->max_clients;

	for (guint i = 0; i < server->listeners->len; i++) {
		struct listener *listener = server->listeners->pdata[i];
		sd_event_source_set_enabled(listener->source, room ? SD_EVENT_ON : SD_EVENT_OFF);
	}
}

void rpc_server_set_max_clients(struct rpc_server *server, unsigned count)
{
	server->max_clients = count;
	listeners_update(server);
}

static void client_close(struct rpc_client *client)
{
	struct rpc_server *server = client->server;

	if (!server)
		return;
	client->server = NULL;
	g_hash_table_remove(server->clients, client);
	listeners_update(server);
	client->source = sd_event_source_disable_unref(client->source);
	close(client->fd);
	client->fd = -1;
	g_array_set_size(client->fds_in, 0);
	g_queue_clear_full(&client->fds_out, fd_out_free);
	while (client->streams->len > 0) {
		struct rpc_stream *stream = client->streams->pdata[0];
		stream->callbacks->ended(stream, true, stream->arg);
		stream_free(stream);
	}
	if (server->callbacks->closed)
		server->callbacks->closed(client, client->data, server->arg);
	client->data = NULL;
	rpc_client_unref(client);
}

void rpc_client_send_event(
	struct rpc_client *client, const struct rpc_program *program, int procedure, const void *message)
{
	struct packet_header header = { program->number, program->version, procedure, PACKET_EVENT, 0,
		PACKET_OK };
	auto_error err = { 0 };

	if (!client->server)
		return;
	if (packet_append(client->out, &header, program->calls[procedure].event, message, &err) < 0)
		log_error("event %s not sent: %s", program->calls[procedure].name, err.message);
	client_flush(client);
}

/* -- streams ----------------------------------------------------------------------------------- */

struct rpc_stream *rpc_stream_open(
	struct rpc_request *request, const struct rpc_stream_callbacks *callbacks, void *arg)
{
	struct rpc_stream *stream = g_new0(struct rpc_stream, 1);

	stream->client = rpc_client_ref(request->client);
	stream->header = request->header;
	stream->header.type = PACKET_STREAM;
	stream->callbacks = callbacks;
	stream->arg = arg;
	g_ptr_array_add(stream->client->streams, stream);
	return stream;
}

int rpc_stream_send(struct rpc_stream *stream, const void *bytes, size_t len)
{
	struct rpc_client *client = stream->client;
	struct packet_header header = stream->header;

	header.status = PACKET_CONTINUE;
	guint start = packet_begin(client->out, &header);
	g_byte_array_append(client->out, bytes, len);
	packet_finish(client->out, start);
	rpc_client_ref(client);
	client_flush(client);
	int rc = !client->server ? -1 : unsent(client) < QUEUE_STREAM_STOP;
	if (rc == 0)
		client->streams_paused = true;
	rpc_client_unref(client);
	return rc;
}

/* Confirms the client's end of the stream by an empty packet, and forgets it. */
static void stream_confirm(struct rpc_stream *stream)
{
	struct rpc_client *client = rpc_client_ref(stream->client);

	stream->header.status = PACKET_OK;
	packet_finish(client->out, packet_begin(client->out, &stream->header));
	stream_free(stream);
	client_flush(client);
	rpc_client_unref(client);
}

static void finished_data(struct rpc_stream *stream, const uint8_t *bytes, size_t len, void *arg)
{
}

static void finished_ended(struct rpc_stream *stream, bool aborted, void *arg)
{
}

/* What is left of a stream that its owner has finished. */
static const struct rpc_stream_callbacks finished_callbacks = { finished_data, NULL, finished_ended };

/* An empty data packet is the end of file to the client, which then finishes the stream itself. */
void rpc_stream_finish(struct rpc_stream *stream)
{
	struct rpc_client *client = rpc_client_ref(stream->client);

	stream->callbacks = &finished_callbacks;
	stream->header.status = PACKET_CONTINUE;
	packet_finish(client->out, packet_begin(client->out, &stream->header));
	client_flush(client);
	rpc_client_unref(client);
}

void rpc_stream_abort(struct rpc_stream *stream, const struct error *error)
{
	struct rpc_client *client = rpc_client_ref(stream->client);

	packet_append_error(client->out, &stream->header, error);
	stream_free(stream);
	client_flush(client);
	rpc_client_unref(client);
}

static struct rpc_stream *stream_find(struct rpc_client *client, const struct packet_header *header)
{
	for (guint i = 0; i < client->streams->len; i++) {
		struct rpc_stream *stream = client->streams->pdata[i];
		if (stream->header.serial == header->serial && stream->header.procedure == header->procedure)
			return stream;
	}
	return NULL;
}

/* A stream packet from the client; one for a stream that ended meanwhile is dropped, as its sender could not
 * know. */
static void stream_packet(
	struct rpc_client *client, const struct packet_header *header, const uint8_t *bytes, size_t len)
{
	struct rpc_stream *stream = stream_find(client, header);

	if (!stream)
		return;
	if (header->status == PACKET_CONTINUE && header->type == PACKET_STREAM) {
		stream->callbacks->data(stream, bytes, len, stream->arg);
		return;
	}
	stream->callbacks->ended(stream, header->status == PACKET_ERROR, stream->arg);
	/* both a finish and an abort are confirmed by an empty packet */
	stream_confirm(stream);
}

/* -- calls ------------------------------------------------------------------------------------- */

static void reply_error(
	struct rpc_client *client, const struct packet_header *header, const struct error *error)
{
	struct packet_header answer = *header;

	if (!client->server)
		return;
	answer.type = PACKET_REPLY;
	packet_append_error(client->out, &answer, error);
	client_flush(client);
}

/* Queues the answer, and the descriptors that go with it. */
static int reply(struct rpc_request *request, const void *ret, struct error *err)
{
	struct rpc_client *client = request->client;
	struct packet_header header = request->header;
	GArray *fds = request->reply_fds;
	static const guint8 beside = 0;

	header.type = fds->len ? PACKET_REPLY_WITH_FDS : PACKET_REPLY;
	header.status = PACKET_OK;
	if (!client->server)
		return 0;
	if (fds->len == 0)
		return packet_append(client->out, &header, request->call->ret, ret, err);
	g_assert(fds->len <= PACKET_FDS_MOST);
	if (packet_append_fds(client->out, &header, fds->len, request->call->ret, ret, err) < 0)
		return -1;
	for (guint i = 0; i < fds->len; i++) {
		struct fd_out *out = g_new(struct fd_out, 1);
		*out = (struct fd_out){ client->out_at + unsent(client),
			TAKE_FD(g_array_index(fds, int, i)) };
		g_queue_push_tail(&client->fds_out, out);
		g_byte_array_append(client->out, &beside, 1);
	}
	return 0;
}

/* Decodes, runs the handler, queues the answer. */
static int call_run(struct call_task *call, struct error *err)
{
	struct rpc_request *request = &call->request;
	const struct rpc_call *row = request->call;
	rpc_handler handler = call->service->handlers[request->header.procedure];
	g_autofree void *args = row->args ? g_malloc0(row->args->size) : NULL;
	g_autofree void *ret = row->ret ? g_malloc0(row->ret->size) : NULL;

	if (row->args ? xdr_decode(row->args, call->payload, call->len, args, err) < 0 : call->len > 0)
		return row->args ? -1 : fail(err, VIR_ERR_RPC, "%s takes no arguments", row->name);
	int rc = handler(request, args, ret, err);
	if (rc >= 0)
		rc = reply(request, ret, err);
	if (row->args)
		xdr_clear(row->args, args);
	if (row->ret)
		xdr_clear(row->ret, ret);
	return rc;
}

static void call_task_run(struct task *task, void *arg)
{
	struct call_task *call = arg;
	struct rpc_client *client = call->request.client;
	auto_error err = { 0 };

	call->request.task = task;
	if (call_run(call, &err) < 0)
		reply_error(client, &call->request.header, &err);
	client->calls--;
	if (client->server)
		client_flush(client);
	client_packets(client); /* those that waited for a free place */
	rpc_client_unref(client);
	g_array_unref(call->request.fds);
	g_array_unref(call->request.reply_fds);
	g_free(call->payload);
	g_free(call);
}

static const struct rpc_service *find_service(
	const struct rpc_server *server, const struct packet_header *header, struct error *err)
{
	for (size_t i = 0; i < server->service_count; i++) {
		const struct rpc_program *program = server->services[i].program;
		if (program->number != header->program)
			continue;
		if (program->version == header->version)
			return &server->services[i];
		fail(err, VIR_ERR_RPC, "program %s has version %u here, not %u", program->name,
			program->version, header->version);
		return NULL;
	}
	fail(err, VIR_ERR_RPC, "unknown program 0x%x", header->program);
	return NULL;
}

/* Whether this call may be made at all: known, built, and permitted, before its arguments are looked at. */
static const struct rpc_service *call_check(
	struct rpc_client *client, const struct packet_header *header, struct error *err)
{
	const struct rpc_service *service = find_service(client->server, header, err);

	if (!service)
		return NULL;
	const struct rpc_program *program = service->program;
	uint32_t number = (uint32_t)header->procedure;
	if (number >= program->call_count || !program->calls[number].name || program->calls[number].event)
		fail(err, VIR_ERR_RPC, "unknown procedure: %d", header->procedure);
	else if (client->readonly && !program->calls[number].reader)
		fail(err, VIR_ERR_OPERATION_DENIED, "read only access prevents %s",
			program->calls[number].name);
	else if (number >= service->handler_count || !service->handlers[number])
		fail(err, VIR_ERR_NO_SUPPORT, "%s", program->calls[number].name);
	else
		return service;
	return NULL;
}

static void call_packet(struct rpc_client *client, const struct packet_header *header, const uint8_t *bytes,
	size_t len, GArray *fds)
{
	auto_error err = { 0 };
	const struct rpc_service *service = call_check(client, header, &err);

	if (!service) {
		reply_error(client, header, &err);
		return;
	}
	struct call_task *call = g_new0(struct call_task, 1);
	call->service = service;
	call->request.client = rpc_client_ref(client);
	call->request.call = &service->program->calls[header->procedure];
	call->request.header = *header;
	call->request.fds = g_array_ref(fds);
	call->request.reply_fds = fds_new();
	call->payload = g_memdup2(bytes, len);
	call->len = len;
	client->calls++;
	task_spawn(client->server->loop, call->request.call->name, call_task_run, call);
}

static void keepalive_packet(struct rpc_client *client, const struct packet_header *header)
{
	struct packet_header pong = *header;
	auto_error err = { 0 };

	if (header->procedure != KEEPALIVE_PROC_PING)
		return;
	pong.procedure = KEEPALIVE_PROC_PONG;
	packet_append(client->out, &pong, NULL, NULL, &err);
	client_flush(client);
}

/* One whole packet, without its length word, and the descriptors that came with it. */
static void client_packet(struct rpc_client *client, const uint8_t *bytes, size_t len, GArray *fds)
{
	struct packet_header header;

	packet_header_read(bytes, &header);
	bytes += PACKET_HEADER_BYTES;
	len -= PACKET_HEADER_BYTES;
	switch (header.program == KEEPALIVE_PROGRAM ? PACKET_EVENT : header.type) {
	case PACKET_EVENT:
		if (header.program == KEEPALIVE_PROGRAM)
			keepalive_packet(client, &header);
		return; /* other messages go only from server to client */
	case PACKET_CALL:
		call_packet(client, &header, bytes, len, fds);
		return;
	case PACKET_CALL_WITH_FDS:
		call_packet(client, &header, bytes + PACKET_FDS_BYTES, len - PACKET_FDS_BYTES, fds);
		return;
	case PACKET_STREAM:
	case PACKET_STREAM_HOLE:
		stream_packet(client, &header, bytes, len);
		return;
	default:
		log_info("client (pid %d) sent a packet of unknown type %u; connection closed",
			client->credentials.pid, header.type);
		client_close(client);
	}
}

static uint32_t word_at(const struct rpc_client *client, guint at)
{
	uint32_t word;

	memcpy(&word, client->in->data + at, sizeof(word));
	return be32toh(word);
}

/* Cuts off a client that does not keep to the protocol. */
G_GNUC_PRINTF(2, 3)
static int client_broken(struct rpc_client *client, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	g_autofree char *what = g_strdup_vprintf(format, ap);
	va_end(ap);
	log_info("client (pid %d) sent %s; connection closed", client->credentials.pid, what);
	client_close(client);
	return -1;
}

/*
 * The length of the packet at AT, and how many descriptors it says follow, each beside a byte of its own.
 * Returns 1 when all of that has arrived, 0 to wait, -1 when the client was cut off. While the packet is
 * there and its descriptors are not, *RET_FDS is set already.
 */
static int packet_arrived(struct rpc_client *client, guint at, uint32_t *ret_length, uint32_t *ret_fds)
{
	guint have = client->in->len - at;

	*ret_fds = 0;
	if (have < PACKET_LENGTH_BYTES)
		return 0;
	uint32_t length = *ret_length = word_at(client, at);
	if (length < PACKET_LEAST || length > PACKET_MOST)
		return client_broken(client, "a packet of %u bytes", length);
	if (have < length)
		return 0;
	if (word_at(client, at + PACKET_TYPE_AT) != PACKET_CALL_WITH_FDS)
		return 1;
	if (length < PACKET_LEAST + PACKET_FDS_BYTES)
		return client_broken(client, "a packet without the number of its descriptors");
	*ret_fds = word_at(client, at + PACKET_LEAST);
	if (*ret_fds > PACKET_FDS_MOST)
		return client_broken(client, "%u descriptors; at most %d may be", *ret_fds, PACKET_FDS_MOST);
	if (have - length < *ret_fds)
		return 0;
	if (client->fds_in->len < *ret_fds)
		return client_broken(client, "fewer descriptors than it said");
	return 1;
}

/* Handles all whole packets in the buffer. */
static void client_packets(struct rpc_client *client)
{
	uint32_t length = 0, fd_count = 0;
	guint at = 0;

	if (client->handling)
		return;
	client->handling = true;
	while (client->server && client->calls < CALLS_IN_FLIGHT &&
		packet_arrived(client, at, &length, &fd_count) > 0) {
		g_autoptr(GArray) fds = fds_take(client->fds_in, fd_count);
		client_packet(client, client->in->data + at + PACKET_LENGTH_BYTES,
			length - PACKET_LENGTH_BYTES, fds);
		at += length + fd_count;
		fd_count = 0;
	}
	/* descriptors come after their packet: others than those that are awaited are nobody's */
	if (client->server && client->calls < CALLS_IN_FLIGHT && client->fds_in->len > fd_count)
		client_broken(client, "descriptors that belong to no call");
	client->handling = false;
	if (at > 0)
		g_byte_array_remove_range(client->in, 0, at);
}

/* Reads one step; the buffer grows with what has really arrived, not with what a length word promises. */
static int client_read(struct rpc_client *client)
{
	guint have = client->in->len;

	g_byte_array_set_size(client->in, have + READ_STEP);
	ssize_t n = fds_receive(client->fd, client->in->data + have, READ_STEP, client->fds_in);
	g_byte_array_set_size(client->in, have + MAX(n, 0));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	return n == 0 ? -1 : 0;
}

/* Reads what there is; whether that was the last. */
static bool client_gone(struct rpc_client *client, uint32_t revents)
{
	return revents & EPOLLIN ? client_read(client) < 0 : revents & (EPOLLHUP | EPOLLERR);
}

static int on_client(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct rpc_client *client = rpc_client_ref(userdata);

	if (revents & EPOLLOUT)
		client_flush(client);
	if (client->server && client_gone(client, revents))
		client_close(client);
	if (client->server)
		client_packets(client);
	if (client->server) {
		streams_resume(client);
		client_update(client);
	}
	rpc_client_unref(client);
	return 0;
}

static void client_new(struct listener *listener, int fd)
{
	struct rpc_server *server = listener->server;
	struct rpc_client *client = g_new0(struct rpc_client, 1);
	socklen_t len = sizeof(client->credentials);

	client->refs = 1;
	client->server = server;
	client->fd = fd;
	client->readonly = listener->readonly;
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &client->credentials, &len);
	client->in = g_byte_array_new();
	client->out = g_byte_array_new();
	client->fds_in = fds_new();
	g_queue_init(&client->fds_out);
	client->streams = g_ptr_array_new();
	g_hash_table_add(server->clients, client);
	listeners_update(server);
	if (sd_event_add_io(server->loop, &client->source, fd, EPOLLIN, on_client, client) < 0) {
		client_close(client);
		return;
	}
	client->data = server->callbacks->opened ? server->callbacks->opened(client, server->arg) : NULL;
}

/* -- listeners --------------------------------------------------------------------------------- */

static int on_listener(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (client >= 0)
		client_new(userdata, client);
	else if (errno == EMFILE || errno == ENFILE)
		log_error("a client cannot be accepted: %s", g_strerror(errno));
	return 0;
}

static void listener_free(void *data)
{
	struct listener *listener = data;

	sd_event_source_disable_unref(listener->source);
	close(listener->fd);
	if (listener->path)
		unlink(listener->path);
	g_free(listener->path);
	g_free(listener);
}

static int listener_add(struct rpc_server *server, int fd, const char *path, bool readonly, struct error *err)
{
	struct listener *listener = g_new0(struct listener, 1);
	int rc;

	listener->server = server;
	listener->fd = fd;
	listener->readonly = readonly;
	listener->path = g_strdup(path);
	rc = sd_event_add_io(server->loop, &listener->source, fd, EPOLLIN, on_listener, listener);
	if (rc < 0) {
		listener_free(listener);
		return fail_errno(err, -rc, "cannot watch a listening socket");
	}
	g_ptr_array_add(server->listeners, listener);
	return 0;
}

int rpc_server_listen_fd(struct rpc_server *server, int fd, bool readonly, struct error *err)
{
	return listener_add(server, fd, NULL, readonly, err);
}

/* Fails where somebody answers on a socket; one that nobody does is removed. */
static int probe_stale(const struct sockaddr_un *address, struct error *err)
{
	auto_close probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (probe < 0)
		return fail_errno(err, errno, "cannot make a socket");
	if (connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return fail(err, VIR_ERR_OPERATION_INVALID,
			"another daemon listens on '%s'; stop it, or choose another --root",
			address->sun_path);
	if (errno == ECONNREFUSED)
		unlink(address->sun_path);
	return 0;
}

int rpc_server_listen(
	struct rpc_server *server, const char *path, mode_t mode, bool readonly, bool ours, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_close fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail_errno(err, errno, "cannot make a socket");
	if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path))
		return fail(err, VIR_ERR_INVALID_ARG,
			"socket path '%s' is longer than %zu bytes, the most a UNIX socket may have", path,
			sizeof(address.sun_path) - 1);
	if (ours)
		unlink(path);
	else if (probe_stale(&address, err) < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_errno(err, errno, "cannot bind socket '%s'", path);
	if (chmod(path, mode) < 0 || listen(fd, BACKLOG) < 0)
		return fail_errno(err, errno, "cannot listen on '%s'", path);
	return listener_add(server, TAKE_FD(fd), path, readonly, err);
}

struct rpc_server *rpc_server_new(sd_event *loop, const struct rpc_service *services, size_t service_count,
	const struct rpc_server_callbacks *callbacks, void *arg)
{
	struct rpc_server *server = g_new0(struct rpc_server, 1);

	server->loop = sd_event_ref(loop);
	server->services = services;
	server->service_count = service_count;
	server->callbacks = callbacks;
	server->arg = arg;
	server->listeners = g_ptr_array_new_with_free_func(listener_free);
	server->clients = g_hash_table_new(NULL, NULL);
	return server;
}

void rpc_server_free(struct rpc_server *server)
{
	if (!server)
		return;
	g_ptr_array_set_size(server->listeners, 0);
	g_autoptr(GList) clients = g_hash_table_get_keys(server->clients);
	for (GList *item = clients; item; item = item->next)
		client_close(item->data);
	g_hash_table_unref(server->clients);
	g_ptr_array_unref(server->listeners);
	sd_event_unref(server->loop);
	g_free(server);
}
