/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * `undefine --storage`: disks to volumes, and the end of these.
 */
#include "shell/volumes.h"

#include <string.h>

#include "shell/domain.h"
#include "shell/xml.h"

struct volume {
	char *target, *source;
	const struct remote_nonnull_storage_vol *vol; /* until client_forget() */
};

static void volume_free(void *arg)
{
	struct volume *volume = arg;

	g_free(volume->target);
	g_free(volume->source);
	g_free(volume);
}

/* Whether a disk is meant; a name that was found is taken out of WANTED (NULL = all are meant). */
static bool wanted_takes(char **wanted, const char *target, const char *source)
{
	if (!wanted)
		return true;
	for (; *wanted; wanted++)
		if (**wanted && (strcmp(*wanted, target) == 0 || strcmp(*wanted, source) == 0)) {
			**wanted = '\0';
			return true;
		}
	return false;
}

static const struct remote_nonnull_storage_vol *find_volume(struct shell *sh, const char *path)
{
	auto_error ignored = { 0 };
	struct error *err = &ignored;
	const struct remote_storage_vol_lookup_by_path_ret *ret =
		CALL(sh, STORAGE_VOL_LOOKUP_BY_PATH, storage_vol_lookup_by_path, .path = (char *)path);

	return ret ? &ret->vol : NULL;
}

static void add_disk(struct shell *sh, xmlDocPtr doc, xmlNodePtr disk, char **wanted, GPtrArray *out)
{
	g_autofree char *target = xml_text(doc, disk, "string(./target/@dev)");
	g_autofree char *source = xml_text(doc, disk,
		"string(./source/@file | ./source/@dir | ./source/@name | ./source/@dev | ./source/@volume)");

	if (!*source || !wanted_takes(wanted, target, source))
		return;
	const struct remote_nonnull_storage_vol *vol = find_volume(sh, source);
	if (!vol) {
		shell_error(sh, "Storage volume '%s'(%s) is not managed by libvirt. Remove it manually.\n",
			target, source);
		return;
	}
	struct volume *volume = g_new0(struct volume, 1);
	*volume = (struct volume){ g_steal_pointer(&target), g_steal_pointer(&source), vol };
	g_ptr_array_add(out, volume);
}

GPtrArray *volumes_of_domain(struct shell *sh, const struct command *cmd,
	const struct remote_nonnull_domain *domain, struct error *err)
{
	g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(volume_free);
	const char *names = command_text(cmd, "storage");

	if (!names && !command_has(cmd, "remove-all-storage"))
		return g_steal_pointer(&out);
	const char *xml = domain_xml(sh, domain, VIR_DOMAIN_XML_INACTIVE, err);
	auto_xml doc = xml ? xml_parse(xml, err) : NULL;
	if (!doc)
		return NULL;
	g_auto(GStrv) wanted = names ? g_strsplit(names, ",", -1) : NULL;
	auto_nodes disks = xml_nodes(doc, NULL, "/domain/devices/disk");
	for (int i = 0; i < xml_count(disks); i++)
		add_disk(sh, doc, xml_node(disks, i), wanted, out);
	for (char **name = wanted; name && *name; name++)
		if (**name) {
			shell_error(sh, "Volume '%s' was not found in domain's definition.\n", *name);
			return NULL;
		}
	return g_steal_pointer(&out);
}

static int remove_one(
	struct shell *sh, const struct command *cmd, const struct volume *volume, struct error *err)
{
	bool snapshots = command_has(cmd, "delete-storage-volume-snapshots");

	if (command_has(cmd, "wipe-storage")) {
		shell_print(sh, "Wiping volume '%s'(%s) ... ", volume->target, volume->source);
		fflush(stdout);
		if (!CALL(sh, STORAGE_VOL_WIPE, storage_vol_wipe, .vol = *volume->vol)) {
			shell_error(sh, "Failed! Volume not removed.");
			return -1;
		}
		shell_print(sh, "Done.\n");
	}
	if (!CALL(sh, STORAGE_VOL_DELETE, storage_vol_delete, .vol = *volume->vol,
		    .flags = snapshots ? VIR_STORAGE_VOL_DELETE_WITH_SNAPSHOTS : 0))
		return shell_error(
			sh, "Failed to remove storage volume '%s'(%s)", volume->target, volume->source);
	shell_extra(sh, "Volume '%s'(%s) removed.\n", volume->target, volume->source);
	return 0;
}

int volumes_remove(struct shell *sh, const struct command *cmd, GPtrArray *volumes, struct error *err)
{
	int rc = 0;

	for (guint i = 0; i < volumes->len; i++)
		if (remove_one(sh, cmd, g_ptr_array_index(volumes, i), err) < 0) {
			shell_report(sh, err);
			rc = -1;
		}
	return rc;
}
