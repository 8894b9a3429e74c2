/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The model engine on the domain's rows: canonical form, defaults, errors with their place, notes, hostile
 * documents.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "model/domain.h"

#define HEAD                                                                                                 \
	"<domain "                                                                                           \
	"type='qemu'><name>n</name><uuid>3e3fce45-4f53-4fa7-bb32-11f34168b82b</uuid><memory>1024</memory>"
#define OS "<os><type arch='x86_64'>hvm</type></os>"

/* The text of a document after reading it; fails the test when it is refused. */
static char *canonical(const char *xml)
{
	auto_error err = { 0 };
	struct model_notes notes = { 0 };
	auto_domain *domain = NULL;

	if (domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE, &domain, &notes, &err) < 0)
		print_message("%s\n", err.message);
	assert_non_null(domain);
	model_notes_clear(&notes);
	struct domain *copy = model_copy(&domain_model, domain);
	assert_int_equal(model_compare(&domain_model, domain, copy, true, &err), 0);
	char *text = model_format(&domain_model, copy, MODEL_VIEW_INACTIVE | MODEL_VIEW_SECURE);
	domain_free(copy);
	return text;
}

static void assert_has(const char *xml, const char *part)
{
	g_autofree char *text = canonical(xml);

	if (!strstr(text, part))
		print_message("'%s' is not in:\n%s", part, text);
	assert_non_null(strstr(text, part));
	/* canonical text is a fixed point */
	g_autofree char *again = canonical(text);
	assert_string_equal(text, again);
}

static void assert_refused(const char *xml, int code, const char *part)
{
	auto_error err = { 0 };
	struct model_notes notes = { 0 };
	auto_domain *domain = NULL;

	assert_true(domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE, &domain, &notes, &err) < 0);
	model_notes_clear(&notes);
	if (err.code != code || !strstr(err.message, part))
		print_message("got %d '%s', wanted '%s'\n", err.code, err.message, part);
	assert_int_equal(err.code, code);
	assert_non_null(strstr(err.message, part));
}

static void test_defaults(void **state)
{
	assert_has(HEAD OS "</domain>",
		"  <memory unit='KiB'>1024</memory>\n  <currentMemory unit='KiB'>1024</currentMemory>\n"
		"  <vcpu placement='static'>1</vcpu>\n");
	assert_has(HEAD OS "</domain>", "    <boot dev='hd'/>\n  </os>\n  <clock offset='utc'/>\n  "
					"<on_poweroff>destroy</on_poweroff>\n"
					"  <on_reboot>restart</on_reboot>\n  <on_crash>destroy</on_crash>\n");
}

static void test_units(void **state)
{
	static const struct {
		const char *memory, *kib;
	} rows[] = {
		{ "<memory unit='KB'>2000000000</memory>", ">1953125000<" },
		{ "<memory unit='MB'>1</memory>", ">977<" },
		{ "<memory unit='G'>1</memory>", ">1048576<" },
		{ "<memory unit='bytes'>1025</memory>", ">2<" },
		{ "<memory unit='TiB'>1</memory>", ">1073741824<" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *xml = g_strconcat(
			"<domain type='qemu'><name>n</name>", rows[i].memory, OS, "</domain>", NULL);
		assert_has(xml, rows[i].kib);
	}
	assert_refused("<domain type='qemu'><name>n</name><memory unit='TiB'>99999999999</memory>" OS
		       "</domain>",
		VIR_ERR_OVERFLOW, "value too large");
	assert_refused("<domain type='qemu'><name>n</name><memory unit='XiB'>9</memory>" OS "</domain>",
		VIR_ERR_XML_ERROR, "unit");
}

static void test_cpuset(void **state)
{
	assert_has(HEAD "<vcpu cpuset='1-4,^3,6'>2</vcpu>" OS "</domain>",
		"<vcpu placement='static' cpuset='1-2,4,6'>2</vcpu>");
	assert_refused(HEAD "<vcpu cpuset='4-1'>2</vcpu>" OS "</domain>", VIR_ERR_XML_ERROR, "cpuset");
	assert_refused(HEAD "<vcpu>0</vcpu>" OS "</domain>", VIR_ERR_XML_ERROR, "Zero is not permitted");
}

static void test_text_survives(void **state)
{
	assert_has(HEAD "<description>a &lt;b&gt; &amp; 'c'</description>" OS "</domain>",
		"<description>a &lt;b&gt; &amp; &apos;c&apos;</description>");
	assert_has(HEAD "<metadata><x:a xmlns:x='urn:x'><x:b c='1'/></x:a></metadata>" OS "</domain>",
		"<x:a xmlns:x=\"urn:x\">");
	assert_has(HEAD "<os><type>hvm</type><kernel>/k</kernel><cmdline> a=b c </cmdline></os></domain>",
		"<cmdline> a=b c </cmdline>");
}

#define DISK(parts) HEAD OS "<devices><disk " parts "</disk></devices></domain>"

static void test_disks(void **state)
{
	assert_has(
		DISK("type='file'><source file='/a'/><target dev='sda'/>"), "<target dev='sda' bus='scsi'/>");
	assert_has(DISK("type='file' device='cdrom'><target dev='hda'/>"),
		"<target dev='hda' bus='ide'/>\n      <readonly/>");
	assert_has(DISK("type='block'><driver name='qemu' type='raw' cache='none'/><source "
			"dev='/dev/x'/><target dev='vda'/>"
			"<address type='pci' bus='4' slot='0x1f' function='0'/>"),
		"<address type='pci' domain='0x0000' bus='0x04' slot='0x1f' function='0x0'/>");
	assert_refused(DISK("type='file'><target dev='vda'/>"), VIR_ERR_XML_ERROR,
		"missing source information for device vda");
	assert_refused(DISK("type='file'><source file='/x'/>"), VIR_ERR_NO_TARGET,
		"missing target information for device /x");
	assert_refused(DISK("type='fil'><source file='/x'/>"), VIR_ERR_XML_ERROR,
		"Invalid value for attribute 'type' in element 'disk': 'fil'");
	assert_refused(DISK("type='file'><source file='/x'/><target dev='vda'/></disk><disk><source "
			    "file='/y'/><target dev='vda'/>"),
		VIR_ERR_XML_ERROR, "target 'vda' duplicated");
	assert_refused(
		DISK("type='file'><source file='/a'/><target dev='vda'/><address type='pci' slot='0x20'/>"),
		VIR_ERR_XML_ERROR, "slot");
}

static void test_devices(void **state)
{
	assert_has(HEAD OS "<devices><interface type='user'><mac address='52:54:00:AA:bb:cc'/><model "
			   "type='virtio'/></interface></devices></domain>",
		"    <interface type='user'>\n      <mac address='52:54:00:aa:bb:cc'/>\n      <model "
		"type='virtio'/>\n    </interface>\n");
	assert_refused(HEAD OS "<devices><interface type='bridge'/></devices></domain>", VIR_ERR_XML_ERROR,
		"requires a 'source' element");
	assert_refused(HEAD OS "<devices><interface type='user'><mac "
			       "address='53:54:00:aa:bb:cc'/></interface></devices></domain>",
		VIR_ERR_XML_ERROR, "multicast");
	assert_has(HEAD OS "<devices><graphics type='vnc'/></devices></domain>",
		"<graphics type='vnc' port='-1' autoport='yes'>\n      <listen type='address'/>\n    "
		"</graphics>");
	assert_has(HEAD OS "<devices><serial type='pty'><target port='0'/></serial></devices></domain>",
		"<serial type='pty'>\n      <target port='0'/>");
	assert_has(HEAD OS "<devices><rng model='virtio'><backend "
			   "model='random'>/dev/urandom</backend></rng></devices></domain>",
		"<backend model='random'>/dev/urandom</backend>");
}

static void test_console_makes_serial(void **state)
{
	assert_has(HEAD OS "<devices><console type='pty'/></devices></domain>",
		"    <serial type='pty'>\n      <target type='isa-serial' port='0'/>\n    </serial>\n"
		"    <console type='pty'>\n      <target type='serial' port='0'/>\n    </console>\n");
	assert_has(HEAD OS
		"<devices><console type='pty'><target type='virtio'/></console></devices></domain>",
		"  <devices>\n    <console type='pty'>\n      <target type='virtio'/>");
}

static void test_errors_say_where(void **state)
{
	assert_refused("<domain type='qemu'>\n<name>n</name>\n<memory>1</memory>\n" OS
		       "\n<clock offset='mars'/></domain>",
		VIR_ERR_XML_ERROR, "(line 5, domain/clock@offset)");
	assert_refused("<domian/>", VIR_ERR_XML_ERROR, "expecting root element of 'domain', not 'domian'");
	assert_refused("<domain>", VIR_ERR_XML_DETAIL,
		"(domain_definition):1: Premature end of data in tag domain line 1\n<domain>\n--------^");
	assert_refused("<domain type='bogus'/>", VIR_ERR_XML_ERROR, "allowed are 'qemu', 'kvm'");
	assert_refused("<domain type='qemu'><name>a/b</name></domain>", VIR_ERR_XML_ERROR,
		"name a/b cannot contain '/'");
	assert_refused("<domain type='qemu'><name>..</name></domain>", VIR_ERR_XML_ERROR,
		"cannot be used for a file");
	assert_refused("<domain type='qemu'><name>a</name>" OS "</domain>", VIR_ERR_XML_ERROR,
		"Memory size must be specified");
}

static void test_unknown_parts_are_told(void **state)
{
	const char *xml = HEAD OS "\n<devices><disk><drivr/><source file='/a' fiel='x'/><target "
				  "dev='vda'/></disk></devices></domain>";
	auto_error err = { 0 };
	struct model_notes notes = { 0 };
	auto_domain *domain = NULL;

	assert_int_equal(domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE, &domain, &notes, &err), 0);
	assert_int_equal(notes.items->len, 2);
	struct model_note *attribute = notes.items->pdata[0], *element = notes.items->pdata[1];
	assert_string_equal(attribute->text, "unknown attribute 'fiel' ignored; did you mean 'file'?");
	assert_string_equal(element->text, "unknown element 'drivr' ignored; did you mean 'driver'?");
	assert_string_equal(element->path, "domain/devices/disk");
	assert_int_equal(element->line, 2);
	model_notes_clear(&notes);
	struct domain *strict = NULL;
	assert_true(domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE | MODEL_PARSE_STRICT, &strict, &notes,
			    &err) < 0);
	assert_int_equal(err.code, VIR_ERR_XML_INVALID_SCHEMA);
	model_notes_clear(&notes);
}

static void test_views(void **state)
{
	const char *xml = "<domain type='qemu' id='7'><name>n</name><memory>1</memory>" OS
			  "<devices><graphics type='vnc' port='5900' passwd='secret'/></devices></domain>";
	auto_error err = { 0 };
	struct model_notes notes = { 0 };
	auto_domain *domain = NULL;

	assert_int_equal(domain_parse(xml, strlen(xml), 0, &domain, &notes, &err), 0);
	g_autofree char *live = model_format(&domain_model, domain, 0);
	g_autofree char *inactive =
		model_format(&domain_model, domain, MODEL_VIEW_INACTIVE | MODEL_VIEW_SECURE);
	assert_non_null(strstr(live, "id='7'"));
	assert_null(strstr(live, "secret"));
	assert_null(strstr(inactive, "id='7'"));
	assert_non_null(strstr(inactive, "passwd='secret'"));
}

static void test_abi(void **state)
{
	auto_error err = { 0 };
	struct model_notes notes = { 0 };
	const char *two = HEAD "<vcpu>2</vcpu>" OS "</domain>", *one = HEAD "<title>x</title>" OS "</domain>";
	auto_domain *a = NULL, *b = NULL;

	assert_int_equal(domain_parse(one, strlen(one), 0, &a, &notes, &err), 0);
	assert_int_equal(domain_parse(two, strlen(two), 0, &b, &notes, &err), 0);
	assert_true(model_compare(&domain_model, a, b, false, &err) < 0);
	assert_non_null(strstr(err.message, "vcpu"));
	assert_non_null(strstr(err.message, "'1' in one and '2' in the other"));
}

static void test_hostile(void **state)
{
	g_autoptr(GString) deep = g_string_new(HEAD "<metadata>");

	assert_refused("<!DOCTYPE d [<!ENTITY a 'aaaa'>]><domain type='qemu'><name>&a;</name></domain>",
		VIR_ERR_XML_ERROR, "DOCTYPE");
	assert_refused("<!DOCTYPE d SYSTEM 'file:///etc/passwd'><domain/>", VIR_ERR_XML_ERROR, "DOCTYPE");
	for (int i = 0; i < 5000; i++)
		g_string_append(deep, "<a>");
	assert_refused(deep->str, VIR_ERR_XML_DETAIL, "");
	g_autofree char *huge = g_malloc0(MODEL_XML_MAX + 2);
	memset(huge, ' ', MODEL_XML_MAX + 1);
	assert_refused(huge, VIR_ERR_XML_ERROR, "at most");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_cpuset),
		cmocka_unit_test(test_text_survives),
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_console_makes_serial),
		cmocka_unit_test(test_errors_say_where),
		cmocka_unit_test(test_unknown_parts_are_told),
		cmocka_unit_test(test_views),
		cmocka_unit_test(test_abi),
		cmocka_unit_test(test_hostile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
