/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * <domain>: its rows, generic defaults and checks. Device tables stand in domain_devices.c.
 */
#include "model/domain.h"

#include <string.h>

static const char *const domain_types[] = { NULL, "qemu", "kvm", "xen", "lxc", "kqemu", "test", NULL };
static const char *const actions[] = { NULL, "destroy", "restart", "rename-restart", "preserve",
	"coredump-destroy", "coredump-restart", NULL };
static const char *const placements[] = { NULL, "static", "auto", NULL };
static const char *const loader_types[] = { NULL, "rom", "pflash", NULL };
static const char *const boot_devices[] = { NULL, "fd", "hd", "cdrom", "network", NULL };
static const char *const clock_offsets[] = { NULL, "utc", "localtime", "timezone", "variable", "absolute",
	NULL };
static const char *const clock_bases[] = { NULL, "utc", "localtime", NULL };
static const char *const timer_names[] = { NULL, "platform", "pit", "rtc", "hpet", "tsc", "kvmclock",
	"hypervclock", "armvtimer", NULL };
static const char *const tick_policies[] = { NULL, "delay", "catchup", "merge", "discard", NULL };
static const char *const tracks[] = { NULL, "boot", "guest", "wall", NULL };

#define S struct domain_vcpu
static const struct row vcpu_rows[] = {
	ATTR("placement", S, placement, SCALAR_ENUM, .values = placements, .doc = "static, or auto by numad"),
	ATTR("cpuset", S, cpuset, SCALAR_CPUSET, .doc = "host CPUs the guest may use"),
	ATTR("current", S, current, SCALAR_UINT, .flags = ROW_NONZERO,
		.doc = "vCPUs online at start; default: all"),
	TEXT(S, count, SCALAR_UINT, .flags = ROW_ABI | ROW_NONZERO, .doc = "most vCPUs; default 1"),
};
static MODEL_TYPE(vcpu_model, "vcpu", S, vcpu_rows);
#undef S

#define S struct domain_os_type
static const struct row os_type_rows[] = {
	ATTR("arch", S, arch, SCALAR_STRING, .flags = ROW_ABI,
		.doc = "CPU architecture; default: the host's"),
	ATTR("machine", S, machine, SCALAR_STRING, .flags = ROW_ABI, .doc = "machine type"),
	TEXT(S, name, SCALAR_STRING, .flags = ROW_ABI, .doc = "hvm, or linux for Xen, exe for containers"),
};
static MODEL_TYPE(os_type_model, "os type", S, os_type_rows);
#undef S

#define S struct domain_loader
static const struct row loader_rows[] = {
	ATTR("readonly", S, readonly, SCALAR_YESNO, .flags = ROW_ABI,
		.doc = "whether the image is mapped read-only"),
	ATTR("secure", S, secure, SCALAR_YESNO, .flags = ROW_ABI, .doc = "whether it does secure boot"),
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_ABI, .values = loader_types,
		.doc = "how it is mapped; default: rom"),
	TEXT(S, path, SCALAR_STRING, .flags = ROW_ABI, .doc = "firmware image"),
};
static MODEL_TYPE(loader_model, "loader", S, loader_rows);
#undef S

#define S struct domain_boot
static const struct row boot_rows[] = {
	ATTR("dev", S, device, SCALAR_ENUM, .flags = ROW_REQUIRED, .values = boot_devices,
		.doc = "kind of device"),
};
static MODEL_TYPE(boot_model, "boot", S, boot_rows);
#undef S

#define S struct domain_os
static const struct row os_rows[] = {
	CHILD("type", S, type, &os_type_model, .doc = "kind of guest"),
	CHILD("loader", S, loader, &loader_model, .doc = "firmware"),
	LEAF("kernel", S, kernel, SCALAR_STRING, .doc = "kernel on the host to boot directly"),
	LEAF("initrd", S, initrd, SCALAR_STRING, .doc = "its initial RAM disk"),
	LEAF("cmdline", S, cmdline, SCALAR_STRING, .doc = "its command line"),
	LIST("boot", S, boots, &boot_model, .doc = "boot order by kind of device"),
	LEAF_ATTR("bootmenu", "enable", S, menu_enable, SCALAR_YESNO,
		.doc = "whether firmware asks what to boot"),
	LEAF_ATTR("bootmenu", "timeout", S, menu_timeout, SCALAR_UINT, .max = 65535,
		.doc = "milliseconds it waits"),
	LEAF_ATTR("bios", "useserial", S, bios_useserial, SCALAR_YESNO,
		.doc = "firmware output on the serial port"),
};
static MODEL_TYPE(os_model, "os", S, os_rows);
#undef S

#define S struct domain_features
static const struct row feature_rows[] = {
	FLAG("acpi", S, acpi, .flags = ROW_ABI, .doc = "power management; graceful shutdown needs it"),
	FLAG("apic", S, apic, .flags = ROW_ABI, .doc = "programmable interrupt controller"),
	FLAG("pae", S, pae, .flags = ROW_ABI, .doc = "more than 4 GiB for 32-bit guests"),
	LEAF_ATTR("hap", "state", S, hap, SCALAR_ONOFF, .flags = ROW_ABI, .doc = "hardware assisted paging"),
	FLAG("privnet", S, privnet, .doc = "a network namespace of its own (containers)"),
	LEAF_ATTR("vmport", "state", S, vmport, SCALAR_ONOFF, .flags = ROW_ABI, .doc = "VMware's I/O port"),
};
static MODEL_TYPE(features_model, "features", S, feature_rows);
#undef S

#define S struct domain_timer
static const struct row timer_rows[] = {
	ATTR("name", S, name, SCALAR_ENUM, .flags = ROW_REQUIRED | ROW_ABI, .values = timer_names,
		.doc = "which timer"),
	ATTR("present", S, present, SCALAR_YESNO, .flags = ROW_ABI, .doc = "whether the guest has it"),
	ATTR("tickpolicy", S, tickpolicy, SCALAR_ENUM, .flags = ROW_ABI, .values = tick_policies,
		.doc = "what happens to missed ticks"),
	ATTR("track", S, track, SCALAR_ENUM, .flags = ROW_ABI, .values = tracks, .doc = "what it follows"),
	ATTR("frequency", S, frequency, SCALAR_UINT64, .flags = ROW_ABI, .doc = "Hz (tsc)"),
};
static MODEL_TYPE(timer_model, "timer", S, timer_rows);
#undef S

#define S struct domain_clock
static const struct row clock_rows[] = {
	ATTR("offset", S, offset, SCALAR_ENUM, .flags = ROW_REQUIRED, .values = clock_offsets,
		.doc = "how the guest's clock begins"),
	ATTR("timezone", S, timezone, SCALAR_STRING, .doc = "zone, with offset timezone"),
	ATTR("adjustment", S, adjustment, SCALAR_STRING, .doc = "seconds, with offset variable"),
	ATTR("basis", S, basis, SCALAR_ENUM, .values = clock_bases, .doc = "what the adjustment counts from"),
	LIST("timer", S, timers, &timer_model, .doc = "timers that differ from the default"),
};
static int clock_post_parse(void *self, const struct model_context *ctx, struct error *err)
{
	struct domain_clock *clock = self;

	if (clock->offset == CLOCK_TIMEZONE && !clock->timezone)
		return fail(err, VIR_ERR_XML_ERROR,
			"missing 'timezone' attribute for clock with offset='timezone'");
	if (clock->offset == CLOCK_VARIABLE) {
		if (!clock->adjustment)
			clock->adjustment = g_strdup("0");
		if (!clock->basis)
			clock->basis = model_enum_value(clock_bases, "utc");
	}
	return 0;
}
static MODEL_TYPE(clock_model, "clock", S, clock_rows, .post_parse = clock_post_parse);
#undef S

#define S struct domain
static const struct row pm_rows[] = {
	LEAF_ATTR("suspend-to-mem", "enabled", S, suspend_to_mem, SCALAR_YESNO, .flags = ROW_ABI,
		.doc = "whether the guest may sleep"),
	LEAF_ATTR("suspend-to-disk", "enabled", S, suspend_to_disk, SCALAR_YESNO, .flags = ROW_ABI,
		.doc = "whether it may hibernate"),
};
static MODEL_TYPE(pm_model, "pm", S, pm_rows);

static const struct row devices_rows[] = {
	LEAF("emulator", S, emulator, SCALAR_STRING, .doc = "device model binary, full path"),
	LIST("disk", S, disks, &disk_model, .doc = "disks of all kinds"),
	LIST("controller", S, controllers, &controller_model, .doc = "controllers"),
	LIST("interface", S, interfaces, &interface_model, .doc = "network interfaces"),
	LIST("serial", S, serials, &serial_model, .doc = "serial ports"),
	LIST("parallel", S, parallels, &serial_model, .doc = "parallel ports"),
	LIST("console", S, consoles, &console_model, .doc = "consoles"),
	LIST("channel", S, channels, &channel_model, .doc = "channels between guest and host"),
	LIST("input", S, inputs, &input_model, .doc = "input devices"),
	LIST("graphics", S, graphics, &graphics_model, .doc = "graphical displays"),
	LIST("sound", S, sounds, &sound_model, .doc = "sound devices"),
	LIST("audio", S, audios, &audio_model, .doc = "where their sound goes on the host"),
	LIST("video", S, videos, &video_model_type, .doc = "video adapters"),
	LIST("hub", S, hubs, &hub_model, .doc = "USB hubs"),
	LIST("watchdog", S, watchdogs, &watchdog_model, .doc = "watchdogs"),
	LIST("memballoon", S, memballoons, &memballoon_model, .doc = "memory balloon, at most one"),
	LIST("rng", S, rngs, &rng_model, .doc = "random number generators"),
};
static MODEL_TYPE(devices_model, "devices", S, devices_rows);

static const struct row domain_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_REQUIRED | ROW_ABI, .values = domain_types,
		.doc = "hypervisor"),
	ATTR("id", S, id, SCALAR_INT, .flags = ROW_LIVE, .absent = (uint32_t)-1,
		.doc = "number of the running guest"),
	LEAF("name", S, name, SCALAR_STRING, .doc = "short name, unique on the host"),
	LEAF("uuid", S, uuid, SCALAR_UUID, .flags = ROW_ABI,
		.doc = "global identifier; default: a random one"),
	LEAF("title", S, title, SCALAR_STRING, .doc = "one line for people"),
	LEAF("description", S, description, SCALAR_STRING, .doc = "any text for people"),
	RAW("metadata", S, metadata, .doc = "other programs' data, kept verbatim"),
	LEAF("memory", S, memory, SCALAR_KIB, .flags = ROW_ABI,
		.doc = "most memory, KiB unless a unit is given"),
	LEAF("currentMemory", S, current_memory, SCALAR_KIB, .doc = "memory at start; default: all"),
	CHILD("vcpu", S, vcpu, &vcpu_model, .doc = "virtual CPUs"),
	CHILD("os", S, os, &os_model, .doc = "what is booted"),
	CHILD("features", S, features, &features_model, .doc = "features that are on"),
	CHILD("cpu", S, cpu, &cpu_type, .doc = "CPU model; default: the hypervisor's"),
	CHILD("clock", S, clock, &clock_model, .doc = "the guest's clock; default: utc"),
	LEAF("on_poweroff", S, on_poweroff, SCALAR_ENUM, .values = actions,
		.doc = "what a power-off by the guest does; default: destroy"),
	LEAF("on_reboot", S, on_reboot, SCALAR_ENUM, .values = actions,
		.doc = "what a reboot by the guest does; default: restart"),
	LEAF("on_crash", S, on_crash, SCALAR_ENUM, .values = actions,
		.doc = "what a crash of the guest does; default: destroy"),
	GROUP("pm", &pm_model, .doc = "sleep states"),
	GROUP("devices", &devices_model, .flags = ROW_ALWAYS, .doc = "all devices"),
};

int domain_name_check(const char *name, struct error *err)
{
	if (!name || !name[0])
		return fail(err, VIR_ERR_XML_ERROR, "domain name is missing; add <name>");
	if (strchr(name, '/'))
		return fail(err, VIR_ERR_XML_ERROR, "name %s cannot contain '/'", name);
	if (strchr(name, '\n'))
		return fail(err, VIR_ERR_XML_ERROR, "name cannot contain a line feed");
	if (g_str_equal(name, ".") || g_str_equal(name, "..") || strlen(name) > 200)
		return fail(err, VIR_ERR_XML_ERROR,
			"name '%s' cannot be used for a file; choose another of at most 200 bytes", name);
	return 0;
}

static void set_defaults(struct domain *domain)
{
	static const unsigned char none[16];

	if (memcmp(domain->uuid, none, 16) == 0) {
		for (int i = 0; i < 16; i++)
			domain->uuid[i] = (unsigned char)g_random_int();
		domain->uuid[6] = (domain->uuid[6] & 0x0f) | 0x40;
		domain->uuid[8] = (domain->uuid[8] & 0x3f) | 0x80;
	}
	if (domain->current_memory == 0 || domain->current_memory > domain->memory)
		domain->current_memory = domain->memory;
	if (!domain->vcpu)
		domain->vcpu = model_new(&vcpu_model);
	if (!domain->vcpu->count)
		domain->vcpu->count = 1;
	if (!domain->vcpu->placement)
		domain->vcpu->placement = model_enum_value(placements, "static");
	if (!domain->clock) {
		domain->clock = model_new(&clock_model);
		domain->clock->offset = CLOCK_UTC;
	}
	if (!domain->on_poweroff)
		domain->on_poweroff = LIFECYCLE_DESTROY;
	if (!domain->on_reboot)
		domain->on_reboot = LIFECYCLE_RESTART;
	if (!domain->on_crash)
		domain->on_crash = LIFECYCLE_DESTROY;
}

/* A random MAC of the range that belongs to the hypervisor. */
static void set_macs(struct domain *domain)
{
	static const unsigned char none[6], qemu[3] = { 0x52, 0x54, 0x00 }, xen[3] = { 0x00, 0x16, 0x3e };

	for (guint i = 0; domain->interfaces && i < domain->interfaces->len; i++) {
		struct domain_interface *interface = domain->interfaces->pdata[i];
		if (memcmp(interface->mac, none, 6) != 0)
			continue;
		memcpy(interface->mac, domain->type == DOMAIN_TYPE_XEN ? xen : qemu, 3);
		for (int k = 3; k < 6; k++)
			interface->mac[k] = g_random_int();
	}
}

static int os_check(struct domain *domain, struct error *err)
{
	struct domain_os *os = domain->os;

	if (!os || !os->type || !os->type->name)
		return fail(err, VIR_ERR_XML_ERROR,
			"an os <type> must be specified; add <os><type>hvm</type></os>");
	if (os->loader && !os->loader->type)
		os->loader->type = model_enum_value(loader_types, "rom");
	for (guint i = 0; domain->disks && i < domain->disks->len; i++)
		if (((struct domain_disk *)domain->disks->pdata[i])->boot_order)
			return os->boots ? fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
						   "per-device boot elements cannot be used together with "
						   "os/boot elements")
					 : 0;
	if (!os->boots && g_str_equal(os->type->name, "hvm")) {
		struct domain_boot *boot = model_new(&boot_model);
		boot->device = model_enum_value(boot_devices, "hd");
		os->boots = g_ptr_array_new();
		g_ptr_array_add(os->boots, boot);
	}
	return 0;
}

static int targets_check(const struct domain *domain, struct error *err)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; domain->disks && i < domain->disks->len; i++) {
		const struct domain_disk *disk = domain->disks->pdata[i];
		if (!g_hash_table_add(seen, disk->target->dev))
			return fail(err, VIR_ERR_XML_ERROR, "target '%s' duplicated for disk sources '%s'",
				disk->target->dev,
				disk->source && disk->source->file ? disk->source->file : "");
	}
	return 0;
}

/*
 * The first console of a full virtual machine is a serial port unless it says otherwise: a lone <console>
 * makes the <serial>, as clients expect both.
 */
static void pair_console(struct domain *domain)
{
	struct domain_char *console = domain->consoles ? domain->consoles->pdata[0] : NULL;

	if (!console || !g_str_equal(domain->os->type->name, "hvm"))
		return;
	if (!console->target)
		console->target = char_target_new();
	if (!console->target->type)
		console->target->type = CHAR_TARGET_SERIAL;
	if (console->target->type != CHAR_TARGET_SERIAL)
		return;
	if (console->target->port == UINT32_MAX)
		console->target->port = 0;
	if (domain->serials)
		return;
	struct domain_char *serial = model_copy(&serial_model, console);
	serial->target->type = CHAR_TARGET_ISA_SERIAL;
	domain->serials = g_ptr_array_new();
	g_ptr_array_add(domain->serials, serial);
}

static int domain_post_parse(void *self, const struct model_context *ctx, struct error *err)
{
	struct domain *domain = self;

	if (domain_name_check(domain->name, err) < 0)
		return -1;
	if (domain->title && strchr(domain->title, '\n'))
		return fail(err, VIR_ERR_XML_ERROR, "Domain title can't contain newlines");
	if (domain->memory == 0)
		return fail(err, VIR_ERR_XML_ERROR,
			"Memory size must be specified via <memory> or in the <numa> configuration");
	if (ctx->notes && domain->current_memory > domain->memory)
		model_note_add(ctx->notes, 0, "domain/currentMemory",
			"currentMemory is larger than memory and lowered to it");
	set_defaults(domain);
	set_macs(domain);
	if (domain->vcpu->current > domain->vcpu->count)
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
			"maximum vCPU count must not be less than current vCPU count (%u < %u)",
			domain->vcpu->count, domain->vcpu->current);
	if (os_check(domain, err) < 0)
		return -1;
	pair_console(domain);
	return targets_check(domain, err);
}
MODEL_TYPE(domain_model, "domain", S, domain_rows, .element = "domain", .post_parse = domain_post_parse);
#undef S

int domain_parse(const char *xml, size_t len, unsigned flags, struct domain **ret_domain,
	struct model_notes *notes, struct error *err)
{
	void *domain = NULL;

	if (model_parse(&domain_model, xml, len, flags, NULL, &domain, notes, err) < 0)
		return -1;
	*ret_domain = domain;
	return 0;
}
