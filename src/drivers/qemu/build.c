/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Arguments of QEMU, element by element: rows for what is regular, a small function for the rest.
 */
#include "drivers/qemu/build.h"

#include <stdio.h>
#include <string.h>

#include "drivers/qemu/addresses.h"
#include "drivers/qemu/caps.h"
#include "drivers/qemu/defaults.h"
#include "drivers/qemu/lists.h"
#include "drivers/qemu/props.h"

/* Name of an enum attribute's value, from the rows of the model; NULL when absent. */
static const char *enum_name(const struct model_type *type, const char *attr, int value)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		if (row->kind == ROW_ATTR && row->values && strcmp(row->name, attr) == 0)
			return row->values[value];
	}
	return NULL;
}

/* As enum_name(), of an attribute of the child element CHILD. */
static const char *child_enum_name(
	const struct model_type *type, const char *child, const char *attr, int value)
{
	for (size_t i = 0; i < type->row_count; i++) {
		if (type->rows[i].kind == ROW_CHILD && strcmp(type->rows[i].name, child) == 0)
			return enum_name(type->rows[i].type, attr, value);
	}
	return NULL;
}

static bool is(const char *a, const char *b)
{
	return g_strcmp0(a, b) == 0;
}

static bool is_q35(const struct domain *def)
{
	const char *machine = def->os && def->os->type ? def->os->type->machine : NULL;
	return machine && strstr(machine, "q35");
}

/* -- arguments of the whole machine -- */

static void arg(GPtrArray *argv, const char *option, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void arg(GPtrArray *argv, const char *option, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_ptr_array_add(argv, g_strdup(option));
	g_ptr_array_add(argv, g_strdup_vprintf(format, ap));
	va_end(ap);
}

/* A value inside a comma-separated option: its commas doubled. The caller's. */
static char *escaped(const char *text)
{
	g_auto(GStrv) parts = g_strsplit(text ? text : "", ",", -1);
	return g_strjoinv(",,", parts);
}

/* -cpu: the model, and features as QEMU switches them. */
static void build_cpu(GPtrArray *argv, const struct domain *def)
{
	const struct domain_cpu *cpu = def->cpu;

	if (!cpu)
		return;
	g_autoptr(GString) text = g_string_new(cpu->mode == CPU_CUSTOM	  ? cpu->model->name
					       : cpu->mode == CPU_MAXIMUM ? "max"
									  : "host");
	if (cpu->migratable)
		g_string_append_printf(
			text, ",migratable=%s", cpu->migratable == TRISTATE_YES ? "on" : "off");
	EACH(const struct cpu_feature, f, cpu->features)
	{
		const char *policy = enum_name(&cpu_feature_model, "policy", f->policy);
		bool on = is(policy, "force") || is(policy, "require");
		if (on || is(policy, "disable") || is(policy, "forbid"))
			g_string_append_printf(text, ",%s=%s", f->name, on ? "on" : "off");
	}
	arg(argv, "-cpu", "%s", text->str);
}

/* The timer that is said to be otherwise than usual; NULL when nothing is said. */
static const struct domain_timer *timer_of(const struct domain *def, int name)
{
	EACH(const struct domain_timer, timer, def->clock ? def->clock->timers : NULL)
	if (timer->name == name)
		return timer;
	return NULL;
}

bool qemu_timer_is_built(const struct domain_timer *timer)
{
	switch (timer->name) {
	case TIMER_RTC:
		return (!timer->tickpolicy || timer->tickpolicy == TICK_CATCHUP) && !timer->track;
	case TIMER_PIT:
		return !timer->tickpolicy || timer->tickpolicy == TICK_DELAY ||
		       timer->tickpolicy == TICK_DISCARD;
	case TIMER_HPET:
		return true;
	default:
		return false;
	}
}

static void build_machine(GPtrArray *argv, const struct domain *def)
{
	g_autofree char *name = escaped(def->name);
	g_autoptr(GString) machine = g_string_new(def->os->type->machine);
	const struct domain_features *f = def->features;
	g_string_append(machine, ",usb=off,dump-guest-core=off");
	const struct domain_timer *hpet = timer_of(def, TIMER_HPET);
	if (hpet && hpet->present)
		g_string_append_printf(machine, ",hpet=%s", hpet->present == TRISTATE_YES ? "on" : "off");
	if (!f || !f->acpi)
		g_string_append(machine, ",acpi=off");
	if (f && f->vmport)
		g_string_append_printf(machine, ",vmport=%s", f->vmport == TRISTATE_YES ? "on" : "off");
	arg(argv, "-name", "guest=%s,debug-threads=on", name);
	arg(argv, "-machine", "%s", machine->str);
	arg(argv, "-accel", "%s", def->type == DOMAIN_TYPE_KVM ? "kvm" : "tcg");
	build_cpu(argv, def);
	arg(argv, "-m", "size=%" G_GUINT64_FORMAT "k", def->memory);
	unsigned count = def->vcpu && def->vcpu->count ? def->vcpu->count : 1;
	unsigned current = def->vcpu && def->vcpu->current ? def->vcpu->current : count;
	const struct cpu_topology flat = { count, 1, 1, 1 };
	const struct cpu_topology *t = def->cpu && def->cpu->topology ? def->cpu->topology : &flat;
	arg(argv, "-smp", "%u,maxcpus=%u,sockets=%u,dies=%u,cores=%u,threads=%u", current, count, t->sockets,
		t->dies, t->cores, t->threads);
	const unsigned char *u = def->uuid;
	arg(argv, "-uuid", "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
		u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
}

static void build_boot(GPtrArray *argv, const struct domain *def)
{
	const struct domain_os *os = def->os;
	const char *base = def->clock && def->clock->offset == CLOCK_LOCALTIME ? "localtime" : "utc";
	const struct domain_timer *rtc = timer_of(def, TIMER_RTC), *pit = timer_of(def, TIMER_PIT);
	arg(argv, "-rtc", "base=%s%s", base, rtc && rtc->tickpolicy == TICK_CATCHUP ? ",driftfix=slew" : "");
	if (pit && (pit->tickpolicy == TICK_DELAY || pit->tickpolicy == TICK_DISCARD))
		arg(argv, "-global", "kvm-pit.lost_tick_policy=%s",
			pit->tickpolicy == TICK_DELAY ? "delay" : "discard");
	arg(argv, "-boot", "%sstrict=on", os->menu_enable == TRISTATE_YES ? "menu=on," : "");
	if (os->loader && os->loader->path)
		arg(argv, "-bios", "%s", os->loader->path);
	if (os->kernel)
		arg(argv, "-kernel", "%s", os->kernel);
	if (os->initrd)
		arg(argv, "-initrd", "%s", os->initrd);
	if (os->cmdline)
		arg(argv, "-append", "%s", os->cmdline);
}

/* -- devices -- */

static void device_address(json_t *props, const struct device_address *a, const struct domain *def)
{
	if (a && a->type == ADDRESS_USB) {
		props_set_string(props, "bus", a->usb.bus ? "usb%u.0" : "usb.0", a->usb.bus);
		if (a->usb.port)
			props_set_string(props, "port", "%s", a->usb.port);
	}
	if (a && a->type == ADDRESS_VIRTIO_SERIAL) {
		props_set_string(props, "bus", "virtio-serial%u.%u", a->port.controller, a->port.bus);
		props_set(props, "nr", json_integer(a->port.port));
	}
	if (!a || a->type != ADDRESS_PCI)
		return;
	if (a->pci.bus == 0 && is_q35(def))
		props_set_string(props, "bus", "pcie.0");
	else
		props_set_string(props, "bus", "pci.%u", a->pci.bus);
	if (a->pci.function)
		props_set_string(props, "addr", "0x%x.0x%x", a->pci.slot, a->pci.function);
	else
		props_set_string(props, "addr", "0x%x", a->pci.slot);
	if (a->pci.multifunction)
		props_set(props, "multifunction", json_boolean(a->pci.multifunction == TRISTATE_YES));
}

static json_t *device_new(const char *driver, const char *alias)
{
	return json_pack("{s:s, s:s*}", "driver", driver, "id", alias);
}

static void device(GPtrArray *argv, json_t *props, const struct device_address *a, const struct domain *def)
{
	device_address(props, a, def);
	part_to_argv(argv, PART_DEVICE, props);
}

/* QEMU's device by type and model of a controller; those not listed are part of the machine. */
static const struct {
	const char *type, *model, *driver;
} controller_drivers[] = {
	{ "usb", NULL, "piix3-usb-uhci" },
	{ "usb", "piix3-uhci", "piix3-usb-uhci" },
	{ "usb", "piix4-uhci", "piix4-usb-uhci" },
	{ "usb", "ehci", "usb-ehci" },
	{ "usb", "ich9-ehci1", "ich9-usb-ehci1" },
	{ "usb", "ich9-uhci1", "ich9-usb-uhci1" },
	{ "usb", "ich9-uhci2", "ich9-usb-uhci2" },
	{ "usb", "ich9-uhci3", "ich9-usb-uhci3" },
	{ "usb", "pci-ohci", "pci-ohci" },
	{ "sata", NULL, "ahci" },
	{ "scsi", "lsisas1068", "mptsas1068" },
	{ "scsi", "lsisas1078", "megasas" },
	{ "scsi", "vmpvscsi", "pvscsi" },
	{ "usb", "nec-xhci", "nec-usb-xhci" },
	{ "usb", "qemu-xhci", "qemu-xhci" },
	{ "scsi", NULL, "lsi" },
	{ "scsi", "lsilogic", "lsi" },
	{ "scsi", "virtio-scsi", "virtio-scsi-pci" },
	{ "virtio-serial", NULL, "virtio-serial-pci" },
	{ "pci", "pci-bridge", "pci-bridge" },
	{ "pci", "pcie-root-port", "pcie-root-port" },
	{ "pci", "pcie-to-pci-bridge", "pcie-pci-bridge" },
	{ "pci", "dmi-to-pci-bridge", "i82801b11-bridge" },
	{ "ccid", NULL, "usb-ccid" },
};

static const char *controller_driver(const struct domain_controller *c)
{
	const char *type = enum_name(&controller_model, "type", c->type);
	const char *model = enum_name(&controller_model, "model", c->model);
	for (size_t i = 0; i < G_N_ELEMENTS(controller_drivers); i++) {
		if (is(controller_drivers[i].type, type) && is(controller_drivers[i].model, model))
			return controller_drivers[i].driver;
	}
	return NULL;
}

/* What the machine has by itself. */
static bool is_builtin(const struct domain_controller *c, const struct domain *def)
{
	return c->type == CONTROLLER_IDE || (c->type == CONTROLLER_SATA && c->index == 0 && is_q35(def)) ||
	       (c->type == CONTROLLER_FDC && !is_q35(def));
}

static void pci_controller_props(json_t *props, const struct controller_target *target)
{
	if (target->chassis != UINT32_MAX)
		props_set(props, "chassis", json_integer(target->chassis));
	if (target->port != UINT32_MAX)
		props_set(props, "port", json_integer(target->port));
	if (target->chassis_nr != UINT32_MAX)
		props_set(props, "chassis_nr", json_integer(target->chassis_nr));
}

static void build_controller(GPtrArray *argv, const struct domain_controller *c, const struct domain *def)
{
	const char *driver = is_builtin(c, def)		 ? NULL
			     : c->type == CONTROLLER_FDC ? "isa-fdc"
							 : controller_driver(c);
	if (!driver)
		return;
	bool companion = c->start_port != UINT32_MAX;
	json_t *props = device_new(driver, companion ? NULL : c->alias);
	if (companion) {
		props_set_string(props, "masterbus", c->index ? "usb%u.0" : "usb.0", c->index);
		props_set(props, "firstport", json_integer(c->start_port));
	}
	if (c->target)
		pci_controller_props(props, c->target);
	device(argv, props, c->address, def);
}

/* PCI controllers first: the others stand on the buses that they make. A bridge's bus is made before it. */
static void build_controllers(GPtrArray *argv, const struct domain *def)
{
	EACH(struct domain_controller, c, def->controllers)
	if (c->type == CONTROLLER_PCI && c->model == MODEL_PCIE_ROOT_PORT)
		build_controller(argv, c, def);
	EACH(struct domain_controller, c, def->controllers)
	if (c->type == CONTROLLER_PCI && c->model != MODEL_PCIE_ROOT_PORT)
		build_controller(argv, c, def);
	EACH(struct domain_controller, c, def->controllers)
	if (c->type != CONTROLLER_PCI && c->start_port == UINT32_MAX)
		build_controller(argv, c, def);
	EACH(struct domain_controller, c, def->controllers)
	if (c->start_port != UINT32_MAX)
		build_controller(argv, c, def);
}

/* Boot kinds of os/boot/@dev, in the model's order. */
enum boot_kind { BOOT_FLOPPY = 1, BOOT_DISK, BOOT_CDROM, BOOT_NETWORK };

/*
 * Place in the boot order of a device of KIND: its own <boot order=>, else, for the FIRST of its kind, by
 * os/boot. 0 = none.
 */
static unsigned boot_index(const struct domain *def, unsigned own, enum boot_kind kind, bool first)
{
	if (own || !first)
		return own;
	EACH(struct domain_boot, b, def->os->boots)
	{
		if (b->device == (int)kind)
			return INDEX(b) + 1;
	}
	return 0;
}

static enum boot_kind disk_boot_kind(const struct domain_disk *d)
{
	return d->device == DISK_DEVICE_CDROM	 ? BOOT_CDROM
	       : d->device == DISK_DEVICE_FLOPPY ? BOOT_FLOPPY
						 : BOOT_DISK;
}

struct cache_mode {
	int direct, no_flush, write; /* enum tristate */
};
static const struct cache_mode cache_modes[] = {
	[CACHE_NONE] = { TRISTATE_YES, TRISTATE_NO, TRISTATE_YES },
	[CACHE_WRITETHROUGH] = { TRISTATE_NO, TRISTATE_NO, TRISTATE_NO },
	[CACHE_WRITEBACK] = { TRISTATE_NO, TRISTATE_NO, TRISTATE_YES },
	[CACHE_DIRECTSYNC] = { TRISTATE_YES, TRISTATE_NO, TRISTATE_NO },
	[CACHE_UNSAFE] = { TRISTATE_NO, TRISTATE_YES, TRISTATE_YES },
};
static const struct prop_row cache_rows[] = {
	PROP("cache.direct", struct cache_mode, direct, PROP_BOOL),
	PROP("cache.no-flush", struct cache_mode, no_flush, PROP_BOOL),
};
static const struct prop_row cache_device_rows[] = {
	PROP("write-cache", struct cache_mode, write, PROP_ONOFF),
};

static const char *disk_path(const struct domain_disk *d)
{
	if (!d->source)
		return NULL;
	return d->type == DISK_BLOCK ? d->source->dev : d->source->file;
}

static const struct cache_mode *disk_cache(const struct domain_disk *d)
{
	return d->driver && d->driver->cache ? &cache_modes[d->driver->cache] : NULL;
}

/* Two nodes: the storage, and the format on it. */
static void build_blockdev(GPtrArray *argv, const struct domain_disk *d, unsigned number)
{
	bool readonly = d->readonly || d->device == DISK_DEVICE_CDROM;
	json_t *storage = json_pack("{s:s, s:s}", "driver", d->type == DISK_BLOCK ? "host_device" : "file",
		"filename", disk_path(d));
	json_t *format = json_object();
	const struct cache_mode *cache = disk_cache(d);
	props_set_string(storage, "node-name", "libvirt-%u-storage", number);
	if (cache)
		PROPS_ADD(storage, cache_rows, cache);
	if (d->driver && d->driver->io)
		props_set_string(
			storage, "aio", "%s", child_enum_name(&disk_model, "driver", "io", d->driver->io));
	props_set(storage, "auto-read-only", json_true());
	props_set_string(storage, "discard", "unmap");
	part_to_argv(argv, PART_BLOCKDEV, storage);
	props_set_string(format, "node-name", "libvirt-%u-format", number);
	props_set(format, "read-only", json_boolean(readonly));
	if (cache)
		PROPS_ADD(format, cache_rows, cache);
	if (d->driver && d->driver->discard)
		props_set_string(format, "discard", "%s",
			child_enum_name(&disk_model, "driver", "discard", d->driver->discard));
	props_set_string(format, "driver", "%s", d->driver && d->driver->type ? d->driver->type : "raw");
	props_set_string(format, "file", "libvirt-%u-storage", number);
	part_to_argv(argv, PART_BLOCKDEV, format);
}

static struct drive_address disk_place(const struct domain_disk *d)
{
	return d->address && d->address->type == ADDRESS_DRIVE ? d->address->drive
							       : (struct drive_address){ 0 };
}

/* Puts a disk's device on its bus. The caller's. */
static json_t *disk_device(const struct domain_disk *d, const struct domain *def)
{
	struct drive_address at = disk_place(d);
	bool cdrom = d->device == DISK_DEVICE_CDROM;
	json_t *props = NULL;
	switch (d->target->bus) {
	case BUS_IDE:
		props = device_new(cdrom ? "ide-cd" : "ide-hd", d->alias);
		props_set_string(props, "bus", "ide.%u", at.bus);
		props_set(props, "unit", json_integer(at.unit));
		break;
	case BUS_SATA:
		props = device_new(cdrom ? "ide-cd" : "ide-hd", d->alias);
		if (at.controller == 0 && is_q35(def))
			props_set_string(props, "bus", "ide.%u", at.unit);
		else
			props_set_string(props, "bus", "sata%u.%u", at.controller, at.unit);
		break;
	case BUS_SCSI:
		props = device_new(cdrom ? "scsi-cd" : "scsi-hd", d->alias);
		props_set_string(props, "bus", "scsi%u.0", at.controller);
		props_set(props, "scsi-id", json_integer(at.unit));
		break;
	case BUS_FDC:
		props = device_new("floppy", d->alias);
		if (is_q35(def))
			props_set_string(props, "bus", "fdc%u.0", at.controller);
		props_set(props, "unit", json_integer(at.unit));
		break;
	case BUS_USB:
		props = device_new("usb-storage", d->alias);
		break;
	default:
		props = device_new("virtio-blk-pci", d->alias);
	}
	return props;
}

static void build_disks(GPtrArray *argv, const struct domain *def)
{
	bool seen[BOOT_NETWORK + 1] = { false };
	EACH(struct domain_disk, d, def->disks)
	{
		enum boot_kind kind = disk_boot_kind(d);
		unsigned boot = boot_index(def, d->boot_order, kind, !seen[kind]);
		seen[kind] = true;
		unsigned number = def->disks->len - INDEX(d);
		if (disk_path(d))
			build_blockdev(argv, d, number);
		json_t *props = disk_device(d, def);
		if (disk_path(d))
			props_set_string(props, "drive", "libvirt-%u-format", number);
		if (d->shareable)
			props_set(props, "share-rw", json_true());
		if (boot && d->target->bus != BUS_FDC)
			props_set(props, "bootindex", json_integer(boot));
		if (d->serial)
			props_set_string(props, "serial", "%s", d->serial);
		if (disk_cache(d) && d->target->bus != BUS_FDC)
			PROPS_ADD(props, cache_device_rows, disk_cache(d));
		device(argv, props, d->address, def);
	}
}

static const struct prop_row interface_rows[] = {
	PROP("mac", struct domain_interface, mac, PROP_MAC),
	PROP("host_mtu", struct domain_interface, mtu, PROP_UINT),
};

static void build_interfaces(GPtrArray *argv, const struct domain *def)
{
	EACH(struct domain_interface, n, def->interfaces)
	{
		json_t *netdev = json_pack("{s:s}", "type", "user");
		props_set_string(netdev, "id", "host%s", n->alias);
		part_to_argv(argv, PART_NETDEV, netdev);
		json_t *props = device_new(is(n->model, "virtio") ? "virtio-net-pci"
					   : n->model		  ? n->model
								  : "rtl8139",
			n->alias);
		props_set_string(props, "netdev", "host%s", n->alias);
		PROPS_ADD(props, interface_rows, n);
		unsigned boot = boot_index(def, n->boot_order, BOOT_NETWORK, INDEX(n) == 0);
		if (boot)
			props_set(props, "bootindex", json_integer(boot));
		device(argv, props, n->address, def);
	}
}

/* QEMU's names by enum char_type; NULL: not built. */
static const char *const char_backends[] = { [CHAR_NULL] = "null",
	[CHAR_PTY] = "pty",
	[CHAR_UNIX] = "socket",
	[CHAR_FILE] = "file",
	[CHAR_TCP] = "socket",
	[CHAR_STDIO] = NULL,
	[CHAR_DEV] = "serial",
	[CHAR_PIPE] = "pipe",
	[CHAR_SPICEVMC] = NULL };

static const struct prop_row char_path_rows[] = {
	PROP("path", struct char_source, path, PROP_STRING),
};
static const struct prop_row char_file_rows[] = {
	PROP("path", struct char_source, path, PROP_STRING),
	PROP("append", struct char_source, append, PROP_ONOFF),
};
static const struct prop_row char_tcp_rows[] = {
	PROP("host", struct char_source, host, PROP_STRING),
	PROP("port", struct char_source, service, PROP_STRING),
};

static void build_chardev(GPtrArray *argv, const struct domain_char *c)
{
	json_t *props = json_pack("{s:s}", "backend", char_backends[c->type]);
	props_set_string(props, "id", "char%s", c->alias);
	if (c->source && c->type == CHAR_TCP)
		PROPS_ADD(props, char_tcp_rows, c->source);
	else if (c->source && c->type == CHAR_FILE)
		PROPS_ADD(props, char_file_rows, c->source);
	else if (c->source)
		PROPS_ADD(props, char_path_rows, c->source);
	bool socket = c->type == CHAR_UNIX || c->type == CHAR_TCP;
	if (socket && (!c->source || !is(child_enum_name(&serial_model, "source", "mode", c->source->mode),
					     "connect"))) {
		props_set(props, "server", json_true());
		props_set(props, "wait", json_false());
	}
	part_to_argv(argv, PART_CHARDEV, props);
}

/* One character device: its back-end, and the device DRIVER on it. Returns its properties, unfinished. */
static json_t *char_device(GPtrArray *argv, const struct domain_char *c, const char *driver)
{
	build_chardev(argv, c);
	json_t *props = device_new(driver, c->alias);
	props_set_string(props, "chardev", "char%s", c->alias);
	return props;
}

/* The first console is the first serial port seen again. */
static bool console_is_serial(const struct domain *def, const struct domain_char *c, guint index)
{
	return index == 0 && def->serials &&
	       (!c->target ||
		       is(child_enum_name(&console_model, "target", "type", c->target->type), "serial") ||
		       !c->target->type);
}

static void build_chars(GPtrArray *argv, const struct domain *def)
{
	EACH(struct domain_char, s, def->serials)
	{
		json_t *props = char_device(argv, s, "isa-serial");
		props_set(props, "index", json_integer(INDEX(s)));
		device(argv, props, NULL, def);
	}
	EACH(struct domain_char, p, def->parallels)
	device(argv, char_device(argv, p, "isa-parallel"), NULL, def);
	EACH(struct domain_char, c, def->consoles)
	{
		if (!console_is_serial(def, c, INDEX(c)))
			device(argv, char_device(argv, c, "virtconsole"), c->address, def);
	}
	EACH(struct domain_char, v, def->channels)
	{
		json_t *props = char_device(argv, v, "virtserialport");
		if (v->target && v->target->name)
			props_set_string(props, "name", "%s", v->target->name);
		device(argv, props, v->address, def);
	}
}

/* QEMU's device by name of the model's value; a NULL driver means: none is made. */
struct driver_name {
	const char *name, *driver;
};
static const struct driver_name video_drivers[] = { { "vga", "VGA" }, { "cirrus", "cirrus-vga" },
	{ "qxl", "qxl-vga" }, { "virtio", "virtio-vga" }, { "vmvga", "vmware-svga" },
	{ "bochs", "bochs-display" }, { "ramfb", "ramfb" } };
static const struct driver_name input_drivers[] = { { "tablet", "usb-tablet" }, { "mouse", "usb-mouse" },
	{ "keyboard", "usb-kbd" } };
static const struct driver_name virtio_input_drivers[] = { { "tablet", "virtio-tablet-pci" },
	{ "mouse", "virtio-mouse-pci" }, { "keyboard", "virtio-keyboard-pci" } };

static const char *find_driver(const struct driver_name *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (is(names[i].name, name))
			return names[i].driver;
	}
	return NULL;
}
#define FIND_DRIVER(table, name) find_driver(table, G_N_ELEMENTS(table), name)

static const struct driver_name sound_drivers[] = { { "sb16", "sb16" }, { "es1370", "ES1370" },
	{ "ac97", "AC97" }, { "ich6", "intel-hda" }, { "ich9", "ich9-intel-hda" }, { "usb", "usb-audio" } };

/* Adapters after the first have no VGA part. */
static const struct driver_name more_video_drivers[] = { { "qxl", "qxl" }, { "virtio", "virtio-gpu-pci" } };

static const char *video_driver(const struct domain_video *v)
{
	return v->model ? FIND_DRIVER(video_drivers,
				  child_enum_name(&video_model_type, "model", "type", v->model->type))
			: NULL;
}

static void build_displays(GPtrArray *argv, const struct domain *def)
{
	EACH(struct domain_input, in, def->inputs)
	{
		const char *type = enum_name(&input_model, "type", in->type),
			   *bus = enum_name(&input_model, "bus", in->bus);
		const char *driver = is(bus, "virtio") ? FIND_DRIVER(virtio_input_drivers, type)
				     : is(bus, "usb")  ? FIND_DRIVER(input_drivers, type)
						       : NULL;
		if (driver)
			device(argv, device_new(driver, in->alias), in->address, def);
	}
	EACH(struct domain_graphics, g, def->graphics)
	{
		if (g->socket)
			arg(argv, "-vnc", "unix:%s", g->socket);
		else if (g->port >= 5900 && g->autoport != TRISTATE_YES)
			arg(argv, "-vnc", "%s:%d", g->listen ? g->listen : "127.0.0.1", g->port - 5900);
		else
			arg(argv, "-vnc", "%s:0,to=99",
				g->listen ? g->listen : "127.0.0.1"); /* QEMU takes the first free port */
	}
	EACH(struct domain_video, v, def->videos)
	{
		const char *driver = video_driver(v);
		const char *more =
			INDEX(v) ? FIND_DRIVER(more_video_drivers, child_enum_name(&video_model_type, "model",
									   "type", v->model->type))
				 : NULL;
		if (driver)
			device(argv, device_new(more ? more : driver, v->alias), v->address, def);
	}
}

/* The host's side is silent until audio back-ends are built. */
static void build_sounds(GPtrArray *argv, const struct domain *def)
{
	EACH(struct domain_audio, a, def->audios)
	arg(argv, "-audiodev", "{\"id\":\"audio%u\",\"driver\":\"none\"}", a->id);
	EACH(struct domain_sound, s, def->sounds)
	{
		const char *driver = FIND_DRIVER(sound_drivers, enum_name(&sound_model, "model", s->model));
		bool hda = is(driver, "intel-hda") || is(driver, "ich9-intel-hda");
		if (!driver)
			continue;
		json_t *props = device_new(driver, s->alias);
		if (!hda)
			props_set_string(props, "audiodev", "audio1");
		device(argv, props, s->address, def);
		if (!hda)
			continue;
		json_t *codec =
			json_pack("{s:s, s:i, s:s}", "driver", "hda-duplex", "cad", 0, "audiodev", "audio1");
		props_set_string(codec, "id", "%s-codec0", s->alias);
		props_set_string(codec, "bus", "%s.0", s->alias);
		part_to_argv(argv, PART_DEVICE, codec);
	}
	EACH(struct domain_hub, h, def->hubs)
	device(argv, device_new("usb-hub", h->alias), h->address, def);
}

static void build_rest(GPtrArray *argv, const struct domain *def)
{
	EACH(struct domain_watchdog, w, def->watchdogs)
	{
		const char *action = enum_name(&watchdog_model, "action", w->action);
		device(argv, device_new(enum_name(&watchdog_model, "model", w->model), w->alias), w->address,
			def);
		arg(argv, "-action", "watchdog=%s", is(action, "dump") ? "pause" : action ? action : "reset");
	}
	EACH(struct domain_memballoon, b, def->memballoons)
	{
		if (!is(enum_name(&memballoon_model, "model", b->model), "none"))
			device(argv, device_new("virtio-balloon-pci", b->alias), b->address, def);
	}
	EACH(struct domain_rng, r, def->rngs)
	{
		bool builtin =
			r->backend &&
			is(child_enum_name(&rng_model, "backend", "model", r->backend->model), "builtin");
		json_t *object = json_pack("{s:s}", "qom-type", builtin ? "rng-builtin" : "rng-random");
		props_set_string(object, "id", "obj%s", r->alias);
		if (!builtin)
			props_set_string(object, "filename", "%s",
				r->backend && r->backend->source ? r->backend->source : "/dev/urandom");
		part_to_argv(argv, PART_OBJECT, object);
		json_t *props = device_new("virtio-rng-pci", r->alias);
		props_set_string(props, "rng", "obj%s", r->alias);
		device(argv, props, r->address, def);
	}
}

struct qemu_policy qemu_build_policy(const struct domain *def)
{
	struct qemu_policy p = {
		.on_poweroff = POLICY_DESTROY, .on_reboot = POLICY_RESTART, .on_crash = POLICY_DESTROY
	};
	static const enum qemu_policy_action actions[] = { [LIFECYCLE_DESTROY] = POLICY_DESTROY,
		[LIFECYCLE_RESTART] = POLICY_RESTART,
		[LIFECYCLE_RENAME_RESTART] = POLICY_RESTART,
		[LIFECYCLE_PRESERVE] = POLICY_PRESERVE,
		[LIFECYCLE_COREDUMP_DESTROY] = POLICY_DESTROY,
		[LIFECYCLE_COREDUMP_RESTART] = POLICY_RESTART };
	if (def->on_poweroff)
		p.on_poweroff = actions[def->on_poweroff];
	if (def->on_reboot)
		p.on_reboot = actions[def->on_reboot];
	if (def->on_crash)
		p.on_crash = actions[def->on_crash];
	return p;
}

GPtrArray *qemu_build_argv(const struct domain *def)
{
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
	struct qemu_policy policy = qemu_build_policy(def);
	g_ptr_array_add(argv, g_strdup(def->emulator));
	build_machine(argv, def);
	qemu_common_args(argv, &policy);
	build_boot(argv, def);
	build_controllers(argv, def);
	build_sounds(argv, def);
	build_disks(argv, def);
	build_interfaces(argv, def);
	build_chars(argv, def);
	build_displays(argv, def);
	build_rest(argv, def);
	g_ptr_array_add(argv, NULL);
	return argv;
}

/* -- aliases -- */

static void set_alias(char **alias, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void set_alias(char **alias, const char *format, ...)
{
	va_list ap;
	if (*alias)
		return;
	va_start(ap, format);
	*alias = g_strdup_vprintf(format, ap);
	va_end(ap);
}

/* Whether disks on SCSI controller INDEX have a target number of their own. */
static bool scsi_has_targets(const struct domain *def, unsigned index)
{
	EACH(const struct domain_controller, c, def->controllers)
	if (c->type == CONTROLLER_SCSI && c->index == index)
		return c->model != MODEL_LSILOGIC;
	return true;
}

static void disk_alias(struct domain_disk *d, const struct domain *def)
{
	struct drive_address at = disk_place(d);
	switch (d->target ? d->target->bus : 0) {
	case BUS_IDE:
	case BUS_SATA:
	case BUS_FDC:
		set_alias(&d->alias, "%s%u-%u-%u",
			child_enum_name(&disk_model, "target", "bus", d->target->bus), at.controller, at.bus,
			at.unit);
		break;
	case BUS_SCSI:
		if (scsi_has_targets(def, at.controller))
			set_alias(&d->alias, "scsi%u-%u-%u-%u", at.controller, at.bus, at.target, at.unit);
		else
			set_alias(&d->alias, "scsi%u-%u-%u", at.controller, at.bus, at.unit);
		break;
	default:
		set_alias(&d->alias, "%s-disk%u", d->target && d->target->bus == BUS_USB ? "usb" : "virtio",
			disk_target_index(d));
	}
}

static void controller_alias(struct domain_controller *c, bool q35)
{
	const char *type = enum_name(&controller_model, "type", c->type);
	if (is(type, "pci"))
		set_alias(&c->alias, c->index || !q35 ? "pci.%u" : "pcie.%u", c->index);
	else if (is(type, "usb") && c->index == 0)
		set_alias(&c->alias, "usb");
	else if (c->index == 0 && c->type == (q35 ? CONTROLLER_SATA : CONTROLLER_IDE))
		set_alias(&c->alias, "ide"); /* the machine's own */
	else
		set_alias(&c->alias, "%s%u", type, c->index);
}

#define NUMBER_ALIASES(type, list, prefix)                                                                   \
	EACH(type, var, list)                                                                                \
	set_alias(&var->alias, prefix "%u", INDEX(var))

void qemu_assign_aliases(struct domain *def)
{
	EACH(struct domain_disk, d, def->disks)
	disk_alias(d, def);
	EACH(struct domain_controller, c, def->controllers)
	controller_alias(c, is_q35(def));
	NUMBER_ALIASES(struct domain_interface, def->interfaces, "net");
	NUMBER_ALIASES(struct domain_char, def->serials, "serial");
	NUMBER_ALIASES(struct domain_char, def->parallels, "parallel");
	EACH(struct domain_char, con, def->consoles)
	set_alias(
		&con->alias, console_is_serial(def, con, INDEX(con)) ? "serial%u" : "console%u", INDEX(con));
	NUMBER_ALIASES(struct domain_char, def->channels, "channel");
	NUMBER_ALIASES(struct domain_input, def->inputs, "input");
	NUMBER_ALIASES(struct domain_sound, def->sounds, "sound");
	NUMBER_ALIASES(struct domain_hub, def->hubs, "hub");
	NUMBER_ALIASES(struct domain_video, def->videos, "video");
	NUMBER_ALIASES(struct domain_watchdog, def->watchdogs, "watchdog");
	EACH(struct domain_memballoon, balloon, def->memballoons)
	if (!is(enum_name(&memballoon_model, "model", balloon->model), "none"))
		set_alias(&balloon->alias, "balloon%u", INDEX(balloon));
	NUMBER_ALIASES(struct domain_rng, def->rngs, "rng");
}

/* -- defaults and checks -- */

static const struct driver_target *find_target(const struct domain *def, const GPtrArray *targets)
{
	for (guint i = 0; i < targets->len; i++) {
		const struct driver_target *t = targets->pdata[i];
		const char *arch = def->os && def->os->type ? def->os->type->arch : NULL;
		if ((!arch || is(arch, t->arch)) && (!def->emulator || is(def->emulator, t->emulator)))
			return t;
	}
	return NULL;
}

int qemu_complete(struct domain *def, const GPtrArray *targets, struct error *err)
{
	const struct driver_target *t = find_target(def, targets);
	if (!t)
		return 0; /* check() says so; a definition may come before its emulator is installed */
	if (!def->os || !def->os->type)
		return fail(err, VIR_ERR_XML_ERROR,
			"domain '%s' has no <os><type>: write <os><type>hvm</type></os>", def->name);
	const struct driver_machine *m = caps_machine(t, def->os->type->machine);
	if (!def->emulator)
		def->emulator = g_strdup(t->emulator);
	if (!def->os->type->arch)
		def->os->type->arch = g_strdup(t->arch);
	if (m && (!def->os->type->machine || m->canonical)) {
		g_free(def->os->type->machine);
		def->os->type->machine = g_strdup(m->canonical ? m->canonical : m->name);
	}
	defaults_fill(def);
	if (addresses_assign_drives(def, err) < 0)
		return -1;
	defaults_fill_consoles(def);
	return addresses_assign(def, err);
}

static int check_devices(const struct domain *def, struct error *err)
{
	EACH(struct domain_disk, d, def->disks)
	{
		if (!d->target || !d->target->dev)
			return fail(err, VIR_ERR_XML_ERROR, "a disk of domain '%s' has no <target dev=>",
				def->name);
		if (d->type != DISK_FILE && d->type != DISK_BLOCK)
			return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
				"disk %s: only types file and block can be started yet", d->target->dev);
		if (!disk_path(d) && d->device != DISK_DEVICE_CDROM && d->device != DISK_DEVICE_FLOPPY)
			return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
				"disk %s has no source: only a cdrom or floppy may be empty", d->target->dev);
	}
	EACH(struct domain_interface, n, def->interfaces)
	{
		if (n->type != INTERFACE_USER)
			return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
				"interface %u: only type 'user' can be started yet", INDEX(n));
	}
	EACH(struct domain_graphics, g, def->graphics)
	{
		if (g->type != GRAPHICS_VNC)
			return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
				"spice graphics cannot be started yet; use vnc");
	}
	GPtrArray *const lists[] = { def->serials, def->parallels, def->consoles, def->channels };
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		EACH(struct domain_char, c, lists[i])
		{
			if (!c->type || !char_backends[c->type])
				return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
					"character devices of type '%s' cannot be started",
					enum_name(&serial_model, "type", c->type));
		}
	}
	return 0;
}

int qemu_check(const struct domain *def, const GPtrArray *targets, struct error *err)
{
	const struct driver_target *t = find_target(def, targets);
	const char *machine = def->os && def->os->type ? def->os->type->machine : NULL;
	if (!t)
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
			"no emulator for domain '%s' (%s); install qemu-system or correct <emulator>",
			def->name, def->emulator ? def->emulator : "any");
	if (def->type != DOMAIN_TYPE_QEMU && def->type != DOMAIN_TYPE_KVM)
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
			"domain '%s': the QEMU driver runs types 'qemu' and 'kvm'", def->name);
	if (def->type == DOMAIN_TYPE_KVM && !t->kvm)
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
			"domain '%s' wants KVM, which does not work here: load kvm_intel or kvm_amd, or use "
			"type='qemu'",
			def->name);
	const struct driver_machine *m = caps_machine(t, machine);
	if (!m)
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED, "%s has no machine type '%s'", t->emulator,
			machine ? machine : "(none)");
	if (def->vcpu && m->max_cpus && def->vcpu->count > m->max_cpus)
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
			"Maximum CPUs greater than specified machine type limit %u", m->max_cpus);
	if (def->os->loader && def->os->loader->path && def->os->loader->type)
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
			"a <loader> with a type cannot be started yet; without one it is a BIOS image");
	return check_devices(def, err);
}
