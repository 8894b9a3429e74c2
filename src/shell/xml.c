/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * XPath over what the daemon sent.
 */
#include "shell/xml.h"

#include <libxml/parser.h>
#include <libxml/xmlsave.h>
#include <string.h>

static void say_nothing(void *arg, const char *message, ...)
{
}

xmlDocPtr xml_parse(const char *text, struct error *err)
{
	xmlSetGenericErrorFunc(NULL, say_nothing);
	xmlDocPtr doc = xmlReadMemory(text, (int)strlen(text), NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOBLANKS | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlSetGenericErrorFunc(NULL, NULL);

	if (!doc)
		fail(err, VIR_ERR_XML_ERROR, "the document cannot be read as XML");
	return doc;
}

static xmlXPathObjectPtr evaluate(xmlDocPtr doc, xmlNodePtr node, const char *expression)
{
	xmlXPathContextPtr context = xmlXPathNewContext(doc);

	/* a wrong expression is told by who asked, not by the library */
	xmlSetGenericErrorFunc(NULL, say_nothing);
	context->node = node ? node : (xmlNodePtr)doc;
	xmlXPathObjectPtr object = xmlXPathEval((const xmlChar *)expression, context);
	xmlSetGenericErrorFunc(NULL, NULL);
	xmlXPathFreeContext(context);
	return object;
}

xmlXPathObjectPtr xml_nodes(xmlDocPtr doc, xmlNodePtr node, const char *expression)
{
	xmlXPathObjectPtr object = evaluate(doc, node, expression);

	if (object && object->type == XPATH_NODESET && object->nodesetval && object->nodesetval->nodeNr > 0)
		return object;
	if (object)
		xmlXPathFreeObject(object);
	return NULL;
}

int xml_count(xmlXPathObjectPtr nodes)
{
	return nodes ? nodes->nodesetval->nodeNr : 0;
}

xmlNodePtr xml_node(xmlXPathObjectPtr nodes, int index)
{
	return nodes->nodesetval->nodeTab[index];
}

char *xml_text(xmlDocPtr doc, xmlNodePtr node, const char *expression)
{
	xmlXPathObjectPtr object = evaluate(doc, node, expression);
	char *text = g_strdup(object && object->stringval ? (const char *)object->stringval : "");

	if (object)
		xmlXPathFreeObject(object);
	return text;
}

char *xml_dump(xmlDocPtr doc, xmlNodePtr node)
{
	xmlBufferPtr buffer = xmlBufferCreate();

	xmlNodeDump(buffer, doc, node, 0, 1);
	char *text = g_strdup((const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	return text;
}

bool xml_is_node_set(xmlDocPtr doc, const char *expression)
{
	xmlXPathObjectPtr object = evaluate(doc, NULL, expression);
	bool yes = object && object->type == XPATH_NODESET;

	if (object)
		xmlXPathFreeObject(object);
	return yes;
}
