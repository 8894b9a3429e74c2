/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * XML to structs: walks a type's rows over a libxml2 tree. Whatever no row knows becomes a note.
 */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include "model/scalar.h"

struct parser {
	struct model_context ctx;
	GPtrArray *path; /* element names from the root on; borrowed */
	xmlDocPtr doc;
};

static int parse_rows(
	struct parser *p, const struct model_type *type, xmlNodePtr node, void *obj, struct error *err);

/* -- where we are -- */

static char *path_text(const struct parser *p)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < p->path->len; i++)
		g_string_append_printf(text, "%s%s", i ? "/" : "", (const char *)p->path->pdata[i]);
	return g_string_free(text, FALSE);
}

/* "(line 4, domain/devices/disk)" */
static char *place_text(const struct parser *p, xmlNodePtr node)
{
	g_autofree char *path = path_text(p);
	return g_strdup_printf("(line %ld, %s)", xmlGetLineNo(node), path);
}

static int bad_value(struct parser *p, const struct row *row, xmlNodePtr node, const char *attr,
	const char *value, const char *why, struct error *err)
{
	g_autofree char *place = place_text(p, node);

	if (attr)
		return fail(err, VIR_ERR_XML_ERROR,
			"Invalid value for attribute '%s' in element '%s': '%s'. %s %s", attr,
			(const char *)node->name, value, why, place);
	return fail(err, VIR_ERR_XML_ERROR, "Invalid value for element '%s': '%s'. %s %s",
		(const char *)node->name, value, why, place);
}

/* -- scalars -- */

static int parse_kib(struct parser *p, const struct row *row, xmlNodePtr node, const char *text, void *at,
	struct error *err)
{
	xmlChar *unit = xmlGetNoNsProp(node, BAD_CAST "unit");
	int rc = scalar_scale_kib(text, (const char *)unit, at);

	if (rc == -2)
		fail(err, VIR_ERR_OVERFLOW, "value too large: %s%s", text, unit ? (const char *)unit : "");
	else if (rc < 0)
		bad_value(p, row, node, unit ? "unit" : NULL, unit ? (const char *)unit : text,
			"a size is a whole number with a unit such as KiB, MiB, GiB", err);
	xmlFree(unit);
	return rc < 0 ? -1 : 0;
}

/* NODE is the element the value stands in; ATTR is NULL for its text. */
static int parse_scalar(struct parser *p, const struct row *row, xmlNodePtr node, const char *attr,
	const char *text, void *obj, struct error *err)
{
	const struct scalar_ops *ops = scalar_ops(row->scalar);
	void *at = row_member(row, obj);
	g_autofree char *why = NULL;

	if ((row->flags & ROW_LIVE) && (p->ctx.flags & MODEL_PARSE_INACTIVE))
		return 0;
	if (row->scalar == SCALAR_KIB)
		return parse_kib(p, row, node, text, at, err);
	ops->clear(at);
	if (ops->parse(row, text, at, &why) < 0)
		return bad_value(p, row, node, attr, text, why, err);
	return 0;
}

static int missing(
	struct parser *p, const struct row *row, xmlNodePtr node, const char *attr, struct error *err)
{
	g_autofree char *place = place_text(p, node);

	return attr ? fail(err, VIR_ERR_XML_ERROR, "Missing required attribute '%s' in element '%s' %s", attr,
			      (const char *)node->name, place)
		    : fail(err, VIR_ERR_XML_ERROR, "missing element '%s' in element '%s' %s", row->name,
			      (const char *)node->name, place);
}

static int parse_attr(struct parser *p, const struct row *row, const char *attr, xmlNodePtr node, void *obj,
	struct error *err)
{
	xmlChar *value = xmlGetNoNsProp(node, BAD_CAST attr);
	int rc = 0;

	if (value)
		rc = parse_scalar(p, row, node, attr, (const char *)value, obj, err);
	else if (row->flags & ROW_REQUIRED)
		rc = missing(p, row, node, attr, err);
	xmlFree(value);
	return rc;
}

static int parse_text(struct parser *p, const struct row *row, xmlNodePtr node, void *obj, struct error *err)
{
	xmlChar *text = xmlNodeGetContent(node);
	g_autofree char *value = g_strdup((const char *)text);
	int rc = 0;

	xmlFree(text);
	if (row->scalar != SCALAR_STRING)
		g_strstrip(value);
	if (value[0] || row->scalar != SCALAR_STRING)
		rc = value[0] ? parse_scalar(p, row, node, NULL, value, obj, err) : 0;
	return rc;
}

/* -- elements -- */

static bool is_element(xmlNodePtr node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && !node->ns && strcmp((const char *)node->name, name) == 0;
}

static xmlNodePtr next_element(xmlNodePtr from, const char *name)
{
	for (; from; from = from->next)
		if (is_element(from, name))
			return from;
	return NULL;
}

static void *list_item(const struct row *row, void *obj)
{
	GPtrArray **list = row_member(row, obj);
	void *item = model_new(row->type);

	if (!*list)
		*list = g_ptr_array_new();
	g_ptr_array_add(*list, item);
	return item;
}

static void keep_verbatim(const struct row *row, xmlNodePtr node, void *obj)
{
	xmlBufferPtr buffer = xmlBufferCreate();
	char **at = row_member(row, obj);

	xmlNodeDump(buffer, node->doc, node, 1, 1);
	g_free(*at);
	*at = g_strdup((const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
}

/* Reads child element NODE by ROW. */
static int parse_child(struct parser *p, const struct row *row, xmlNodePtr node, void *obj, struct error *err)
{
	void **at = row->kind == ROW_GROUP ? NULL : row_member(row, obj);

	switch (row->kind) {
	case ROW_LEAF:
		return parse_text(p, row, node, obj, err);
	case ROW_LEAF_ATTR:
		return parse_attr(p, row, row->attr, node, obj, err);
	case ROW_FLAG:
		*(bool *)row_member(row, obj) = true;
		return 0;
	case ROW_CHILD:
		if (!*at)
			*at = model_new(row->type);
		return parse_rows(p, row->type, node, *at, err);
	case ROW_LIST:
		return parse_rows(p, row->type, node, list_item(row, obj), err);
	case ROW_GROUP:
		return parse_rows(p, row->type, node, obj, err);
	case ROW_RAW:
		keep_verbatim(row, node, obj);
		return 0;
	default:
		g_assert_not_reached();
	}
}

static int parse_children(
	struct parser *p, const struct row *row, xmlNodePtr node, void *obj, struct error *err)
{
	xmlNodePtr child = next_element(node->children, row->name);

	if (!child && (row->flags & ROW_REQUIRED))
		return missing(p, row, node, NULL, err);
	while (child) {
		g_ptr_array_add(p->path, (void *)child->name);
		int rc = parse_child(p, row, child, obj, err);
		g_ptr_array_set_size(p->path, p->path->len - 1);
		if (rc < 0)
			return -1;
		child = row->kind == ROW_LIST ? next_element(child->next, row->name) : NULL;
	}
	return 0;
}

static int parse_row(struct parser *p, const struct row *row, xmlNodePtr node, void *obj, struct error *err)
{
	const struct model_type *arm;

	switch (row->kind) {
	case ROW_ATTR:
		return parse_attr(p, row, row->name, node, obj, err);
	case ROW_TEXT:
		return parse_text(p, row, node, obj, err);
	case ROW_UNION:
		arm = union_arm(row, obj);
		if (!arm)
			return 0;
		for (size_t i = 0; i < arm->row_count; i++)
			if (parse_row(p, &arm->rows[i], node, row_member(row, obj), err) < 0)
				return -1;
		return 0;
	default:
		return parse_children(p, row, node, obj, err);
	}
}

/* -- what no row knows -- */

/* Adds the names of attributes (or child elements) that TYPE reads to NAMES. */
static void collect_names(const struct model_type *type, const void *obj, bool attributes, GPtrArray *names)
{
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		if (row->kind == ROW_UNION) {
			const struct model_type *arm = union_arm(row, obj);
			if (arm)
				collect_names(arm, row_member_const(row, obj), attributes, names);
		} else if (row->kind == ROW_TEXT) {
			if (attributes && row->scalar == SCALAR_KIB)
				g_ptr_array_add(names, "unit");
		} else if ((row->kind == ROW_ATTR) == attributes) {
			g_ptr_array_add(names, (void *)row->name);
		}
	}
}

static bool name_known(const GPtrArray *names, const char *name)
{
	for (guint i = 0; i < names->len; i++)
		if (strcmp(names->pdata[i], name) == 0)
			return true;
	return false;
}

static void note_unknown(
	struct parser *p, xmlNodePtr node, const char *what, const char *name, const GPtrArray *names)
{
	g_autofree char *path = path_text(p);
	const char *near = nearest_name(name, (const char *const *)names->pdata, names->len);

	model_note_add(p->ctx.notes, (int)xmlGetLineNo(node), path,
		near ? "unknown %s '%s' ignored; did you mean '%s'?" : "unknown %s '%s' ignored", what, name,
		near);
}

static void note_attributes(struct parser *p, xmlNodePtr node, const GPtrArray *names)
{
	for (xmlAttrPtr attr = node->properties; attr; attr = attr->next)
		if (!attr->ns && !name_known(names, (const char *)attr->name))
			note_unknown(p, node, "attribute", (const char *)attr->name, names);
}

/* LEAF and FLAG elements have no type of their own: at most a unit. */
static void note_leaf_attributes(struct parser *p, const struct model_type *type, xmlNodePtr child)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	bool leaf = false;

	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		if (!row->name || strcmp(row->name, (const char *)child->name) != 0)
			continue;
		leaf |= row->kind == ROW_LEAF || row->kind == ROW_LEAF_ATTR || row->kind == ROW_FLAG;
		if (row->kind == ROW_LEAF_ATTR)
			g_ptr_array_add(names, (void *)row->attr);
		if (row->scalar == SCALAR_KIB)
			g_ptr_array_add(names, "unit");
	}
	if (leaf)
		note_attributes(p, child, names);
}

static void note_all_unknown(
	struct parser *p, const struct model_type *type, xmlNodePtr node, const void *obj)
{
	g_autoptr(GPtrArray) attributes = g_ptr_array_new(), elements = g_ptr_array_new();

	collect_names(type, obj, true, attributes);
	note_attributes(p, node, attributes);
	collect_names(type, obj, false, elements);
	for (xmlNodePtr child = node->children; child; child = child->next) {
		if (child->type != XML_ELEMENT_NODE)
			continue;
		if (!child->ns && name_known(elements, (const char *)child->name))
			note_leaf_attributes(p, type, child);
		else
			note_unknown(p, child, "element", (const char *)child->name, elements);
	}
}

static int parse_rows(
	struct parser *p, const struct model_type *type, xmlNodePtr node, void *obj, struct error *err)
{
	if (p->path->len > MODEL_DEPTH_MAX)
		return fail(err, VIR_ERR_XML_ERROR, "elements are nested deeper than %d", MODEL_DEPTH_MAX);
	for (size_t i = 0; i < type->row_count; i++)
		if (parse_row(p, &type->rows[i], node, obj, err) < 0)
			return -1;
	note_all_unknown(p, type, node, obj);
	return type->post_parse ? type->post_parse(obj, &p->ctx, err) : 0;
}

/* -- documents -- */

static int strict_check(const struct model_notes *notes, struct error *err)
{
	if (!notes->items || notes->items->len == 0)
		return 0;
	const struct model_note *note = notes->items->pdata[0];
	return fail(err, VIR_ERR_XML_INVALID_SCHEMA, "line %d, %s: %s", note->line, note->path, note->text);
}

static int parse_root(struct parser *p, const struct model_type *type, void **ret_obj, struct error *err)
{
	xmlNodePtr root = xmlDocGetRootElement(p->doc);

	if (!root || !is_element(root, type->element))
		return fail(err, VIR_ERR_XML_ERROR, "unexpected root element <%s>, expecting <%s>",
			root ? (const char *)root->name : "", type->element);
	void *obj = model_new(type);
	g_ptr_array_add(p->path, (void *)root->name);
	if (parse_rows(p, type, root, obj, err) < 0 ||
		((p->ctx.flags & MODEL_PARSE_STRICT) && strict_check(p->ctx.notes, err) < 0)) {
		model_free(type, obj);
		return -1;
	}
	*ret_obj = obj;
	return 0;
}

int model_parse(const struct model_type *type, const char *xml, size_t len, unsigned flags, void *opaque,
	void **ret_obj, struct model_notes *notes, struct error *err)
{
	struct parser p = { .ctx = { notes, flags, opaque } };
	xmlParserCtxtPtr ctxt;
	int rc;

	if (len > MODEL_XML_MAX)
		return fail(err, VIR_ERR_XML_ERROR, "the document has %zu bytes, at most %d are read", len,
			MODEL_XML_MAX);
	ctxt = xmlNewParserCtxt();
	p.doc = xmlCtxtReadMemory(ctxt, xml, (int)len, NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
	if (!p.doc) {
		const xmlError *error = xmlCtxtGetLastError(ctxt);
		g_autofree char *text = g_strdup(error && error->message ? error->message : "not XML");
		rc = fail(err, VIR_ERR_XML_DETAIL, "%d: %s", error ? error->line : 0, g_strchomp(text));
		xmlFreeParserCtxt(ctxt);
		return rc;
	}
	xmlFreeParserCtxt(ctxt);
	p.path = g_ptr_array_new();
	if (p.doc->intSubset)
		rc = fail(err, VIR_ERR_XML_ERROR,
			"a document type declaration (<!DOCTYPE>) is not accepted; remove it");
	else
		rc = parse_root(&p, type, ret_obj, err);
	g_ptr_array_unref(p.path);
	xmlFreeDoc(p.doc);
	return rc;
}
