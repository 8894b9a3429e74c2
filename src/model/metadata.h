/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Other programs' elements in <metadata>: looked up, set and removed by namespace.
 *
 * Owns: how one element of the verbatim text is changed, all others left as they are.
 * Must not know: what the elements mean, where the text is kept.
 */
#pragma once

#include "base/error.h"

/*
 * The element of namespace URI in METADATA (the verbatim text, or NULL), without its prefix; the caller's.
 * NULL with VIR_ERR_NO_DOMAIN_METADATA where there is none.
 */
char *metadata_get(const char *metadata, const char *uri, struct error *err);

/*
 * METADATA with the element of namespace URI replaced by XML, which gets prefix KEY, or removed (XML NULL).
 * *RET_METADATA is the caller's, NULL when nothing is left. Errors: VIR_ERR_XML_DETAIL, VIR_ERR_XML_ERROR,
 * VIR_ERR_INVALID_ARG.
 */
int metadata_set(const char *metadata, const char *uri, const char *key, const char *xml, char **ret_metadata,
	struct error *err);
