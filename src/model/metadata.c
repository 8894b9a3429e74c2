/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One namespace's element of <metadata>, by way of a libxml2 tree.
 */
#include "model/metadata.h"

#include <glib.h>
#include <string.h>

#include "model/document.h"

static void free_doc(xmlDocPtr *doc)
{
	xmlFreeDoc(*doc);
}
#define auto_doc __attribute__((cleanup(free_doc))) xmlDocPtr

static bool is_of(const xmlNs *ns, const char *uri)
{
	return ns && ns->href && strcmp((const char *)ns->href, uri) == 0;
}

static xmlNodePtr find(xmlNodePtr metadata, const char *uri)
{
	for (xmlNodePtr node = metadata->children; node; node = node->next)
		if (node->type == XML_ELEMENT_NODE && is_of(node->ns, uri))
			return node;
	return NULL;
}

static char *text_of(xmlDocPtr doc, xmlNodePtr node, int level)
{
	xmlBufferPtr buffer = xmlBufferCreate();

	xmlNodeDump(buffer, doc, node, level, 1);
	char *text = g_strdup((const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	return text;
}

/* Takes namespace URI off NODE and all below it. Depth is bounded by the reader of the document. */
static void strip(xmlNodePtr node, const char *uri)
{
	xmlNs **at = &node->nsDef;

	if (is_of(node->ns, uri))
		node->ns = NULL;
	for (xmlAttrPtr attr = node->properties; attr; attr = attr->next)
		if (is_of(attr->ns, uri))
			attr->ns = NULL;
	for (xmlNodePtr child = node->children; child; child = child->next)
		if (child->type == XML_ELEMENT_NODE)
			strip(child, uri);
	while (*at) {
		xmlNs *ns = *at;
		if (is_of(ns, uri)) {
			*at = ns->next;
			ns->next = NULL;
			xmlFreeNs(ns);
		} else {
			at = &ns->next;
		}
	}
}

char *metadata_get(const char *metadata, const char *uri, struct error *err)
{
	auto_doc doc = NULL;

	if (metadata && document_read("metadata_xml", metadata, strlen(metadata), &doc, err) < 0)
		return NULL;
	xmlNodePtr node = doc ? find(xmlDocGetRootElement(doc), uri) : NULL;
	if (!node) {
		fail(err, VIR_ERR_NO_DOMAIN_METADATA, "Requested metadata element is not present");
		return NULL;
	}
	strip(node, uri);
	return text_of(doc, node, 0);
}

/* Gives namespace NS to NODE and all below it that have none. */
static void adopt(xmlNodePtr node, xmlNs *ns)
{
	if (!node->ns)
		node->ns = ns;
	for (xmlNodePtr child = node->children; child; child = child->next)
		if (child->type == XML_ELEMENT_NODE)
			adopt(child, ns);
}

/* The element of XML as a child of METADATA. */
static int add(xmlDocPtr doc, const char *uri, const char *key, const char *xml, struct error *err)
{
	auto_doc fragment = NULL;

	if (xmlValidateNCName((const xmlChar *)key, 0) != 0)
		return fail(err, VIR_ERR_INVALID_ARG, "'%s' cannot be the prefix of an XML namespace", key);
	if (document_read("metadata_xml", xml, strlen(xml), &fragment, err) < 0)
		return -1;
	xmlNodePtr root = xmlDocGetRootElement(fragment);
	if (root->ns)
		return fail(err, VIR_ERR_XML_ERROR,
			"the metadata element '%s' has a namespace already; it gets '%s' from the call",
			root->name, uri);
	xmlNs *ns = xmlNewNs(root, (const xmlChar *)uri, (const xmlChar *)key);
	if (!ns)
		return fail(err, VIR_ERR_XML_ERROR,
			"the prefix '%s' is used for another namespace in the element", key);
	adopt(root, ns);
	/* a copy: the fragment owns the names */
	xmlAddChild(xmlDocGetRootElement(doc), xmlDocCopyNode(root, doc, 1));
	return 0;
}

int metadata_set(const char *metadata, const char *uri, const char *key, const char *xml, char **ret_metadata,
	struct error *err)
{
	const char *before = metadata ? metadata : "<metadata/>";
	auto_doc doc = NULL;

	if (document_read("metadata_xml", before, strlen(before), &doc, err) < 0)
		return -1;
	xmlNodePtr root = xmlDocGetRootElement(doc), old = find(root, uri);
	if (old) {
		xmlUnlinkNode(old);
		xmlFreeNode(old);
	}
	if (xml && add(doc, uri, key, xml, err) < 0)
		return -1;
	*ret_metadata = xmlFirstElementChild(root) ? text_of(doc, root, 1) : NULL;
	return 0;
}
