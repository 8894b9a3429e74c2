/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From XML to a running guest: every device that the builder makes is taken by the real QEMU; the live
 * definition names the pty and the VNC port; a guest that cannot be is refused before anything is touched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "drivers/qemu/driver.h"
#include "loop/task.h"
#include "model/domain.h"

static const char xml[] =
	"<domain "
	"type='qemu'><name>all</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><memory>65536</memory>"
	"<vcpu>2</vcpu><os><type arch='x86_64' machine='%s'>hvm</type><boot "
	"dev='hd'/></os><features><acpi/></features>"
	"<devices>"
	"<disk type='file' device='disk'><driver name='qemu' type='raw' cache='none'/><source "
	"file='%s/disk.img'/>"
	"<target dev='vda' bus='virtio'/></disk>"
	"<disk type='file' device='disk'><source file='%s/disk2.img'/><target dev='sda' bus='scsi'/></disk>"
	"<disk type='file' device='cdrom'><target dev='%s' bus='%s'/><readonly/></disk>"
	"<controller type='scsi' index='0' model='virtio-scsi'/>"
	"<interface type='user'><mac address='52:54:00:01:02:03'/><model type='virtio'/></interface>"
	"<serial type='pty'/><console type='pty'/>"
	"<channel type='unix'><source mode='bind' path='%s/agent'/><target type='virtio' "
	"name='org.qemu.guest_agent.0'/></channel>"
	"<input type='tablet' bus='usb'/><graphics type='vnc' port='-1' autoport='yes'/>"
	"<video><model type='vga'/></video><watchdog model='i6300esb' action='reset'/><memballoon "
	"model='virtio'/>"
	"<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"
	"</devices></domain>";

struct fixture {
	sd_event *loop;
	char *dir;
	struct driver_host host;
	const char *machine, *cdrom, *bus;
	bool done;
};

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) < 0)                                                                              \
			print_error("%s\n", err.message);                                                    \
		assert_int_equal(err.code, 0);                                                               \
	} while (0)

static void on_event(struct guest *guest, enum guest_event what, int64_t detail)
{
}

static struct domain *parse(const char *text)
{
	auto_error err = { 0 };
	struct domain *def = NULL;
	struct model_notes notes = { 0 };
	assert_ok(domain_parse(text, strlen(text), 0, &def, &notes, &err));
	model_notes_clear(&notes);
	return def;
}

static void life(struct task *task, void *arg)
{
	struct fixture *f = arg;
	auto_error err = { 0 };
	g_autofree char *text = g_strdup_printf(xml, f->machine, f->dir, f->dir, f->cdrom, f->bus, f->dir);
	assert_ok(qemu_driver.probe(task, &f->host, &err));
	struct domain *def = parse(text);
	assert_ok(qemu_driver.complete(def, &err));
	assert_ok(qemu_driver.check(def, &err));
	g_autofree char *argv = qemu_driver.native_export(def, "qemu-argv", &err);
	assert_non_null(argv);
	struct guest guest = { .name = "all",
		.uuid = { 7 },
		.id = 1,
		.live = def,
		.host = &f->host,
		.driver = &qemu_driver,
		.runtime = { .pidfd = -1 } };
	assert_ok(qemu_driver.start(task, &guest, START_PAUSED, &err));
	struct domain_char *serial = def->serials->pdata[0];
	assert_true(g_str_has_prefix(serial->source->path, "/dev/pts/"));
	assert_string_equal(serial->alias, "serial0");
	assert_true(((struct domain_graphics *)def->graphics->pdata[0])->port >= 5900);
	assert_string_equal(((struct domain_disk *)def->disks->pdata[0])->alias, "virtio-disk0");
	assert_ok(qemu_driver.resume(task, &guest, &err));
	assert_ok(qemu_driver.kill(task, &guest, 0, &err));
	qemu_driver.forget(&guest);

	def->type = DOMAIN_TYPE_XEN;
	assert_int_equal(qemu_driver.check(def, &err), -1);
	assert_int_equal(err.code, VIR_ERR_CONFIG_UNSUPPORTED);
	model_free(&domain_model, def);
	qemu_driver_done();
	f->done = true;
}

static void run(struct fixture *f, const char *machine, const char *cdrom, const char *bus)
{
	f->machine = machine;
	f->cdrom = cdrom;
	f->bus = bus;
	task_spawn(f->loop, "test", life, f);
	while (!f->done)
		assert_true(sd_event_run(f->loop, 60 * 1000000) > 0);
}

static void test_pc(void **state)
{
	run(*state, "pc", "hdc", "ide");
}

static void test_q35(void **state)
{
	run(*state, "q35", "sdb", "sata");
}

static int setup(void **state)
{
	struct fixture *f = g_new0(struct fixture, 1);
	static const char *const images[] = { "disk.img", "disk2.img" };
	f->dir = g_dir_make_tmp("vireo-qemu-XXXXXX", NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(images); i++) {
		g_autofree char *path = g_build_filename(f->dir, images[i], NULL);
		if (!g_file_set_contents(path, "", 0, NULL) || truncate(path, 1024 * 1024) < 0)
			return -1;
	}
	if (sd_event_new(&f->loop) < 0)
		return -1;
	f->host = (struct driver_host){ .loop = f->loop,
		.state_dir = f->dir,
		.log_dir = f->dir,
		.cache_dir = f->dir,
		.event = on_event };
	*state = f;
	return 0;
}

/* What a guest may leave: its log, its disks, the cache of capabilities; QEMU leaves the channel's socket. */
static int teardown(void **state)
{
	struct fixture *f = *state;
	int strange = 0;
	GDir *dir = g_dir_open(f->dir, 0, NULL);
	for (const char *name; (name = g_dir_read_name(dir));) {
		g_autofree char *path = g_build_filename(f->dir, name, NULL);
		strange |= g_str_has_suffix(name, ".qmp") || g_str_has_suffix(name, ".state.json");
		g_unlink(path);
	}
	g_dir_close(dir);
	strange |= g_rmdir(f->dir);
	sd_event_unref(f->loop);
	task_pool_clear();
	g_free(f->dir);
	g_free(f);
	return strange ? -1 : 0;
}

int main(void)
{
	if (access("/usr/bin/qemu-system-x86_64", X_OK) < 0)
		return 77;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pc, setup, teardown),
		cmocka_unit_test_setup_teardown(test_q35, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
