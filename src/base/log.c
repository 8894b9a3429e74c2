/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Log lines: one write each to standard error.
 */
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static enum log_level log_max = LOG_LEVEL_WARNING;

static const struct {
	const char *priority; /* what the journal reads at the start of a line */
	const char *name;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "<3>", "error" },
	[LOG_LEVEL_WARNING] = { "<4>", "warning" },
	[LOG_LEVEL_INFO] = { "<6>", "info" },
	[LOG_LEVEL_DEBUG] = { "<7>", "debug" },
};

void log_set_level(enum log_level level)
{
	log_max = level;
}

/* The journal stamps lines itself; elsewhere a line begins with the time. */
static void line_start(char *text, size_t size, enum log_level level)
{
	if (getenv("JOURNAL_STREAM")) {
		g_snprintf(text, size, "%s", levels[level].priority);
		return;
	}
	time_t now = time(NULL);
	struct tm tm;
	gmtime_r(&now, &tm);
	size_t len = strftime(text, size, "%Y-%m-%dT%H:%M:%SZ ", &tm);
	g_snprintf(text + len, size - len, "%s: ", levels[level].name);
}

void log_line(enum log_level level, const char *format, ...)
{
	va_list ap;
	char start[64];

	if (level > log_max)
		return;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	/* a line feed from outside (a guest's name, an error text) must not start a line of its own */
	g_strdelimit(text, "\r\n", ' ');
	line_start(start, sizeof(start), level);
	fprintf(stderr, "%s%s\n", start, text);
}
