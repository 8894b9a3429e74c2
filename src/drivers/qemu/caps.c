/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Capabilities of QEMU: one short run of the program without a machine, and a cache of its answers.
 */
#include "drivers/qemu/caps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/log.h"
#include "drivers/qemu/process.h"

enum { CACHE_FORMAT = 1, CACHE_MAX = 1024 * 1024 };

bool caps_kvm_usable(void)
{
	auto_close kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0 || ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return false;
	auto_close vm = ioctl(kvm, KVM_CREATE_VM, 0);
	return vm >= 0;
}

static void machine_free(void *p)
{
	struct driver_machine *m = p;
	g_free(m->name);
	g_free(m->canonical);
	g_free(m);
}

void caps_target_free(struct driver_target *t)
{
	if (!t)
		return;
	g_free(t->arch);
	g_free(t->emulator);
	g_ptr_array_unref(t->machines);
	g_free(t);
}

const struct driver_machine *caps_machine(const struct driver_target *target, const char *name)
{
	for (guint i = 0; i < target->machines->len; i++) {
		const struct driver_machine *m = target->machines->pdata[i];
		if (name ? strcmp(m->name, name) == 0 : m->is_default)
			return m;
	}
	return NULL;
}

static void add_machine(struct driver_target *t, json_t *from, const char *name, const char *canonical)
{
	struct driver_machine *m = g_new0(struct driver_machine, 1);
	m->name = g_strdup(name);
	m->canonical = g_strdup(canonical);
	m->max_cpus = (unsigned)json_integer_value(json_object_get(from, "cpu-max"));
	m->is_default = !canonical && json_is_true(json_object_get(from, "is-default"));
	g_ptr_array_add(t->machines, m);
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(
		(*(struct driver_machine *const *)a)->name, (*(struct driver_machine *const *)b)->name);
}

/* From the answers, as kept in the cache. NULL when a needed one is missing. */
static struct driver_target *target_from_json(json_t *all, const char *emulator)
{
	json_t *qemu = json_object_get(json_object_get(all, "version"), "qemu");
	const char *arch = json_string_value(json_object_get(json_object_get(all, "target"), "arch"));
	json_t *machines = json_object_get(all, "machines");
	if (!qemu || !arch || !json_is_array(machines))
		return NULL;
	struct driver_target *t = g_new0(struct driver_target, 1);
	t->arch = g_strdup(arch);
	t->wordsize =
		strstr(arch, "64") || strcmp(arch, "s390x") == 0 || strcmp(arch, "alpha") == 0 ? 64 : 32;
	t->emulator = g_strdup(emulator);
	t->kvm = json_is_true(json_object_get(all, "kvm"));
	t->version = (unsigned)(json_integer_value(json_object_get(qemu, "major")) * 1000000 +
				json_integer_value(json_object_get(qemu, "minor")) * 1000 +
				json_integer_value(json_object_get(qemu, "micro")));
	t->machines = g_ptr_array_new_with_free_func(machine_free);
	size_t i;
	json_t *m;
	json_array_foreach(machines, i, m)
	{
		const char *name = json_string_value(json_object_get(m, "name"));
		const char *alias = json_string_value(json_object_get(m, "alias"));
		if (name && strcmp(name, "none") != 0)
			add_machine(t, m, name, NULL);
		if (name && alias)
			add_machine(t, m, alias, name);
	}
	g_ptr_array_sort(t->machines, by_name);
	return t;
}

/* The key of a cache entry: anything that differs makes it stale. */
static json_t *cache_key(const char *emulator, bool kvm, struct error *err)
{
	struct stat st;
	if (stat(emulator, &st) < 0) {
		fail_errno(err, errno, "cannot find emulator %s", emulator);
		return NULL;
	}
	return json_pack("{s:i, s:s, s:I, s:I, s:I, s:b}", "format", CACHE_FORMAT, "path", emulator, "size",
		(json_int_t)st.st_size, "mtime", (json_int_t)st.st_mtim.tv_sec, "mtime_ns",
		(json_int_t)st.st_mtim.tv_nsec, "kvm", kvm);
}

static struct driver_target *cache_load(const char *path, json_t *key, const char *emulator)
{
	auto_error ignored = { 0 };
	g_autofree char *text = NULL;
	size_t len;
	json_error_t jerr;
	if (file_read(path, CACHE_MAX, &text, &len, &ignored) < 0)
		return NULL;
	json_t *all = json_loadb(text, len, 0, &jerr);
	struct driver_target *t = NULL;
	if (all && json_equal(json_object_get(all, "key"), key))
		t = target_from_json(all, emulator);
	json_decref(all);
	return t;
}

static void cache_store(const char *path, json_t *all)
{
	auto_error err = { 0 };
	char *text = json_dumps(all, JSON_INDENT(1));
	if (text && file_write_atomic(path, text, strlen(text), 0644, &err) < 0)
		log_warning("QEMU's capabilities are not cached: %s", err.message);
	free(text);
}

static void ignore_event(void *opaque, const char *name, json_t *data)
{
}

static void ignore_exit(void *opaque, int status)
{
}

static const struct {
	const char *command, *member;
} questions[] = {
	{ "query-version", "version" },
	{ "query-target", "target" },
	{ "query-machines", "machines" },
};

/* Runs the program and asks; adds the answers to ALL. */
static int ask(struct task *task, const struct driver_host *host, const char *emulator, json_t *all,
	struct error *err)
{
	static const struct qemu_process_callbacks callbacks = { ignore_event, ignore_exit };
	const char *argv[] = { emulator, "-S", "-no-user-config", "-nodefaults", "-display", "none",
		"-machine", "none", "-chardev", "socket,id=mon,fd=3,server=on,wait=off", "-mon",
		"chardev=mon,mode=control", NULL };
	g_autofree char *base = g_path_get_basename(emulator);
	g_autofree char *name = g_strdup_printf("probe-%s", base);
	struct qemu_launch launch = { .loop = host->loop,
		.state_dir = host->state_dir,
		.log_dir = host->log_dir,
		.key = name,
		.title = name,
		.argv = (char *const *)argv,
		.run_as = host->settings ? host->settings->run_as : NULL };
	struct qemu_process *p = NULL;
	if (qemu_process_start(task, &launch, &callbacks, NULL, &p, err) < 0)
		return -1;
	int r = 0;
	for (size_t i = 0; r == 0 && i < G_N_ELEMENTS(questions); i++) {
		json_t *answer = NULL;
		r = qmp_call(
			task, qemu_process_qmp(p), questions[i].command, NULL, QMP_TIMEOUT_MS, &answer, err);
		if (r == 0)
			json_object_set_new(all, questions[i].member, answer);
	}
	auto_error ignored = { 0 };
	qemu_process_kill(task, p, true, &ignored);
	qemu_process_free(p, true);
	return r;
}

int caps_probe(struct task *task, const struct driver_host *host, const char *emulator,
	struct driver_target **ret_target, struct error *err)
{
	bool kvm = caps_kvm_usable();
	json_t *key = cache_key(emulator, kvm, err);
	if (!key)
		return -1;
	g_autofree char *base = g_path_get_basename(emulator);
	g_autofree char *path = g_strdup_printf("%s/qemu-%s.json", host->cache_dir, base);
	struct driver_target *t = cache_load(path, key, emulator);
	if (!t) {
		json_t *all = json_pack("{s:O, s:b}", "key", key, "kvm", kvm);
		if (ask(task, host, emulator, all, err) == 0) {
			t = target_from_json(all, emulator);
			if (t)
				cache_store(path, all);
			else
				fail(err, VIR_ERR_INTERNAL_ERROR,
					"%s did not say its version, target and machines", emulator);
		}
		json_decref(all);
	}
	json_decref(key);
	if (!t)
		return -1;
	*ret_target = t;
	return 0;
}

char *caps_domain_xml(
	const struct driver_target *t, const char *machine, const char *virttype, struct error *err)
{
	bool kvm = virttype ? strcmp(virttype, "kvm") == 0 : t->kvm;
	if (virttype && strcmp(virttype, "qemu") != 0 && (!kvm || !t->kvm)) {
		fail(err, VIR_ERR_INVALID_ARG,
			"virttype '%s' is not available for %s here (available: %sqemu)", virttype,
			t->emulator, t->kvm ? "kvm, " : "");
		return NULL;
	}
	const struct driver_machine *m = caps_machine(t, machine);
	if (!m) {
		fail(err, VIR_ERR_INVALID_ARG, "%s has no machine type '%s'", t->emulator,
			machine ? machine : "(default)");
		return NULL;
	}
	return g_markup_printf_escaped(
		"<domainCapabilities>\n  <path>%s</path>\n  <domain>%s</domain>\n"
		"  <machine>%s</machine>\n  <arch>%s</arch>\n  <vcpu max='%u'/>\n</domainCapabilities>\n",
		t->emulator, kvm ? "kvm" : "qemu", m->canonical ? m->canonical : m->name, t->arch,
		m->max_cpus);
}
