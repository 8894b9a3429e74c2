/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "Did you mean": the name among candidates that is spelled most like the one that was written.
 */
#pragma once

/* Zeroed but for WANTED; NAME is the best candidate so far, NULL while none is near. */
struct suggestion {
	const char *wanted;
	const char *name;
	unsigned score;
};

/* CANDIDATE must live as long as the suggestion. */
void suggest_offer(struct suggestion *suggestion, const char *candidate);
