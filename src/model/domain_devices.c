/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices of a domain, a table each, in the order in which the canonical XML prints their parts.
 */
#include "model/domain.h"

#include <string.h>

/* Last rows of every device. */
#define ALIAS_AND_ADDRESS(s)                                                                                 \
	LEAF_ATTR("alias", "name", s, alias, SCALAR_STRING, .flags = ROW_LIVE,                               \
		.doc = "name of the device while the guest runs"),                                           \
		CHILD("address", s, address, &device_address_model,                                          \
			.doc = "where the guest finds the device")

/* -- disks -- */

static const char *const disk_types[] = { [DISK_FILE] = "file",
	[DISK_BLOCK] = "block",
	[DISK_DIR] = "dir",
	[DISK_NETWORK] = "network",
	[DISK_VOLUME] = "volume",
	NULL };
static const char *const disk_devices[] = { [DISK_DEVICE_DISK] = "disk",
	[DISK_DEVICE_CDROM] = "cdrom",
	[DISK_DEVICE_FLOPPY] = "floppy",
	[DISK_DEVICE_LUN] = "lun",
	NULL };
static const char *const disk_buses[] = { [BUS_IDE] = "ide",
	[BUS_FDC] = "fdc",
	[BUS_SCSI] = "scsi",
	[BUS_VIRTIO] = "virtio",
	[BUS_XEN] = "xen",
	[BUS_USB] = "usb",
	[BUS_UML] = "uml",
	[BUS_SATA] = "sata",
	[BUS_SD] = "sd",
	NULL };
static const char *const disk_snapshots[] = { NULL, "internal", "external", "no", NULL };
static const char *const disk_caches[] = { [CACHE_NONE] = "none",
	[CACHE_WRITETHROUGH] = "writethrough",
	[CACHE_WRITEBACK] = "writeback",
	[CACHE_DIRECTSYNC] = "directsync",
	[CACHE_UNSAFE] = "unsafe",
	NULL };
static const char *const disk_errors[] = { NULL, "stop", "report", "ignore", "enospace", NULL };
static const char *const disk_ios[] = { NULL, "native", "threads", "io_uring", NULL };
static const char *const disk_discards[] = { NULL, "unmap", "ignore", NULL };
static const char *const disk_trays[] = { NULL, "open", "closed", NULL };
static const char *const startup_policies[] = { NULL, "mandatory", "requisite", "optional", NULL };

#define S struct disk_driver
static const struct row disk_driver_rows[] = {
	ATTR("name", S, name, SCALAR_STRING, .doc = "backend; QEMU: qemu"),
	ATTR("type", S, type, SCALAR_STRING, .doc = "format of the image: raw, qcow2, ..."),
	ATTR("cache", S, cache, SCALAR_ENUM, .values = disk_caches,
		.doc = "host cache mode; default: the hypervisor's"),
	ATTR("error_policy", S, error_policy, SCALAR_ENUM, .values = disk_errors,
		.doc = "what a write error does; default: report"),
	ATTR("rerror_policy", S, rerror_policy, SCALAR_ENUM, .values = disk_errors,
		.doc = "what a read error does"),
	ATTR("io", S, io, SCALAR_ENUM, .values = disk_ios, .doc = "how requests are passed to the host"),
	ATTR("discard", S, discard, SCALAR_ENUM, .values = disk_discards,
		.doc = "whether trim reaches the image"),
};
static MODEL_TYPE(disk_driver_model, "disk driver", S, disk_driver_rows);
#undef S

struct disk_driver *disk_driver_new(void)
{
	return model_new(&disk_driver_model);
}

#define S struct disk_source
static const struct row disk_source_rows[] = {
	ATTR("file", S, file, SCALAR_STRING, .doc = "image, full path (type file)"),
	ATTR("dev", S, dev, SCALAR_STRING, .doc = "host device (type block)"),
	ATTR("dir", S, dir, SCALAR_STRING, .doc = "folder (type dir)"),
	ATTR("pool", S, pool, SCALAR_STRING, .doc = "storage pool (type volume)"),
	ATTR("volume", S, volume, SCALAR_STRING, .doc = "volume in the pool"),
	ATTR("startupPolicy", S, startup_policy, SCALAR_ENUM, .values = startup_policies,
		.doc = "what a missing source means at start"),
};
static MODEL_TYPE(disk_source_model, "disk source", S, disk_source_rows);
#undef S

#define S struct disk_target
static const struct row disk_target_rows[] = {
	ATTR("dev", S, dev, SCALAR_STRING, .flags = ROW_REQUIRED,
		.doc = "logical name; also chooses the bus where none is given"),
	ATTR("bus", S, bus, SCALAR_ENUM, .flags = ROW_ABI, .values = disk_buses,
		.doc = "kind of device the guest sees"),
	ATTR("tray", S, tray, SCALAR_ENUM, .values = disk_trays, .doc = "tray of removable media"),
};
static MODEL_TYPE(disk_target_model, "disk target", S, disk_target_rows);
#undef S

#define S struct domain_disk
static const struct row disk_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .values = disk_types, .doc = "kind of source; default: file"),
	ATTR("device", S, device, SCALAR_ENUM, .flags = ROW_ABI, .values = disk_devices,
		.doc = "what the guest sees; default: disk"),
	ATTR("snapshot", S, snapshot, SCALAR_ENUM, .values = disk_snapshots,
		.doc = "kind of snapshot taken by default"),
	CHILD("driver", S, driver, &disk_driver_model, .doc = "backend options"),
	CHILD("source", S, source, &disk_source_model, .doc = "where the data is"),
	CHILD("target", S, target, &disk_target_model, .doc = "what the guest sees"),
	FLAG("readonly", S, readonly, .flags = ROW_ABI, .doc = "the guest cannot write"),
	FLAG("shareable", S, shareable, .doc = "several guests may use it at once"),
	FLAG("transient", S, transient, .doc = "changes are dropped when the guest ends"),
	LEAF("serial", S, serial, SCALAR_STRING, .flags = ROW_ABI, .doc = "serial number"),
	LEAF("wwn", S, wwn, SCALAR_STRING, .flags = ROW_ABI, .doc = "World Wide Name, 16 hexadecimal digits"),
	LEAF_ATTR("boot", "order", S, boot_order, SCALAR_UINT, .flags = ROW_NONZERO,
		.doc = "place in the boot order, from 1"),
	ALIAS_AND_ADDRESS(S),
};

/* A bus by the first letters of the target's name. */
static int bus_of_target(const char *dev)
{
	static const struct {
		const char *prefix;
		int bus;
	} rows[] = { { "hd", BUS_IDE }, { "sd", BUS_SCSI }, { "vd", BUS_VIRTIO }, { "xvd", BUS_XEN },
		{ "ubd", BUS_UML }, { "fd", BUS_FDC } };

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (g_str_has_prefix(dev, rows[i].prefix))
			return rows[i].bus;
	return BUS_IDE;
}

static const char *disk_source_text(const struct domain_disk *disk)
{
	const struct disk_source *source = disk->source;
	return !source	      ? NULL
	       : source->file ? source->file
	       : source->dev  ? source->dev
	       : source->dir  ? source->dir
			      : source->volume;
}

static int disk_check(const struct domain_disk *disk, struct error *err)
{
	const char *source = disk_source_text(disk);
	bool removable = disk->device == DISK_DEVICE_CDROM || disk->device == DISK_DEVICE_FLOPPY;

	if (!source && !removable && disk->type != DISK_NETWORK)
		return fail(err, VIR_ERR_XML_ERROR, "missing source information for device %s; add <source>",
			disk->target->dev);
	if (disk->target->tray && !removable)
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
			"tray is only valid for cdrom and floppy; disk %s is neither", disk->target->dev);
	if (disk->device == DISK_DEVICE_LUN && disk->type != DISK_BLOCK && disk->type != DISK_NETWORK)
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
			"disk %s: device='lun' is only valid for block type disk source", disk->target->dev);
	if (disk->device == DISK_DEVICE_FLOPPY && disk->target->bus != BUS_FDC)
		return fail(
			err, VIR_ERR_CONFIG_UNSUPPORTED, "floppy %s needs the bus 'fdc'", disk->target->dev);
	return 0;
}

static int disk_post_parse(void *self, const struct model_context *ctx, struct error *err)
{
	struct domain_disk *disk = self;

	if (!disk->type)
		disk->type = DISK_FILE;
	if (!disk->device)
		disk->device = DISK_DEVICE_DISK;
	if (!disk->target) {
		const char *source = disk_source_text(disk);
		return fail(err, VIR_ERR_NO_TARGET,
			"missing target information for device %s; add <target dev='vda'/>",
			source ? source : "");
	}
	if (!disk->target->bus)
		disk->target->bus =
			disk->device == DISK_DEVICE_FLOPPY ? BUS_FDC : bus_of_target(disk->target->dev);
	if (disk->device == DISK_DEVICE_CDROM)
		disk->readonly = true;
	if (disk->target->tray == model_enum_value(disk_trays, "closed"))
		disk->target->tray = 0; /* the default, and not printed */
	return disk_check(disk, err);
}
MODEL_TYPE(disk_model, "disk", S, disk_rows, .post_parse = disk_post_parse);
#undef S

/* -- controllers -- */

static const char *const controller_types[] = { [CONTROLLER_IDE] = "ide",
	[CONTROLLER_FDC] = "fdc",
	[CONTROLLER_SCSI] = "scsi",
	[CONTROLLER_SATA] = "sata",
	[CONTROLLER_VIRTIO_SERIAL] = "virtio-serial",
	[CONTROLLER_CCID] = "ccid",
	[CONTROLLER_USB] = "usb",
	[CONTROLLER_PCI] = "pci",
	"xenbus",
	"isa",
	NULL };
static const char *const controller_models[] = { [MODEL_PIIX3_UHCI] = "piix3-uhci",
	[MODEL_PIIX4_UHCI] = "piix4-uhci",
	[MODEL_EHCI] = "ehci",
	[MODEL_ICH9_EHCI1] = "ich9-ehci1",
	[MODEL_ICH9_UHCI1] = "ich9-uhci1",
	[MODEL_ICH9_UHCI2] = "ich9-uhci2",
	[MODEL_ICH9_UHCI3] = "ich9-uhci3",
	[MODEL_VT82C686B_UHCI] = "vt82c686b-uhci",
	[MODEL_PCI_OHCI] = "pci-ohci",
	[MODEL_NEC_XHCI] = "nec-xhci",
	[MODEL_QEMU_XHCI] = "qemu-xhci",
	[MODEL_USB_NONE] = "none",
	[MODEL_PCI_ROOT] = "pci-root",
	[MODEL_PCIE_ROOT] = "pcie-root",
	[MODEL_PCI_BRIDGE] = "pci-bridge",
	[MODEL_DMI_TO_PCI_BRIDGE] = "dmi-to-pci-bridge",
	[MODEL_PCIE_TO_PCI_BRIDGE] = "pcie-to-pci-bridge",
	[MODEL_PCIE_ROOT_PORT] = "pcie-root-port",
	"pcie-switch-upstream-port",
	"pcie-switch-downstream-port",
	"pci-expander-bus",
	"pcie-expander-bus",
	"auto",
	"buslogic",
	[MODEL_LSILOGIC] = "lsilogic",
	[MODEL_LSISAS1068] = "lsisas1068",
	[MODEL_LSISAS1078] = "lsisas1078",
	[MODEL_VIRTIO_SCSI] = "virtio-scsi",
	"virtio",
	"virtio-transitional",
	"virtio-non-transitional",
	[MODEL_VMPVSCSI] = "vmpvscsi",
	"piix3",
	"piix4",
	"ich6",
	NULL };

#define S struct controller_target
static const struct row controller_target_rows[] = {
	ATTR("chassisNr", S, chassis_nr, SCALAR_UINT, .flags = ROW_ABI, .absent = UINT32_MAX, .max = 255,
		.doc = "number of a bridge's chassis"),
	ATTR("chassis", S, chassis, SCALAR_UINT, .flags = ROW_ABI, .absent = UINT32_MAX, .max = 255,
		.doc = "number of a port's chassis"),
	ATTR("port", S, port, SCALAR_HEX, .flags = ROW_ABI, .absent = UINT32_MAX, .max = 255, .digits = 1,
		.doc = "number of the port in its chassis"),
};
static MODEL_TYPE(controller_target_model, "controller target", S, controller_target_rows);
#undef S

struct controller_target *controller_target_new(void)
{
	return model_new(&controller_target_model);
}

#define S struct domain_controller
static const struct row controller_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_REQUIRED | ROW_ABI, .values = controller_types,
		.doc = "bus the controller offers"),
	ATTR("index", S, index, SCALAR_UINT, .flags = ROW_ALWAYS | ROW_ABI,
		.doc = "number among the controllers of its type"),
	ATTR("model", S, model, SCALAR_ENUM, .flags = ROW_ABI, .values = controller_models,
		.doc = "device model"),
	ATTR("ports", S, ports, SCALAR_UINT, .flags = ROW_ABI, .doc = "ports it offers"),
	ATTR("vectors", S, vectors, SCALAR_UINT, .flags = ROW_ABI, .doc = "interrupt vectors"),
	LEAF_ATTR("model", "name", S, model_name, SCALAR_STRING, .flags = ROW_ABI,
		.doc = "the hypervisor's device of a PCI controller"),
	CHILD("target", S, target, &controller_target_model, .doc = "numbers of a PCI controller"),
	LEAF_ATTR("alias", "name", S, alias, SCALAR_STRING, .flags = ROW_LIVE,
		.doc = "name of the device while the guest runs"),
	LEAF_ATTR("master", "startport", S, start_port, SCALAR_UINT, .flags = ROW_ABI, .absent = UINT32_MAX,
		.doc = "first port of the master's that a USB companion serves"),
	CHILD("address", S, address, &device_address_model, .doc = "where the guest finds the device"),
};
MODEL_TYPE(controller_model, "controller", S, controller_rows);
#undef S

/* -- interfaces -- */

static const char *const interface_types[] = { [INTERFACE_USER] = "user",
	[INTERFACE_BRIDGE] = "bridge",
	[INTERFACE_ETHERNET] = "ethernet",
	[INTERFACE_NETWORK] = "network",
	[INTERFACE_DIRECT] = "direct",
	NULL };
static const char *const link_states[] = { NULL, "up", "down", NULL };

#define S struct interface_source
static const struct row interface_source_rows[] = {
	ATTR("bridge", S, bridge, SCALAR_STRING, .doc = "host bridge (type bridge)"),
	ATTR("network", S, network, SCALAR_STRING, .doc = "virtual network (type network)"),
	ATTR("portgroup", S, portgroup, SCALAR_STRING, .doc = "port group of the network"),
	ATTR("dev", S, dev, SCALAR_STRING, .doc = "host interface (type direct)"),
	ATTR("mode", S, mode, SCALAR_STRING, .doc = "macvtap mode (type direct)"),
};
static MODEL_TYPE(interface_source_model, "interface source", S, interface_source_rows);
#undef S

#define S struct domain_interface
static const struct row interface_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_REQUIRED, .values = interface_types,
		.doc = "how it is connected"),
	LEAF_ATTR("mac", "address", S, mac, SCALAR_MAC, .flags = ROW_ABI,
		.doc = "hardware address; default: a random one"),
	CHILD("source", S, source, &interface_source_model, .doc = "what it is connected to"),
	LEAF_ATTR("script", "path", S, script, SCALAR_STRING, .doc = "program that sets the host side up"),
	LEAF_ATTR("target", "dev", S, target, SCALAR_STRING, .doc = "name of the host side"),
	LEAF_ATTR("model", "type", S, model, SCALAR_STRING, .flags = ROW_ABI,
		.doc = "device model: virtio, e1000, ..."),
	LEAF_ATTR("boot", "order", S, boot_order, SCALAR_UINT, .flags = ROW_NONZERO,
		.doc = "place in the boot order, from 1"),
	LEAF_ATTR("link", "state", S, link_state, SCALAR_ENUM, .values = link_states,
		.doc = "whether the cable is in"),
	LEAF_ATTR("mtu", "size", S, mtu, SCALAR_UINT, .doc = "bytes a frame may carry"),
	ALIAS_AND_ADDRESS(S),
};

static int interface_post_parse(void *self, const struct model_context *ctx, struct error *err)
{
	struct domain_interface *interface = self;
	const struct interface_source *source = interface->source;
	static const struct {
		int type;
		const char *attribute;
		size_t offset;
	} needs[] = {
		{ INTERFACE_BRIDGE, "bridge", offsetof(struct interface_source, bridge) },
		{ INTERFACE_NETWORK, "network", offsetof(struct interface_source, network) },
		{ INTERFACE_DIRECT, "dev", offsetof(struct interface_source, dev) },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(needs); i++) {
		if (interface->type != needs[i].type)
			continue;
		const char *name = interface_types[interface->type];
		if (!source)
			return fail(err, VIR_ERR_XML_ERROR, "interface type='%s' requires a 'source' element",
				name);
		if (!*(char *const *)((const char *)source + needs[i].offset))
			return fail(err, VIR_ERR_XML_ERROR,
				"Missing required attribute '%s' in element 'source' of an interface of type "
				"'%s'",
				needs[i].attribute, name);
	}
	if (interface->type == INTERFACE_DIRECT && !source->mode)
		interface->source->mode = g_strdup("vepa");
	/* names the daemon gives are not the user's */
	if (interface->target && (ctx->flags & MODEL_PARSE_INACTIVE) &&
		(g_str_has_prefix(interface->target, "vnet") ||
			g_str_has_prefix(interface->target, "macvtap")))
		g_clear_pointer(&interface->target, g_free);
	return 0;
}
MODEL_TYPE(interface_model, "interface", S, interface_rows, .post_parse = interface_post_parse);
#undef S

/* -- character devices -- */

static const char *const char_types[] = { [CHAR_NULL] = "null",
	[CHAR_PTY] = "pty",
	[CHAR_UNIX] = "unix",
	[CHAR_FILE] = "file",
	[CHAR_TCP] = "tcp",
	[CHAR_STDIO] = "stdio",
	[CHAR_DEV] = "dev",
	[CHAR_PIPE] = "pipe",
	[CHAR_SPICEVMC] = "spicevmc",
	NULL };
static const char *const char_modes[] = { [CHAR_MODE_BIND] = "bind", [CHAR_MODE_CONNECT] = "connect", NULL };
static const char *const char_protocols[] = { NULL, "raw", "telnet", "telnets", "tls", NULL };
static const char *const char_targets[] = { [CHAR_TARGET_ISA_SERIAL] = "isa-serial",
	[CHAR_TARGET_USB_SERIAL] = "usb-serial",
	[CHAR_TARGET_PCI_SERIAL] = "pci-serial",
	[CHAR_TARGET_SERIAL] = "serial",
	[CHAR_TARGET_VIRTIO] = "virtio",
	"xen",
	"guestfwd",
	"isa-debug",
	NULL };

#define S struct char_source
static const struct row char_source_rows[] = {
	ATTR("mode", S, mode, SCALAR_ENUM, .values = char_modes, .doc = "whether it listens or connects"),
	ATTR("path", S, path, SCALAR_STRING, .doc = "file, device or socket"),
	ATTR("host", S, host, SCALAR_STRING, .doc = "TCP host"),
	ATTR("service", S, service, SCALAR_STRING, .doc = "TCP port"),
	ATTR("append", S, append, SCALAR_ONOFF, .doc = "keep what the file holds"),
	ATTR("tls", S, tls, SCALAR_YESNO, .doc = "whether the connection is encrypted"),
};
static MODEL_TYPE(char_source_model, "character device source", S, char_source_rows);
#undef S

struct char_source *char_source_new(void)
{
	return model_new(&char_source_model);
}

#define S struct char_target
static const struct row char_target_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_ABI, .values = char_targets,
		.doc = "what the guest sees"),
	ATTR("name", S, name, SCALAR_STRING, .flags = ROW_ABI, .doc = "name of the channel in the guest"),
	ATTR("state", S, state, SCALAR_STRING, .flags = ROW_LIVE,
		.doc = "whether the guest has the channel open"),
	ATTR("port", S, port, SCALAR_UINT, .flags = ROW_ABI, .absent = UINT32_MAX,
		.doc = "number among devices of its kind"),
	LEAF_ATTR("model", "name", S, model, SCALAR_STRING, .flags = ROW_ABI, .doc = "device model"),
};
static MODEL_TYPE(char_target_model, "character device target", S, char_target_rows);
#undef S

struct char_target *char_target_new(void)
{
	return model_new(&char_target_model);
}

#define S struct domain_char
static const struct row char_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_REQUIRED, .values = char_types, .doc = "host side"),
	ATTR("tty", S, tty, SCALAR_STRING, .flags = ROW_LIVE, .doc = "pseudo terminal while the guest runs"),
	CHILD("source", S, source, &char_source_model, .doc = "host side's details"),
	LEAF_ATTR("protocol", "type", S, protocol, SCALAR_ENUM, .values = char_protocols,
		.doc = "what is spoken over TCP"),
	CHILD("target", S, target, &char_target_model, .doc = "what the guest sees"),
	ALIAS_AND_ADDRESS(S),
};

static int char_post_parse(void *self, const struct model_context *ctx, struct error *err)
{
	struct domain_char *device = self;
	const struct char_source *source = device->source;
	bool needs_path = device->type == CHAR_FILE || device->type == CHAR_DEV || device->type == CHAR_PIPE;

	if (needs_path && (!source || !source->path))
		return fail(err, VIR_ERR_XML_ERROR,
			"Missing source path attribute for char device of type '%s'",
			char_types[device->type]);
	if (device->type == CHAR_TCP && (!source || !source->service))
		return fail(err, VIR_ERR_XML_ERROR,
			"Missing source service attribute for char device of type 'tcp'");
	if (device->type == CHAR_PTY && device->source && (ctx->flags & MODEL_PARSE_INACTIVE)) {
		/* which terminal it was is of the running guest */
		model_free(&char_source_model, device->source);
		device->source = NULL;
	}
	return 0;
}
MODEL_TYPE(serial_model, "serial", S, char_rows, .post_parse = char_post_parse);
MODEL_TYPE(console_model, "console", S, char_rows, .post_parse = char_post_parse);
MODEL_TYPE(channel_model, "channel", S, char_rows, .post_parse = char_post_parse);
#undef S

/* -- input, graphics, video -- */

static const char *const input_types[] = { [INPUT_MOUSE] = "mouse",
	[INPUT_TABLET] = "tablet",
	[INPUT_KEYBOARD] = "keyboard",
	[INPUT_PASSTHROUGH] = "passthrough",
	[INPUT_EVDEV] = "evdev",
	NULL };
static const char *const input_buses[] = { [INPUT_BUS_PS2] = "ps2",
	[INPUT_BUS_USB] = "usb",
	[INPUT_BUS_XEN] = "xen",
	[INPUT_BUS_VIRTIO] = "virtio",
	NULL };
static const char *const input_models[] = { NULL, "virtio", "virtio-transitional", "virtio-non-transitional",
	NULL };

#define S struct domain_input
static const struct row input_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_REQUIRED | ROW_ABI, .values = input_types,
		.doc = "kind of device"),
	ATTR("bus", S, bus, SCALAR_ENUM, .flags = ROW_ABI, .values = input_buses, .doc = "bus it is on"),
	ATTR("model", S, model, SCALAR_ENUM, .flags = ROW_ABI, .values = input_models,
		.doc = "virtio variant"),
	ALIAS_AND_ADDRESS(S),
};
MODEL_TYPE(input_model, "input", S, input_rows);
#undef S

static const char *const graphics_types[] = { [GRAPHICS_VNC] = "vnc", [GRAPHICS_SPICE] = "spice", NULL };
static const char *const listen_types[] = { [LISTEN_ADDRESS] = "address",
	[LISTEN_NETWORK] = "network",
	[LISTEN_SOCKET] = "socket",
	[LISTEN_NONE] = "none",
	NULL };

#define S struct graphics_listen
static const struct row listen_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_REQUIRED, .values = listen_types,
		.doc = "what it listens on"),
	ATTR("address", S, address, SCALAR_STRING, .doc = "host address"),
	ATTR("network", S, network, SCALAR_STRING, .doc = "virtual network"),
	ATTR("socket", S, socket, SCALAR_STRING, .doc = "path of a UNIX socket"),
};
static MODEL_TYPE(listen_model, "listen", S, listen_rows);
#undef S

#define S struct domain_graphics
static const struct row graphics_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_REQUIRED, .values = graphics_types,
		.doc = "protocol"),
	ATTR("port", S, port, SCALAR_INT, .doc = "TCP port; -1: chosen at start"),
	ATTR("tlsPort", S, tls_port, SCALAR_INT, .doc = "TLS port (spice)"),
	ATTR("autoport", S, autoport, SCALAR_YESNO, .doc = "whether the port is chosen at start"),
	ATTR("listen", S, listen, SCALAR_STRING, .doc = "address, as the first <listen> says it"),
	ATTR("socket", S, socket, SCALAR_STRING, .doc = "path of a UNIX socket (vnc)"),
	ATTR("keymap", S, keymap, SCALAR_STRING, .doc = "keyboard layout"),
	ATTR("passwd", S, password, SCALAR_STRING, .flags = ROW_SECURE, .doc = "password, in clear"),
	ATTR("passwdValidTo", S, password_valid_to, SCALAR_STRING, .flags = ROW_SECURE,
		.doc = "when the password ends"),
	LIST("listen", S, listens, &listen_model, .doc = "what it listens on"),
};

static int graphics_post_parse(void *self, const struct model_context *ctx, struct error *err)
{
	struct domain_graphics *graphics = self;

	if (graphics->port == 0 && !graphics->socket)
		graphics->autoport = TRISTATE_YES;
	if (graphics->port == -1)
		graphics->autoport = TRISTATE_YES;
	if (graphics->autoport == TRISTATE_YES && (ctx->flags & MODEL_PARSE_INACTIVE) &&
		graphics->type == GRAPHICS_VNC)
		graphics->port = -1;
	else if (graphics->port > 0 && !graphics->autoport)
		graphics->autoport = TRISTATE_NO;
	if (!graphics->listens && !graphics->socket) {
		struct graphics_listen *listen = model_new(&listen_model);
		listen->type = 1;
		listen->address = g_strdup(graphics->listen);
		graphics->listens = g_ptr_array_new();
		g_ptr_array_add(graphics->listens, listen);
	}
	return 0;
}
MODEL_TYPE(graphics_model, "graphics", S, graphics_rows, .post_parse = graphics_post_parse);
#undef S

static const char *const video_types[] = { [VIDEO_VGA] = "vga",
	[VIDEO_CIRRUS] = "cirrus",
	[VIDEO_VMVGA] = "vmvga",
	[VIDEO_XEN] = "xen",
	[VIDEO_VBOX] = "vbox",
	[VIDEO_QXL] = "qxl",
	[VIDEO_VIRTIO] = "virtio",
	[VIDEO_GOP] = "gop",
	[VIDEO_NONE] = "none",
	[VIDEO_BOCHS] = "bochs",
	[VIDEO_RAMFB] = "ramfb",
	NULL };

#define S struct video_model
static const struct row video_model_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_REQUIRED | ROW_ABI, .values = video_types,
		.doc = "adapter"),
	ATTR("ram", S, ram, SCALAR_UINT, .flags = ROW_ABI, .doc = "primary bar (qxl), KiB"),
	ATTR("vram", S, vram, SCALAR_UINT, .flags = ROW_ABI, .doc = "video memory, KiB"),
	ATTR("vram64", S, vram64, SCALAR_UINT, .flags = ROW_ABI, .doc = "64-bit bar (qxl), KiB"),
	ATTR("vgamem", S, vgamem, SCALAR_UINT, .flags = ROW_ABI, .doc = "VGA memory (qxl), KiB"),
	ATTR("heads", S, heads, SCALAR_UINT, .flags = ROW_ABI, .doc = "screens"),
	ATTR("primary", S, primary, SCALAR_YESNO, .flags = ROW_ABI, .doc = "whether it is the first adapter"),
};
static MODEL_TYPE(video_model_model, "video model", S, video_model_rows);
#undef S

struct video_model *video_model_new(void)
{
	return model_new(&video_model_model);
}

#define S struct domain_video
static const struct row video_rows[] = {
	CHILD("model", S, model, &video_model_model, .doc = "adapter and its memory"),
	ALIAS_AND_ADDRESS(S),
};
MODEL_TYPE(video_model_type, "video", S, video_rows);
#undef S

/* -- hubs, sound -- */

static const char *const hub_types[] = { [HUB_USB] = "usb", NULL };
static const char *const sound_models[] = { [SOUND_SB16] = "sb16",
	[SOUND_ES1370] = "es1370",
	[SOUND_PCSPK] = "pcspk",
	[SOUND_AC97] = "ac97",
	[SOUND_ICH6] = "ich6",
	[SOUND_ICH9] = "ich9",
	[SOUND_USB] = "usb",
	NULL };
static const char *const audio_types[] = { [AUDIO_NONE] = "none",
	"alsa",
	"coreaudio",
	"jack",
	"oss",
	"pulseaudio",
	"sdl",
	[AUDIO_SPICE] = "spice",
	"file",
	NULL };

#define S struct domain_hub
static const struct row hub_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_REQUIRED | ROW_ABI, .values = hub_types,
		.doc = "bus"),
	ALIAS_AND_ADDRESS(S),
};
MODEL_TYPE(hub_model, "hub", S, hub_rows);
#undef S

#define S struct domain_sound
static const struct row sound_rows[] = {
	ATTR("model", S, model, SCALAR_ENUM, .flags = ROW_REQUIRED | ROW_ABI, .values = sound_models,
		.doc = "device model"),
	ALIAS_AND_ADDRESS(S),
};
MODEL_TYPE(sound_model, "sound", S, sound_rows);
#undef S

#define S struct domain_audio
static const struct row audio_rows[] = {
	ATTR("id", S, id, SCALAR_UINT, .flags = ROW_REQUIRED | ROW_NONZERO, .doc = "number of the backend"),
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_REQUIRED, .values = audio_types,
		.doc = "where sound goes on the host"),
};
MODEL_TYPE(audio_model, "audio", S, audio_rows);
#undef S

/* -- watchdog, balloon, random numbers -- */

static const char *const watchdog_models[] = {
	[WATCHDOG_I6300ESB] = "i6300esb", [WATCHDOG_IB700] = "ib700", [WATCHDOG_DIAG288] = "diag288", NULL
};
static const char *const watchdog_actions[] = { NULL, "reset", "shutdown", "poweroff", "pause", "dump",
	"none", "inject-nmi", NULL };
static const char *const balloon_models[] = { [BALLOON_VIRTIO] = "virtio",
	[BALLOON_XEN] = "xen",
	[BALLOON_NONE] = "none",
	"virtio-transitional",
	"virtio-non-transitional",
	NULL };
static const char *const rng_models[] = { NULL, "virtio", "virtio-transitional", "virtio-non-transitional",
	NULL };
static const char *const rng_backends[] = {
	[RNG_RANDOM] = "random", [RNG_EGD] = "egd", [RNG_BUILTIN] = "builtin", NULL
};

#define S struct domain_watchdog
static const struct row watchdog_rows[] = {
	ATTR("model", S, model, SCALAR_ENUM, .flags = ROW_REQUIRED | ROW_ABI, .values = watchdog_models,
		.doc = "device model"),
	ATTR("action", S, action, SCALAR_ENUM, .values = watchdog_actions,
		.doc = "what happens when it fires; default: reset"),
	ALIAS_AND_ADDRESS(S),
};
static int watchdog_post_parse(void *self, const struct model_context *ctx, struct error *err)
{
	struct domain_watchdog *watchdog = self;

	if (!watchdog->action)
		watchdog->action = model_enum_value(watchdog_actions, "reset");
	return 0;
}
MODEL_TYPE(watchdog_model, "watchdog", S, watchdog_rows, .post_parse = watchdog_post_parse);
#undef S

#define S struct domain_memballoon
static const struct row memballoon_rows[] = {
	ATTR("model", S, model, SCALAR_ENUM, .flags = ROW_REQUIRED | ROW_ABI, .values = balloon_models,
		.doc = "device model; none: no balloon"),
	ATTR("autodeflate", S, autodeflate, SCALAR_ONOFF, .flags = ROW_ABI,
		.doc = "whether it gives memory back before the guest kills processes"),
	LEAF_ATTR("stats", "period", S, stats_period, SCALAR_UINT, .doc = "seconds between statistics"),
	ALIAS_AND_ADDRESS(S),
};
MODEL_TYPE(memballoon_model, "memballoon", S, memballoon_rows);
#undef S

#define S struct rng_backend
static const struct row rng_backend_rows[] = {
	ATTR("model", S, model, SCALAR_ENUM, .flags = ROW_REQUIRED, .values = rng_backends,
		.doc = "source of the numbers"),
	TEXT(S, source, SCALAR_STRING, .doc = "host device"),
};
static MODEL_TYPE(rng_backend_model, "rng backend", S, rng_backend_rows);
#undef S

#define S struct domain_rng
static const struct row rng_rows[] = {
	ATTR("model", S, model, SCALAR_ENUM, .flags = ROW_REQUIRED | ROW_ABI, .values = rng_models,
		.doc = "device model"),
	LEAF_ATTR("rate", "bytes", S, rate_bytes, SCALAR_UINT, .doc = "bytes a period"),
	LEAF_ATTR("rate", "period", S, rate_period, SCALAR_UINT, .doc = "milliseconds"),
	CHILD("backend", S, backend, &rng_backend_model, .doc = "where the numbers come from"),
	ALIAS_AND_ADDRESS(S),
};
MODEL_TYPE(rng_model, "rng", S, rng_rows);
#undef S
