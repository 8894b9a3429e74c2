/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The families of commands: a table each, put together in commands.c.
 */
#pragma once

#include "shell/command.h"

extern const struct command_table job_commands, life_commands, info_commands, memory_commands, xml_commands,
	text_commands, list_commands, stats_commands, event_commands, console_commands, host_commands,
	object_commands, model_commands, shell_commands;

#define COMMAND_TABLE(name, array) const struct command_table name = { array, G_N_ELEMENTS(array) }
