/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading XML text: bounds, no document types, the first syntax error with its place.
 */
#include "model/document.h"

#include <libxml/parser.h>
#include <string.h>

#include "model/engine.h"

/* The first thing that is wrong with the text; what follows from it is not told. */
struct syntax_error {
	int line, column;
	char *text;
};

static void first_error(void *opaque, xmlErrorPtr error)
{
	struct syntax_error *first = ((xmlParserCtxtPtr)opaque)->_private;

	if (first->text || error->level < XML_ERR_ERROR || error->domain == XML_FROM_NAMESPACE)
		return;
	first->line = MAX(error->line, 1);
	first->column = MAX(error->int2, 1);
	first->text = g_strchomp(g_strdup(error->message ? error->message : "not XML"));
}

/* The parser calls this at a DOCTYPE, before anything in it is read. */
static void refuse_doctype(void *opaque, const xmlChar *name, const xmlChar *id, const xmlChar *uri)
{
	xmlParserCtxtPtr ctxt = opaque;
	struct syntax_error *first = ctxt->_private;

	first->line = -1;
	xmlStopParser(ctxt);
}

/* The message, the line it speaks of and a mark under the place: as libvirt's clients know it. */
static int not_well_formed(
	const char *title, const char *xml, size_t len, const struct syntax_error *error, struct error *err)
{
	const char *line = xml, *end = xml + len, *stop;

	for (int n = error->line; n > 1 && (stop = memchr(line, '\n', end - line)); n--)
		line = stop + 1;
	stop = memchr(line, '\n', end - line);
	int length = (int)((stop ? stop : end) - line), column = MIN(error->column, length + 1);
	int from = MAX(0, column - 80);
	g_autofree char *shown = g_utf8_make_valid(line + from, MIN(length - from, 100));
	g_autofree char *mark = g_strnfill(column - 1 - from, '-');
	return fail(err, VIR_ERR_XML_DETAIL, "(%s):%d: %s\n%s\n%s^", title, error->line, error->text, shown,
		mark);
}

int document_read(const char *title, const char *xml, size_t len, xmlDocPtr *ret_doc, struct error *err)
{
	struct syntax_error error = { .line = 1, .column = 1 };
	xmlDocPtr doc;
	int rc = 0;

	if (len > MODEL_XML_MAX)
		return fail(err, VIR_ERR_XML_ERROR, "the document has %zu bytes, at most %d are read", len,
			MODEL_XML_MAX);
	xmlParserCtxtPtr ctxt = xmlNewParserCtxt();
	ctxt->_private = &error;
	ctxt->sax->internalSubset = refuse_doctype;
	ctxt->sax->serror = first_error;
	doc = xmlCtxtReadMemory(ctxt, xml, (int)len, NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOWARNING | XML_PARSE_NOBLANKS | XML_PARSE_COMPACT);
	if (error.line < 0)
		rc = fail(err, VIR_ERR_XML_ERROR,
			"a document type declaration (<!DOCTYPE>) is not accepted; remove it");
	else if (!doc && !error.text)
		rc = fail(err, VIR_ERR_XML_DETAIL, "(%s):1: not XML", title);
	else if (!doc)
		rc = not_well_formed(title, xml, len, &error, err);
	xmlFreeParserCtxt(ctxt);
	g_free(error.text);
	if (rc < 0)
		xmlFreeDoc(doc);
	else
		*ret_doc = doc;
	return rc;
}
