/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls on domains: lists, look-ups, definitions, XML, facts.
 */
#include <libvirt/libvirt.h>
#include <string.h>

#include "base/log.h"
#include "core/api.h"
#include "core/events.h"
#include "core/registry.h"
#include "core/session.h"

struct remote_nonnull_domain guest_reference(const struct guest *guest)
{
	struct remote_nonnull_domain dom = { .name = g_strdup(guest->name), .id = guest->id };

	memcpy(dom.uuid, guest->uuid, 16);
	return dom;
}

struct guest *session_guest(
	struct rpc_request *request, const struct remote_nonnull_domain *dom, struct error *err)
{
	struct session *session = session_of(request, err);
	auto_error ignored = { 0 };

	if (!session)
		return NULL;
	struct guest *guest = registry_by_uuid(session->core->domains, dom->uuid, &ignored);
	if (!guest) {
		char text[37];
		uuid_text(dom->uuid, text);
		fail(err, VIR_ERR_NO_DOMAIN, "no domain with matching uuid '%s' (%s)", text, dom->name);
	}
	return guest;
}

struct session *session_writer(struct rpc_request *request, struct error *err)
{
	struct session *session = session_of(request, err);

	if (session && session->readonly) {
		fail(err, VIR_ERR_OPERATION_DENIED, "read only access prevents %s", request->call->name);
		return NULL;
	}
	return session;
}

static bool is_active(const struct guest *guest)
{
	return guest->live != NULL;
}

/* What describes the guest now. */
static const struct domain *current(const struct guest *guest)
{
	return guest->live ? guest->live : guest->config;
}

/* -- lists -- */

/* A filter: flags of one group let a domain pass when any of them fits; groups all have to. */
static bool group_fits(unsigned flags, unsigned yes, unsigned no, bool fact)
{
	return !(flags & (yes | no)) || (fact && (flags & yes)) || (!fact && (flags & no));
}

static bool state_fits(const struct guest *guest, unsigned flags)
{
	const unsigned all = VIR_CONNECT_LIST_DOMAINS_RUNNING | VIR_CONNECT_LIST_DOMAINS_PAUSED |
			     VIR_CONNECT_LIST_DOMAINS_SHUTOFF | VIR_CONNECT_LIST_DOMAINS_OTHER;
	int state = guest->runtime.state;
	unsigned own = state == VIR_DOMAIN_RUNNING   ? VIR_CONNECT_LIST_DOMAINS_RUNNING
		       : state == VIR_DOMAIN_PAUSED  ? VIR_CONNECT_LIST_DOMAINS_PAUSED
		       : state == VIR_DOMAIN_SHUTOFF ? VIR_CONNECT_LIST_DOMAINS_SHUTOFF
						     : VIR_CONNECT_LIST_DOMAINS_OTHER;
	return !(flags & all) || (flags & own);
}

static bool filter_fits(struct registry *registry, const struct guest *guest, unsigned flags)
{
	return group_fits(flags, VIR_CONNECT_LIST_DOMAINS_ACTIVE, VIR_CONNECT_LIST_DOMAINS_INACTIVE,
		       is_active(guest)) &&
	       group_fits(flags, VIR_CONNECT_LIST_DOMAINS_PERSISTENT, VIR_CONNECT_LIST_DOMAINS_TRANSIENT,
		       guest->config != NULL) &&
	       group_fits(flags, VIR_CONNECT_LIST_DOMAINS_AUTOSTART, VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART,
		       (flags & (VIR_CONNECT_LIST_DOMAINS_AUTOSTART |
					VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART)) &&
			       registry_autostart(registry, guest)) &&
	       group_fits(flags, VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE,
		       VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE, false) &&
	       group_fits(flags, VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT, VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT,
		       false) &&
	       group_fits(flags, VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT,
		       VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT, false) &&
	       state_fits(guest, flags);
}

GPtrArray *guests_filtered(struct registry *registry, unsigned flags)
{
	g_autoptr(GPtrArray) all = registry_list(registry);
	GPtrArray *some = g_ptr_array_new();

	for (guint i = 0; i < all->len; i++)
		if (filter_fits(registry, all->pdata[i], flags))
			g_ptr_array_add(some, all->pdata[i]);
	return some;
}

int api_connect_list_all_domains(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_list_all_domains_args *in = args;
	struct remote_connect_list_all_domains_ret *answer = ret;
	struct session *session = session_of(request, err);

	if (!session || flags_check(request, in->flags, GUESTS_FILTERS, err) < 0)
		return -1;
	g_autoptr(GPtrArray) guests = guests_filtered(session->core->domains, in->flags);
	answer->ret = guests->len;
	if (!in->need_results)
		return 0;
	answer->domains.val = g_new0(struct remote_nonnull_domain, MAX(guests->len, 1));
	answer->domains.len = guests->len;
	for (guint i = 0; i < guests->len; i++)
		answer->domains.val[i] = guest_reference(guests->pdata[i]);
	return 0;
}

static int count(struct rpc_request *request, unsigned flags, int *ret_count, struct error *err)
{
	struct session *session = session_of(request, err);

	if (!session)
		return -1;
	g_autoptr(GPtrArray) guests = guests_filtered(session->core->domains, flags);
	*ret_count = guests->len;
	return 0;
}

int api_connect_num_of_domains(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	return count(request, VIR_CONNECT_LIST_DOMAINS_ACTIVE,
		&((struct remote_connect_num_of_domains_ret *)ret)->num, err);
}

int api_connect_num_of_defined_domains(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	return count(request, VIR_CONNECT_LIST_DOMAINS_INACTIVE,
		&((struct remote_connect_num_of_defined_domains_ret *)ret)->num, err);
}

int api_connect_list_domains(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_list_domains_args *in = args;
	struct remote_connect_list_domains_ret *answer = ret;
	struct session *session = session_of(request, err);

	if (!session)
		return -1;
	g_autoptr(GPtrArray) guests =
		guests_filtered(session->core->domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
	answer->ids.len = MIN(guests->len, (guint)MAX(in->maxids, 0));
	answer->ids.val = g_new0(int, MAX(answer->ids.len, 1));
	for (guint i = 0; i < answer->ids.len; i++)
		answer->ids.val[i] = ((struct guest *)guests->pdata[i])->id;
	return 0;
}

int api_connect_list_defined_domains(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_list_defined_domains_args *in = args;
	struct remote_connect_list_defined_domains_ret *answer = ret;
	struct session *session = session_of(request, err);

	if (!session)
		return -1;
	g_autoptr(GPtrArray) guests =
		guests_filtered(session->core->domains, VIR_CONNECT_LIST_DOMAINS_INACTIVE);
	answer->names.len = MIN(guests->len, (guint)MAX(in->maxnames, 0));
	answer->names.val = g_new0(char *, MAX(answer->names.len, 1));
	for (guint i = 0; i < answer->names.len; i++)
		answer->names.val[i] = g_strdup(((struct guest *)guests->pdata[i])->name);
	return 0;
}

/* -- look-ups -- */

static int answer_reference(struct guest *guest, struct remote_nonnull_domain *ret)
{
	if (!guest)
		return -1;
	*ret = guest_reference(guest);
	return 0;
}

int api_domain_lookup_by_name(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_lookup_by_name_args *in = args;
	struct session *session = session_of(request, err);

	return !session ? -1
			: answer_reference(registry_by_name(session->core->domains, in->name, err),
				  &((struct remote_domain_lookup_by_name_ret *)ret)->dom);
}

int api_domain_lookup_by_uuid(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_lookup_by_uuid_args *in = args;
	struct session *session = session_of(request, err);

	return !session ? -1
			: answer_reference(registry_by_uuid(session->core->domains, in->uuid, err),
				  &((struct remote_domain_lookup_by_uuid_ret *)ret)->dom);
}

int api_domain_lookup_by_id(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_lookup_by_id_args *in = args;
	struct session *session = session_of(request, err);

	return !session ? -1
			: answer_reference(registry_by_id(session->core->domains, in->id, err),
				  &((struct remote_domain_lookup_by_id_ret *)ret)->dom);
}

/* -- definitions -- */

static void log_notes(const struct domain *domain, const struct model_notes *notes)
{
	for (guint i = 0; notes->items && i < notes->items->len; i++) {
		const struct model_note *note = notes->items->pdata[i];
		log_warning("domain %s: line %d, %s: %s", domain->name, note->line, note->path, note->text);
	}
}

/* The types a definition may have here. */
static int type_check(const struct domain *domain, struct error *err)
{
	if (domain->type != DOMAIN_TYPE_QEMU && domain->type != DOMAIN_TYPE_KVM)
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
			"this daemon runs guests of the types 'qemu' and 'kvm' only");
	if (!g_str_equal(domain->os->type->name, "hvm"))
		return fail(err, VIR_ERR_CONFIG_UNSUPPORTED,
			"QEMU does not support os type '%s'; it runs 'hvm'", domain->os->type->name);
	return 0;
}

int definition_read(
	struct core *core, const char *xml, bool strict, struct domain **ret_domain, struct error *err)
{
	unsigned flags = MODEL_PARSE_INACTIVE | (strict ? MODEL_PARSE_STRICT : 0);
	struct model_notes notes = { 0 };
	auto_domain *domain = NULL;

	int rc = domain_parse(xml, strlen(xml), flags, &domain, &notes, err);
	if (rc == 0) {
		log_notes(domain, &notes);
		rc = type_check(domain, err);
	}
	if (rc == 0 && core->driver)
		rc = core->driver->complete(domain, err);
	model_notes_clear(&notes);
	if (rc == 0)
		*ret_domain = g_steal_pointer(&domain);
	return rc;
}

static int define(struct rpc_request *request, const char *xml, unsigned flags,
	struct remote_nonnull_domain *ret, struct error *err)
{
	struct session *session = session_writer(request, err);
	auto_domain *domain = NULL;
	struct guest *guest = NULL;

	if (!session)
		return -1;
	if (flags_check(request, flags, VIR_DOMAIN_DEFINE_VALIDATE, err) < 0 ||
		definition_read(session->core, xml, flags & VIR_DOMAIN_DEFINE_VALIDATE, &domain, err) < 0 ||
		registry_match(session->core->domains, domain, &guest, err) < 0)
		return -1;
	bool update = guest && guest->config;
	if (registry_define(session->core->domains, domain, &guest, err) < 0)
		return -1;
	domain = NULL; /* the registry's now */
	events_lifecycle(session->core, guest, VIR_DOMAIN_EVENT_DEFINED,
		update ? VIR_DOMAIN_EVENT_DEFINED_UPDATED : VIR_DOMAIN_EVENT_DEFINED_ADDED);
	*ret = guest_reference(guest);
	return 0;
}

int api_domain_define_xml(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_define_xml_args *in = args;
	return define(request, in->xml, 0, &((struct remote_domain_define_xml_ret *)ret)->dom, err);
}

int api_domain_define_xml_flags(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_define_xml_flags_args *in = args;
	return define(
		request, in->xml, in->flags, &((struct remote_domain_define_xml_flags_ret *)ret)->dom, err);
}

static int undefine(struct rpc_request *request, const struct remote_nonnull_domain *dom, struct error *err)
{
	struct session *session = session_writer(request, err);
	struct guest *guest = session ? session_guest(request, dom, err) : NULL;

	if (!guest)
		return -1;
	if (!guest->config)
		return fail(err, VIR_ERR_OPERATION_INVALID, "cannot undefine transient domain");
	guest_ref(guest);
	int rc = registry_undefine(session->core->domains, guest, err);
	if (rc == 0)
		events_lifecycle(
			session->core, guest, VIR_DOMAIN_EVENT_UNDEFINED, VIR_DOMAIN_EVENT_UNDEFINED_REMOVED);
	guest_unref(guest);
	return rc;
}

int api_domain_undefine(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	return undefine(request, &((const struct remote_domain_undefine_args *)args)->dom, err);
}

/* Flags that allow what hangs on a domain to go too; nothing of the kind can exist yet, so they permit
 * nothing more. */
int api_domain_undefine_flags(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_undefine_flags_args *in = args;
	const unsigned known = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
			       VIR_DOMAIN_UNDEFINE_NVRAM | VIR_DOMAIN_UNDEFINE_KEEP_NVRAM |
			       VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;

	return flags_check(request, in->flags, known, err) < 0 ? -1 : undefine(request, &in->dom, err);
}

/* UPDATE_CPU asks for what a host's CPU would make of a model's name: nothing differs here yet. */
enum {
	XML_FLAGS = VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_UPDATE_CPU |
		    VIR_DOMAIN_XML_MIGRATABLE
};

int api_domain_get_xml_desc(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_get_xml_desc_args *in = args;
	struct remote_domain_get_xml_desc_ret *answer = ret;
	struct session *session = session_of(request, err);
	struct guest *guest = session ? session_guest(request, &in->dom, err) : NULL;
	const unsigned secure = VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_MIGRATABLE;

	if (!guest || flags_check(request, in->flags, XML_FLAGS, err) < 0)
		return -1;
	if (session->readonly && (in->flags & secure))
		return fail(err, VIR_ERR_OPERATION_DENIED,
			"read only access prevents %s with secure information", request->call->name);
	bool inactive = (in->flags & VIR_DOMAIN_XML_INACTIVE) || !guest->live;
	const struct domain *shown = inactive && guest->config ? guest->config : current(guest);
	answer->xml = model_format(&domain_model, shown,
		(inactive ? MODEL_VIEW_INACTIVE : 0) |
			(in->flags & VIR_DOMAIN_XML_SECURE ? MODEL_VIEW_SECURE : 0) |
			(in->flags & VIR_DOMAIN_XML_MIGRATABLE ? MODEL_VIEW_MIGRATABLE : 0));
	return 0;
}

/* -- facts -- */

int api_domain_get_info(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct remote_domain_get_info_ret *answer = ret;
	struct guest *guest =
		session_guest(request, &((const struct remote_domain_get_info_args *)args)->dom, err);

	if (!guest)
		return -1;
	const struct domain *domain = current(guest);
	answer->state = guest->runtime.state;
	answer->maxMem = domain->memory;
	answer->memory = domain->current_memory;
	answer->nrVirtCpu = domain->vcpu->current ? domain->vcpu->current : domain->vcpu->count;
	return 0;
}

int api_domain_get_state(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct remote_domain_get_state_ret *answer = ret;
	struct guest *guest =
		session_guest(request, &((const struct remote_domain_get_state_args *)args)->dom, err);

	if (!guest)
		return -1;
	answer->state = guest->runtime.state;
	answer->reason = guest->runtime.reason;
	return 0;
}

int api_domain_is_active(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct guest *guest =
		session_guest(request, &((const struct remote_domain_is_active_args *)args)->dom, err);

	if (!guest)
		return -1;
	((struct remote_domain_is_active_ret *)ret)->active = is_active(guest);
	return 0;
}

int api_domain_is_persistent(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct guest *guest =
		session_guest(request, &((const struct remote_domain_is_persistent_args *)args)->dom, err);

	if (!guest)
		return -1;
	((struct remote_domain_is_persistent_ret *)ret)->persistent = guest->config != NULL;
	return 0;
}

/* "Updated" asks whether a running guest has another definition waiting. */
int api_domain_is_updated(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct guest *guest =
		session_guest(request, &((const struct remote_domain_is_updated_args *)args)->dom, err);

	if (!guest)
		return -1;
	((struct remote_domain_is_updated_ret *)ret)->updated = 0;
	return 0;
}

int api_domain_get_autostart(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct guest *guest =
		session_guest(request, &((const struct remote_domain_get_autostart_args *)args)->dom, err);
	struct session *session = session_of(request, err);

	if (!guest)
		return -1;
	((struct remote_domain_get_autostart_ret *)ret)->autostart =
		registry_autostart(session->core->domains, guest);
	return 0;
}

int api_domain_set_autostart(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_set_autostart_args *in = args;
	struct session *session = session_writer(request, err);
	struct guest *guest = session ? session_guest(request, &in->dom, err) : NULL;

	if (!guest)
		return -1;
	if (!guest->config)
		return fail(err, VIR_ERR_OPERATION_INVALID, "cannot set autostart for transient domain");
	return registry_set_autostart(session->core->domains, guest, in->autostart != 0, err);
}

int api_domain_get_os_type(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct guest *guest =
		session_guest(request, &((const struct remote_domain_get_os_type_args *)args)->dom, err);

	if (!guest)
		return -1;
	((struct remote_domain_get_os_type_ret *)ret)->type = g_strdup(current(guest)->os->type->name);
	return 0;
}

int api_domain_get_max_memory(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	struct guest *guest =
		session_guest(request, &((const struct remote_domain_get_max_memory_args *)args)->dom, err);

	if (!guest)
		return -1;
	((struct remote_domain_get_max_memory_ret *)ret)->memory = current(guest)->memory;
	return 0;
}
