/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ownership of guests' files: what a definition needs, opening without surprise, records, giving and putting
 * back.
 *
 * Owns: the records in memory, one for each guest that holds files.
 */
#include "drivers/qemu/ownership.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/log.h"
#include "core/registry.h"
#include "drivers/qemu/backing.h"
#include "host/user.h"

enum { RECORD_BYTES_MAX = 4 * 1024 * 1024, LINKS_MAX = 8, BACKING_MAX = 64, FILE_MODE = 0600 };

/* One file as it was before it was given away. */
struct file {
	char *path; /* without symbolic links */
	guint64 inode;
	uid_t uid;
	gid_t gid;
};

/* What one guest holds, and whose that is now. */
struct record {
	uid_t uid;
	gid_t gid;
	GPtrArray *files; /* struct file * */
};

static GHashTable *records; /* uuid as text -> struct record * */

static void file_free(void *data)
{
	struct file *file = data;

	g_free(file->path);
	g_free(file);
}

static struct record *record_new(uid_t uid, gid_t gid)
{
	struct record *record = g_new(struct record, 1);

	*record = (struct record){ uid, gid, g_ptr_array_new_with_free_func(file_free) };
	return record;
}

static void record_free(void *data)
{
	struct record *record = data;

	g_ptr_array_unref(record->files);
	g_free(record);
}

static struct file *record_find(const struct record *record, const char *path, guint64 inode)
{
	for (guint i = 0; i < record->files->len; i++) {
		struct file *file = record->files->pdata[i];
		if (file->inode == inode && strcmp(file->path, path) == 0)
			return file;
	}
	return NULL;
}

/* The file as any guest holds it. */
static const struct file *held(const char *path, guint64 inode)
{
	GHashTableIter iter;
	void *record;

	g_hash_table_iter_init(&iter, records);
	while (g_hash_table_iter_next(&iter, NULL, &record)) {
		const struct file *file = record_find(record, path, inode);
		if (file)
			return file;
	}
	return NULL;
}

/* -- what a guest needs ------------------------------------------------------------------------ */

enum need_kind {
	NEED_READ,
	NEED_WRITE,
	NEED_CREATE, /* QEMU writes a file that may not be there yet */
	NEED_FOLDER, /* QEMU makes a socket at PATH: its folder, where that is one of ours */
};

struct need {
	char *path;
	enum need_kind kind;
};

static void need_clear(void *need)
{
	g_free(((struct need *)need)->path);
}

static void need_add(GArray *needs, const char *path, enum need_kind kind)
{
	struct need need = { g_strdup(path), kind };

	if (path && path[0] == '/')
		g_array_append_val(needs, need);
	else
		g_free(need.path);
}

/*
 * The files below an image. An image is untrusted, and so only files beside it or deeper are taken: else the
 * maker of an image could have any file of the host given away.
 */
static void need_backing(GArray *needs, const char *image)
{
	g_autofree char *path = g_strdup(image);
	g_autofree char *folder = g_path_get_dirname(image), *beside = g_strconcat(folder, "/", NULL);
	struct backing below;

	for (int depth = 0; depth < BACKING_MAX && backing_read(path, &below); depth++) {
		g_autofree char *whole = g_canonicalize_filename(below.path, "/");
		g_free(below.path);
		if (!g_str_has_prefix(whole, beside)) {
			log_info("%s lies elsewhere than %s: its owner stays", whole, image);
			return;
		}
		need_add(needs, whole, NEED_READ);
		if (!below.qcow2)
			return;
		g_free(path);
		path = g_steal_pointer(&whole);
	}
}

static void need_disk(GArray *needs, const struct domain_disk *disk)
{
	const char *path = !disk->source	      ? NULL
			   : disk->type == DISK_FILE  ? disk->source->file
			   : disk->type == DISK_BLOCK ? disk->source->dev
						      : NULL;
	bool readonly = disk->readonly || disk->device == DISK_DEVICE_CDROM;

	need_add(needs, path, readonly ? NEED_READ : NEED_WRITE);
	if (path && disk->driver && g_strcmp0(disk->driver->type, "qcow2") == 0)
		need_backing(needs, path);
}

static void need_char(GArray *needs, const struct domain_char *c)
{
	static const struct {
		enum char_type type;
		const char *suffix;
		enum need_kind kind;
	} rows[] = {
		{ CHAR_FILE, "", NEED_CREATE },
		{ CHAR_DEV, "", NEED_WRITE },
		{ CHAR_PIPE, "", NEED_WRITE },
		{ CHAR_PIPE, ".in", NEED_WRITE },
		{ CHAR_PIPE, ".out", NEED_WRITE },
		{ CHAR_UNIX, "", NEED_FOLDER },
	};

	for (size_t i = 0; c->source && c->source->path && i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path = g_strconcat(c->source->path, rows[i].suffix, NULL);
		if ((int)rows[i].type == c->type)
			need_add(needs, path, rows[i].kind);
	}
}

static GArray *needs_of(const struct domain *def)
{
	GArray *needs = g_array_new(FALSE, FALSE, sizeof(struct need));
	GPtrArray *const chars[] = { def->serials, def->parallels, def->consoles, def->channels };

	g_array_set_clear_func(needs, need_clear);
	if (def->os->loader)
		need_add(needs, def->os->loader->path, NEED_READ);
	need_add(needs, def->os->kernel, NEED_READ);
	need_add(needs, def->os->initrd, NEED_READ);
	for (guint i = 0; def->disks && i < def->disks->len; i++)
		need_disk(needs, def->disks->pdata[i]);
	for (size_t list = 0; list < G_N_ELEMENTS(chars); list++)
		for (guint i = 0; chars[list] && i < chars[list]->len; i++)
			need_char(needs, chars[list]->pdata[i]);
	return needs;
}

/* -- opening ----------------------------------------------------------------------------------- */

/* A file that is looked at: what is decided about FD holds for the file that is changed. */
struct found {
	int fd; /* O_PATH */
	struct stat st;
	char *path;	/* without symbolic links */
	bool by_others; /* a symbolic link led here that neither root nor we made */
};

static void found_clear(struct found *found)
{
	close_fd_ptr(&found->fd);
	g_free(found->path);
}
#define auto_found __attribute__((cleanup(found_clear))) struct found

/* Follows one symbolic link, opened as FD, that stands at PATH; the caller's, NULL with errno. */
static char *link_target(int fd, const char *path)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(fd, "", target, sizeof(target) - 1);

	if (n <= 0)
		return NULL;
	target[n] = '\0';
	g_autofree char *folder = g_path_get_dirname(path);
	return target[0] == '/' ? g_strdup(target) : g_build_filename(folder, target, NULL);
}

/* Opens what PATH names in the end. Negative with errno. */
static int find(const char *path, struct found *found)
{
	g_autofree char *at = g_strdup(path);

	for (int links = 0; links <= LINKS_MAX; links++) {
		auto_close fd = open(at, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &found->st) < 0)
			return -1;
		if (!S_ISLNK(found->st.st_mode)) {
			g_autofree char *self = g_strdup_printf("/proc/self/fd/%d", fd);
			found->path = g_file_read_link(self, NULL);
			found->fd = TAKE_FD(fd);
			return found->path ? 0 : -1;
		}
		if (found->st.st_uid != 0 && found->st.st_uid != geteuid())
			found->by_others = true;
		char *next = link_target(fd, at);
		if (!next)
			return -1;
		g_free(at);
		at = next;
	}
	errno = ELOOP;
	return -1;
}

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	while (len > 0 && folder[len - 1] == '/')
		len--;
	return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* A folder that we keep for guests; never one that we keep for ourselves. */
static bool is_socket_folder(const struct driver_host *host, const struct found *found)
{
	g_autofree char *own = g_build_filename(host->lib_dir, "ownership", NULL);

	return S_ISDIR(found->st.st_mode) && is_below(found->path, host->lib_dir) &&
	       !is_below(host->lib_dir, found->path) && !is_below(found->path, own) &&
	       !is_below(found->path, host->cache_dir);
}

/* Makes a file where there is none, as it may lie in a folder where the user may not. */
static void make_empty(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);

	close_fd_ptr(&fd);
}

/* Finds the file (or folder) of a need; false where there is nothing to change, and QEMU will say why. */
static bool find_need(const struct driver_host *host, const struct need *need, struct found *found)
{
	g_autofree char *folder = g_path_get_dirname(need->path);
	bool is_folder = need->kind == NEED_FOLDER;

	if (need->kind == NEED_CREATE)
		make_empty(need->path);
	if (find(is_folder ? folder : need->path, found) < 0)
		return false;
	if (is_folder)
		return is_socket_folder(host, found);
	const char *const *keep = host->settings->keep_owner;
	for (; keep && *keep; keep++)
		if (is_below(found->path, *keep))
			return false;
	return !S_ISDIR(found->st.st_mode) && !S_ISSOCK(found->st.st_mode);
}

/* -- records on disk --------------------------------------------------------------------------- */

static char *record_path(const struct driver_host *host, const char *key)
{
	g_autofree char *name = g_strconcat(key, ".json", NULL);
	return g_build_filename(host->lib_dir, "ownership", name, NULL);
}

static int record_write(
	const struct driver_host *host, const char *key, const struct record *record, struct error *err)
{
	json_t *files = json_array();
	for (guint i = 0; i < record->files->len; i++) {
		const struct file *file = record->files->pdata[i];
		json_array_append_new(files, json_pack("{s:s, s:I, s:I, s:I}", "path", file->path, "inode",
						     (json_int_t)file->inode, "uid", (json_int_t)file->uid,
						     "gid", (json_int_t)file->gid));
	}
	bool whole = json_array_size(files) == record->files->len;
	json_t *json = json_pack("{s:I, s:I, s:o}", "uid", (json_int_t)record->uid, "gid",
		(json_int_t)record->gid, "files", files);
	char *text = whole ? json_dumps(json, JSON_INDENT(1)) : NULL;
	json_decref(json);
	if (!text)
		return fail(err, VIR_ERR_OPERATION_UNSUPPORTED,
			"the path of a file whose owner is to change is not UTF-8: rename it, or its folder");
	g_autofree char *path = record_path(host, key);
	int rc = file_write_atomic(path, text, strlen(text), FILE_MODE, err);
	free(text);
	return rc;
}

static struct file *file_read_json(json_t *item)
{
	const char *path;
	json_int_t inode, uid, gid;

	if (json_unpack(item, "{s:s, s:I, s:I, s:I}", "path", &path, "inode", &inode, "uid", &uid, "gid",
		    &gid) < 0)
		return NULL;
	struct file *file = g_new(struct file, 1);
	*file = (struct file){ g_strdup(path), (guint64)inode, (uid_t)uid, (gid_t)gid };
	return file;
}

static struct record *record_read(const char *path, struct error *err)
{
	g_autofree char *text = NULL;
	json_error_t why;
	json_int_t uid, gid;
	json_t *files, *item;
	size_t len, i;

	if (file_read(path, RECORD_BYTES_MAX, &text, &len, err) < 0)
		return NULL;
	json_t *json = json_loadb(text, len, 0, &why);
	if (!json || json_unpack(json, "{s:I, s:I, s:o}", "uid", &uid, "gid", &gid, "files", &files) < 0) {
		json_decref(json);
		fail(err, VIR_ERR_INTERNAL_ERROR, "'%s' is no record of owners", path);
		return NULL;
	}
	struct record *record = record_new((uid_t)uid, (gid_t)gid);
	json_array_foreach(files, i, item)
	{
		struct file *file = file_read_json(item);
		if (file)
			g_ptr_array_add(record->files, file);
	}
	json_decref(json);
	return record;
}

/* -- giving and putting back ------------------------------------------------------------------- */

/* A file system that has no owners, or that lets us change none, is the user's affair: QEMU says what it
 * lacks. */
static bool tolerable(int errnum)
{
	return errnum == EPERM || errnum == EROFS || errnum == EOPNOTSUPP || errnum == ENOSYS ||
	       errnum == EINVAL;
}

static int change(int fd, const char *path, uid_t uid, gid_t gid, struct error *err)
{
	if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0)
		return 0;
	int errnum = errno;
	fail_errno(
		err, errnum, "cannot give '%s' to user %u and group %u", path, (unsigned)uid, (unsigned)gid);
	if (!tolerable(errnum))
		return -1;
	log_warning("%s", err->message);
	error_clear(err);
	return 0;
}

/* Opens what was found before under this name; a link that has come into the way since is an error. */
static int open_again(const struct file *file, struct stat *st, struct error *err)
{
	auto_close fd = open(file->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, st) < 0)
		return fail_errno(err, errno, "cannot look at '%s'", file->path);
	g_autofree char *self = g_strdup_printf("/proc/self/fd/%d", fd), *path = g_file_read_link(self, NULL);
	if (g_strcmp0(path, file->path) != 0 || st->st_ino != file->inode)
		return fail(err, VIR_ERR_OPERATION_FAILED, "'%s' was replaced meanwhile", file->path);
	return TAKE_FD(fd);
}

/* Puts back one file that nobody holds any more, if it is the same file and still as we left it. */
static void put_back(const struct record *record, const struct file *file)
{
	auto_error err = { 0 };
	struct stat st;
	auto_close fd = open_again(file, &st, &err);

	if (fd < 0 || st.st_uid != record->uid || st.st_gid != record->gid)
		return;
	if (change(fd, file->path, file->uid, file->gid, &err) < 0)
		log_error("%s", err.message);
}

/* Puts back the files of RECORD from number FIRST on that no other guest holds, and notes that. */
static void drop(const struct driver_host *host, const char *key, struct record *record, guint first)
{
	g_autofree char *path = record_path(host, key);
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(file_free);
	auto_error err = { 0 };

	while (record->files->len > first)
		g_ptr_array_add(files, g_ptr_array_steal_index(record->files, record->files->len - 1));
	for (guint i = 0; i < files->len; i++) {
		const struct file *file = files->pdata[i];
		if (!held(file->path, file->inode))
			put_back(record, file);
	}
	if (first == 0) {
		g_hash_table_remove(records, key);
		unlink(path);
	} else if (record_write(host, key, record, &err) < 0) {
		log_error("%s", err.message); /* what it says too much is harmless */
	}
}

static void release(const struct driver_host *host, const char *key)
{
	struct record *record = records ? g_hash_table_lookup(records, key) : NULL;

	if (record)
		drop(host, key, record, 0);
}

void ownership_release(const struct guest *guest)
{
	char key[37];

	uuid_text(guest->uuid, key);
	release(guest->host, key);
}

/* Adds to RECORD what FOUND was, where the user needs it given. */
static int consider(const struct driver_host *host, struct record *record, const struct need *need,
	const struct found *found, struct error *err)
{
	const struct file *before = held(found->path, found->st.st_ino);
	bool write = need->kind != NEED_READ;

	if (record_find(record, found->path, found->st.st_ino))
		return 0;
	if (!before && user_may(host->settings->run_as, &found->st, write))
		return 0;
	if (found->by_others)
		return fail(err, VIR_ERR_OPERATION_DENIED,
			"'%s' is a symbolic link of another user's to '%s', which the user that guests run "
			"as may "
			"not use: name the file itself in the definition",
			need->path, found->path);
	struct file *file = g_new(struct file, 1);
	*file = (struct file){ g_strdup(found->path), found->st.st_ino,
		before ? before->uid : found->st.st_uid, before ? before->gid : found->st.st_gid };
	g_ptr_array_add(record->files, file);
	return 0;
}

/* Gives away the files of RECORD from number FIRST on. */
static int give(const struct record *record, guint first, struct error *err)
{
	for (guint i = first; i < record->files->len; i++) {
		const struct file *file = record->files->pdata[i];
		struct stat st;
		auto_close fd = open_again(file, &st, err);
		if (fd < 0)
			return -1;
		if (st.st_uid == record->uid && st.st_gid == record->gid)
			continue;
		if (change(fd, file->path, record->uid, record->gid, err) < 0)
			return -1;
	}
	return 0;
}

int ownership_take(const struct guest *guest, struct error *err)
{
	const struct driver_host *host = guest->host;
	const struct driver_settings *settings = host->settings;
	char key[37];

	if (!records || !settings || !settings->run_as || !settings->own_files)
		return 0;
	uuid_text(guest->uuid, key);
	struct record *record = g_hash_table_lookup(records, key);
	if (!record) {
		record = record_new(settings->run_as->uid, settings->run_as->gid);
		g_hash_table_insert(records, g_strdup(key), record);
	}
	guint first = record->files->len;
	g_autoptr(GArray) needs = needs_of(guest->live);
	int rc = 0;
	for (guint i = 0; rc == 0 && i < needs->len; i++) {
		const struct need *need = &g_array_index(needs, struct need, i);
		auto_found found = { .fd = -1 };
		if (find_need(host, need, &found))
			rc = consider(host, record, need, &found, err);
	}
	if (rc == 0 && record->files->len > first)
		rc = record_write(host, key, record, err);
	if (rc == 0)
		rc = give(record, first, err);
	if (rc < 0)
		drop(host, key, record, first);
	return rc;
}

/* -- start and end of the daemon --------------------------------------------------------------- */

/* Whether the guest's process may still run: its state file is there. */
static bool may_run(const struct driver_host *host, const char *key)
{
	g_autofree char *path = g_strdup_printf("%s/%s.state.json", host->state_dir, key);
	return g_file_test(path, G_FILE_TEST_EXISTS);
}

int ownership_load(const struct driver_host *host, struct error *err)
{
	g_autofree char *folder = g_build_filename(host->lib_dir, "ownership", NULL);
	const char *name;

	ownership_done();
	records = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, record_free);
	if (dir_make(folder, 0700, err) < 0)
		return -1;
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		auto_error why = { 0 };
		if (!g_str_has_suffix(name, ".json"))
			continue;
		struct record *record = record_read(path, &why);
		if (record)
			g_hash_table_insert(records, g_strndup(name, strlen(name) - strlen(".json")), record);
		else
			log_error("%s", why.message);
	}
	g_autoptr(GList) keys = g_hash_table_get_keys(records);
	for (GList *key = keys; key; key = key->next) {
		g_autofree char *copy = g_strdup(key->data);
		if (!may_run(host, copy))
			release(host, copy);
	}
	return 0;
}

void ownership_done(void)
{
	g_clear_pointer(&records, g_hash_table_unref);
}
