/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * XML to structs: walks a type's rows over a libxml2 tree. Whatever no row knows becomes a note.
 */
#include <libxml/tree.h>
#include <string.h>

#include "model/document.h"
#include "model/scalar.h"

/* One element on the way from the root to where the parser is. */
struct step {
	const char *name; /* borrowed from the document */
	unsigned index;	  /* among those of a list, from 1; else 0 */
};

struct parser {
	struct model_context ctx;
	const struct model_type *root;
	struct step path[MODEL_DEPTH_MAX + 1];
	unsigned depth;
	xmlDocPtr doc;
};

static int parse_rows(
	struct parser *p, const struct model_type *type, xmlNodePtr node, void *obj, struct error *err);

/* -- where we are -- */

/* "domain/devices/disk[2]/driver@cache"; ATTR may be NULL. */
static char *path_text(const struct parser *p, const char *attr)
{
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; i < p->depth; i++) {
		g_string_append_printf(text, "%s%s", i ? "/" : "", p->path[i].name);
		if (p->path[i].index > 1)
			g_string_append_printf(text, "[%u]", p->path[i].index);
	}
	if (attr)
		g_string_append_printf(text, "@%s", attr);
	return g_string_free(text, FALSE);
}

/* "(line 4, domain/devices/disk@type)" */
static char *place_text(const struct parser *p, xmlNodePtr node, const char *attr)
{
	g_autofree char *path = path_text(p, attr);
	return g_strdup_printf("(line %ld, %s)", xmlGetLineNo(node), path);
}

static int bad_value(struct parser *p, const struct row *row, xmlNodePtr node, const char *attr,
	const char *value, const char *why, struct error *err)
{
	g_autofree char *place = place_text(p, node, attr);

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

	if (rc == -2) {
		g_autofree char *place = place_text(p, node, NULL);
		fail(err, VIR_ERR_OVERFLOW, "value too large: %s%s %s", text, unit ? (const char *)unit : "",
			place);
	} else if (rc == -3) {
		g_autofree char *why = g_strdup_printf(
			"unknown suffix '%s'; units are b, KB, KiB, MB, MiB, GB, GiB and so on", unit);
		bad_value(p, row, node, "unit", (const char *)unit, why, err);
	} else if (rc < 0) {
		bad_value(p, row, node, NULL, text,
			"a size is a whole number; its unit stands in the attribute 'unit'", err);
	}
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
	g_autofree char *place = place_text(p, node, attr);

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

/* True while more notes are kept: a document full of nonsense must not cost memory. */
static bool notes_room(const struct parser *p)
{
	return !p->ctx.notes->items || p->ctx.notes->items->len < MODEL_NOTES_MAX;
}

static void note(struct parser *p, xmlNodePtr node, const char *text)
{
	g_autofree char *path = path_text(p, NULL);

	if (notes_room(p))
		model_note_add(p->ctx.notes, (int)xmlGetLineNo(node), path, "%s", text);
}

/* Leaves one element for each namespace, as clients look them up by it; tells of what it drops. */
static void keep_foreign(struct parser *p, xmlNodePtr copy, xmlNodePtr node)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	xmlNodePtr next;

	for (xmlNodePtr child = copy->children; child; child = next) {
		next = child->next;
		if (child->type == XML_ELEMENT_NODE && child->ns && child->ns->href &&
			g_hash_table_add(seen, (char *)child->ns->href))
			continue;
		if (child->type == XML_ELEMENT_NODE) {
			g_autofree char *text = g_strdup_printf("element '%s' dropped; %s", child->name,
				child->ns ? "another of its namespace stands before it"
					  : "elements here need a namespace of their own");
			note(p, node, text);
		}
		xmlUnlinkNode(child);
		xmlFreeNode(child);
	}
}

/* A copy, so that it carries the namespaces which are declared above it. */
static void keep_verbatim(struct parser *p, const struct row *row, xmlNodePtr node, void *obj)
{
	xmlBufferPtr buffer = xmlBufferCreate();
	xmlNodePtr copy = xmlDocCopyNode(node, p->doc, 1);
	char **at = row_member(row, obj);

	keep_foreign(p, copy, node);
	xmlNodeDump(buffer, p->doc, copy, 1, 1);
	g_free(*at);
	*at = g_strdup((const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	xmlFreeNode(copy);
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
		keep_verbatim(p, row, node, obj);
		return 0;
	default:
		g_assert_not_reached();
	}
}

static int parse_children(
	struct parser *p, const struct row *row, xmlNodePtr node, void *obj, struct error *err)
{
	xmlNodePtr child = next_element(node->children, row->name);
	unsigned index = 0;

	if (!child && (row->flags & ROW_REQUIRED))
		return missing(p, row, node, NULL, err);
	while (child) {
		if (p->depth > MODEL_DEPTH_MAX)
			return fail(err, VIR_ERR_XML_ERROR, "elements are nested deeper than %d",
				MODEL_DEPTH_MAX);
		p->path[p->depth++] = (struct step){ (const char *)child->name, ++index };
		int rc = parse_child(p, row, child, obj, err);
		p->depth--;
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
		rows_init(arm, row_member(row, obj));
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

/* Where the rows know a name that stands in a wrong place. */
struct places {
	const char *name;
	bool attribute;
	unsigned count;
	char *first; /* path of the element it belongs in */
};

static void find_places(struct places *places, const struct model_type *type, const char *path, int depth)
{
	for (size_t i = 0; i < type->row_count && depth < 12 && places->count < 2; i++) {
		const struct row *row = &type->rows[i];
		if (row->kind == ROW_UNION) {
			for (const struct model_arm *arm = row->arms; arm->type; arm++)
				find_places(places, arm->type, path, depth + 1);
			continue;
		}
		if (row->name && (row->kind == ROW_ATTR) == places->attribute &&
			strcmp(row->name, places->name) == 0 && g_strcmp0(places->first, path) != 0) {
			places->count++;
			if (!places->first)
				places->first = g_strdup(path);
		}
		if (row->type) {
			g_autofree char *below = g_strdup_printf("%s/%s", path, row->name);
			find_places(places, row->type, below, depth + 1);
		}
	}
}

static void note_unknown(
	struct parser *p, xmlNodePtr node, bool attribute, const char *name, const GPtrArray *names)
{
	struct places places = { .name = name, .attribute = attribute };
	const char *what = attribute ? "attribute" : "element", *near;
	g_autofree char *text = NULL;

	if (!notes_room(p))
		return;
	find_places(&places, p->root, p->root->element, 0);
	if (places.count == 1)
		text = g_strdup_printf(
			"unknown %s '%s' ignored; misplaced: belongs under %s", what, name, places.first);
	else if ((near = nearest_name(name, (const char *const *)names->pdata, names->len)))
		text = g_strdup_printf("unknown %s '%s' ignored; did you mean '%s'?", what, name, near);
	else
		text = g_strdup_printf("unknown %s '%s' ignored", what, name);
	note(p, node, text);
	g_free(places.first);
}

static void note_attributes(struct parser *p, xmlNodePtr node, const GPtrArray *names)
{
	for (xmlAttrPtr attr = node->properties; attr && notes_room(p); attr = attr->next)
		if (!attr->ns && !name_known(names, (const char *)attr->name))
			note_unknown(p, node, true, (const char *)attr->name, names);
}

/* LEAF and FLAG elements have no type of their own: at most a unit. */
static void note_leaf_attributes(struct parser *p, const struct model_type *type, xmlNodePtr child)
{
	g_autoptr(GPtrArray) names = NULL;

	if (!child->properties)
		return;
	for (size_t i = 0; i < type->row_count; i++) {
		const struct row *row = &type->rows[i];
		if (!row->name || strcmp(row->name, (const char *)child->name) != 0 ||
			(row->kind != ROW_LEAF && row->kind != ROW_LEAF_ATTR && row->kind != ROW_FLAG))
			continue;
		if (!names)
			names = g_ptr_array_new();
		if (row->kind == ROW_LEAF_ATTR)
			g_ptr_array_add(names, (void *)row->attr);
		if (row->scalar == SCALAR_KIB)
			g_ptr_array_add(names, "unit");
	}
	if (names)
		note_attributes(p, child, names);
}

static bool is_list(const struct model_type *type, const char *name)
{
	for (size_t i = 0; i < type->row_count; i++)
		if (type->rows[i].kind == ROW_LIST && strcmp(type->rows[i].name, name) == 0)
			return true;
	return false;
}

/* An element that may stand once: the first counts. */
static void note_repeated(struct parser *p, const struct model_type *type, xmlNodePtr node, xmlNodePtr child)
{
	const char *name = (const char *)child->name;

	if (is_list(type, name) || next_element(node->children, name) == child)
		return;
	g_autofree char *text = g_strdup_printf("repeated element '%s' ignored; the first one counts", name);
	note(p, child, text);
}

static void note_all_unknown(
	struct parser *p, const struct model_type *type, xmlNodePtr node, const void *obj)
{
	g_autoptr(GPtrArray) attributes = g_ptr_array_new(), elements = g_ptr_array_new();

	if (!notes_room(p))
		return;
	collect_names(type, obj, true, attributes);
	note_attributes(p, node, attributes);
	collect_names(type, obj, false, elements);
	for (xmlNodePtr child = node->children; child && notes_room(p); child = child->next) {
		if (child->type != XML_ELEMENT_NODE)
			continue;
		if (!child->ns && name_known(elements, (const char *)child->name)) {
			note_leaf_attributes(p, type, child);
			note_repeated(p, type, node, child);
		} else {
			note_unknown(p, child, false, (const char *)child->name, elements);
		}
	}
}

static int parse_rows(
	struct parser *p, const struct model_type *type, xmlNodePtr node, void *obj, struct error *err)
{
	for (size_t i = 0; i < type->row_count; i++)
		if (parse_row(p, &type->rows[i], node, obj, err) < 0)
			return -1;
	note_all_unknown(p, type, node, obj);
	if (!type->post_parse || (p->ctx.flags & MODEL_PARSE_ROWS))
		return 0;
	return type->post_parse(obj, &p->ctx, err);
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
		return fail(err, VIR_ERR_XML_ERROR, "expecting root element of '%s', not '%s'", type->element,
			root ? (const char *)root->name : "");
	void *obj = model_new(type);
	p->path[p->depth++] = (struct step){ (const char *)root->name, 0 };
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
	struct model_notes unheard = { 0 };
	struct parser p = { .ctx = { notes ? notes : &unheard, flags, opaque }, .root = type };

	g_autofree char *title = g_strconcat(type->element, "_definition", NULL);
	if (document_read(title, xml, len, &p.doc, err) < 0)
		return -1;
	int rc = parse_root(&p, type, ret_obj, err);
	xmlFreeDoc(p.doc);
	model_notes_clear(&unheard);
	return rc;
}
