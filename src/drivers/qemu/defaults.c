/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Defaults, a function a family of devices; as libvirt 9.0 writes them into definitions.
 */
#include "drivers/qemu/defaults.h"

#include <string.h>

#include "drivers/qemu/addresses.h"
#include "drivers/qemu/lists.h"

static bool is_x86(const struct domain *def)
{
	const char *arch = def->os->type->arch;

	return arch && (g_str_equal(arch, "x86_64") || g_str_equal(arch, "i686"));
}

static void fill_controllers(struct domain *def)
{
	bool q35 = machine_family(def) == MACHINE_Q35;
	int usb = q35 ? MODEL_QEMU_XHCI : MODEL_PIIX3_UHCI;

	controller_ensure(def, CONTROLLER_USB, 0, usb);
	if (q35)
		controller_ensure(def, CONTROLLER_SATA, 0, 0);
	controller_ensure(def, CONTROLLER_PCI, 0, q35 ? MODEL_PCIE_ROOT : MODEL_PCI_ROOT);
	EACH(struct domain_controller, c, def->controllers)
	{
		if (c->type == CONTROLLER_USB && !c->model)
			c->model = usb;
		if (c->type == CONTROLLER_SCSI && !c->model)
			c->model = MODEL_LSILOGIC;
	}
}

static void fill_disks(struct domain *def)
{
	EACH(struct domain_disk, disk, def->disks)
	{
		if (!disk->driver)
			disk->driver = disk_driver_new();
		if (!disk->driver->name)
			disk->driver->name = g_strdup("qemu");
		if (!disk->driver->type)
			disk->driver->type = g_strdup("raw");
	}
}

static struct char_target *target_of(struct domain_char *device)
{
	if (!device->target)
		device->target = char_target_new();
	return device->target;
}

static void fill_serials(struct domain *def)
{
	EACH(struct domain_char, serial, def->serials)
	{
		struct char_target *target = target_of(serial);
		if (!target->type)
			target->type = CHAR_TARGET_ISA_SERIAL;
		if (target->port == UINT32_MAX)
			target->port = INDEX(serial);
		if (!target->model)
			target->model = g_strdup(target->type == CHAR_TARGET_USB_SERIAL	  ? "usb-serial"
						 : target->type == CHAR_TARGET_PCI_SERIAL ? "pci-serial"
											  : "isa-serial");
	}
	EACH(struct domain_char, parallel, def->parallels)
	if (target_of(parallel)->port == UINT32_MAX)
		parallel->target->port = INDEX(parallel);
}

/* The first serial port is a console too, as clients expect. */
void defaults_fill_consoles(struct domain *def)
{
	if (!def->consoles && def->serials) {
		struct domain_char *console = model_copy(&console_model, def->serials->pdata[0]);
		g_clear_pointer(&console->alias, g_free);
		model_free(&device_address_model, g_steal_pointer(&console->address));
		g_clear_pointer(&console->target->model, g_free);
		console->target->type = CHAR_TARGET_SERIAL;
		list_add(&def->consoles, console);
	}
	bool virtio = false;
	EACH(struct domain_char, console, def->consoles)
	{
		struct char_target *target = target_of(console);
		if (!target->type)
			target->type = INDEX(console) == 0 ? CHAR_TARGET_SERIAL : CHAR_TARGET_VIRTIO;
		if (target->port == UINT32_MAX)
			target->port = INDEX(console);
		virtio |= target->type == CHAR_TARGET_VIRTIO;
	}
	EACH(struct domain_char, channel, def->channels)
	virtio |= channel->target && channel->target->type == CHAR_TARGET_VIRTIO;
	if (virtio)
		controller_ensure(def, CONTROLLER_VIRTIO_SERIAL, 0, 0);
}

static void ensure_input(struct domain *def, int type)
{
	EACH(struct domain_input, input, def->inputs)
	if (input->type == type && input->bus == INPUT_BUS_PS2)
		return;
	struct domain_input *made = model_new(&input_model);
	made->type = type;
	made->bus = INPUT_BUS_PS2;
	list_add(&def->inputs, made);
}

static void fill_inputs(struct domain *def)
{
	EACH(struct domain_input, input, def->inputs)
	if (!input->bus)
		input->bus = input->type == INPUT_TABLET ? INPUT_BUS_USB : INPUT_BUS_PS2;
	if (!is_x86(def))
		return;
	ensure_input(def, INPUT_MOUSE);
	ensure_input(def, INPUT_KEYBOARD);
}

/* Memory of adapters, KiB, where nothing is said; the columns follow the model's attributes. */
static const struct {
	int type;
	unsigned ram, vram, vgamem;
} video_rows[] = {
	{ VIDEO_VGA, 0, 16384, 0 },
	{ VIDEO_CIRRUS, 0, 16384, 0 },
	{ VIDEO_VMVGA, 0, 16384, 0 },
	{ VIDEO_QXL, 65536, 65536, 16384 },
	{ VIDEO_BOCHS, 0, 16384, 0 },
};

static void fill_video(struct domain *def)
{
	if (!def->videos && def->graphics) {
		struct domain_video *made = model_new(&video_model_type);
		made->model = video_model_new();
		made->model->type = VIDEO_CIRRUS;
		list_add(&def->videos, made);
	}
	EACH(struct domain_video, video, def->videos)
	{
		struct video_model *model = video->model;
		if (!model)
			model = video->model = video_model_new();
		if (!model->type)
			model->type = VIDEO_CIRRUS;
		if (model->type == VIDEO_NONE)
			continue;
		for (size_t i = 0; i < G_N_ELEMENTS(video_rows); i++) {
			if (video_rows[i].type != model->type)
				continue;
			model->ram = model->ram ? model->ram : video_rows[i].ram;
			model->vram = model->vram ? model->vram : video_rows[i].vram;
			model->vgamem = model->vgamem ? model->vgamem : video_rows[i].vgamem;
		}
		model->heads = model->heads ? model->heads : 1;
		if (INDEX(video) == 0)
			model->primary = TRISTATE_YES;
	}
}

static void fill_sound(struct domain *def)
{
	bool spice = false;

	if (def->audios)
		return;
	EACH(struct domain_graphics, graphics, def->graphics)
	spice |= graphics->type == GRAPHICS_SPICE;
	struct domain_audio *audio = model_new(&audio_model);
	audio->id = 1;
	audio->type = spice ? AUDIO_SPICE : AUDIO_NONE;
	list_add(&def->audios, audio);
}

static void fill_rest(struct domain *def)
{
	if (!def->memballoons) {
		struct domain_memballoon *balloon = model_new(&memballoon_model);
		balloon->model = BALLOON_VIRTIO;
		list_add(&def->memballoons, balloon);
	}
	EACH(struct domain_interface, interface, def->interfaces)
	if (!interface->model)
		interface->model = g_strdup("rtl8139");
	EACH(struct domain_rng, rng, def->rngs)
	if (rng->backend && rng->backend->model == RNG_RANDOM &&
		(!rng->backend->source || !rng->backend->source[0])) {
		g_free(rng->backend->source);
		rng->backend->source = g_strdup("/dev/random");
	}
}

static void fill_cpu(struct domain *def)
{
	if (!is_x86(def))
		return;
	if (!def->cpu)
		def->cpu = model_new(&cpu_type);
	struct domain_cpu *cpu = def->cpu;
	if (!cpu->mode) {
		cpu->mode = CPU_CUSTOM;
		cpu->match = CPU_MATCH_EXACT;
		cpu->check = CPU_CHECK_NONE;
		cpu->model = cpu_model_new();
		cpu->model->fallback = CPU_FALLBACK_FORBID;
		cpu->model->name = g_strdup(g_str_equal(def->os->type->arch, "i686") ? "qemu32" : "qemu64");
	}
	bool host = cpu->mode == CPU_HOST_PASSTHROUGH || cpu->mode == CPU_MAXIMUM;
	if (!cpu->check)
		cpu->check = host || (cpu->mode == CPU_CUSTOM && def->type == DOMAIN_TYPE_QEMU)
				     ? CPU_CHECK_NONE
				     : CPU_CHECK_PARTIAL;
	if (host && !cpu->migratable)
		cpu->migratable = TRISTATE_YES;
}

void defaults_fill(struct domain *def)
{
	fill_cpu(def);
	if (machine_family(def) != MACHINE_OTHER)
		fill_controllers(def);
	fill_disks(def);
	fill_serials(def);
	fill_inputs(def);
	fill_video(def);
	fill_sound(def);
	fill_rest(def);
}
