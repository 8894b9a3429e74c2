/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The model engine on a toy type that has each kind of row and scalar, and on the domain's rows: random
 * objects survive every direction; notes; hostile documents; the schema.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <libxml/relaxng.h>
#include <string.h>

#include "model/domain.h"

/* fail_msg() of cmocka needs the macro whose name our errors take */
#define give_up(...) (print_message(__VA_ARGS__), print_message("\n"), _fail(__FILE__, __LINE__))

/* -- the toy -- */

static const char *const colours[] = { NULL, "red", "green", "blue", NULL };
static const char *const shapes[] = { NULL, "circle", "square", "point", NULL };

struct circle {
	unsigned radius;
	char *name;
};
struct square {
	uint64_t side;
	unsigned id;
};
struct part {
	int shape;
	union {
		struct circle circle;
		struct square square;
	};
};
struct label {
	int colour;
	char *text;
};
struct toy {
	char *string, *ip, *leaf, *raw, *secret;
	enum tristate yesno, onoff;
	int integer, live;
	unsigned number, port, hex, mode_a, mode_b;
	uint64_t big, size, old;
	unsigned char uuid[16], mac[6];
	GArray *cpus;
	bool flag;
	struct label *label;
	GPtrArray *parts;
	unsigned grouped;
};

#define S struct circle
static const struct row circle_rows[] = {
	ATTR("radius", S, radius, SCALAR_UINT, .flags = ROW_REQUIRED | ROW_NONZERO | ROW_ABI),
	LEAF("name", S, name, SCALAR_STRING),
};
static MODEL_TYPE(circle_type, "circle", S, circle_rows);
#undef S
#define S struct square
static const struct row square_rows[] = {
	ATTR("side", S, side, SCALAR_UINT64),
	ATTR("id", S, id, SCALAR_UINT, .absent = UINT32_MAX),
};
static MODEL_TYPE(square_type, "square", S, square_rows);
#undef S
static const struct model_arm arms[] = { { 1, &circle_type }, { 2, &square_type }, { 0, NULL } };
#define S struct part
static const struct row part_rows[] = {
	ATTR("shape", S, shape, SCALAR_ENUM, .flags = ROW_ABI, .values = shapes),
	UNION(S, shape, circle, arms),
};
static MODEL_TYPE(part_type, "part", S, part_rows);
#undef S
#define S struct label
static const struct row label_rows[] = {
	ATTR("colour", S, colour, SCALAR_ENUM, .values = colours),
	TEXT(S, text, SCALAR_STRING),
};
static MODEL_TYPE(label_type, "label", S, label_rows);
#undef S
#define S struct toy
static const struct row group_rows[] = {
	LEAF("grouped", S, grouped, SCALAR_UINT, .absent = 7),
};
static MODEL_TYPE(group_type, "group", S, group_rows);
static const struct row toy_rows[] = {
	ATTR("string", S, string, SCALAR_STRING),
	ATTR("yesno", S, yesno, SCALAR_YESNO),
	ATTR("onoff", S, onoff, SCALAR_ONOFF),
	ATTR("integer", S, integer, SCALAR_INT),
	ATTR("number", S, number, SCALAR_UINT, .max = 1000),
	ATTR("port", S, port, SCALAR_UINT, .absent = UINT32_MAX),
	ATTR("hex", S, hex, SCALAR_HEX, .flags = ROW_ALWAYS, .digits = 4, .max = 0xffff),
	ATTR("live", S, live, SCALAR_INT, .flags = ROW_LIVE),
	ATTR("secret", S, secret, SCALAR_STRING, .flags = ROW_SECURE),
	LEAF("leaf", S, leaf, SCALAR_STRING, .flags = ROW_REQUIRED),
	LEAF("big", S, big, SCALAR_UINT64, .flags = ROW_NOT_MIGRATABLE),
	LEAF("size", S, size, SCALAR_KIB),
	LEAF("old", S, old, SCALAR_UINT64, .flags = ROW_ACCEPT_ONLY),
	LEAF("uuid", S, uuid, SCALAR_UUID),
	LEAF("cpus", S, cpus, SCALAR_CPUSET),
	LEAF_ATTR("mac", "address", S, mac, SCALAR_MAC),
	LEAF_ATTR("ip", "address", S, ip, SCALAR_IP),
	LEAF_ATTR("mode", "a", S, mode_a, SCALAR_UINT),
	LEAF_ATTR("mode", "b", S, mode_b, SCALAR_UINT),
	FLAG("flag", S, flag, .flags = ROW_ABI),
	CHILD("label", S, label, &label_type),
	LIST("part", S, parts, &part_type),
	GROUP("group", &group_type),
	RAW("raw", S, raw),
};
static MODEL_TYPE(toy_type, "toy", S, toy_rows, .element = "toy");
#undef S

/* -- random objects -- */

static xmlRelaxNGPtr schema_of(const struct model_type *type)
{
	g_autofree char *text = model_schema(type);
	xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewMemParserCtxt(text, (int)strlen(text));
	xmlRelaxNGPtr schema = xmlRelaxNGParse(parser);

	xmlRelaxNGFreeParserCtxt(parser);
	assert_non_null(schema);
	return schema;
}

static void ignore_error(void *opaque, const char *format, ...)
{
}

static bool schema_accepts(xmlRelaxNGPtr schema, const char *xml)
{
	xmlDocPtr doc = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET);
	xmlRelaxNGValidCtxtPtr ctxt = xmlRelaxNGNewValidCtxt(schema);

	xmlRelaxNGSetValidErrors(ctxt, ignore_error, ignore_error, NULL);
	int rc = xmlRelaxNGValidateDoc(ctxt, doc);
	xmlRelaxNGFreeValidCtxt(ctxt);
	xmlFreeDoc(doc);
	return rc == 0;
}

static void check_random(const struct model_type *type, xmlRelaxNGPtr schema, unsigned seed)
{
	GRand *random = g_rand_new_with_seed(seed);
	void *object = model_random(type, random), *read = NULL, *copy = model_copy(type, object);
	g_autofree char *text = model_format(type, object, MODEL_VIEW_SECURE);
	auto_error err = { 0 };
	struct model_notes notes = { 0 };
	int rc = model_parse(
		type, text, strlen(text), MODEL_PARSE_ROWS | MODEL_PARSE_STRICT, NULL, &read, &notes, &err);

	if (rc < 0)
		print_message("seed %u: %s in:\n%s", seed, err.message, text);
	assert_int_equal(rc, 0);
	if (model_compare(type, object, read, true, &err) < 0)
		give_up("seed %u: %s in:\n%s", seed, err.message, text);
	if (model_compare(type, object, copy, true, &err) < 0)
		give_up("seed %u, copy: %s", seed, err.message);
	g_autofree char *again = model_format(type, read, MODEL_VIEW_SECURE);
	assert_string_equal(text, again);
	if (!schema_accepts(schema, text))
		give_up("seed %u: the schema refuses:\n%s", seed, text);
	g_autofree char *json = model_json(type, object, MODEL_VIEW_SECURE);
	assert_non_null(json);
	model_notes_clear(&notes);
	model_free(type, object);
	model_free(type, read);
	model_free(type, copy);
	g_rand_free(random);
}

static void test_random_toys(void **state)
{
	xmlRelaxNGPtr schema = schema_of(&toy_type);

	for (unsigned seed = 0; seed < 500; seed++)
		check_random(&toy_type, schema, seed);
	xmlRelaxNGFree(schema);
}

static void test_random_domains(void **state)
{
	xmlRelaxNGPtr schema = schema_of(&domain_model);

	for (unsigned seed = 0; seed < 100; seed++)
		check_random(&domain_model, schema, seed);
	xmlRelaxNGFree(schema);
}

static void test_schema_refuses(void **state)
{
	xmlRelaxNGPtr schema = schema_of(&toy_type);

	assert_true(schema_accepts(schema, "<toy><part shape='circle' radius='3'/><leaf>x</leaf></toy>"));
	assert_true(schema_accepts(schema, "<toy><leaf>x</leaf><size unit='gib'>1</size></toy>"));
	assert_false(schema_accepts(schema, "<toy/>"));
	assert_false(schema_accepts(schema, "<toy><leaf/><leaf/></toy>"));
	assert_false(schema_accepts(schema, "<toy><leaf/><part shape='square' radius='3'/></toy>"));
	assert_false(schema_accepts(schema, "<toy><leaf/><part shape='circle'/></toy>"));
	assert_false(schema_accepts(schema, "<toy yesno='on'><leaf/></toy>"));
	assert_false(schema_accepts(schema, "<toy><leaf/><size unit='XiB'>1</size></toy>"));
	assert_false(schema_accepts(schema, "<toy number='x'><leaf/></toy>"));
	xmlRelaxNGFree(schema);
}

/* -- directions with exact answers -- */

static struct toy *read_toy(const char *xml, unsigned flags, struct model_notes *notes)
{
	auto_error err = { 0 };
	void *toy = NULL;

	if (model_parse(&toy_type, xml, strlen(xml), flags, NULL, &toy, notes, &err) < 0)
		give_up("%s", err.message);
	return toy;
}

static void test_canonical(void **state)
{
	static const char xml[] =
		"<toy string='a&amp;b' yesno='yes' port='0' hex='0x1F' secret='s' xmlns:f='urn:f'>"
		"<part shape='square' side='010'/><part shape='circle' radius='2'><name>n</name></part>"
		"<leaf>x</leaf><size unit='MB'>1</size><old>3</old><cpus>0-3,^2,9</cpus><mode b='2'/>"
		"<flag/><label colour='red'>l</label><group/>"
		"<raw> <f:a> <f:b/> </f:a><g/><f:c/></raw></toy>";
	struct toy *toy = read_toy(xml, 0, NULL);
	g_autofree char *text = model_format(&toy_type, toy, MODEL_VIEW_MIGRATABLE);

	assert_string_equal(text, "<toy string='a&amp;b' yesno='yes' port='0' hex='0x001f'>\n"
				  "  <leaf>x</leaf>\n"
				  "  <size unit='KiB'>977</size>\n"
				  "  <cpus>0-1,3,9</cpus>\n"
				  "  <mode b='2'/>\n"
				  "  <flag/>\n"
				  "  <label colour='red'>l</label>\n"
				  "  <part shape='square' side='8'/>\n"
				  "  <part shape='circle' radius='2'>\n"
				  "    <name>n</name>\n"
				  "  </part>\n"
				  "  <raw xmlns:f=\"urn:f\">\n"
				  "    <f:a>\n"
				  "      <f:b/>\n"
				  "    </f:a>\n"
				  "  </raw>\n"
				  "</toy>\n");
	g_autofree char *json = model_json(&toy_type, toy, 0);
	assert_non_null(strstr(json, "\"@yesno\": true"));
	assert_non_null(strstr(json, "\"@hex\": 31"));
	assert_non_null(strstr(json, "\"size\": 977"));
	assert_non_null(strstr(json, "\"#text\": \"l\""));
	assert_null(strstr(json, "secret"));
	model_free(&toy_type, toy);
}

static void test_reference(void **state)
{
	g_autofree char *text = model_reference(&toy_type);

	assert_non_null(strstr(text, "| `@yesno` | `yes` `no` |"));
	assert_non_null(strstr(text, "## toy/label"));
	assert_non_null(strstr(text, "**with `@shape=circle`**"));
	assert_non_null(strstr(text, "| `@number` | number up to 1000 |"));
}

/* The only note that reading XML leaves. */
static void assert_note(const char *xml, const char *path, const char *wanted)
{
	struct model_notes notes = { 0 };
	struct toy *toy = read_toy(xml, 0, &notes);

	assert_non_null(notes.items);
	const struct model_note *note = notes.items->pdata[0];
	assert_string_equal(note->text, wanted);
	assert_string_equal(note->path, path);
	assert_int_equal(notes.items->len, 1);
	model_notes_clear(&notes);
	model_free(&toy_type, toy);
}

static void test_notes(void **state)
{
	assert_note(
		"<toy><leaf/><labl/></toy>", "toy", "unknown element 'labl' ignored; did you mean 'label'?");
	assert_note("<toy><leaf/><grouped/></toy>", "toy",
		"unknown element 'grouped' ignored; misplaced: belongs under toy/group");
	assert_note("<toy><leaf/><part/><part colour='red'/></toy>", "toy/part[2]",
		"unknown attribute 'colour' ignored; misplaced: belongs under toy/label");
	assert_note(
		"<toy><leaf/><leaf/></toy>", "toy", "repeated element 'leaf' ignored; the first one counts");
	assert_note("<toy><leaf/><raw><plain/></raw></toy>", "toy/raw",
		"element 'plain' dropped; elements here need a namespace of their own");
}

static void assert_refused(const char *xml, int code, const char *part)
{
	auto_error err = { 0 };
	void *toy = NULL;

	assert_true(model_parse(&toy_type, xml, strlen(xml), 0, NULL, &toy, NULL, &err) < 0);
	assert_null(toy);
	if (err.code != code || !strstr(err.message, part))
		give_up("got %d '%s', wanted '%s'", err.code, err.message, part);
}

static void test_errors(void **state)
{
	assert_refused("<toy/>", VIR_ERR_XML_ERROR, "missing element 'leaf' in element 'toy'");
	assert_refused("<toy><leaf/>\n<part/><part shape='cirle'/></toy>", VIR_ERR_XML_ERROR,
		"Invalid value for attribute 'shape' in element 'part': 'cirle'. allowed are 'circle', "
		"'square', 'point'; did you mean 'circle'? (line 2, toy/part[2]@shape)");
	assert_refused("<toy><leaf/><part shape='circle'/></toy>", VIR_ERR_XML_ERROR,
		"Missing required attribute 'radius' in element 'part' (line 1, toy/part@radius)");
	assert_refused("<toy><leaf/><part shape='circle' radius='0'/></toy>", VIR_ERR_XML_ERROR,
		"Zero is not permitted");
	assert_refused("<toy number='1001'><leaf/></toy>", VIR_ERR_XML_ERROR, "1000");
	assert_refused(
		"<toy><leaf/><size unit='XiB'>1</size></toy>", VIR_ERR_XML_ERROR, "unknown suffix 'XiB'");
	assert_refused("<toy><leaf/><size unit='EiB'>99</size></toy>", VIR_ERR_OVERFLOW,
		"numerical overflow: value too large: 99EiB");
	assert_refused("<toy>\n <leaf></toy>", VIR_ERR_XML_DETAIL,
		"(toy_definition):2: Opening and ending tag mismatch: leaf line 2 and toy\n <leaf></toy>\n");
}

/* -- hostile documents -- */

static void test_doctype(void **state)
{
	g_autoptr(GString) laughs = g_string_new("<!DOCTYPE l [<!ENTITY a0 'ha'>");

	for (int i = 1; i < 30; i++)
		g_string_append_printf(laughs, "<!ENTITY a%d '&a%d;&a%d;&a%d;'>", i, i - 1, i - 1, i - 1);
	g_string_append(laughs, "]><toy string='&a29;'><leaf>&a29;</leaf></toy>");
	assert_refused(laughs->str, VIR_ERR_XML_ERROR, "<!DOCTYPE>");
	assert_refused("<!DOCTYPE toy SYSTEM 'file:///etc/passwd'><toy/>", VIR_ERR_XML_ERROR, "<!DOCTYPE>");
	assert_refused("<toy string='&unknown;'><leaf/></toy>", VIR_ERR_XML_DETAIL, "unknown");
}

/* Nonsense must not cost memory: notes are bounded. */
static void test_many_unknown(void **state)
{
	g_autoptr(GString) xml = g_string_new("<toy><leaf/>");
	struct model_notes notes = { 0 };

	for (int i = 0; i < 100000; i++)
		g_string_append(xml, "<x/>");
	g_string_append(xml, "</toy>");
	struct toy *toy = read_toy(xml->str, 0, &notes);
	assert_int_equal(notes.items->len, MODEL_NOTES_MAX);
	model_notes_clear(&notes);
	model_free(&toy_type, toy);
}

static void test_bytes(void **state)
{
	assert_refused("", VIR_ERR_XML_DETAIL, "(toy_definition):");
	assert_refused("\xff\xfe<", VIR_ERR_XML_DETAIL, "(toy_definition):");
	assert_refused("<toy string='\xff'><leaf/></toy>", VIR_ERR_XML_DETAIL, "(toy_definition):1");
	assert_refused("<toy string='\x01'><leaf/></toy>", VIR_ERR_XML_DETAIL, "(toy_definition):1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_toys),
		cmocka_unit_test(test_random_domains),
		cmocka_unit_test(test_schema_refuses),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_doctype),
		cmocka_unit_test(test_many_unknown),
		cmocka_unit_test(test_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
