/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The server's side of the wire: sockets, connections, dispatch, events and streams.
 *
 * Owns: framing, bounds, the read-only rule, back-pressure.
 * Must not know: what the calls mean (handlers do).
 */
#pragma once

#include <sys/types.h>
#include <systemd/sd-event.h>

#include "rpc/call.h"
#include "rpc/packet.h"

struct task;
struct rpc_server;
struct rpc_client;
struct rpc_stream;

/* One call being answered; lives until its handler returns. */
struct rpc_request {
	struct task *task; /* the handler may park it */
	struct rpc_client *client;
	const struct rpc_call *call;
	struct packet_header header;
	GArray *fds;	   /* int, what came with the call, never NULL; closed afterwards unless set to -1 */
	GArray *reply_fds; /* the same, to go with the answer: at most PACKET_FDS_MOST, ours from then on */
};

/*
 * Answers one call. ARGS and RET are structs of the call's types (NULL when it has none); RET is zeroed, and
 * what the handler puts there with g_malloc() the server frees. Negative with ERR: the client gets that
 * error.
 */
typedef int (*rpc_handler)(struct rpc_request *request, const void *args, void *ret, struct error *err);

/* A program and who answers it, by procedure number; NULL = VIR_ERR_NO_SUPPORT. */
struct rpc_service {
	const struct rpc_program *program;
	const rpc_handler *handlers;
	uint32_t handler_count;
};

struct rpc_server_callbacks {
	/* A client came: returns its data. */
	void *(*opened)(struct rpc_client *client, void *arg);
	/* A client is gone; its streams are closed already. Frees DATA. */
	void (*closed)(struct rpc_client *client, void *data, void *arg);
};

struct rpc_server *rpc_server_new(sd_event *loop, const struct rpc_service *services, size_t service_count,
	const struct rpc_server_callbacks *callbacks, void *arg);

/* From then on further clients wait in the sockets while COUNT are connected. */
void rpc_server_set_max_clients(struct rpc_server *server, unsigned count);

/* Closes listeners and clients. Tasks of unfinished calls end by themselves. */
void rpc_server_free(struct rpc_server *server);

/*
 * Listens on a UNIX socket at PATH with the file mode. A stale socket there is replaced. A live one is an
 * error, unless PATH is OURS: no other daemon can use the folder, so what still listens is a child of one
 * that was killed.
 */
int rpc_server_listen(struct rpc_server *server, const char *path, mode_t mode, bool readonly, bool ours,
	struct error *err);

/* Takes over a listening descriptor (socket activation). */
int rpc_server_listen_fd(struct rpc_server *server, int fd, bool readonly, struct error *err);

/* The data that `opened` returned. */
void *rpc_client_data(const struct rpc_client *client);
bool rpc_client_readonly(const struct rpc_client *client);
/* Who is at the other end, as the kernel says. */
struct ucred rpc_client_credentials(const struct rpc_client *client);

/* A reference keeps the struct (not the connection) while a task waits. */
struct rpc_client *rpc_client_ref(struct rpc_client *client);
void rpc_client_unref(struct rpc_client *client);

/*
 * Sends an event (a call row with `event` set). A client that does not read loses its connection once its
 * queue passes the bound, rather than events in silence.
 */
void rpc_client_send_event(
	struct rpc_client *client, const struct rpc_program *program, int procedure, const void *message);

/* -- streams -- */

struct rpc_stream_callbacks {
	/* The client sent bytes. */
	void (*data)(struct rpc_stream *stream, const uint8_t *bytes, size_t len, void *arg);
	/* There is room again after rpc_stream_send() returned 0. */
	void (*writable)(struct rpc_stream *stream, void *arg);
	/* The client finished, aborted or went away; the stream is freed after this. */
	void (*ended)(struct rpc_stream *stream, bool aborted, void *arg);
};

/* Opens the stream that belongs to this call; data may be sent after the handler has returned. */
struct rpc_stream *rpc_stream_open(
	struct rpc_request *request, const struct rpc_stream_callbacks *callbacks, void *arg);

/*
 * Sends bytes. Returns 1, or 0 when the queue is full from now on (wait for `writable`; these bytes are
 * queued), or -1 when the connection broke: `ended` was called and the stream is gone.
 */
int rpc_stream_send(struct rpc_stream *stream, const void *bytes, size_t len);

/*
 * Ends the stream from our side: cleanly (the client reads end of file), or with ERROR. `ended` is not
 * called; the stream is not the caller's any more.
 */
void rpc_stream_finish(struct rpc_stream *stream);
void rpc_stream_abort(struct rpc_stream *stream, const struct error *error);
