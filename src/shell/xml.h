/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looking into XML that the daemon sent: XPath over libxml2, no network, no entities.
 */
#pragma once

#include <stdbool.h>

#include <libxml/tree.h>
#include <libxml/xpath.h>

#include "base/error.h"

static inline void xml_free_ptr(xmlDocPtr *doc)
{
	xmlFreeDoc(*doc);
}
#define auto_xml __attribute__((cleanup(xml_free_ptr))) xmlDocPtr

static inline void nodes_free_ptr(xmlXPathObjectPtr *nodes)
{
	if (*nodes)
		xmlXPathFreeObject(*nodes);
}
#define auto_nodes __attribute__((cleanup(nodes_free_ptr))) xmlXPathObjectPtr

/* NULL with ERR when it is not XML. */
xmlDocPtr xml_parse(const char *text, struct error *err);

/* The nodes that EXPRESSION yields, seen from NODE (NULL = the document); NULL when it yields none. */
xmlXPathObjectPtr xml_nodes(xmlDocPtr doc, xmlNodePtr node, const char *expression);
int xml_count(xmlXPathObjectPtr nodes);
xmlNodePtr xml_node(xmlXPathObjectPtr nodes, int index);

/* What a string expression yields, maybe empty; the text is the caller's. */
char *xml_text(xmlDocPtr doc, xmlNodePtr node, const char *expression);

/* A node as text, indented; the text is the caller's. */
char *xml_dump(xmlDocPtr doc, xmlNodePtr node);

/* Whether EXPRESSION is right and yields nodes, maybe none, not a number or text. */
bool xml_is_node_set(xmlDocPtr doc, const char *expression);
