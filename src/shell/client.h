/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client's side of the wire: a connection over a UNIX socket, one call at a time, waiting for its answer.
 *
 * Owns: framing, serials, answers until they are forgotten, events that arrived meanwhile, one stream,
 * keepalive. Must not know: what the calls mean, how anything is shown.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "rpc/call.h"
#include "shell/target.h"

struct client;

struct client_options {
	bool readonly;
	int keepalive_interval; /* seconds without an answer until a ping is sent; 0 = never */
	int keepalive_count;	/* pings without answer until the connection counts as broken */
	/* Called once a second while an answer is waited for; may be NULL. SECONDS since the call; -1 = it
	 * has ended. */
	void (*waiting)(int seconds, void *arg);
	void *waiting_arg;
	/* Set by a handler of SIGINT: waiting ends with VIR_ERR_OPERATION_ABORTED. May be NULL. */
	const volatile sig_atomic_t *interrupted;
};

/* One event: its row and its message, a struct of row->event. */
struct client_event {
	const struct rpc_call *call;
	int procedure;
	void *message;
};

/* Connects, authenticates as the daemon asks (none, polkit) and opens TARGET's driver. NULL with ERR. */
struct client *client_open(
	const struct target *target, const struct client_options *options, struct error *err);

/* Says goodbye and frees; NULL is fine. */
void client_close(struct client *client);

/* The connection broke: every call fails from now on. */
bool client_broken(const struct client *client);
bool client_readonly(const struct client *client);

/*
 * Makes a call and waits for its answer: a struct of the call's type, kept until client_forget(); something
 * not NULL when it has none. NULL with ERR: the daemon's error, or VIR_ERR_OPERATION_DENIED (needs more than
 * read-only).
 */
const void *client_call(struct client *client, const struct rpc_program *program, int procedure,
	const void *args, struct error *err);

/* Frees the answers so far. */
void client_forget(struct client *client);

/* Readable when something arrived that client_receive() should take; for poll(2). */
int client_fd(const struct client *client);

/* Takes one packet: an event, stream data, a ping. Negative: the connection broke. */
int client_receive(struct client *client, struct error *err);

/*
 * Waits for an event, at most TIMEOUT ms (-1 = for ever). Returns 1 with *RET_EVENT (client_event_free()), 0
 * when the time has passed, -1 with ERR (VIR_ERR_OPERATION_ABORTED: interrupted).
 */
int client_event_wait(struct client *client, int timeout, struct client_event **ret_event, struct error *err);
void client_event_free(struct client_event *event);

/* -- the stream: one at a time, opened by a call -- */

int client_stream_open(struct client *client, int procedure, const void *args, struct error *err);
int client_stream_send(struct client *client, const void *bytes, size_t len, struct error *err);
/* What arrived, emptied by this; the bytes are the caller's (g_byte_array_unref). */
GByteArray *client_stream_take(struct client *client);
/* 0 = open; 1 = the daemon ended it; -1 = with an error, moved to ERR. */
int client_stream_ended(struct client *client, struct error *err);
/* Ends it from our side. Nothing happens when none is open. */
void client_stream_close(struct client *client);

/* "domain_get_xml_desc" to "virDomainGetXMLDesc"; the text is the caller's. */
char *client_api_name(const char *call);
