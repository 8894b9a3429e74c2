/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Users of this host by name or number.
 *
 * Must not know: what is run as them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"

/* Who a process runs as. */
struct user_ids {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* all of them, GID among them */
	size_t group_count;
};

/*
 * Fills IDS for USER and GROUP: names, or numbers with a plus sign in front; a name of digits alone that does
 * not exist is a number too. Without USER (NULL) it is who we are; without GROUP the user's main group, which
 * a number that nobody is known by does not have. May ask the network's directory: for the start of the
 * daemon, not later.
 */
int user_find(const char *user, const char *group, struct user_ids *ids, struct error *err);

void user_clear(struct user_ids *ids);

/* Whether the mode bits let IDS read, and with WRITE also write, a file that ST tells of. */
bool user_may(const struct user_ids *ids, const struct stat *st, bool write);
