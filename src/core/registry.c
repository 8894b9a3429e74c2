/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry: two hash tables over the guests, and their files.
 */
#include "core/registry.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
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

void guests_hold(GPtrArray *guests)
{
	for (guint i = 0; i < guests->len; i++)
		guest_ref(guests->pdata[i]);
	g_ptr_array_set_free_func(guests, guest_release);
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

static bool same_but_name(struct domain *a, const struct domain *b)
{
	auto_error ignored = { 0 };
	char *name = a->name;

	a->name = b->name;
	bool same = model_compare(&domain_model, a, b, true, &ignored) == 0;
	a->name = name;
	return same;
}

static time_t written(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : st.st_mtime;
}

/*
 * Whether DOMAIN, read from PATH, has the UUID of a domain that is known already, and so is not to be served.
 * Where a rename was cut short, the two differ in their names only: the newer file stays.
 */
static bool rename_heal(struct registry *registry, const char *path, struct domain *domain)
{
	struct guest *other = g_hash_table_lookup(registry->by_uuid, domain->uuid);

	if (!other)
		return false;
	g_autofree char *others = definition_path(registry, other->name);
	if (!same_but_name(domain, other->config)) {
		log_error("%s is left alone and not served: its uuid is that of %s; give one of them "
			  "another, or "
			  "move it away",
			path, others);
		return true;
	}
	bool newer = written(path) > written(others);
	log_warning("renaming of '%s' was cut short: %s stays, its double is removed",
		newer ? other->name : domain->name, newer ? path : others);
	unlink(newer ? others : path);
	if (newer)
		registry_remove(registry, other);
	return !newer;
}

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
	} else if (!rename_heal(registry, path, domain)) {
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
int registry_match(
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

static int definition_write(struct registry *registry, const struct domain *config, struct error *err)
{
	g_autofree char *path = definition_path(registry, config->name);
	g_autofree char *text = model_format(&domain_model, config, MODEL_VIEW_INACTIVE | MODEL_VIEW_SECURE);

	return file_write_atomic(path, text, strlen(text), 0600, err);
}

int registry_define(
	struct registry *registry, struct domain *config, struct guest **ret_guest, struct error *err)
{
	struct guest *guest = NULL;

	if (registry_match(registry, config, &guest, err) < 0)
		return -1;
	if (definition_write(registry, config, err) < 0)
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

int registry_rename(struct registry *registry, struct guest *guest, const char *name, struct error *err)
{
	bool autostart = registry_autostart(registry, guest);
	auto_domain *renamed = model_copy(&domain_model, guest->config);
	g_autofree char *path = definition_path(registry, guest->name);

	g_free(renamed->name);
	renamed->name = g_strdup(name);
	if (definition_write(registry, renamed, err) < 0 ||
		(autostart && registry_set_autostart(registry, guest, false, err) < 0))
		return -1;
	/* from here on both files exist; a crash leaves them to registry_new() */
	if (unlink(path) < 0 || dir_sync(registry->folder, err) < 0)
		return fail_errno(err, errno, "cannot remove '%s'", path);
	g_hash_table_steal(registry->by_name, guest->name);
	g_free(guest->name);
	guest->name = g_strdup(name);
	g_hash_table_insert(registry->by_name, guest->name, guest);
	domain_free(guest->config);
	guest->config = g_steal_pointer(&renamed);
	return autostart ? registry_set_autostart(registry, guest, true, err) : 0;
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
