/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * model-dump schema|reference: what the domain's rows yield, on standard output. For packages and documents.
 */
#include <stdio.h>
#include <string.h>

#include "model/domain.h"

int main(int argc, char **argv)
{
	g_autofree char *text = NULL;

	if (argc == 2 && strcmp(argv[1], "schema") == 0)
		text = model_schema(&domain_model);
	else if (argc == 2 && strcmp(argv[1], "reference") == 0)
		text = model_reference(&domain_model);
	if (!text) {
		fprintf(stderr, "usage: model-dump schema|reference\n");
		return 2;
	}
	return fputs(text, stdout) < 0 || fflush(stdout) != 0;
}
