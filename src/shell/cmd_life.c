/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a domain: define, start, stop, undefine, and what changes its run.
 */
#include <string.h>

#include "shell/commands.h"
#include "shell/console.h"
#include "shell/domain.h"
#include "shell/volumes.h"

/* -- from files -- */

static int run_define(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *path = command_text(cmd, "file");
	const struct remote_nonnull_domain *domain = NULL;
	g_autofree char *xml = NULL;

	if (read_argument_file(path, &xml, err) < 0)
		return -1;
	if (command_has(cmd, "validate")) {
		const struct remote_domain_define_xml_flags_ret *ret = CALL(sh, DOMAIN_DEFINE_XML_FLAGS,
			domain_define_xml_flags, .xml = xml, .flags = VIR_DOMAIN_DEFINE_VALIDATE);
		domain = ret ? &ret->dom : NULL;
	} else {
		const struct remote_domain_define_xml_ret *ret =
			CALL(sh, DOMAIN_DEFINE_XML, domain_define_xml, .xml = xml);
		domain = ret ? &ret->dom : NULL;
	}
	if (!domain)
		return shell_error(sh, "Failed to define domain from %s", path);
	shell_answer(sh, "domain", json_string(domain->name));
	shell_extra(sh, "Domain '%s' defined from %s\n", domain->name, path);
	return 0;
}

static const struct flag_row start_flags[] = {
	{ "paused", VIR_DOMAIN_START_PAUSED },
	{ "autodestroy", VIR_DOMAIN_START_AUTODESTROY },
	{ "bypass-cache", VIR_DOMAIN_START_BYPASS_CACHE },
	{ "force-boot", VIR_DOMAIN_START_FORCE_BOOT },
	{ "validate", VIR_DOMAIN_START_VALIDATE },
	{ "reset-nvram", VIR_DOMAIN_START_RESET_NVRAM },
	{ 0 },
};

static int refuse_descriptors(struct shell *sh, const struct command *cmd)
{
	if (command_has(cmd, "pass-fds"))
		return shell_error(sh,
			"--pass-fds: this shell cannot pass descriptors; open the files by path "
			"in the definition instead");
	return 0;
}

static int maybe_console(struct shell *sh, const struct command *cmd,
	const struct remote_nonnull_domain *domain, struct error *err)
{
	if (!command_has(cmd, "console"))
		return 0;
	return console_attach(sh, domain, NULL, 0, err);
}

static int run_create(struct shell *sh, const struct command *cmd, struct error *err)
{
	const char *path = command_text(cmd, "file");
	g_autofree char *xml = NULL;

	if (refuse_descriptors(sh, cmd) < 0 || read_argument_file(path, &xml, err) < 0)
		return -1;
	const struct remote_domain_create_xml_ret *ret = CALL(sh, DOMAIN_CREATE_XML, domain_create_xml,
		.xml_desc = xml, .flags = flags_of(cmd, start_flags));
	if (!ret)
		return shell_error(sh, "Failed to create domain from %s", path);
	shell_answer(sh, "domain", json_string(ret->dom.name));
	shell_extra(sh, "Domain '%s' created from %s\n", ret->dom.name, path);
	return maybe_console(sh, cmd, &ret->dom, err);
}

/* -- start and stop -- */

static bool start(
	struct shell *sh, const struct remote_nonnull_domain *domain, unsigned flags, struct error *err)
{
	if (!flags)
		return CALL(sh, DOMAIN_CREATE, domain_create, .dom = *domain) != NULL;
	return CALL(sh, DOMAIN_CREATE_WITH_FLAGS, domain_create_with_flags, .dom = *domain, .flags = flags) !=
	       NULL;
}

static int run_start(struct shell *sh, const struct command *cmd, struct error *err)
{
	if (refuse_descriptors(sh, cmd) < 0)
		return -1;
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_UUID | BY_NAME, err);
	if (!domain)
		return -1;
	if (domain->id >= 0)
		return shell_error(sh, "Domain is already active");
	if (!start(sh, domain, flags_of(cmd, start_flags), err))
		return shell_error(sh, "Failed to start domain '%s'", domain->name);
	shell_extra(sh, "Domain '%s' started\n", domain->name);
	return maybe_console(sh, cmd, domain, err);
}

static int run_destroy(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct flag_row rows[] = { { "graceful", VIR_DOMAIN_DESTROY_GRACEFUL },
		{ "remove-logs", VIR_DOMAIN_DESTROY_REMOVE_LOGS }, { 0 } };
	unsigned flags = flags_of(cmd, rows);
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	bool ok = flags ? CALL(sh, DOMAIN_DESTROY_FLAGS, domain_destroy_flags, .dom = *domain,
				  .flags = flags) != NULL
			: CALL(sh, DOMAIN_DESTROY, domain_destroy, .dom = *domain) != NULL;
	if (!ok)
		return shell_error(sh, "Failed to destroy domain '%s'", domain->name);
	shell_extra(sh, "Domain '%s' destroyed\n", domain->name);
	return 0;
}

/* Ways to shut down and reboot; the flags of both calls agree. */
static int mode_flags(struct shell *sh, const struct command *cmd, unsigned *ret_flags)
{
	static const char *const modes[] = { "acpi", "agent", "initctl", "signal", "paravirt" };
	const char *text = command_text(cmd, "mode");
	g_auto(GStrv) words = g_strsplit(text ? text : "", ",", -1);

	*ret_flags = 0;
	for (char **word = words; *word; word++) {
		unsigned flag = 0;
		for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++)
			if (strcmp(*word, modes[i]) == 0)
				flag = 1u << i;
		if (!flag)
			return shell_error(sh,
				"Unknown mode %s value, expecting 'acpi', 'agent', 'initctl', 'signal', or "
				"'paravirt'",
				*word);
		*ret_flags |= flag;
	}
	return 0;
}

static void complete_mode(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	static const char *const modes[] = { "acpi", "agent", "initctl", "signal", "paravirt", NULL };

	complete_from(modes, word, out);
}

static int run_shutdown(struct shell *sh, const struct command *cmd, struct error *err)
{
	unsigned flags;

	if (mode_flags(sh, cmd, &flags) < 0)
		return -1;
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	if (!domain)
		return -1;
	bool ok = flags ? CALL(sh, DOMAIN_SHUTDOWN_FLAGS, domain_shutdown_flags, .dom = *domain,
				  .flags = flags) != NULL
			: CALL(sh, DOMAIN_SHUTDOWN, domain_shutdown, .dom = *domain) != NULL;
	if (!ok)
		return shell_error(sh, "Failed to shutdown domain '%s'", domain->name);
	shell_extra(sh, "Domain '%s' is being shutdown\n", domain->name);
	return 0;
}

static int run_reboot(struct shell *sh, const struct command *cmd, struct error *err)
{
	unsigned flags;

	if (mode_flags(sh, cmd, &flags) < 0)
		return -1;
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	if (!domain)
		return -1;
	if (!CALL(sh, DOMAIN_REBOOT, domain_reboot, .dom = *domain, .flags = flags))
		return shell_error(sh, "Failed to reboot domain '%s'", domain->name);
	shell_extra(sh, "Domain '%s' is being rebooted\n", domain->name);
	return 0;
}

static int run_suspend(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	if (!CALL(sh, DOMAIN_SUSPEND, domain_suspend, .dom = *domain))
		return shell_error(sh, "Failed to suspend domain '%s'", domain->name);
	shell_extra(sh, "Domain '%s' suspended\n", domain->name);
	return 0;
}

static int run_resume(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	if (!CALL(sh, DOMAIN_RESUME, domain_resume, .dom = *domain))
		return shell_error(sh, "Failed to resume domain '%s'", domain->name);
	shell_extra(sh, "Domain '%s' resumed\n", domain->name);
	return 0;
}

static int run_reset(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	if (!CALL(sh, DOMAIN_RESET, domain_reset, .dom = *domain))
		return shell_error(sh, "Failed to reset domain '%s'", domain->name);
	shell_extra(sh, "Domain '%s' was reset\n", domain->name);
	return 0;
}

static int run_inject_nmi(struct shell *sh, const struct command *cmd, struct error *err)
{
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	return CALL(sh, DOMAIN_INJECT_NMI, domain_inject_nmi, .dom = *domain) ? 0 : -1;
}

/* -- what is kept -- */

static int run_autostart(struct shell *sh, const struct command *cmd, struct error *err)
{
	bool on = !command_has(cmd, "disable");
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);

	if (!domain)
		return -1;
	if (!CALL(sh, DOMAIN_SET_AUTOSTART, domain_set_autostart, .dom = *domain, .autostart = on))
		return shell_error(
			sh, "Failed to %smark domain '%s' as autostarted", on ? "" : "un", domain->name);
	shell_extra(sh, "Domain '%s' %smarked as autostarted\n", domain->name, on ? "" : "un");
	return 0;
}

static int run_domrename(struct shell *sh, const struct command *cmd, struct error *err)
{
	char *name = (char *)command_text(cmd, "new-name");
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_UUID | BY_NAME, err);

	if (!domain)
		return -1;
	if (!CALL(sh, DOMAIN_RENAME, domain_rename, .dom = *domain, .new_name = name))
		return -1;
	shell_extra(sh, "Domain successfully renamed\n");
	return 0;
}

/* -- undefine -- */

static const struct flag_row undefine_flags[] = {
	{ "nvram", VIR_DOMAIN_UNDEFINE_NVRAM },
	{ "keep-nvram", VIR_DOMAIN_UNDEFINE_KEEP_NVRAM },
	{ "snapshots-metadata", VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA },
	{ "checkpoints-metadata", VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA },
	{ "tpm", VIR_DOMAIN_UNDEFINE_TPM },
	{ "keep-tpm", VIR_DOMAIN_UNDEFINE_KEEP_TPM },
	{ 0 },
};

/* What would be lost with an inactive domain is only taken along when that was asked for. */
static int check_leftovers(struct shell *sh, const struct command *cmd,
	const struct remote_nonnull_domain *domain, unsigned *flags, struct error *err)
{
	const struct remote_domain_has_managed_save_image_ret *saved =
		CALL(sh, DOMAIN_HAS_MANAGED_SAVE_IMAGE, domain_has_managed_save_image, .dom = *domain);

	if (!saved && err->code != VIR_ERR_NO_SUPPORT)
		return -1;
	error_clear(err);
	if (saved && saved->result > 0) {
		if (!command_has(cmd, "managed-save"))
			return shell_error(sh, "Refusing to undefine while domain managed save image exists");
		*flags |= VIR_DOMAIN_UNDEFINE_MANAGED_SAVE;
	}
	const struct remote_domain_snapshot_num_ret *snapshots =
		CALL(sh, DOMAIN_SNAPSHOT_NUM, domain_snapshot_num, .dom = *domain);
	if (!snapshots && err->code != VIR_ERR_NO_SUPPORT)
		return -1;
	error_clear(err);
	if (snapshots && snapshots->num > 0 && !command_has(cmd, "snapshots-metadata"))
		return shell_error(sh, "Refusing to undefine while %d snapshots exist", snapshots->num);
	return 0;
}

static bool undefine(
	struct shell *sh, const struct remote_nonnull_domain *domain, unsigned flags, struct error *err)
{
	if (CALL(sh, DOMAIN_UNDEFINE_FLAGS, domain_undefine_flags, .dom = *domain, .flags = flags))
		return true;
	if (err->code != VIR_ERR_NO_SUPPORT || flags)
		return false;
	error_clear(err);
	return CALL(sh, DOMAIN_UNDEFINE, domain_undefine, .dom = *domain) != NULL;
}

static int check_storage_options(struct shell *sh, const struct command *cmd, int active)
{
	bool some = command_has(cmd, "storage"), all = command_has(cmd, "remove-all-storage");

	if (command_has(cmd, "delete-storage-volume-snapshots") && !all)
		return shell_error(sh, "'--delete-storage-volume-snapshots' requires '--storage <string>' or "
				       "'--remove-all-storage'");
	if (command_has(cmd, "wipe-storage") && !some && !all)
		return shell_error(
			sh, "'--wipe-storage' requires '--storage <string>' or '--remove-all-storage'");
	if ((some || all) && active)
		return shell_error(sh, "Storage volume deletion is supported only on stopped domains");
	if (some && all)
		return shell_error(sh, "Specified both --storage and --remove-all-storage");
	return 0;
}

static int run_undefine(struct shell *sh, const struct command *cmd, struct error *err)
{
	unsigned flags = flags_of(cmd, undefine_flags);

	if (command_has(cmd, "wipe-storage") && check_storage_options(sh, cmd, 0) < 0)
		return -1;
	const struct remote_nonnull_domain *domain = domain_find(sh, cmd, BY_ANY, err);
	if (!domain)
		return -1;
	int active = domain_active(sh, domain, err);
	if (active < 0 || check_storage_options(sh, cmd, active) < 0)
		return -1;
	if (!active && check_leftovers(sh, cmd, domain, &flags, err) < 0)
		return -1;
	g_autoptr(GPtrArray) volumes = volumes_of_domain(sh, cmd, domain, err);
	if (!volumes)
		return -1;
	if (!undefine(sh, domain, flags, err))
		return shell_error(sh, "Failed to undefine domain '%s'", domain->name);
	shell_extra(sh, "Domain '%s' has been undefined\n", domain->name);
	return volumes_remove(sh, cmd, volumes, err);
}

/* -- rows -- */

static const struct option_row define_options[] = {
	OPTION_TEXT("file", OPTION_REQUIRED, "file containing an XML domain description",
		.complete = complete_file),
	OPTION_FLAG("validate", "validate the XML against the schema"),
};
static const struct option_row create_options[] = {
	OPTION_TEXT("file", OPTION_REQUIRED, "file containing an XML domain description",
		.complete = complete_file),
	OPTION_FLAG("console", "attach to console after creation"),
	OPTION_FLAG("paused", "leave the guest paused after creation"),
	OPTION_FLAG("autodestroy", "automatically destroy the guest when virsh disconnects"),
	OPTION_TEXT("pass-fds", 0, "pass file descriptors N,M,... to the guest"),
	OPTION_FLAG("validate", "validate the XML against the schema"),
	OPTION_FLAG("reset-nvram", "re-initialize NVRAM from its pristine template"),
};
static const struct option_row start_options[] = {
	OPTION_DOMAIN_OF("name of the inactive domain", complete_inactive),
	OPTION_FLAG("console", "attach to console after creation"),
	OPTION_FLAG("paused", "leave the guest paused after creation"),
	OPTION_FLAG("autodestroy", "automatically destroy the guest when virsh disconnects"),
	OPTION_FLAG("bypass-cache", "avoid file system cache when loading"),
	OPTION_FLAG("force-boot", "force fresh boot by discarding any managed save"),
	OPTION_TEXT("pass-fds", 0, "pass file descriptors N,M,... to the guest"),
	OPTION_FLAG("reset-nvram", "re-initialize NVRAM from its pristine template"),
};
static const struct option_row active_options[] = { OPTION_ACTIVE_DOMAIN };
static const struct option_row mode_options[] = {
	OPTION_ACTIVE_DOMAIN,
	OPTION_TEXT(
		"mode", 0, "shutdown mode: acpi|agent|initctl|signal|paravirt", .complete = complete_mode),
};
static const struct option_row destroy_options[] = {
	OPTION_ACTIVE_DOMAIN,
	OPTION_FLAG("graceful", "terminate gracefully"),
	OPTION_FLAG("remove-logs", "remove domain logs"),
};
static const struct option_row autostart_options[] = {
	OPTION_DOMAIN,
	OPTION_FLAG("disable", "disable autostarting"),
};
static const struct option_row domrename_options[] = {
	OPTION_DOMAIN_OF("domain name or uuid", complete_inactive),
	OPTION_TEXT("new-name", OPTION_REQUIRED, "new domain name"),
};
static const struct option_row undefine_options[] = {
	OPTION_DOMAIN,
	OPTION_FLAG("managed-save", "remove domain managed state file"),
	OPTION_TEXT("storage", 0,
		"remove associated storage volumes (comma separated list of targets or source paths) (see "
		"domblklist)",
		.complete = complete_disk),
	OPTION_FLAG("remove-all-storage", "remove all associated storage volumes (use with caution)"),
	OPTION_FLAG("delete-storage-volume-snapshots", "delete snapshots associated with volume(s), requires "
						       "--remove-all-storage (must be supported by "
						       "storage driver)"),
	OPTION_FLAG("wipe-storage", "wipe data on the removed volumes"),
	OPTION_FLAG("snapshots-metadata", "remove all domain snapshot metadata (vm must be inactive)"),
	OPTION_FLAG("checkpoints-metadata", "remove all domain checkpoint metadata (vm must be inactive)"),
	OPTION_FLAG("nvram", "remove nvram file"),
	OPTION_FLAG("keep-nvram", "keep nvram file"),
	OPTION_FLAG("tpm", "remove TPM state"),
	OPTION_FLAG("keep-tpm", "keep TPM state"),
};
static const struct exclusive_row undefine_exclusive[] = {
	{ "nvram", "keep-nvram" },
	{ "tpm", "keep-tpm" },
	{ 0 },
};

static const struct command_row rows[] = {
	{ "autostart", NULL, GROUP_DOMAIN, "autostart a domain",
		"Configure a domain to be automatically started at boot.", OPTIONS(autostart_options),
		.flags = COMMAND_WRITES, .run = run_autostart },
	{ "create", NULL, GROUP_DOMAIN, "create a domain from an XML file", "Create a domain.",
		OPTIONS(create_options), .flags = COMMAND_WRITES, .run = run_create },
	{ "define", NULL, GROUP_DOMAIN, "define (but don't start) a domain from an XML file",
		"Define a domain.", OPTIONS(define_options), .flags = COMMAND_WRITES, .run = run_define },
	{ "destroy", NULL, GROUP_DOMAIN, "destroy (stop) a domain",
		"Forcefully stop a given domain, but leave its resources intact.", OPTIONS(destroy_options),
		.flags = COMMAND_WRITES, .run = run_destroy },
	{ "domrename", NULL, GROUP_DOMAIN, "rename a domain", "Rename an inactive domain.",
		OPTIONS(domrename_options), .flags = COMMAND_WRITES, .run = run_domrename },
	{ "inject-nmi", NULL, GROUP_DOMAIN, "Inject NMI to the guest", "Inject NMI to the guest domain.",
		OPTIONS(active_options), .flags = COMMAND_WRITES, .run = run_inject_nmi },
	{ "reboot", NULL, GROUP_DOMAIN, "reboot a domain", "Run a reboot command in the target domain.",
		OPTIONS(mode_options), .flags = COMMAND_WRITES, .run = run_reboot },
	{ "reset", NULL, GROUP_DOMAIN, "reset a domain", "Reset the target domain as if by power button",
		OPTIONS(active_options), .flags = COMMAND_WRITES, .run = run_reset },
	{ "resume", NULL, GROUP_DOMAIN, "resume a domain", "Resume a previously suspended domain.",
		OPTIONS(active_options), .flags = COMMAND_WRITES, .run = run_resume },
	{ "shutdown", NULL, GROUP_DOMAIN, "gracefully shutdown a domain",
		"Run shutdown in the target domain.", OPTIONS(mode_options), .flags = COMMAND_WRITES,
		.run = run_shutdown },
	{ "start", NULL, GROUP_DOMAIN, "start a (previously defined) inactive domain",
		"Start a domain, either from the last managedsave\n    state, or via a fresh boot if no "
		"managedsave state\n    is present.",
		OPTIONS(start_options), .flags = COMMAND_WRITES, .run = run_start },
	{ "suspend", NULL, GROUP_DOMAIN, "suspend a domain", "Suspend a running domain.",
		OPTIONS(active_options), .flags = COMMAND_WRITES, .run = run_suspend },
	{ "undefine", NULL, GROUP_DOMAIN, "undefine a domain",
		"Undefine an inactive domain, or convert persistent to transient.", OPTIONS(undefine_options),
		.exclusive = undefine_exclusive, .flags = COMMAND_WRITES, .run = run_undefine },
};
COMMAND_TABLE(life_commands, rows);
