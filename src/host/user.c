/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Users: the host's name service, numbers, groups.
 */
#include "host/user.h"

#include <errno.h>
#include <glib.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

enum { GROUPS_MAX = 65536 /* NGROUPS_MAX of Linux */ };

/* The number that TEXT is, "+107" or "107"; false when it is none, or the one that means nobody (-1). */
static bool number(const char *text, guint64 *ret)
{
	return g_ascii_string_to_unsigned(text + (text[0] == '+'), 10, 0, (guint32)-2, ret, NULL);
}

static int find_group(const char *group, gid_t *ret, struct error *err)
{
	guint64 value;
	const struct group *entry = group[0] == '+' ? NULL : getgrnam(group);

	if (entry)
		*ret = entry->gr_gid;
	else if (number(group, &value))
		*ret = (gid_t)value;
	else
		return fail(err, VIR_ERR_CONF_SYNTAX, "there is no group '%s' on this host", group);
	return 0;
}

/* The groups that the host's files put the user in, and GID. */
static void find_groups(const char *name, struct user_ids *ids)
{
	int count = 64;

	for (;;) {
		ids->groups = g_renew(gid_t, ids->groups, (gsize)count);
		int room = count;
		if (!name || count > GROUPS_MAX) {
			ids->groups[0] = ids->gid;
			count = 1;
			break;
		}
		if (getgrouplist(name, ids->gid, ids->groups, &count) >= 0)
			break;
		count = MAX(count, room * 2);
	}
	ids->group_count = (size_t)count;
}

int user_find(const char *user, const char *group, struct user_ids *ids, struct error *err)
{
	const struct passwd *entry = user && user[0] != '+' ? getpwnam(user) : NULL;
	guint64 value = geteuid();

	if (user && !entry && !number(user, &value))
		return fail(err, VIR_ERR_CONF_SYNTAX, "there is no user '%s' on this host", user);
	if (!entry)
		entry = getpwuid((uid_t)value);
	*ids = (struct user_ids){ .uid = entry ? entry->pw_uid : (uid_t)value };
	g_autofree char *name = entry ? g_strdup(entry->pw_name) : NULL;
	if (group) {
		if (find_group(group, &ids->gid, err) < 0)
			return -1;
	} else if (entry) {
		ids->gid = entry->pw_gid;
	} else {
		return fail(err, VIR_ERR_CONF_SYNTAX,
			"user %u has no main group on this host: a group must be given too",
			(unsigned)ids->uid);
	}
	find_groups(name, ids);
	return 0;
}

void user_clear(struct user_ids *ids)
{
	g_clear_pointer(&ids->groups, g_free);
}

bool user_may(const struct user_ids *ids, const struct stat *st, bool write)
{
	unsigned wanted = write ? S_IROTH | S_IWOTH : S_IROTH, shift = 0;

	if (ids->uid == 0)
		return true;
	if (st->st_uid == ids->uid)
		shift = 6;
	for (size_t i = 0; shift == 0 && i < ids->group_count; i++)
		if (st->st_gid == ids->groups[i])
			shift = 3;
	return (st->st_mode >> shift & wanted) == wanted;
}
