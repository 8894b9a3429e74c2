/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All commands there are.
 */
#include "shell/commands.h"

const struct command_table *const command_tables[] = {
	&life_commands,
	&info_commands,
	&job_commands,
	&memory_commands,
	&xml_commands,
	&text_commands,
	&list_commands,
	&stats_commands,
	&event_commands,
	&console_commands,
	&host_commands,
	&object_commands,
	&model_commands,
	&shell_commands,
	NULL,
};
