/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The domain: structs of the elements of <domain>. The rows stand in domain_*.c beside it.
 *
 * Owns: the shape of a domain and its generic defaults.
 * Must not know: any hypervisor's ways (which PCI slot, which controller).
 */
#pragma once

#include "model/engine.h"

enum domain_type_value {
	DOMAIN_TYPE_QEMU = 1,
	DOMAIN_TYPE_KVM,
	DOMAIN_TYPE_XEN,
	DOMAIN_TYPE_LXC,
	DOMAIN_TYPE_KQEMU,
	DOMAIN_TYPE_TEST
};
enum lifecycle_action {
	LIFECYCLE_DESTROY = 1,
	LIFECYCLE_RESTART,
	LIFECYCLE_RENAME_RESTART,
	LIFECYCLE_PRESERVE,
	LIFECYCLE_COREDUMP_DESTROY,
	LIFECYCLE_COREDUMP_RESTART
};
enum clock_offset { CLOCK_UTC = 1, CLOCK_LOCALTIME, CLOCK_TIMEZONE, CLOCK_VARIABLE, CLOCK_ABSOLUTE };
enum address_type {
	ADDRESS_PCI = 1,
	ADDRESS_DRIVE,
	ADDRESS_USB,
	ADDRESS_VIRTIO_SERIAL,
	ADDRESS_CCID,
	ADDRESS_ISA
};
enum disk_type { DISK_FILE = 1, DISK_BLOCK, DISK_DIR, DISK_NETWORK, DISK_VOLUME };
enum disk_device { DISK_DEVICE_DISK = 1, DISK_DEVICE_CDROM, DISK_DEVICE_FLOPPY, DISK_DEVICE_LUN };
enum disk_bus { BUS_IDE = 1, BUS_FDC, BUS_SCSI, BUS_VIRTIO, BUS_XEN, BUS_USB, BUS_UML, BUS_SATA, BUS_SD };
enum interface_type {
	INTERFACE_USER = 1,
	INTERFACE_BRIDGE,
	INTERFACE_ETHERNET,
	INTERFACE_NETWORK,
	INTERFACE_DIRECT
};
enum char_type {
	CHAR_NULL = 1,
	CHAR_PTY,
	CHAR_UNIX,
	CHAR_FILE,
	CHAR_TCP,
	CHAR_STDIO,
	CHAR_DEV,
	CHAR_PIPE,
	CHAR_SPICEVMC
};
enum graphics_type { GRAPHICS_VNC = 1, GRAPHICS_SPICE };

enum disk_cache { CACHE_NONE = 1, CACHE_WRITETHROUGH, CACHE_WRITEBACK, CACHE_DIRECTSYNC, CACHE_UNSAFE };
enum input_type { INPUT_MOUSE = 1, INPUT_TABLET, INPUT_KEYBOARD, INPUT_PASSTHROUGH, INPUT_EVDEV };
enum input_bus { INPUT_BUS_PS2 = 1, INPUT_BUS_USB, INPUT_BUS_XEN, INPUT_BUS_VIRTIO };
enum listen_type { LISTEN_ADDRESS = 1, LISTEN_NETWORK, LISTEN_SOCKET, LISTEN_NONE };
enum video_type {
	VIDEO_VGA = 1,
	VIDEO_CIRRUS,
	VIDEO_VMVGA,
	VIDEO_XEN,
	VIDEO_VBOX,
	VIDEO_QXL,
	VIDEO_VIRTIO,
	VIDEO_GOP,
	VIDEO_NONE,
	VIDEO_BOCHS,
	VIDEO_RAMFB
};
enum hub_type { HUB_USB = 1 };
enum watchdog_model { WATCHDOG_I6300ESB = 1, WATCHDOG_IB700, WATCHDOG_DIAG288 };
enum balloon_model { BALLOON_VIRTIO = 1, BALLOON_XEN, BALLOON_NONE };
enum rng_backend_model { RNG_RANDOM = 1, RNG_EGD, RNG_BUILTIN };

struct pci_address {
	unsigned domain, bus, slot, function;
	int multifunction; /* enum tristate */
};
struct drive_address {
	unsigned controller, bus, target, unit;
};
struct usb_address {
	unsigned bus;
	char *port;
};
struct port_address { /* virtio-serial and ccid */
	unsigned controller, bus, port;
};
struct isa_address {
	unsigned iobase, irq;
};

struct device_address {
	int type; /* enum address_type */
	union {
		struct pci_address pci;
		struct drive_address drive;
		struct usb_address usb;
		struct port_address port;
		struct isa_address isa;
	};
};

struct domain_vcpu {
	int placement;
	GArray *cpuset;
	unsigned current; /* online at start; 0 = all */
	unsigned count;
};

struct domain_os_type {
	char *arch, *machine, *name; /* name: "hvm" */
};
struct domain_loader {
	int readonly, secure, type;
	char *path;
};
struct domain_boot {
	int device;
};
struct domain_os {
	struct domain_os_type *type;
	struct domain_loader *loader;
	char *kernel, *initrd, *cmdline;
	GPtrArray *boots; /* struct domain_boot * */
	int menu_enable;
	unsigned menu_timeout;
	int bios_useserial;
};

struct domain_features {
	bool acpi, apic, pae;
	int hap; /* enum tristate */
	bool privnet;
	int vmport;
};

enum timer_name { TIMER_PLATFORM = 1, TIMER_PIT, TIMER_RTC, TIMER_HPET };
enum tick_policy { TICK_DELAY = 1, TICK_CATCHUP, TICK_MERGE, TICK_DISCARD };
struct domain_timer {
	int name, present, tickpolicy, track;
	uint64_t frequency;
};
struct domain_clock {
	int offset;
	char *timezone, *adjustment;
	int basis;
	GPtrArray *timers; /* struct domain_timer * */
};

struct disk_driver {
	char *name, *type;
	int cache, error_policy, rerror_policy, io, discard;
};
struct disk_source {
	char *file, *dev, *dir, *pool, *volume;
	int startup_policy;
};
struct disk_target {
	char *dev;
	int bus;
	int tray;
};
struct domain_disk {
	int type, device, snapshot;
	struct disk_driver *driver;
	struct disk_source *source;
	struct disk_target *target;
	bool readonly, shareable, transient;
	char *serial, *wwn;
	unsigned boot_order;
	char *alias;
	struct device_address *address;
};

enum controller_type {
	CONTROLLER_IDE = 1,
	CONTROLLER_FDC,
	CONTROLLER_SCSI,
	CONTROLLER_SATA,
	CONTROLLER_VIRTIO_SERIAL,
	CONTROLLER_CCID,
	CONTROLLER_USB,
	CONTROLLER_PCI
};
enum controller_model {
	MODEL_PIIX3_UHCI = 1,
	MODEL_PIIX4_UHCI,
	MODEL_EHCI,
	MODEL_ICH9_EHCI1,
	MODEL_ICH9_UHCI1,
	MODEL_ICH9_UHCI2,
	MODEL_ICH9_UHCI3,
	MODEL_VT82C686B_UHCI,
	MODEL_PCI_OHCI,
	MODEL_NEC_XHCI,
	MODEL_QEMU_XHCI,
	MODEL_USB_NONE,
	MODEL_PCI_ROOT,
	MODEL_PCIE_ROOT,
	MODEL_PCI_BRIDGE,
	MODEL_DMI_TO_PCI_BRIDGE,
	MODEL_PCIE_TO_PCI_BRIDGE,
	MODEL_PCIE_ROOT_PORT,
	MODEL_LSILOGIC = 25,
	MODEL_LSISAS1068,
	MODEL_LSISAS1078,
	MODEL_VIRTIO_SCSI,
	MODEL_VMPVSCSI = 32
};

struct controller_target {		    /* of a PCI controller */
	unsigned chassis_nr, chassis, port; /* UINT32_MAX = not given */
};
struct domain_controller {
	int type;
	unsigned index;
	int model;
	unsigned ports, vectors;
	char *model_name; /* the hypervisor's name of a PCI controller's model */
	struct controller_target *target;
	unsigned start_port; /* of a companion; UINT32_MAX = none */
	char *alias;
	struct device_address *address;
};

struct interface_source {
	char *bridge, *network, *portgroup, *dev, *mode;
};
struct domain_interface {
	int type;
	unsigned char mac[6];
	struct interface_source *source;
	char *script, *target, *model;
	unsigned boot_order;
	int link_state;
	unsigned mtu;
	char *alias;
	struct device_address *address;
};

enum char_mode { CHAR_MODE_BIND = 1, CHAR_MODE_CONNECT };
struct char_source {
	int mode; /* enum char_mode */
	char *path, *host, *service;
	int append, tls; /* enum tristate */
};
enum char_target_type {
	CHAR_TARGET_ISA_SERIAL = 1,
	CHAR_TARGET_USB_SERIAL,
	CHAR_TARGET_PCI_SERIAL,
	CHAR_TARGET_SERIAL,
	CHAR_TARGET_VIRTIO
};
struct char_target {
	int type;
	char *name, *state;
	unsigned port; /* UINT_MAX = none */
	char *model;
};
struct domain_char {
	int type; /* enum char_type */
	char *tty;
	struct char_source *source;
	int protocol;
	struct char_target *target;
	char *alias;
	struct device_address *address;
};

struct domain_input {
	int type, bus, model;
	char *alias;
	struct device_address *address;
};

struct graphics_listen {
	int type;
	char *address, *network, *socket;
};
struct domain_graphics {
	int type;
	int port; /* -1 = chosen at start, 0 = not given */
	int tls_port;
	int autoport;
	char *keymap, *password, *password_valid_to, *listen, *socket;
	GPtrArray *listens; /* struct graphics_listen * */
};

struct video_model {
	int type;
	unsigned ram, vram, vram64, vgamem, heads;
	int primary;
};
struct domain_video {
	struct video_model *model;
	char *alias;
	struct device_address *address;
};

struct domain_hub {
	int type;
	char *alias;
	struct device_address *address;
};
enum sound_model { SOUND_SB16 = 1, SOUND_ES1370, SOUND_PCSPK, SOUND_AC97, SOUND_ICH6, SOUND_ICH9, SOUND_USB };
struct domain_sound {
	int model;
	char *alias;
	struct device_address *address;
};
enum audio_type { AUDIO_NONE = 1, AUDIO_SPICE = 8 };
struct domain_audio {
	unsigned id;
	int type;
};

enum cpu_match { CPU_MATCH_MINIMUM = 1, CPU_MATCH_EXACT, CPU_MATCH_STRICT };
enum cpu_check { CPU_CHECK_NONE = 1, CPU_CHECK_PARTIAL, CPU_CHECK_FULL };
enum cpu_fallback { CPU_FALLBACK_ALLOW = 1, CPU_FALLBACK_FORBID };
enum cpu_mode { CPU_CUSTOM = 1, CPU_HOST_MODEL, CPU_HOST_PASSTHROUGH, CPU_MAXIMUM };
struct cpu_model {
	int fallback;
	char *vendor_id, *name;
};
struct cpu_topology {
	unsigned sockets, dies, cores, threads;
};
struct cpu_feature {
	int policy;
	char *name;
};
struct domain_cpu {
	int mode, match, check, migratable;
	struct cpu_model *model;
	char *vendor;
	struct cpu_topology *topology;
	GPtrArray *features; /* struct cpu_feature * */
};

struct domain_watchdog {
	int model, action;
	char *alias;
	struct device_address *address;
};
struct domain_memballoon {
	int model;
	int autodeflate;
	unsigned stats_period;
	char *alias;
	struct device_address *address;
};
struct rng_backend {
	int model;
	char *source;
};
struct domain_rng {
	int model;
	unsigned rate_bytes, rate_period;
	struct rng_backend *backend;
	char *alias;
	struct device_address *address;
};

struct domain {
	int type; /* enum domain_type_value */
	int id;	  /* -1 = not running */
	char *name;
	unsigned char uuid[16];
	char *title, *description, *metadata;
	uint64_t memory, current_memory; /* KiB */
	struct domain_vcpu *vcpu;
	struct domain_os *os;
	struct domain_features *features;
	struct domain_cpu *cpu;
	struct domain_clock *clock;
	int on_poweroff, on_reboot, on_crash; /* enum lifecycle_action */
	int suspend_to_mem, suspend_to_disk;  /* enum tristate */

	char *emulator;
	GPtrArray *disks, *controllers, *interfaces, *serials, *parallels, *consoles, *channels, *inputs,
		*graphics, *sounds, *audios, *videos, *hubs, *watchdogs, *memballoons, *rngs;
};

extern const struct model_type domain_model;

/* What is kept of a running guest while the daemon is away. */
struct domain_status {
	int state, reason; /* virDomainState and its reason */
	int autodestroy;   /* enum tristate */
	struct domain *domain;
};

extern const struct model_type domain_status_model;

/* Reads a definition, fills generic defaults and checks it. FLAGS: enum model_parse_flags. *RET_DOMAIN is the
 * caller's. */
int domain_parse(const char *xml, size_t len, unsigned flags, struct domain **ret_domain,
	struct model_notes *notes, struct error *err);

/* Whether NAME can be a domain's, and its file's. VIR_ERR_XML_ERROR. */
int domain_name_check(const char *name, struct error *err);

static inline void domain_free(struct domain *domain)
{
	model_free(&domain_model, domain);
}

static inline void domain_free_ptr(struct domain **domain)
{
	domain_free(*domain);
}
#define auto_domain __attribute__((cleanup(domain_free_ptr))) struct domain

/* Empty children of devices. */
struct char_target *char_target_new(void);
struct char_source *char_source_new(void);
struct disk_driver *disk_driver_new(void);
struct controller_target *controller_target_new(void);
struct video_model *video_model_new(void);
struct cpu_model *cpu_model_new(void);

extern const struct model_type device_address_model;
extern const struct model_type disk_model, controller_model, interface_model, serial_model, console_model,
	channel_model;
extern const struct model_type hub_model, sound_model, audio_model, cpu_type, cpu_feature_model;
extern const struct model_type input_model, graphics_model, video_model_type, watchdog_model,
	memballoon_model, rng_model;
