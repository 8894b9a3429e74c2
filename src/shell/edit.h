/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Editing a text in the user's editor, again until it is taken or given up.
 */
#pragma once

#include "shell/shell.h"

/*
 * Lets the user edit TEXT once ($VISUAL, $EDITOR, vi). *RET_EDITED is the caller's. The connection is kept
 * alive meanwhile. Errors: VIR_ERR_SYSTEM_ERROR, VIR_ERR_OPERATION_FAILED (the editor failed).
 */
int edit_once(struct shell *sh, const char *text, char **ret_edited, struct error *err);

/* Takes EDITED; VALIDATE: against the schema. Negative with ERR: the user is asked what to do. */
typedef int (*edit_take)(struct shell *sh, void *arg, const char *edited, bool validate, struct error *err);

/*
 * Edits until TAKE has taken the text. VALIDATES: it can be asked not to validate. Returns 1 = taken, 0 = not
 * changed, negative = given up, or ERR.
 */
int edit_until_taken(struct shell *sh, const char *text, bool validates, bool validate, edit_take take,
	void *arg, struct error *err);
