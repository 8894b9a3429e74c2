/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * XML text as a tree: the one place where libxml2 reads what somebody sent.
 *
 * Owns: the bounds of a document, and how its syntax errors read.
 * Must not know: what the elements mean.
 */
#pragma once

#include <libxml/tree.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Reads at most MODEL_XML_MAX bytes; no DTD, entities or network. *RET_DOC is the caller's (xmlFreeDoc()).
 * Errors: VIR_ERR_XML_DETAIL with TITLE, line, text and a mark under the place; VIR_ERR_XML_ERROR.
 */
int document_read(const char *title, const char *xml, size_t len, xmlDocPtr *ret_doc, struct error *err);
