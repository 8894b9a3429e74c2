/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vireo: options, then one command line, or the prompt.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "shell/options.h"

/* One word is a command line of its own; several are the words of one command. */
static bool run_arguments(struct shell *sh, int argc, char **argv)
{
	g_autoptr(GPtrArray) commands = NULL;
	auto_error err = { 0 };
	int rc = argc == 1 ? command_parse_line(argv[0], &commands, &err)
			   : command_parse_words(argv, (size_t)argc, &commands, &err);

	if (rc < 0) {
		shell_error(sh, "%s", err.detail);
		return false;
	}
	if (argc == 1 && !argv[0][0])
		return false;
	return shell_run(sh, commands);
}

int main(int argc, char **argv)
{
	struct shell sh;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	shell_init(&sh);
	int first = options_read(&sh, argc, argv, false);
	bool ok = first == -2;
	if (first >= 0)
		ok = first < argc ? run_arguments(&sh, argc - first, argv + first) : shell_interactive(&sh);
	shell_done(&sh);
	if (fflush(stdout) != 0)
		ok = false;
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
