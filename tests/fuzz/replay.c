/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Feeds each file of a folder to a fuzz target once: the corpus as a unit test, with any compiler.
 */
#include <glib.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int main(int argc, char **argv)
{
	g_autoptr(GDir) dir = argc == 2 ? g_dir_open(argv[1], 0, NULL) : NULL;
	const char *name;
	int count = 0;

	if (!dir) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(argv[1], name, NULL), *text = NULL;
		gsize len;
		if (!g_file_get_contents(path, &text, &len, NULL)) {
			fprintf(stderr, "cannot read %s\n", path);
			return 1;
		}
		printf("%s\n", path);
		fflush(stdout);
		LLVMFuzzerTestOneInput((const unsigned char *)text, len);
		count++;
	}
	return count == 0;
}
