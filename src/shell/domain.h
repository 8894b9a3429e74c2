/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the commands on domains share: finding one, its XML, names of states, options that many have.
 */
#pragma once

#include "shell/shell.h"

enum domain_by { BY_ID = 1 << 0, BY_UUID = 1 << 1, BY_NAME = 1 << 2, BY_ANY = 7 };

/*
 * The domain named by option "domain". It lives until client_forget(). NULL: the user has been told; ERR
 * stays empty unless the connection broke.
 */
const struct remote_nonnull_domain *domain_find(
	struct shell *sh, const struct command *cmd, unsigned by, struct error *err);
const struct remote_nonnull_domain *domain_find_text(
	struct shell *sh, const char *text, unsigned by, struct error *err);

/* The domain's XML, until client_forget(); NULL with ERR. FLAGS: virDomainXMLFlags. */
const char *domain_xml(
	struct shell *sh, const struct remote_nonnull_domain *domain, unsigned flags, struct error *err);

/* 1 = running, 0 = not, negative with ERR. */
int domain_active(struct shell *sh, const struct remote_nonnull_domain *domain, struct error *err);

/* "running", "shut off", ... as virsh says. */
const char *domain_state_name(int state);
const char *domain_reason_name(int state, int reason);

/* --live, --config, --current as virDomainModificationImpact. */
unsigned domain_impact(const struct command *cmd);

/*
 * Title or description (TYPE: virDomainMetadataType) as it is now, empty when there is none; from the XML
 * when the daemon has no call for it. The text is the caller's; NULL with ERR.
 */
char *domain_text(struct shell *sh, const struct remote_nonnull_domain *domain, int type, unsigned flags,
	struct error *err);

/* UUID with hyphens; BUFFER has 37 bytes. */
const char *uuid_text(const unsigned char *uuid, char *buffer);
enum { UUID_TEXT_BYTES = 37 };

/* Reads a file for a call's argument; negative with ERR. *RET_TEXT is the caller's. */
int read_argument_file(const char *path, char **ret_text, struct error *err);

/* A bit for each option that is given. Ends with {NULL}. */
struct flag_row {
	const char *option;
	unsigned flag;
};
unsigned flags_of(const struct command *cmd, const struct flag_row *rows);

/* Completers */
void complete_domain(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out);
void complete_active(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out);
void complete_inactive(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out);
void complete_disk(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out);
void complete_interface(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out);
void complete_file(struct shell *sh, const struct command *cmd, const char *word, GPtrArray *out);
/* Adds those of WORDS (ends with NULL) that begin like WORD. */
void complete_from(const char *const *words, const char *word, GPtrArray *out);

/* Rows that many commands have. */
#define OPTION_DOMAIN_OF(doc, completer)                                                                     \
	{                                                                                                    \
		"domain", OPTION_STRING, OPTION_REQUIRED, doc, completer                                     \
	}
#define OPTION_DOMAIN	     OPTION_DOMAIN_OF("domain name, id or uuid", complete_domain)
#define OPTION_ACTIVE_DOMAIN OPTION_DOMAIN_OF("domain name, id or uuid", complete_active)
#define OPTION_FLAG(n, doc)                                                                                  \
	{                                                                                                    \
		.name = n, .kind = OPTION_BOOL, .help = doc                                                  \
	}
#define OPTION_TEXT(n, f, doc, ...)                                                                          \
	{                                                                                                    \
		.name = n, .kind = OPTION_STRING, .flags = f, .help = doc, ##__VA_ARGS__                     \
	}
#define OPTION_NUMBER(n, f, doc)                                                                             \
	{                                                                                                    \
		.name = n, .kind = OPTION_INT, .flags = f, .help = doc                                       \
	}
#define OPTION_WORDS(n, f, doc, ...)                                                                         \
	{                                                                                                    \
		.name = n, .kind = OPTION_DATA, .flags = f, .help = doc, ##__VA_ARGS__                       \
	}
/* The options of a command's row. */
#define OPTIONS(rows) .options = rows, .option_count = G_N_ELEMENTS(rows)
