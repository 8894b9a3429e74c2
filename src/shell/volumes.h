/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The storage volumes behind a domain's disks, removed along with it.
 */
#pragma once

#include "shell/shell.h"

/*
 * The volumes that --storage or --remove-all-storage mean (none when neither is given); what is no volume is
 * told and left out. NULL with ERR, or when the user has been told.
 */
GPtrArray *volumes_of_domain(struct shell *sh, const struct command *cmd,
	const struct remote_nonnull_domain *domain, struct error *err);

/* Wipes (--wipe-storage) and deletes them. */
int volumes_remove(struct shell *sh, const struct command *cmd, GPtrArray *volumes, struct error *err);
