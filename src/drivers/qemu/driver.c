/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The QEMU driver's table of verbs, and the programs that were found.
 *
 * Owns: the list of targets (the driver's only global state, filled once by probe()).
 */
#include "drivers/qemu/driver.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "drivers/qemu/caps.h"
#include "drivers/qemu/qemu_guest.h"

static GPtrArray *found; /* struct driver_target *; the first is the default */

/* Programs that are looked for; the host's own architecture first. */
static const char *const programs[] = {
#if defined(__aarch64__)
	"/usr/bin/qemu-system-aarch64", "/usr/bin/qemu-system-x86_64",
#else
	"/usr/bin/qemu-system-x86_64", "/usr/bin/qemu-system-aarch64",
#endif
	"/usr/bin/qemu-system-i386", "/usr/bin/qemu-system-arm", "/usr/bin/qemu-system-ppc64",
	"/usr/bin/qemu-system-riscv64", "/usr/bin/qemu-system-s390x",
};

static void free_target(void *target)
{
	caps_target_free(target);
}

static int probe(struct task *task, const struct driver_host *host, struct error *err)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(free_target);
	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
		auto_error why = { 0 };
		struct driver_target *target = NULL;
		if (access(programs[i], X_OK) < 0)
			continue;
		if (caps_probe(task, host, programs[i], &target, &why) < 0)
			log_warning("%s is not used: %s", programs[i], why.message);
		else
			g_ptr_array_add(list, target);
	}
	qemu_driver_done();
	found = g_steal_pointer(&list);
	return 0;
}

static const GPtrArray *targets(void)
{
	if (!found)
		found = g_ptr_array_new_with_free_func(free_target);
	return found;
}

static unsigned version(void)
{
	return targets()->len ? ((const struct driver_target *)found->pdata[0])->version : 0;
}

static char *domain_capabilities(const char *emulator, const char *arch, const char *machine, const char *virttype,
	struct error *err)
{
	for (guint i = 0; i < targets()->len; i++) {
		const struct driver_target *t = found->pdata[i];
		if ((!emulator || strcmp(emulator, t->emulator) == 0) && (!arch || strcmp(arch, t->arch) == 0))
			return caps_domain_xml(t, machine, virttype, err);
	}
	fail(err, VIR_ERR_INVALID_ARG, "no emulator for architecture '%s' at '%s'; see the capabilities for what there is",
		arch ? arch : "any", emulator ? emulator : "any path");
	return NULL;
}

void qemu_driver_done(void)
{
	g_clear_pointer(&found, g_ptr_array_unref);
}

static const char *const schemes[] = { "qemu", NULL };

const struct driver qemu_driver = {
	.name = "QEMU",
	.schemes = schemes,
	.probe = probe,
	.targets = targets,
	.version = version,
	.domain_capabilities = domain_capabilities,
	.pause = qemu_guest_pause,
	.resume = qemu_guest_resume,
	.shutdown = qemu_guest_shutdown,
	.reboot = qemu_guest_reboot,
	.reset = qemu_guest_reset,
	.inject_nmi = qemu_guest_inject_nmi,
	.kill = qemu_guest_kill,
	.query = qemu_guest_query,
	.set_memory = qemu_guest_set_memory,
	.monitor_command = qemu_guest_monitor_command,
	.open_console = qemu_guest_open_console,
	.forget = qemu_guest_forget,
	.detach = qemu_guest_detach,
};
