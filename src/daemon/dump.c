/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * daemon-dump config|manual: what the daemon's rows yield, on standard output. For packages and documents.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "daemon/document.h"

int main(int argc, char **argv)
{
	g_autofree char *text = NULL;

	if (argc == 2 && strcmp(argv[1], "config") == 0)
		text = document_config();
	else if (argc == 2 && strcmp(argv[1], "manual") == 0)
		text = document_manual();
	if (!text) {
		fputs("usage: daemon-dump config|manual\n", stderr);
		return 2;
	}
	return fputs(text, stdout) < 0 || fflush(stdout) != 0;
}
