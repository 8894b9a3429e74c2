/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A domain's console in this terminal.
 */
#pragma once

#include "shell/shell.h"

/*
 * Joins terminal and console until the escape character is typed or the console ends. DEVICE: alias, NULL =
 * the first. FLAGS: virDomainConsoleFlags.
 */
int console_attach(struct shell *sh, const struct remote_nonnull_domain *domain, const char *device,
	unsigned flags, struct error *err);
