/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Near misses.
 */
#include "shell/suggest.h"

#include <glib.h>
#include <string.h>

enum { SUGGEST_MOST = 64 };

/* How many letters must change to make A of B (Levenshtein). Names are short: quadratic is fine. */
static unsigned distance(const char *a, const char *b)
{
	size_t width = strlen(b);
	g_autofree unsigned *row = g_new(unsigned, width + 1);

	for (size_t j = 0; j <= width; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; a[i - 1]; i++) {
		unsigned diagonal = row[0];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= width; j++) {
			unsigned changed = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			row[j] = MIN(changed, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[width];
}

void suggest_offer(struct suggestion *nearest, const char *candidate)
{
	if (strlen(nearest->wanted) > SUGGEST_MOST)
		return;
	size_t longest = MAX(strlen(nearest->wanted), strlen(candidate));
	unsigned score = distance(nearest->wanted, candidate);

	if (score * 5 <= longest * 2 && (!nearest->name || score < nearest->score)) {
		nearest->name = candidate;
		nearest->score = score;
	}
}
