/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry: two hash tables over the guests, and their files.
 */
#include "core/registry.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"

struct registry {
	char *folder, *autostart;
	GHashTable *by_name; /* owns the guests; key: guest->name */
	GHashTable *by_uuid; /* key: guest->uuid */
};

static guint uuid_hash(gconstpointer key)
{
	guint hash;

	memcpy(&hash, key, sizeof(hash)); /* UUIDs are random already */
	return hash;
}

static gboolean uuid_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, 16) == 0;
}

void uuid_text(const unsigned char uuid[16], char text[37])
{
	for (int i = 0, at = 0; i < 16; i++)
		at += g_snprintf(text + at, 37 - at, "%s%02x",
			i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

struct guest *guest_ref(struct guest *guest)
{
	guest->refs++;
	return guest;
}

void guest_unref(struct guest *guest)
{
	if (--guest->refs > 0)
		return;
	domain_free(guest->config);
	domain_free(guest->live);
	g_free(guest->name);
	g_free(guest);
}

static void guest_release(void *data)
{
	guest_unref(data);
}

static char *definition_path(const struct registry *registry, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".xml", NULL);
	return g_build_filename(registry->folder, file, NULL);
}

static char *autostart_path(const struct registry *registry, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".xml", NULL);
	return g_build_filename(registry->autostart, file, NULL);
}

struct guest *registry_add_transient(struct registry *registry, const struct domain *live)
{
	struct guest *guest = g_new0(struct guest, 1);

	guest->refs = 1;
	guest->name = g_strdup(live->name);
	memcpy(guest->uuid, live->uuid, 16);
	guest->id = -1;
	guest->runtime.pidfd = -1;
	guest->runtime.state = VIR_DOMAIN_SHUTOFF;
	guest->runtime.reason = VIR_DOMAIN_SHUTOFF_UNKNOWN;
	g_hash_table_insert(registry->by_name, guest->name, guest);
	g_hash_table_insert(registry->by_uuid, guest->uuid, guest);
	return guest;
}

/* Adds a guest for CONFIG and takes it over. */
static struct guest *guest_add(struct registry *registry, struct domain *config)
{
	struct guest *guest = registry_add_transient(registry, config);

	guest->config = config;
	return guest;
}

void registry_remove(struct registry *registry, struct guest *guest)
{
	g_hash_table_remove(registry->by_uuid, guest->uuid);
	g_hash_table_remove(registry->by_name, guest->name);
}

/* -- reading -- */

static void load_one(struct registry *registry, const char *file)
{
	g_autofree char *path = g_build_filename(registry->folder, file, NULL);
	g_autofree char *text = NULL, *expected = NULL;
	auto_error err = { 0 };
	struct model_notes notes = { 0 };
	auto_domain *domain = NULL;
	size_t len;

	if (file_read(path, MODEL_XML_MAX, &text, &len, &err) < 0 ||
		domain_parse(text, len, MODEL_PARSE_INACTIVE, &domain, &notes, &err) < 0) {
		log_error("%s is left alone and not served: %s", path, err.message);
	} else if (expected = g_strconcat(domain->name, ".xml", NULL), !g_str_equal(expected, file)) {
		log_error("%s is left alone and not served: it defines '%s'; its name should be %s", path,
			domain->name, expected);
	} else if (g_hash_table_contains(registry->by_uuid, domain->uuid)) {
		log_error("%s is left alone and not served: its uuid is another domain's", path);
	} else {
		guest_add(registry, g_steal_pointer(&domain));
	}
	model_notes_clear(&notes);
}

struct registry *registry_new(const char *folder, struct error *err)
{
	struct registry *registry = g_new0(struct registry, 1);
	const char *file;

	registry->folder = g_strdup(folder);
	registry->autostart = g_build_filename(folder, "autostart", NULL);
	registry->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, guest_release);
	registry->by_uuid = g_hash_table_new(uuid_hash, uuid_equal);
	if (dir_make(registry->autostart, 0700, err) < 0) {
		registry_free(registry);
		return NULL;
	}
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	while (dir && (file = g_dir_read_name(dir)))
		if (g_str_has_suffix(file, ".xml"))
			load_one(registry, file);
		else if (g_str_has_prefix(file, ".new-")) { /* a write that a crash cut short */
			g_autofree char *path = g_build_filename(folder, file, NULL);
			unlink(path);
		}
	return registry;
}

void registry_free(struct registry *registry)
{
	if (!registry)
		return;
	g_hash_table_unref(registry->by_uuid);
	g_hash_table_unref(registry->by_name);
	g_free(registry->folder);
	g_free(registry->autostart);
	g_free(registry);
}

/* -- look-up -- */

struct guest *registry_by_name(struct registry *registry, const char *name, struct error *err)
{
	struct guest *guest = g_hash_table_lookup(registry->by_name, name);

	if (!guest)
		fail(err, VIR_ERR_NO_DOMAIN, "no domain with matching name '%s'", name);
	return guest;
}

struct guest *registry_by_uuid(struct registry *registry, const unsigned char uuid[16], struct error *err)
{
	struct guest *guest = g_hash_table_lookup(registry->by_uuid, uuid);
	char text[37];

	if (!guest) {
		uuid_text(uuid, text);
		fail(err, VIR_ERR_NO_DOMAIN, "no domain with matching uuid '%s'", text);
	}
	return guest;
}

struct guest *registry_by_id(struct registry *registry, int id, struct error *err)
{
	GHashTableIter iter;
	void *guest;

	g_hash_table_iter_init(&iter, registry->by_name);
	while (g_hash_table_iter_next(&iter, NULL, &guest))
		if (id >= 0 && ((struct guest *)guest)->id == id)
			return guest;
	fail(err, VIR_ERR_NO_DOMAIN, "no domain with matching id %d", id);
	return NULL;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp((*(struct guest *const *)a)->name, (*(struct guest *const *)b)->name);
}

GPtrArray *registry_list(struct registry *registry)
{
	GPtrArray *guests = g_ptr_array_sized_new(g_hash_table_size(registry->by_name));
	GHashTableIter iter;
	void *guest;

	g_hash_table_iter_init(&iter, registry->by_name);
	while (g_hash_table_iter_next(&iter, NULL, &guest))
		g_ptr_array_add(guests, guest);
	g_ptr_array_sort(guests, by_name);
	return guests;
}

/* -- definitions -- */

/* The same name and UUID, or neither known: everything else is a clash. */
static int clash_check(
	struct registry *registry, const struct domain *config, struct guest **ret_guest, struct error *err)
{
	struct guest *named = g_hash_table_lookup(registry->by_name, config->name);
	struct guest *same = g_hash_table_lookup(registry->by_uuid, config->uuid);
	char text[37];

	if (named && named != same) {
		uuid_text(named->uuid, text);
		return fail(err, VIR_ERR_OPERATION_FAILED, "domain '%s' already exists with uuid %s",
			config->name, text);
	}
	if (same && same != named) {
		uuid_text(same->uuid, text);
		return fail(err, VIR_ERR_OPERATION_FAILED, "domain '%s' is already defined with uuid %s",
			same->name, text);
	}
	*ret_guest = named;
	return 0;
}

int registry_define(
	struct registry *registry, struct domain *config, struct guest **ret_guest, struct error *err)
{
	g_autofree char *path = definition_path(registry, config->name);
	g_autofree char *text = NULL;
	struct guest *guest = NULL;

	if (clash_check(registry, config, &guest, err) < 0)
		return -1;
	text = model_format(&domain_model, config, MODEL_VIEW_INACTIVE | MODEL_VIEW_SECURE);
	if (file_write_atomic(path, text, strlen(text), 0600, err) < 0)
		return -1;
	if (guest) {
		domain_free(guest->config);
		guest->config = config;
	} else {
		guest = guest_add(registry, config);
	}
	*ret_guest = guest;
	return 0;
}

int registry_undefine(struct registry *registry, struct guest *guest, struct error *err)
{
	g_autofree char *path = definition_path(registry, guest->name);

	if (registry_set_autostart(registry, guest, false, err) < 0)
		return -1;
	if (unlink(path) < 0 && errno != ENOENT)
		return fail_errno(err, errno, "cannot remove '%s'", path);
	if (dir_sync(registry->folder, err) < 0)
		return -1;
	g_clear_pointer(&guest->config, domain_free);
	if (!guest->live)
		registry_remove(registry, guest);
	return 0;
}

bool registry_autostart(struct registry *registry, const struct guest *guest)
{
	g_autofree char *path = autostart_path(registry, guest->name);
	return g_file_test(path, G_FILE_TEST_IS_SYMLINK);
}

int registry_set_autostart(struct registry *registry, const struct guest *guest, bool on, struct error *err)
{
	g_autofree char *path = autostart_path(registry, guest->name);
	g_autofree char *target = definition_path(registry, guest->name);
	int rc = on ? symlink(target, path) : unlink(path);

	if (rc < 0 && errno != (on ? EEXIST : ENOENT))
		return fail_errno(err, errno, "cannot %s autostart mark '%s'", on ? "make" : "remove", path);
	return rc < 0 ? 0 : dir_sync(registry->autostart, err);
}
