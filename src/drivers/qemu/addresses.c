/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses. PCI goes in two passes: the first finds out how many buses the devices need and adds the
 * controllers that make them; the second gives out slots, controllers first. Order and preferences are those
 * of libvirt 9.0, as observed.
 */
#include "drivers/qemu/addresses.h"

#include <stdio.h>
#include <string.h>

#include "drivers/qemu/lists.h"

enum { SLOTS = 32, FUNCTIONS = 8, ALL_FUNCTIONS = 0xff, BUSES_MAX = 256 };

enum machine_family machine_family(const struct domain *def)
{
	const char *machine = def->os && def->os->type ? def->os->type->machine : NULL;

	if (!machine)
		return MACHINE_OTHER;
	if (g_str_equal(machine, "q35") || g_str_has_prefix(machine, "pc-q35-"))
		return MACHINE_Q35;
	return g_str_equal(machine, "pc") || g_str_has_prefix(machine, "pc-i440fx-") ? MACHINE_PC
										     : MACHINE_OTHER;
}

unsigned disk_target_index(const struct domain_disk *disk)
{
	const char *dev = disk->target && disk->target->dev ? disk->target->dev : "";
	const char *letters = strlen(dev) > 2 ? dev + 2 : "";
	unsigned n = 0;

	for (const char *c = letters; g_ascii_islower(*c) && n < 10000; c++)
		n = n * 26 + (unsigned)(*c - 'a') + 1;
	return n ? n - 1 : 0;
}

void controller_ensure(struct domain *def, int type, unsigned index, int model)
{
	EACH(struct domain_controller, c, def->controllers)
	if (c->type == type && c->index == index)
		return;
	struct domain_controller *made = model_new(&controller_model);
	made->type = type;
	made->index = index;
	made->model = model;
	list_add(&def->controllers, made);
}

/* -- kinds of devices on PCI ------------------------------------------------------------------- */

/* What kind of slot a device takes. */
enum slot_kind { SLOT_NONE, SLOT_PCI, SLOT_PCIE };

static enum slot_kind interface_slot(const void *device)
{
	static const char *const express[] = { "virtio", "virtio-non-transitional", "e1000e", "vmxnet3",
		"igb", NULL };
	const char *model = ((const struct domain_interface *)device)->model;

	return model && g_strv_contains(express, model) ? SLOT_PCIE : SLOT_PCI;
}

static enum slot_kind sound_slot(const void *device)
{
	switch (((const struct domain_sound *)device)->model) {
	case SOUND_ES1370:
	case SOUND_AC97:
	case SOUND_ICH6:
	case SOUND_ICH9:
		return SLOT_PCI;
	default:
		return SLOT_NONE;
	}
}

/* PCI controllers stand on their own: they make the buses. */
static enum slot_kind controller_slot(const void *device)
{
	const struct domain_controller *c = device;

	switch (c->type) {
	case CONTROLLER_SCSI:
		return c->model == MODEL_VIRTIO_SCSI || c->model == MODEL_VMPVSCSI ? SLOT_PCIE : SLOT_PCI;
	case CONTROLLER_VIRTIO_SERIAL:
		return SLOT_PCIE;
	case CONTROLLER_USB:
		return c->model == MODEL_USB_NONE				   ? SLOT_NONE
		       : c->model == MODEL_QEMU_XHCI || c->model == MODEL_NEC_XHCI ? SLOT_PCIE
										   : SLOT_PCI;
	case CONTROLLER_SATA:
	case CONTROLLER_IDE:
		return SLOT_PCI;
	default:
		return SLOT_NONE;
	}
}

static enum slot_kind disk_slot(const void *device)
{
	return ((const struct domain_disk *)device)->target->bus == BUS_VIRTIO ? SLOT_PCIE : SLOT_NONE;
}

static enum slot_kind balloon_slot(const void *device)
{
	return ((const struct domain_memballoon *)device)->model == BALLOON_NONE ? SLOT_NONE : SLOT_PCIE;
}

static enum slot_kind express_slot(const void *device)
{
	return SLOT_PCIE;
}

static enum slot_kind watchdog_slot(const void *device)
{
	return ((const struct domain_watchdog *)device)->model == WATCHDOG_I6300ESB ? SLOT_PCI : SLOT_NONE;
}

static enum slot_kind video_slot(const void *device)
{
	const struct domain_video *video = device;
	int type = video->model ? video->model->type : 0;

	return type == VIDEO_NONE || type == VIDEO_RAMFB     ? SLOT_NONE
	       : type == VIDEO_VIRTIO || type == VIDEO_BOCHS ? SLOT_PCIE
							     : SLOT_PCI;
}

static enum slot_kind input_slot(const void *device)
{
	return ((const struct domain_input *)device)->bus == INPUT_BUS_VIRTIO ? SLOT_PCIE : SLOT_NONE;
}

/* The lists of devices that may be on PCI, in the order in which they get slots. */
#define ROW(list, type, slot)                                                                                \
	{                                                                                                    \
		offsetof(struct domain, list), offsetof(struct type, address), slot                          \
	}
static const struct {
	size_t list, address;
	enum slot_kind (*slot)(const void *device);
} pci_lists[] = {
	ROW(interfaces, domain_interface, interface_slot),
	ROW(sounds, domain_sound, sound_slot),
	ROW(controllers, domain_controller, controller_slot),
	ROW(disks, domain_disk, disk_slot),
	ROW(memballoons, domain_memballoon, balloon_slot),
	ROW(rngs, domain_rng, express_slot),
	ROW(watchdogs, domain_watchdog, watchdog_slot),
	ROW(videos, domain_video, video_slot),
	ROW(inputs, domain_input, input_slot),
};
#undef ROW

/* -- the PCI buses of a machine ---------------------------------------------------------------- */

enum bus_kind { BUS_KIND_NONE, BUS_KIND_PCI, BUS_KIND_PCIE_ROOT, BUS_KIND_PCIE_PORT };

struct pci_bus {
	enum bus_kind kind;
	unsigned first, last;	    /* slots that devices may have */
	unsigned char taken[SLOTS]; /* a bit a function */
	bool shared[SLOTS];	    /* holds root ports: further functions may come */
};

struct pci_set {
	enum machine_family family;
	struct domain *def;
	unsigned count;
	struct pci_bus bus[BUSES_MAX];
};

/* What bus a PCI controller's model makes. */
static const struct {
	int model;
	enum bus_kind kind;
	unsigned first, last;
} bus_rows[] = {
	{ MODEL_PCI_ROOT, BUS_KIND_PCI, 1, 31 },
	{ MODEL_PCIE_ROOT, BUS_KIND_PCIE_ROOT, 1, 31 },
	{ MODEL_PCI_BRIDGE, BUS_KIND_PCI, 1, 31 },
	{ MODEL_DMI_TO_PCI_BRIDGE, BUS_KIND_PCI, 1, 31 },
	{ MODEL_PCIE_TO_PCI_BRIDGE, BUS_KIND_PCI, 1, 31 },
	{ MODEL_PCIE_ROOT_PORT, BUS_KIND_PCIE_PORT, 0, 0 },
};

/* Parts of the chipset. */
static void reserve_chipset(struct pci_set *set)
{
	struct pci_bus *root = &set->bus[0];

	root->taken[0] = ALL_FUNCTIONS; /* host bridge */
	if (set->family == MACHINE_PC)
		root->taken[1] = 1 << 0 | 1 << 3; /* ISA bridge, power management */
	else
		root->taken[0x1f] = 1 << 0 | 1 << 3; /* LPC bridge, SMBus */
}

static void bus_make(struct pci_set *set, unsigned index, int model)
{
	struct pci_bus *bus = &set->bus[index];

	for (size_t i = 0; i < G_N_ELEMENTS(bus_rows); i++)
		if (bus_rows[i].model == model)
			*bus = (struct pci_bus){ bus_rows[i].kind, bus_rows[i].first, bus_rows[i].last, { 0 },
				{ 0 } };
	set->count = MAX(set->count, index + 1);
	if (index == 0)
		reserve_chipset(set);
}

static int reserve(struct pci_set *set, const struct pci_address *at, struct error *err)
{
	if (at->domain != 0 || at->bus >= set->count || !set->bus[at->bus].kind)
		return fail(err, VIR_ERR_XML_ERROR,
			"Invalid PCI address %04x:%02x:%02x.%x: there is no such bus; the last is %u",
			at->domain, at->bus, at->slot, at->function, set->count - 1);
	struct pci_bus *bus = &set->bus[at->bus];
	if (at->slot > MAX(bus->last, bus->first) || (at->slot < bus->first && bus->first == 1))
		return fail(err, VIR_ERR_XML_ERROR,
			"Invalid PCI address %04x:%02x:%02x.%x: slots of this bus go from %u to %u",
			at->domain, at->bus, at->slot, at->function, bus->first, bus->last);
	unsigned char mask = (unsigned char)(1 << at->function);
	if (bus->taken[at->slot] & mask)
		return fail(err, VIR_ERR_XML_ERROR, "Attempted double use of PCI Address %04x:%02x:%02x.%x",
			at->domain, at->bus, at->slot, at->function);
	bus->taken[at->slot] |= mask;
	return 0;
}

/* A PCI address that somebody gave; all zero means none. */
static const struct pci_address *given(const struct device_address *address)
{
	if (!address || address->type != ADDRESS_PCI)
		return NULL;
	const struct pci_address *at = &address->pci;
	return at->domain || at->bus || at->slot || at->function ? at : NULL;
}

static struct device_address *address_make(struct device_address **address, int type)
{
	if (!*address)
		*address = model_new(&device_address_model);
	(*address)->type = type;
	return *address;
}

static void place(
	struct device_address **address, unsigned bus, unsigned slot, unsigned function, bool multifunction)
{
	address_make(address, ADDRESS_PCI)->pci = (struct pci_address){ .bus = bus,
		.slot = slot,
		.function = function,
		.multifunction = multifunction ? TRISTATE_YES : 0 };
}

/* -- devices at fixed places ------------------------------------------------------------------- */

static const struct {
	enum machine_family family;
	int type, model; /* of the controller with index 0; model 0 = any */
	unsigned slot, function;
	bool multifunction;
} fixed_rows[] = {
	{ MACHINE_PC, CONTROLLER_IDE, 0, 1, 1, false },
	{ MACHINE_PC, CONTROLLER_USB, MODEL_PIIX3_UHCI, 1, 2, false },
	{ MACHINE_Q35, CONTROLLER_SATA, 0, 0x1f, 2, false },
	{ MACHINE_Q35, CONTROLLER_USB, MODEL_ICH9_EHCI1, 0x1d, 7, false },
	{ MACHINE_Q35, CONTROLLER_USB, MODEL_ICH9_UHCI1, 0x1d, 0, true },
	{ MACHINE_Q35, CONTROLLER_USB, MODEL_ICH9_UHCI2, 0x1d, 1, false },
	{ MACHINE_Q35, CONTROLLER_USB, MODEL_ICH9_UHCI3, 0x1d, 2, false },
};

static void place_fixed(struct domain *def)
{
	EACH(struct domain_controller, c, def->controllers)
	for (size_t i = 0; i < G_N_ELEMENTS(fixed_rows); i++)
		if (fixed_rows[i].family == machine_family(def) && fixed_rows[i].type == c->type &&
			c->index == 0 && (fixed_rows[i].model == 0 || fixed_rows[i].model == c->model) &&
			!given(c->address))
			place(&c->address, 0, fixed_rows[i].slot, fixed_rows[i].function,
				fixed_rows[i].multifunction);
}

/* The first display adapter has a slot of its own, unless it was given another. */
static void place_video(struct domain *def)
{
	struct domain_video *video = def->videos ? def->videos->pdata[0] : NULL;

	if (video && video_slot(video) != SLOT_NONE && !given(video->address))
		place(&video->address, 0, machine_family(def) == MACHINE_PC ? 2 : 1, 0, false);
}

/* -- filling ----------------------------------------------------------------------------------- */

static struct pci_set *set_new(struct domain *def)
{
	struct pci_set *set = g_new0(struct pci_set, 1);

	set->def = def;
	set->family = machine_family(def);
	EACH(struct domain_controller, c, def->controllers)
	if (c->type == CONTROLLER_PCI && c->index < BUSES_MAX)
		bus_make(set, c->index, c->model);
	return set;
}

static int each_given(struct pci_set *set,
	int (*fn)(struct pci_set *, const struct pci_address *, struct error *), struct error *err)
{
	for (size_t row = 0; row < G_N_ELEMENTS(pci_lists); row++) {
		GPtrArray *list = *(GPtrArray **)((char *)set->def + pci_lists[row].list);
		EACH(char, device, list)
		{
			const struct pci_address *at =
				given(*(struct device_address **)(device + pci_lists[row].address));
			if (at && fn(set, at, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* A function after the last of a slot that others of its kind are in, else a slot of its own. */
static bool find_slot(struct pci_set *set, enum slot_kind kind, struct pci_address *ret)
{
	for (unsigned b = 0; b < set->count; b++) {
		const struct pci_bus *bus = &set->bus[b];
		bool fits = kind == SLOT_PCI		? bus->kind == BUS_KIND_PCI
			    : set->family == MACHINE_PC ? bus->kind == BUS_KIND_PCI
							: bus->kind == BUS_KIND_PCIE_PORT;
		for (unsigned slot = bus->first; fits && slot <= bus->last; slot++)
			if (!bus->taken[slot]) {
				*ret = (struct pci_address){ .bus = b, .slot = slot };
				return true;
			}
	}
	return false;
}

/* A place for one more root port on the root bus: eight share a slot. */
static bool find_port(struct pci_set *set, struct pci_address *ret)
{
	struct pci_bus *root = &set->bus[0];

	for (unsigned slot = root->first; slot <= root->last; slot++) {
		if (root->taken[slot] && !root->shared[slot])
			continue;
		for (unsigned function = 0; function < FUNCTIONS; function++)
			if (!(root->taken[slot] & 1 << function)) {
				root->shared[slot] = true;
				*ret = (struct pci_address){
					.slot = slot, .function = function, .multifunction = function == 0
				};
				return true;
			}
	}
	return false;
}

static void take(struct pci_set *set, const struct pci_address *at, bool whole)
{
	set->bus[at->bus].taken[at->slot] |= whole ? ALL_FUNCTIONS : (unsigned char)(1 << at->function);
}

static int no_room(struct error *err)
{
	return fail(
		err, VIR_ERR_INTERNAL_ERROR, "No more available PCI slots; the guest has too many devices");
}

/* -- first pass: which buses are needed -------------------------------------------------------- */

static int bus_add(struct pci_set *set, unsigned index, int model, struct error *err)
{
	if (index >= BUSES_MAX)
		return no_room(err);
	controller_ensure(set->def, CONTROLLER_PCI, index, model);
	bus_make(set, index, model);
	return 0;
}

/* One bus more that a device of KIND can be on. */
static int grow(struct pci_set *set, enum slot_kind kind, struct error *err)
{
	if (set->family == MACHINE_PC)
		return bus_add(set, set->count, MODEL_PCI_BRIDGE, err);
	if (bus_add(set, set->count, MODEL_PCIE_ROOT_PORT, err) < 0)
		return -1;
	if (kind == SLOT_PCIE)
		return 0;
	set->bus[set->count - 1].taken[0] = ALL_FUNCTIONS; /* the bridge's */
	return bus_add(set, set->count, MODEL_PCIE_TO_PCI_BRIDGE, err);
}

/* Buses that addresses speak of are there, and so are all before them. */
static int grow_to(struct pci_set *set, const struct pci_address *at, struct error *err)
{
	int model = set->family == MACHINE_PC ? MODEL_PCI_BRIDGE : MODEL_PCIE_ROOT_PORT;

	for (unsigned index = 0; index <= at->bus; index++)
		if (index >= set->count || !set->bus[index].kind)
			if (bus_add(set, index, model, err) < 0)
				return -1;
	return 0;
}

/* Finds, or makes, room for one device in the first pass. */
static int need(struct pci_set *set, enum slot_kind kind, unsigned *grown, struct error *err)
{
	struct pci_address at;

	if (!find_slot(set, kind, &at)) {
		if (grow(set, kind, err) < 0)
			return -1;
		(*grown)++;
		if (!find_slot(set, kind, &at))
			return no_room(err);
	}
	take(set, &at, true);
	return 0;
}

static int need_all(struct pci_set *set, unsigned *grown, struct error *err)
{
	EACH(struct domain_controller, c, set->def->controllers)
	{
		bool bridge = c->type == CONTROLLER_PCI && c->model == MODEL_PCIE_TO_PCI_BRIDGE;
		if (bridge && !given(c->address) && need(set, SLOT_PCIE, grown, err) < 0)
			return -1;
	}
	for (size_t row = 0; row < G_N_ELEMENTS(pci_lists); row++) {
		GPtrArray *list = *(GPtrArray **)((char *)set->def + pci_lists[row].list);
		guint count = list ? list->len : 0; /* controllers grow while we look */
		for (guint i = 0; i < count; i++) {
			char *device = list->pdata[i];
			enum slot_kind kind = pci_lists[row].slot(device);
			if (kind != SLOT_NONE &&
				!given(*(struct device_address **)(device + pci_lists[row].address)) &&
				need(set, kind, grown, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* The user has said which PCI controllers there are. */
static bool own_controllers(const struct domain *def)
{
	EACH(const struct domain_controller, c, def->controllers)
	if (c->type == CONTROLLER_PCI && c->model != MODEL_PCI_ROOT && c->model != MODEL_PCIE_ROOT)
		return true;
	return false;
}

static int add_buses(struct domain *def, struct error *err)
{
	g_autofree struct pci_set *set = set_new(def);
	bool own = own_controllers(def);
	unsigned grown = 0, before = set->count;

	for (unsigned index = 1; index < before; index++) /* gaps in the user's numbers */
		if (!set->bus[index].kind && grow_to(set, &(struct pci_address){ .bus = index }, err) < 0)
			return -1;
	if (each_given(set, grow_to, err) < 0)
		return -1;
	bool asked = set->count > before;
	if (each_given(set, reserve, err) < 0 || need_all(set, &grown, err) < 0)
		return -1;
	/* one port stays free, so that a device can come while the guest runs */
	if (set->family == MACHINE_Q35 && grown > 0 && !own && !asked)
		return bus_add(set, set->count, MODEL_PCIE_ROOT_PORT, err);
	return 0;
}

/* -- second pass: who stands where ------------------------------------------------------------- */

static int place_bus(struct pci_set *set, struct domain_controller *c, struct error *err)
{
	struct pci_address at;
	bool port = c->model == MODEL_PCIE_ROOT_PORT;
	bool found = port ? find_port(set, &at)
			  : find_slot(set, c->model == MODEL_PCI_BRIDGE ? SLOT_PCI : SLOT_PCIE, &at);

	if (!found)
		return no_room(err);
	take(set, &at, !port);
	place(&c->address, at.bus, at.slot, at.function, port && at.function == 0);
	return 0;
}

/* USB 2 controllers of one index are functions of one slot, by model. */
static bool place_companion(struct pci_set *set, struct domain_controller *c)
{
	static const struct {
		int model;
		unsigned function;
	} rows[] = { { MODEL_ICH9_EHCI1, 7 }, { MODEL_ICH9_UHCI1, 0 }, { MODEL_ICH9_UHCI2, 1 },
		{ MODEL_ICH9_UHCI3, 2 } };
	const struct pci_address *beside = NULL;
	struct pci_address at;
	size_t row = 0;

	while (row < G_N_ELEMENTS(rows) && rows[row].model != c->model)
		row++;
	if (c->type != CONTROLLER_USB || row == G_N_ELEMENTS(rows))
		return false;
	EACH(struct domain_controller, other, set->def->controllers)
	if (other != c && other->type == CONTROLLER_USB && other->index == c->index && given(other->address))
		beside = given(other->address);
	if (beside)
		at = *beside;
	else if (!find_slot(set, SLOT_PCI, &at))
		return false;
	at.function = rows[row].function;
	take(set, &at, false);
	place(&c->address, at.bus, at.slot, at.function, at.function == 0);
	return true;
}

static int place_devices(struct pci_set *set, struct error *err)
{
	struct pci_address at;

	for (size_t row = 0; row < G_N_ELEMENTS(pci_lists); row++) {
		GPtrArray *list = *(GPtrArray **)((char *)set->def + pci_lists[row].list);
		EACH(char, device, list)
		{
			struct device_address **address =
				(struct device_address **)(device + pci_lists[row].address);
			enum slot_kind kind = pci_lists[row].slot(device);
			if (kind == SLOT_NONE || given(*address))
				continue;
			if (list == set->def->controllers &&
				place_companion(set, (struct domain_controller *)device))
				continue;
			if (!find_slot(set, kind, &at))
				return no_room(err);
			take(set, &at, true);
			place(address, at.bus, at.slot, 0, false);
		}
	}
	return 0;
}

/* Function 0 without multifunction has the slot alone. */
static int take_alone(struct pci_set *set, const struct pci_address *at, struct error *err)
{
	if (at->function == 0 && at->multifunction != TRISTATE_YES)
		take(set, at, true);
	return 0;
}

/* Numbers of a PCI controller that follow from its place. */
static void number_bus(struct domain_controller *c)
{
	static const struct {
		int model;
		const char *name;
	} names[] = { { MODEL_PCI_BRIDGE, "pci-bridge" }, { MODEL_PCIE_ROOT_PORT, "pcie-root-port" },
		{ MODEL_PCIE_TO_PCI_BRIDGE, "pcie-pci-bridge" },
		{ MODEL_DMI_TO_PCI_BRIDGE, "i82801b11-bridge" } };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (names[i].model == c->model && !c->model_name)
			c->model_name = g_strdup(names[i].name);
	bool bridge = c->model == MODEL_PCI_BRIDGE, port = c->model == MODEL_PCIE_ROOT_PORT;
	if ((bridge || port) && !c->target)
		c->target = controller_target_new();
	if (bridge && c->target->chassis_nr == UINT32_MAX)
		c->target->chassis_nr = c->index;
	if (port && c->target->chassis == UINT32_MAX)
		c->target->chassis = c->index;
	if (port && c->target->port == UINT32_MAX)
		c->target->port = (c->address->pci.slot << 3) + c->address->pci.function;
}

static int assign_pci(struct domain *def, struct error *err)
{
	place_fixed(def);
	place_video(def);
	if (add_buses(def, err) < 0)
		return -1;
	g_autofree struct pci_set *set = set_new(def);
	if (each_given(set, reserve, err) < 0 || each_given(set, take_alone, err) < 0)
		return -1;
	EACH(struct domain_controller, c, def->controllers)
	{
		bool root = c->model == MODEL_PCI_ROOT || c->model == MODEL_PCIE_ROOT;
		if (c->type != CONTROLLER_PCI || root)
			continue;
		if (!given(c->address) && place_bus(set, c, err) < 0)
			return -1;
		number_bus(c);
	}
	return place_devices(set, err);
}

/* -- drives ------------------------------------------------------------------------------------ */

/* How a bus counts its drives. */
static const struct {
	int bus, type;	       /* enum disk_bus; of its controllers */
	unsigned buses, units; /* of one controller */
} drive_rows[] = {
	{ BUS_SCSI, CONTROLLER_SCSI, 1, 7 },
	{ BUS_FDC, CONTROLLER_FDC, 1, 2 },
	{ BUS_IDE, CONTROLLER_IDE, 2, 2 },
	{ BUS_SATA, CONTROLLER_SATA, 1, 6 },
};

static bool same_drive(const struct drive_address *a, const struct drive_address *b)
{
	return a->controller == b->controller && a->bus == b->bus && a->target == b->target &&
	       a->unit == b->unit;
}

static int drive_check(
	const struct domain *def, const struct domain_disk *disk, guint number, struct error *err)
{
	const struct drive_address *at = &disk->address->drive;

	EACH(const struct domain_disk, other, def->disks)
	{
		bool clash = INDEX(other) < number && other->target->bus == disk->target->bus &&
			     other->address && other->address->type == ADDRESS_DRIVE &&
			     same_drive(&other->address->drive, at);
		if (clash)
			return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
				"Found duplicate drive address for disk with target name '%s' "
				"controller='%u' bus='%u' "
				"target='%u' unit='%u'",
				disk->target->dev, at->controller, at->bus, at->target, at->unit);
	}
	return 0;
}

/* The drives of one kind of bus, and the controllers that they are on. */
static int assign_drives(struct domain *def, size_t row, struct error *err)
{
	int last = -1;

	EACH(struct domain_disk, disk, def->disks)
	{
		if (disk->target->bus != drive_rows[row].bus)
			continue;
		if (!disk->address || !disk->address->type) {
			unsigned n = disk_target_index(disk), units = drive_rows[row].units;
			address_make(&disk->address, ADDRESS_DRIVE)->drive =
				(struct drive_address){ .controller = n / (units * drive_rows[row].buses),
					.bus = n / units % drive_rows[row].buses,
					.unit = n % units };
		}
		if (disk->address->type != ADDRESS_DRIVE)
			return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
				"disk %s is on a bus of drives; its <address> "
				"must have type='drive'",
				disk->target->dev);
		if (drive_check(def, disk, INDEX(disk), err) < 0)
			return -1;
		last = MAX(last, (int)MIN(disk->address->drive.controller, BUSES_MAX));
	}
	for (int index = 0; index <= last; index++)
		controller_ensure(def, drive_rows[row].type, (unsigned)index,
			drive_rows[row].type == CONTROLLER_SCSI ? MODEL_LSILOGIC : 0);
	return 0;
}

/* -- USB and virtio-serial ports --------------------------------------------------------------- */

enum { USB_PORTS_MAX = 16, HUB_PORTS = 8 };

static unsigned usb_ports(const struct domain *def)
{
	EACH(const struct domain_controller, c, def->controllers)
	if (c->type == CONTROLLER_USB && c->index == 0) {
		bool xhci = c->model == MODEL_QEMU_XHCI || c->model == MODEL_NEC_XHCI;
		bool ehci = c->model == MODEL_EHCI || c->model == MODEL_ICH9_EHCI1;
		return c->model == MODEL_USB_NONE ? 0
		       : c->ports		  ? MIN(c->ports, USB_PORTS_MAX - 1)
		       : xhci			  ? 15
		       : ehci			  ? 6
						  : 2;
	}
	return 0;
}

/* Every USB device, hubs first. */
static GPtrArray *usb_devices(struct domain *def)
{
	GPtrArray *addresses = g_ptr_array_new(); /* struct device_address ** */

	EACH(struct domain_hub, hub, def->hubs)
	g_ptr_array_add(addresses, &hub->address);
	EACH(struct domain_disk, disk, def->disks)
	if (disk->target->bus == BUS_USB)
		g_ptr_array_add(addresses, &disk->address);
	EACH(struct domain_input, input, def->inputs)
	if (input->bus == INPUT_BUS_USB)
		g_ptr_array_add(addresses, &input->address);
	return addresses;
}

static bool usb_taken(const GPtrArray *devices, const char *port)
{
	for (guint i = 0; i < devices->len; i++) {
		const struct device_address *a = *(struct device_address **)devices->pdata[i];
		if (a && a->type == ADDRESS_USB && a->usb.bus == 0 && g_strcmp0(a->usb.port, port) == 0)
			return true;
	}
	return false;
}

/* The first free port of the controller, else of a hub; the caller's, NULL = none. */
static char *usb_free_port(const struct domain *def, const GPtrArray *devices)
{
	unsigned ports = usb_ports(def);

	for (unsigned port = 1; port <= ports; port++) {
		g_autofree char *text = g_strdup_printf("%u", port);
		if (!usb_taken(devices, text))
			return g_steal_pointer(&text);
	}
	EACH(const struct domain_hub, hub, def->hubs)
	for (unsigned port = 1; hub->address && port <= HUB_PORTS; port++) {
		g_autofree char *text = g_strdup_printf("%s.%u", hub->address->usb.port, port);
		if (!usb_taken(devices, text))
			return g_steal_pointer(&text);
	}
	return NULL;
}

static void usb_place(struct domain *def, const GPtrArray *devices, struct device_address **address)
{
	char *port = usb_free_port(def, devices);

	if (port)
		address_make(address, ADDRESS_USB)->usb = (struct usb_address){ .port = port };
}

static int assign_usb(struct domain *def, struct error *err)
{
	g_autoptr(GPtrArray) devices = usb_devices(def);
	unsigned ports = usb_ports(def);

	if (devices->len == 0)
		return 0;
	if (ports == 0)
		return fail(err, VIR_ERR_XML_ERROR,
			"a device is on USB, and the guest has no USB controller 0: remove <controller "
			"type='usb' "
			"model='none'/>, or choose another bus");
	if (devices->len > ports && !def->hubs) {
		struct domain_hub *hub = model_new(&hub_model);
		hub->type = HUB_USB;
		list_add(&def->hubs, hub);
		g_ptr_array_insert(devices, 0, &hub->address);
	}
	for (guint i = 0; i < devices->len; i++) {
		struct device_address **address = devices->pdata[i];
		if (!*address || !(*address)->type)
			usb_place(def, devices, address);
	}
	return 0;
}

static void assign_serial_ports(struct domain *def)
{
	unsigned next = 1;

	EACH(struct domain_char, channel, def->channels)
	if (channel->address && channel->address->type == ADDRESS_VIRTIO_SERIAL)
		next = MAX(next, channel->address->port.port + 1);
	EACH(struct domain_char, channel, def->channels)
	if (channel->target && channel->target->type == CHAR_TARGET_VIRTIO && !channel->address)
		address_make(&channel->address, ADDRESS_VIRTIO_SERIAL)->port =
			(struct port_address){ .port = next++ };
}

int addresses_assign_drives(struct domain *def, struct error *err)
{
	for (size_t row = 0; row < G_N_ELEMENTS(drive_rows); row++)
		if (assign_drives(def, row, err) < 0)
			return -1;
	return 0;
}

int addresses_assign(struct domain *def, struct error *err)
{
	assign_serial_ports(def);
	if (assign_usb(def, err) < 0)
		return -1;
	return machine_family(def) == MACHINE_OTHER ? 0 : assign_pci(def, err);
}
