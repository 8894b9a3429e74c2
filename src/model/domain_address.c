/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * <address> of a device: a union chosen by its type.
 */
#include "model/domain.h"

static const char *const types[] = { NULL, "pci", "drive", "usb", "virtio-serial", "ccid", "isa", NULL };

#define S struct pci_address
static const struct row pci_rows[] = {
	ATTR("domain", S, domain, SCALAR_HEX, .flags = ROW_ALWAYS | ROW_ABI, .digits = 4, .max = 0xffff,
		.doc = "PCI domain"),
	ATTR("bus", S, bus, SCALAR_HEX, .flags = ROW_ALWAYS | ROW_ABI, .digits = 2, .max = 0xff,
		.doc = "PCI bus"),
	ATTR("slot", S, slot, SCALAR_HEX, .flags = ROW_ALWAYS | ROW_ABI, .digits = 2, .max = 0x1f,
		.doc = "slot on the bus"),
	ATTR("function", S, function, SCALAR_HEX, .flags = ROW_ALWAYS | ROW_ABI, .digits = 1, .max = 7,
		.doc = "function of the slot"),
	ATTR("multifunction", S, multifunction, SCALAR_ONOFF, .flags = ROW_ABI,
		.doc = "further functions share the slot"),
};
static MODEL_TYPE(pci_model, "pci address", S, pci_rows);
#undef S

#define S struct drive_address
static const struct row drive_rows[] = {
	ATTR("controller", S, controller, SCALAR_UINT, .flags = ROW_ALWAYS | ROW_ABI,
		.doc = "index of the controller"),
	ATTR("bus", S, bus, SCALAR_UINT, .flags = ROW_ALWAYS | ROW_ABI, .doc = "bus of the controller"),
	ATTR("target", S, target, SCALAR_UINT, .flags = ROW_ALWAYS | ROW_ABI, .doc = "target on the bus"),
	ATTR("unit", S, unit, SCALAR_UINT, .flags = ROW_ALWAYS | ROW_ABI, .doc = "unit of the target"),
};
static MODEL_TYPE(drive_model, "drive address", S, drive_rows);
#undef S

#define S struct usb_address
static const struct row usb_rows[] = {
	ATTR("bus", S, bus, SCALAR_UINT, .flags = ROW_ALWAYS | ROW_ABI, .doc = "USB bus"),
	ATTR("port", S, port, SCALAR_STRING, .flags = ROW_ABI, .doc = "port, dotted below hubs"),
};
static MODEL_TYPE(usb_model, "usb address", S, usb_rows);
#undef S

#define S struct port_address
static const struct row port_rows[] = {
	ATTR("controller", S, controller, SCALAR_UINT, .flags = ROW_ALWAYS | ROW_ABI,
		.doc = "index of the controller"),
	ATTR("bus", S, bus, SCALAR_UINT, .flags = ROW_ALWAYS | ROW_ABI, .doc = "bus of the controller"),
	ATTR("port", S, port, SCALAR_UINT, .flags = ROW_ALWAYS | ROW_ABI, .doc = "port on the bus"),
};
static MODEL_TYPE(port_model, "virtio-serial address", S, port_rows);
static const struct row ccid_rows[] = {
	ATTR("controller", S, controller, SCALAR_UINT, .flags = ROW_ALWAYS | ROW_ABI,
		.doc = "index of the controller"),
	ATTR("slot", S, port, SCALAR_UINT, .flags = ROW_ALWAYS | ROW_ABI, .doc = "slot of the controller"),
};
static MODEL_TYPE(ccid_model, "ccid address", S, ccid_rows);
#undef S

#define S struct isa_address
static const struct row isa_rows[] = {
	ATTR("iobase", S, iobase, SCALAR_HEX, .flags = ROW_ABI, .digits = 1, .doc = "I/O port"),
	ATTR("irq", S, irq, SCALAR_HEX, .flags = ROW_ABI, .digits = 1, .doc = "interrupt"),
};
static MODEL_TYPE(isa_model, "isa address", S, isa_rows);
#undef S

static const struct model_arm arms[] = {
	{ ADDRESS_PCI, &pci_model },
	{ ADDRESS_DRIVE, &drive_model },
	{ ADDRESS_USB, &usb_model },
	{ ADDRESS_VIRTIO_SERIAL, &port_model },
	{ ADDRESS_CCID, &ccid_model },
	{ ADDRESS_ISA, &isa_model },
	{ 0, NULL },
};

#define S struct device_address
static const struct row address_rows[] = {
	ATTR("type", S, type, SCALAR_ENUM, .flags = ROW_REQUIRED | ROW_ABI, .values = types,
		.doc = "bus the device is on"),
	UNION(S, type, pci, arms),
};
MODEL_TYPE(device_address_model, "address", S, address_rows);
#undef S
