/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * daemon-dump config | manual TEMPLATE: what the daemon's rows yield, on standard output. For packages and
 * documents.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "daemon/document.h"

int main(int argc, char **argv)
{
	g_autofree char *text = NULL, *template = NULL;

	if (argc == 2 && strcmp(argv[1], "config") == 0)
		text = document_config();
	else if (argc == 3 && strcmp(argv[1], "manual") == 0 &&
		 g_file_get_contents(argv[2], &template, NULL, NULL))
		text = document_manual(template);
	if (!text) {
		fputs("usage: daemon-dump config | manual TEMPLATE\n", stderr);
		return 2;
	}
	return fputs(text, stdout) < 0 || fflush(stdout) != 0;
}
