/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Consoles as streams: bytes both ways between a guest's pty and a client, each side bounded.
 */
#include "core/console.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/fd.h"
#include "core/driver.h"

enum {
	READ_STEP = 16 * 1024,
	TO_GUEST_MOST = 1024 * 1024, /* a client that types more than its guest takes loses its stream */
};

struct console {
	char *key; /* guest's uuid and alias: who holds which console */
	int fd;
	struct rpc_stream *stream;
	sd_event_source *source;
	GByteArray *to_guest;
	bool client_full; /* do not read from the guest until the client has taken what is queued */
};

/* All open consoles by key; a guest's console has one reader, or each would see a part. */
static GHashTable *consoles;

static void console_free(struct console *console)
{
	g_hash_table_remove(consoles, console->key);
	if (g_hash_table_size(consoles) == 0)
		g_clear_pointer(&consoles, g_hash_table_unref);
	sd_event_source_disable_unref(console->source);
	close(console->fd);
	g_byte_array_unref(console->to_guest);
	g_free(console->key);
	g_free(console);
}

static void console_update(struct console *console)
{
	uint32_t events = (console->client_full ? 0 : EPOLLIN) | (console->to_guest->len ? EPOLLOUT : 0);

	sd_event_source_set_io_events(console->source, events);
}

static void console_finish(struct console *console)
{
	struct rpc_stream *stream = console->stream;

	console_free(console);
	rpc_stream_finish(stream);
}

/* Passes what the guest wrote to the client. Returns false when the console is gone. */
static bool from_guest(struct console *console)
{
	char bytes[READ_STEP];
	ssize_t n = read(console->fd, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0) {
		console_finish(console); /* the guest's side was closed */
		return false;
	}
	int rc = rpc_stream_send(console->stream, bytes, n);
	if (rc < 0)
		return false; /* console_ended() has run */
	console->client_full = rc == 0;
	return true;
}

static void to_guest(struct console *console)
{
	ssize_t n = write(console->fd, console->to_guest->data, console->to_guest->len);

	if (n > 0)
		g_byte_array_remove_range(console->to_guest, 0, n);
}

static int on_pty(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct console *console = userdata;

	if ((revents & EPOLLOUT) && console->to_guest->len)
		to_guest(console);
	if ((revents & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !from_guest(console))
		return 0;
	console_update(console);
	return 0;
}

static void console_data(struct rpc_stream *stream, const uint8_t *bytes, size_t len, void *arg)
{
	struct console *console = arg;

	if (console->to_guest->len + len > TO_GUEST_MOST) {
		auto_error err = { 0 };
		fail(&err, VIR_ERR_OPERATION_FAILED,
			"the guest does not read its console; input was dropped");
		console_free(console);
		rpc_stream_abort(stream, &err);
		return;
	}
	g_byte_array_append(console->to_guest, bytes, len);
	to_guest(console);
	console_update(console);
}

static void console_writable(struct rpc_stream *stream, void *arg)
{
	struct console *console = arg;

	console->client_full = false;
	console_update(console);
}

static void console_ended(struct rpc_stream *stream, bool aborted, void *arg)
{
	console_free(arg);
}

static const struct rpc_stream_callbacks callbacks = { console_data, console_writable, console_ended };

/* Makes sure that nobody else reads this console. */
static int claim(const char *key, unsigned flags, struct error *err)
{
	struct console *other = consoles ? g_hash_table_lookup(consoles, key) : NULL;

	if (!other)
		return 0;
	if (!(flags & VIR_DOMAIN_CONSOLE_FORCE))
		return fail(err, VIR_ERR_OPERATION_FAILED,
			"Active console session exists for this domain; use --force to end it");
	console_finish(other);
	return 0;
}

int console_open(struct rpc_request *request, struct guest *guest, const char *alias, unsigned flags,
	struct error *err)
{
	g_autofree char *key = g_strdup_printf("%s/%s", guest->name, alias ? alias : "serial0");
	auto_close fd = -1;

	if (!guest->live)
		return fail(err, VIR_ERR_OPERATION_INVALID, "domain is not running");
	if (claim(key, flags, err) < 0)
		return -1;
	fd = guest->driver->open_console(guest, alias, err);
	if (fd < 0)
		return -1;
	struct console *console = g_new0(struct console, 1);
	int rc = sd_event_add_io(guest->host->loop, &console->source, fd, EPOLLIN, on_pty, console);
	if (rc < 0) {
		g_free(console);
		return fail_errno(err, -rc, "cannot watch the console of domain '%s'", guest->name);
	}
	console->key = g_steal_pointer(&key);
	console->fd = TAKE_FD(fd);
	console->to_guest = g_byte_array_new();
	console->stream = rpc_stream_open(request, &callbacks, console);
	if (!consoles)
		consoles = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(consoles, console->key, console);
	return 0;
}
