/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of what is not a domain: networks, pools, secrets, interfaces, devices, filters.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/commands.h"
#include "shell/domain.h"
#include "shell/values.h"

/* --inactive and --all over two flags; active alone is the default. */
static unsigned activity(const struct command *cmd, unsigned active, unsigned inactive)
{
	if (command_has(cmd, "all"))
		return active | inactive;
	return command_has(cmd, "inactive") ? inactive : active;
}

/* Every struct compared begins with its name. */
static int compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return g_ascii_strcasecmp(*x, *y);
}

/* -- networks -- */

static int add_network(
	struct shell *sh, struct table *table, const struct remote_nonnull_network *net, struct error *err)
{
	const struct remote_network_is_active_ret *active =
		CALL(sh, NETWORK_IS_ACTIVE, network_is_active, .net = *net);
	const struct remote_network_get_autostart_ret *autostart =
		active ? CALL(sh, NETWORK_GET_AUTOSTART, network_get_autostart, .net = *net) : NULL;
	const struct remote_network_is_persistent_ret *kept =
		active ? CALL(sh, NETWORK_IS_PERSISTENT, network_is_persistent, .net = *net) : NULL;
	char uuid[UUID_TEXT_BYTES];

	if (!active || !kept)
		return -1;
	error_clear(err);
	table_row(table, (const char *[]){ net->name, active->active ? "active" : "inactive",
				 !autostart		? "no autostart"
				 : autostart->autostart ? "yes"
							: "no",
				 kept->persistent ? "yes" : "no", uuid_text(net->uuid, uuid) });
	return 0;
}

static int run_net_list(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct column columns[] = { { "Name", "name" }, { "State", "state" },
		{ "Autostart", "autostart", COLUMN_YES_NO }, { "Persistent", "persistent", COLUMN_YES_NO },
		{ "UUID", "uuid" } };
	static const struct flag_row filters[] = { { "persistent", VIR_CONNECT_LIST_NETWORKS_PERSISTENT },
		{ "transient", VIR_CONNECT_LIST_NETWORKS_TRANSIENT },
		{ "autostart", VIR_CONNECT_LIST_NETWORKS_AUTOSTART },
		{ "no-autostart", VIR_CONNECT_LIST_NETWORKS_NO_AUTOSTART }, { 0 } };
	bool names = command_has(cmd, "name"), uuids = command_has(cmd, "uuid");
	unsigned flags = activity(cmd, VIR_CONNECT_LIST_NETWORKS_ACTIVE, VIR_CONNECT_LIST_NETWORKS_INACTIVE);

	if (names + uuids + command_has(cmd, "table") > 1)
		return shell_error(sh, "Only one argument from --table, --name and --uuid may be specified.");
	const struct remote_connect_list_all_networks_ret *list = CALL(sh, CONNECT_LIST_ALL_NETWORKS,
		connect_list_all_networks, .need_results = 1, .flags = flags | flags_of(cmd, filters));
	if (!list)
		return shell_error(sh, "Failed to list networks");
	if (list->nets.len)
		qsort(list->nets.val, list->nets.len, sizeof(list->nets.val[0]), compare_names);
	struct table *table = table_new(columns, sh->json ? 5 : 4);
	bool as_table = sh->json || (!names && !uuids);
	int rc = 0;
	for (unsigned i = 0; i < list->nets.len && rc == 0; i++) {
		char uuid[UUID_TEXT_BYTES];
		if (as_table)
			rc = add_network(sh, table, &list->nets.val[i], err);
		else
			shell_print(sh, "%s\n",
				names ? list->nets.val[i].name : uuid_text(list->nets.val[i].uuid, uuid));
	}
	if (as_table)
		table_end(sh, table, "networks");
	else
		table_free(table);
	return rc;
}

/* -- pools -- */

static const char *const pool_states[] = { "inactive", "building", "running", "degraded", "inaccessible" };

static void size_text(uint64_t bytes, char *buffer, size_t size)
{
	const char *unit;
	double value = pretty_size(bytes, &unit);

	g_snprintf(buffer, (gulong)size, "%.2f %s", value, unit);
}

static int add_pool(struct shell *sh, struct table *table, const struct remote_nonnull_storage_pool *pool,
	bool details, struct error *err)
{
	const struct remote_storage_pool_get_info_ret *info =
		CALL(sh, STORAGE_POOL_GET_INFO, storage_pool_get_info, .pool = *pool);
	const struct remote_storage_pool_get_autostart_ret *autostart =
		info ? CALL(sh, STORAGE_POOL_GET_AUTOSTART, storage_pool_get_autostart, .pool = *pool) : NULL;
	const struct remote_storage_pool_is_persistent_ret *kept =
		info ? CALL(sh, STORAGE_POOL_IS_PERSISTENT, storage_pool_is_persistent, .pool = *pool) : NULL;
	char capacity[32], allocation[32], available[32];

	if (!info || !kept)
		return -1;
	error_clear(err);
	bool running = info->state != VIR_STORAGE_POOL_INACTIVE;
	const char *state = !details				      ? (running ? "active" : "inactive")
			    : info->state < G_N_ELEMENTS(pool_states) ? pool_states[info->state]
								      : "-";
	size_text(info->capacity, capacity, sizeof(capacity));
	size_text(info->allocation, allocation, sizeof(allocation));
	size_text(info->available, available, sizeof(available));
	table_row(table, (const char *[]){ pool->name, state,
				 !autostart		? "no autostart"
				 : autostart->autostart ? "yes"
							: "no",
				 kept->persistent ? "yes" : "no", running ? capacity : NULL,
				 running ? allocation : NULL, running ? available : NULL });
	return 0;
}

static const struct flag_row pool_types[] = {
	{ "dir", VIR_CONNECT_LIST_STORAGE_POOLS_DIR },
	{ "fs", VIR_CONNECT_LIST_STORAGE_POOLS_FS },
	{ "netfs", VIR_CONNECT_LIST_STORAGE_POOLS_NETFS },
	{ "logical", VIR_CONNECT_LIST_STORAGE_POOLS_LOGICAL },
	{ "disk", VIR_CONNECT_LIST_STORAGE_POOLS_DISK },
	{ "iscsi", VIR_CONNECT_LIST_STORAGE_POOLS_ISCSI },
	{ "iscsi-direct", VIR_CONNECT_LIST_STORAGE_POOLS_ISCSI_DIRECT },
	{ "scsi", VIR_CONNECT_LIST_STORAGE_POOLS_SCSI },
	{ "mpath", VIR_CONNECT_LIST_STORAGE_POOLS_MPATH },
	{ "rbd", VIR_CONNECT_LIST_STORAGE_POOLS_RBD },
	{ "sheepdog", VIR_CONNECT_LIST_STORAGE_POOLS_SHEEPDOG },
	{ "gluster", VIR_CONNECT_LIST_STORAGE_POOLS_GLUSTER },
	{ "zfs", VIR_CONNECT_LIST_STORAGE_POOLS_ZFS },
	{ "vstorage", VIR_CONNECT_LIST_STORAGE_POOLS_VSTORAGE },
	{ 0 },
};

/* Flags of names with commas; *RET_UNKNOWN is a name that no row has. */
static unsigned named_flags(const struct flag_row *rows, char **names, const char **ret_unknown)
{
	unsigned flags = 0;

	*ret_unknown = NULL;
	for (; *names; names++) {
		const struct flag_row *row = rows;
		while (row->option && strcmp(row->option, *names) != 0)
			row++;
		if (!row->option)
			*ret_unknown = *names;
		flags |= row->flag;
	}
	return flags;
}

static int pool_flags(struct shell *sh, const struct command *cmd, unsigned *ret_flags)
{
	static const struct flag_row filters[] = { { "persistent",
							   VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT },
		{ "transient", VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT },
		{ "autostart", VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART },
		{ "no-autostart", VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART }, { 0 } };
	const char *type = command_text(cmd, "type");
	g_auto(GStrv) names = g_strsplit(type ? type : "", ",", -1);
	const char *unknown;

	*ret_flags = activity(cmd, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE,
			     VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE) |
		     flags_of(cmd, filters) | named_flags(pool_types, names, &unknown);
	return unknown ? shell_error(sh, "Invalid pool type '%s'", unknown) : 0;
}

static void print_pool_name(
	struct shell *sh, const struct remote_nonnull_storage_pool *pool, bool names, bool uuids)
{
	char uuid[UUID_TEXT_BYTES];

	if (uuids)
		shell_print(sh, "%s%s", uuid_text(pool->uuid, uuid), names ? " " : "");
	if (names)
		shell_print(sh, "%-20s", pool->name);
	shell_print(sh, "\n");
}

static int run_pool_list(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct column columns[] = { { "Name", "name" }, { "State", "state" },
		{ "Autostart", "autostart", COLUMN_YES_NO }, { "Persistent", "persistent", COLUMN_YES_NO },
		{ "Capacity", "capacity" }, { "Allocation", "allocation" }, { "Available", "available" } };
	bool names = command_has(cmd, "name"), uuids = command_has(cmd, "uuid");
	bool details = command_has(cmd, "details") || sh->json;
	unsigned flags = 0;

	if (pool_flags(sh, cmd, &flags) < 0)
		return -1;
	const struct remote_connect_list_all_storage_pools_ret *list =
		CALL(sh, CONNECT_LIST_ALL_STORAGE_POOLS, connect_list_all_storage_pools, .need_results = 1,
			.flags = flags);
	if (!list)
		return shell_error(sh, "Failed to list pools");
	if (list->pools.len)
		qsort(list->pools.val, list->pools.len, sizeof(list->pools.val[0]), compare_names);
	struct table *table = table_new(columns, details ? 7 : 3);
	bool as_table = sh->json || (!names && !uuids);
	int rc = 0;
	for (unsigned i = 0; i < list->pools.len && rc == 0; i++) {
		if (as_table)
			rc = add_pool(sh, table, &list->pools.val[i], details, err);
		else
			print_pool_name(sh, &list->pools.val[i], names, uuids);
	}
	if (as_table)
		table_end(sh, table, "pools");
	else
		table_free(table);
	return rc;
}

/* -- secrets -- */

static int compare_secrets(const void *a, const void *b)
{
	const struct remote_nonnull_secret *x = a, *y = b;

	return memcmp(x->uuid, y->uuid, VIR_UUID_BUFLEN);
}

static int run_secret_list(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct column columns[] = { { "UUID", "uuid" }, { "Usage", "usage" } };
	static const struct flag_row filters[] = { { "ephemeral", VIR_CONNECT_LIST_SECRETS_EPHEMERAL },
		{ "no-ephemeral", VIR_CONNECT_LIST_SECRETS_NO_EPHEMERAL },
		{ "private", VIR_CONNECT_LIST_SECRETS_PRIVATE },
		{ "no-private", VIR_CONNECT_LIST_SECRETS_NO_PRIVATE }, { 0 } };
	static const char *const usages[] = { "none", "volume", "ceph", "iscsi", "tls", "vtpm" };
	const struct remote_connect_list_all_secrets_ret *list = CALL(sh, CONNECT_LIST_ALL_SECRETS,
		connect_list_all_secrets, .need_results = 1, .flags = flags_of(cmd, filters));

	if (!list)
		return shell_error(sh, "Failed to list secrets");
	if (list->secrets.len)
		qsort(list->secrets.val, list->secrets.len, sizeof(list->secrets.val[0]), compare_secrets);
	struct table *table = table_new(columns, 2);
	for (unsigned i = 0; i < list->secrets.len; i++) {
		const struct remote_nonnull_secret *secret = &list->secrets.val[i];
		char uuid[UUID_TEXT_BYTES];
		int usage = secret->usageType;
		bool used = usage > 0 && usage < (int)G_N_ELEMENTS(usages);
		g_autofree char *text =
			used ? g_strdup_printf("%s %s", usages[usage], secret->usageID) : g_strdup("Unused");
		table_row(table, (const char *[]){ uuid_text(secret->uuid, uuid), text });
	}
	table_end(sh, table, "secrets");
	return 0;
}

/* -- interfaces of the host -- */

static int run_iface_list(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct column columns[] = { { "Name", "name" }, { "State", "state" },
		{ "MAC Address", "mac" } };
	unsigned flags =
		activity(cmd, VIR_CONNECT_LIST_INTERFACES_ACTIVE, VIR_CONNECT_LIST_INTERFACES_INACTIVE);
	const struct remote_connect_list_all_interfaces_ret *list = CALL(sh, CONNECT_LIST_ALL_INTERFACES,
		connect_list_all_interfaces, .need_results = 1, .flags = flags);

	if (!list)
		return shell_error(sh, "Failed to list interfaces");
	if (list->ifaces.len)
		qsort(list->ifaces.val, list->ifaces.len, sizeof(list->ifaces.val[0]), compare_names);
	struct table *table = table_new(columns, 3);
	for (unsigned i = 0; i < list->ifaces.len; i++) {
		const struct remote_nonnull_interface *iface = &list->ifaces.val[i];
		const struct remote_interface_is_active_ret *active =
			CALL(sh, INTERFACE_IS_ACTIVE, interface_is_active, .iface = *iface);
		error_clear(err);
		table_row(table, (const char *[]){ iface->name,
					 active && active->active ? "active" : "inactive", iface->mac });
	}
	table_end(sh, table, "interfaces");
	return 0;
}

/* -- devices of the host -- */

static const struct flag_row device_kinds[] = {
	{ "system", VIR_CONNECT_LIST_NODE_DEVICES_CAP_SYSTEM },
	{ "pci", VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV },
	{ "usb_device", VIR_CONNECT_LIST_NODE_DEVICES_CAP_USB_DEV },
	{ "usb", VIR_CONNECT_LIST_NODE_DEVICES_CAP_USB_INTERFACE },
	{ "net", VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET },
	{ "scsi_host", VIR_CONNECT_LIST_NODE_DEVICES_CAP_SCSI_HOST },
	{ "scsi_target", VIR_CONNECT_LIST_NODE_DEVICES_CAP_SCSI_TARGET },
	{ "scsi", VIR_CONNECT_LIST_NODE_DEVICES_CAP_SCSI },
	{ "storage", VIR_CONNECT_LIST_NODE_DEVICES_CAP_STORAGE },
	{ "fc_host", VIR_CONNECT_LIST_NODE_DEVICES_CAP_FC_HOST },
	{ "vports", VIR_CONNECT_LIST_NODE_DEVICES_CAP_VPORTS },
	{ "scsi_generic", VIR_CONNECT_LIST_NODE_DEVICES_CAP_SCSI_GENERIC },
	{ "drm", VIR_CONNECT_LIST_NODE_DEVICES_CAP_DRM },
	{ "mdev_types", VIR_CONNECT_LIST_NODE_DEVICES_CAP_MDEV_TYPES },
	{ "mdev", VIR_CONNECT_LIST_NODE_DEVICES_CAP_MDEV },
	{ "ccw", VIR_CONNECT_LIST_NODE_DEVICES_CAP_CCW_DEV },
	{ "css", VIR_CONNECT_LIST_NODE_DEVICES_CAP_CSS_DEV },
	{ "vdpa", VIR_CONNECT_LIST_NODE_DEVICES_CAP_VDPA },
	{ "ap_card", VIR_CONNECT_LIST_NODE_DEVICES_CAP_AP_CARD },
	{ "ap_queue", VIR_CONNECT_LIST_NODE_DEVICES_CAP_AP_QUEUE },
	{ "ap_matrix", VIR_CONNECT_LIST_NODE_DEVICES_CAP_AP_MATRIX },
	{ "vpd", VIR_CONNECT_LIST_NODE_DEVICES_CAP_VPD },
	{ 0 },
};

struct tree {
	char **names, **parents;
	unsigned count;
};

static void print_branch(struct shell *sh, const struct tree *tree, unsigned at, GString *indent)
{
	unsigned left = 0;

	shell_print(sh, "%s\n", tree->names[at]);
	for (unsigned i = 0; i < tree->count; i++)
		left += g_strcmp0(tree->parents[i], tree->names[at]) == 0;
	if (!left || indent->len > 1024)
		return;
	shell_print(sh, "%s  |\n", indent->str);
	for (unsigned i = 0; i < tree->count; i++) {
		if (g_strcmp0(tree->parents[i], tree->names[at]) != 0)
			continue;
		gsize before = indent->len;
		shell_print(sh, "%s  +- ", indent->str);
		g_string_append(indent, --left ? "  | " : "    ");
		print_branch(sh, tree, i, indent);
		g_string_truncate(indent, before);
	}
	shell_print(sh, "%s    \n", indent->str);
}

static char *device_parent(struct shell *sh, char *name, struct error *err)
{
	const struct remote_node_device_get_parent_ret *ret =
		CALL(sh, NODE_DEVICE_GET_PARENT, node_device_get_parent, .name = name);

	error_clear(err);
	return ret && ret->parentName && strcmp(ret->parentName, name) != 0 ? ret->parentName : NULL;
}

static void print_tree(struct shell *sh, struct tree *tree, struct error *err)
{
	g_autoptr(GString) indent = g_string_new(NULL);
	json_t *list = json_array();

	for (unsigned i = 0; i < tree->count; i++) {
		tree->parents[i] = device_parent(sh, tree->names[i], err);
		json_array_append_new(
			list, json_pack("{s:s, s:s?}", "name", tree->names[i], "parent", tree->parents[i]));
	}
	for (unsigned i = 0; i < tree->count; i++)
		if (!tree->parents[i])
			print_branch(sh, tree, i, indent);
	shell_answer(sh, "devices", list);
}

static void print_devices(struct shell *sh, const struct tree *tree)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < tree->count; i++) {
		shell_print(sh, "%s\n", tree->names[i]);
		json_array_append_new(list, json_pack("{s:s}", "name", tree->names[i]));
	}
	shell_answer(sh, "devices", list);
}

static int device_flags(struct shell *sh, const struct command *cmd, unsigned *ret_flags)
{
	const char *kinds = command_text(cmd, "cap");
	g_auto(GStrv) names = g_strsplit(kinds ? kinds : "", ",", -1);
	const char *unknown;

	if (command_has(cmd, "tree") && (kinds || command_has(cmd, "inactive")))
		return shell_error(sh, "Option --tree is incompatible with --cap and --inactive");
	if (command_has(cmd, "all") && command_has(cmd, "inactive"))
		return shell_error(sh, "Option --all is incompatible with --inactive");
	*ret_flags =
		activity(cmd, VIR_CONNECT_LIST_NODE_DEVICES_ACTIVE, VIR_CONNECT_LIST_NODE_DEVICES_INACTIVE) |
		named_flags(device_kinds, names, &unknown);
	return unknown ? shell_error(sh, "Invalid capability type") : 0;
}

static int run_nodedev_list(struct shell *sh, const struct command *cmd, struct error *err)
{
	unsigned flags = 0;

	if (device_flags(sh, cmd, &flags) < 0)
		return -1;
	const struct remote_connect_list_all_node_devices_ret *list = CALL(sh, CONNECT_LIST_ALL_NODE_DEVICES,
		connect_list_all_node_devices, .need_results = 1, .flags = flags);
	if (!list)
		return shell_error(sh, "Failed to list node devices");
	struct tree tree = { g_new0(char *, list->devices.len + 1), g_new0(char *, list->devices.len + 1),
		list->devices.len };
	for (unsigned i = 0; i < tree.count; i++)
		tree.names[i] = list->devices.val[i].name;
	qsort(tree.names, tree.count, sizeof(tree.names[0]), compare_names);
	if (command_has(cmd, "tree"))
		print_tree(sh, &tree, err);
	else
		print_devices(sh, &tree);
	g_free(tree.names);
	g_free(tree.parents);
	return 0;
}

/* -- filters -- */

static int run_nwfilter_list(struct shell *sh, const struct command *cmd, struct error *err)
{
	static const struct column columns[] = { { "UUID", "uuid" }, { "Name", "name" } };
	const struct remote_connect_list_all_nwfilters_ret *list =
		CALL(sh, CONNECT_LIST_ALL_NWFILTERS, connect_list_all_nwfilters, .need_results = 1);

	if (!list)
		return shell_error(sh, "Failed to list network filters");
	if (list->filters.len)
		qsort(list->filters.val, list->filters.len, sizeof(list->filters.val[0]), compare_names);
	struct table *table = table_new(columns, 2);
	for (unsigned i = 0; i < list->filters.len; i++) {
		char uuid[UUID_TEXT_BYTES];
		table_row(table, (const char *[]){ uuid_text(list->filters.val[i].uuid, uuid),
					 list->filters.val[i].name });
	}
	table_end(sh, table, "filters");
	return 0;
}

/* -- rows -- */

static void complete_pool_type(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	for (const struct flag_row *row = pool_types; row->option; row++)
		if (g_str_has_prefix(row->option, word))
			g_ptr_array_add(out, g_strdup(row->option));
}

static void complete_kind(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out)
{
	for (const struct flag_row *row = device_kinds; row->option; row++)
		if (g_str_has_prefix(row->option, word))
			g_ptr_array_add(out, g_strdup(row->option));
}

static const struct option_row net_list_options[] = {
	OPTION_FLAG("inactive", "list inactive networks"),
	OPTION_FLAG("all", "list inactive & active networks"),
	OPTION_FLAG("persistent", "list persistent networks"),
	OPTION_FLAG("transient", "list transient networks"),
	OPTION_FLAG("autostart", "list networks with autostart enabled"),
	OPTION_FLAG("no-autostart", "list networks with autostart disabled"),
	OPTION_FLAG("uuid", "list uuid's only"),
	OPTION_FLAG("name", "list network names only"),
	OPTION_FLAG("table", "list table (default)"),
};
static const struct option_row pool_list_options[] = {
	OPTION_FLAG("inactive", "list inactive pools"),
	OPTION_FLAG("all", "list inactive & active pools"),
	OPTION_FLAG("transient", "list transient pools"),
	OPTION_FLAG("persistent", "list persistent pools"),
	OPTION_FLAG("autostart", "list pools with autostart enabled"),
	OPTION_FLAG("no-autostart", "list pools with autostart disabled"),
	OPTION_TEXT("type", 0, "only list pool of specified type(s) (if supported)",
		.complete = complete_pool_type),
	OPTION_FLAG("details", "display extended details for pools"),
	OPTION_FLAG("uuid", "list UUID of active pools only"),
	OPTION_FLAG("name", "list name of active pools only"),
};
static const struct exclusive_row all_exclusive[] = { { "all", "inactive" }, { 0 } };
static const struct exclusive_row pool_list_exclusive[] = {
	{ "all", "inactive" },
	{ "details", "uuid" },
	{ "details", "name" },
	{ 0 },
};
static const struct option_row secret_list_options[] = {
	OPTION_FLAG("ephemeral", "list ephemeral secrets"),
	OPTION_FLAG("no-ephemeral", "list non-ephemeral secrets"),
	OPTION_FLAG("private", "list private secrets"),
	OPTION_FLAG("no-private", "list non-private secrets"),
};
static const struct option_row iface_list_options[] = {
	OPTION_FLAG("inactive", "list inactive interfaces"),
	OPTION_FLAG("all", "list inactive & active interfaces"),
};
static const struct option_row nodedev_list_options[] = {
	OPTION_FLAG("tree", "list devices in a tree"),
	OPTION_TEXT("cap", 0, "capability names, separated by comma", .complete = complete_kind),
	OPTION_FLAG("inactive", "list inactive devices"),
	OPTION_FLAG("all", "list inactive & active devices"),
};

static const struct command_row rows[] = {
	{ "iface-list", NULL, GROUP_INTERFACE, "list physical host interfaces",
		"Returns list of physical host interfaces.", OPTIONS(iface_list_options),
		.exclusive = all_exclusive, .run = run_iface_list },
	{ "net-list", NULL, GROUP_NETWORK, "list networks", "Returns list of networks.",
		OPTIONS(net_list_options), .run = run_net_list },
	{ "nodedev-list", NULL, GROUP_NODEDEV, "enumerate devices on this host", NULL,
		OPTIONS(nodedev_list_options), .run = run_nodedev_list },
	{ "nwfilter-list", NULL, GROUP_FILTER, "list network filters", "Returns list of network filters.",
		.run = run_nwfilter_list },
	{ "pool-list", NULL, GROUP_POOL, "list pools", "Returns list of pools.", OPTIONS(pool_list_options),
		.exclusive = pool_list_exclusive, .run = run_pool_list },
	{ "secret-list", NULL, GROUP_SECRET, "list secrets", "Returns a list of secrets",
		OPTIONS(secret_list_options), .run = run_secret_list },
};
COMMAND_TABLE(object_commands, rows);
