/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Freeing of the records that drivers fill.
 */
#include "core/driver.h"

void guest_stats_clear(struct guest_stats *stats)
{
	for (guint i = 0; stats->blocks && i < stats->blocks->len; i++) {
		struct block_stats *b = &g_array_index(stats->blocks, struct block_stats, i);
		g_free(b->target);
		g_free(b->path);
	}
	for (guint i = 0; stats->interfaces && i < stats->interfaces->len; i++)
		g_free(g_array_index(stats->interfaces, struct interface_stats, i).name);
	g_clear_pointer(&stats->blocks, g_array_unref);
	g_clear_pointer(&stats->interfaces, g_array_unref);
	g_clear_pointer(&stats->vcpus, g_array_unref);
	*stats = (struct guest_stats){ 0 };
}
