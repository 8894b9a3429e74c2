/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The server by itself: calls that bring descriptors, answers that bring descriptors, in order and without
 * loss.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/fd.h"
#include "loop/task.h"
#include "remote_protocol.h"
#include "rpc/descriptors.h"
#include "rpc/server.h"

enum { CALL = REMOTE_PROC_DOMAIN_OPEN_GRAPHICS_FD, BURST = 100 };

struct fixture {
	sd_event *loop;
	struct rpc_server *server;
	char *folder, *path;
	int client;
};

/* Gives back what came, in reverse. */
static int echo(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	for (guint i = request->fds->len; i-- > 0;) {
		int fd = TAKE_FD(g_array_index(request->fds, int, i));
		g_array_append_val(request->reply_fds, fd);
	}
	return 0;
}

static const rpc_handler handlers[] = { [CALL] = echo };
static const struct rpc_service service = { &remote_program, handlers, G_N_ELEMENTS(handlers) };
static const struct rpc_server_callbacks callbacks = { 0 };

static void run_ready(struct fixture *f)
{
	while (sd_event_run(f->loop, 0) > 0)
		;
}

static void send_call(struct fixture *f, uint32_t serial, const int *fds, uint32_t count)
{
	struct packet_header header = { remote_program.number, remote_program.version, CALL,
		count ? PACKET_CALL_WITH_FDS : PACKET_CALL, serial, PACKET_OK };
	unsigned char uuid[16] = { 1 };
	struct remote_domain_open_graphics_fd_args args = { .dom = { .name = "x", .id = 1 } };
	g_autoptr(GByteArray) out = g_byte_array_new();
	auto_error err = { 0 };

	memcpy(args.dom.uuid, uuid, sizeof(uuid));
	int rc = count ? packet_append_fds(out, &header, count, remote_program.calls[CALL].args, &args, &err)
		       : packet_append(out, &header, remote_program.calls[CALL].args, &args, &err);
	assert_int_equal(rc, 0);
	assert_int_equal(send(f->client, out->data, out->len, 0), out->len);
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(fds_send(f->client, 0, fds[i]), 1);
}

/* Reads LEN bytes; the loop runs while they do not come. */
static void receive(struct fixture *f, void *bytes, size_t len, GArray *fds)
{
	for (size_t have = 0; have < len;) {
		ssize_t n = fds_receive(f->client, (char *)bytes + have, len - have, fds);
		if (n < 0 && errno == EAGAIN) {
			assert_true(sd_event_run(f->loop, UINT64_MAX) >= 0);
			continue;
		}
		assert_true(n > 0);
		have += (size_t)n;
	}
}

/* One answer: its header, and its descriptors in FDS. */
static struct packet_header receive_reply(struct fixture *f, GArray *fds)
{
	struct packet_header header;
	uint32_t words[7], count = 0;
	char beside[PACKET_FDS_MOST];

	receive(f, words, sizeof(words), fds);
	packet_header_read((const uint8_t *)&words[1], &header);
	assert_int_equal(fds->len, 0);
	if (header.type == PACKET_REPLY_WITH_FDS) {
		receive(f, &count, sizeof(count), fds);
		count = be32toh(count);
	}
	assert_int_equal(be32toh(words[0]), sizeof(words) + (count ? sizeof(count) : 0));
	receive(f, beside, count, fds);
	assert_int_equal(fds->len, count);
	return header;
}

/* A pipe with NUMBER in it; its read end. */
static int marked(unsigned char number)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], &number, 1), 1);
	close(ends[1]);
	return ends[0];
}

static void check_marks(GArray *fds, guint count)
{
	assert_int_equal(fds->len, count);
	for (guint i = 0; i < count; i++) {
		unsigned char number;
		assert_int_equal(read(g_array_index(fds, int, i), &number, 1), 1);
		assert_int_equal(number, count - 1 - i);
		assert_int_equal(read(g_array_index(fds, int, i), &number, 1), 0);
	}
}

static void test_there_and_back(void **state)
{
	struct fixture *f = *state;
	static const uint32_t counts[] = { 1, 0, 2, PACKET_FDS_MOST, 0, 3 };

	for (uint32_t i = 0; i < G_N_ELEMENTS(counts); i++) {
		g_autoptr(GArray) mine = fds_new(), back = fds_new();
		for (uint32_t k = 0; k < counts[i]; k++) {
			int fd = marked((unsigned char)k);
			g_array_append_val(mine, fd);
		}
		send_call(f, i, (int *)(void *)mine->data, counts[i]);
		struct packet_header header = receive_reply(f, back);
		assert_int_equal(header.type, counts[i] ? PACKET_REPLY_WITH_FDS : PACKET_REPLY);
		assert_int_equal(header.serial, i);
		assert_int_equal(header.status, PACKET_OK);
		check_marks(back, counts[i]);
	}
}

static guint open_descriptors(void)
{
	guint count = 0;
	GDir *dir = g_dir_open("/proc/self/fd", 0, NULL);

	while (g_dir_read_name(dir))
		count++;
	g_dir_close(dir);
	return count;
}

/* Many answers wait while nobody reads: all come in order, or are closed with the connection. */
static void burst(struct fixture *f, bool read_all)
{
	for (uint32_t i = 0; i < BURST; i++) {
		int fd = marked(0);
		send_call(f, i, &fd, 1);
		close(fd);
		run_ready(f);
	}
	for (uint32_t i = 0; read_all && i < BURST; i++) {
		g_autoptr(GArray) back = fds_new();
		assert_int_equal(receive_reply(f, back).serial, i);
		check_marks(back, 1);
	}
}

static void test_unread(void **state)
{
	struct fixture *f = *state;

	run_ready(f);
	guint before = open_descriptors();
	burst(f, true);
	assert_int_equal(open_descriptors(), before);
	burst(f, false);
	close(TAKE_FD(f->client));
	run_ready(f);
	assert_int_equal(open_descriptors(), before - 2); /* both ends of the connection */
}

static int setup(void **state)
{
	struct fixture *f = g_new0(struct fixture, 1);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_error err = { 0 };
	int small = 1; /* a small buffer, so that answers queue up */

	f->folder = g_dir_make_tmp("vireo-server-XXXXXX", NULL);
	f->path = g_build_filename(f->folder, "socket", NULL);
	g_strlcpy(address.sun_path, f->path, sizeof(address.sun_path));
	*state = f;
	if (sd_event_new(&f->loop) < 0)
		return -1;
	f->server = rpc_server_new(f->loop, &service, 1, &callbacks, NULL);
	if (rpc_server_listen(f->server, f->path, 0700, false, true, &err) < 0)
		return -1;
	f->client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(f->client, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	return connect(f->client, (struct sockaddr *)&address, sizeof(address));
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	rpc_server_free(f->server);
	sd_event_unref(f->loop);
	task_pool_clear();
	if (f->client >= 0)
		close(f->client);
	int left = g_rmdir(f->folder);
	g_free(f->folder);
	g_free(f->path);
	g_free(f);
	return left;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_there_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unread, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
