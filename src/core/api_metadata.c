/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls on what names and describes a domain: title, description, metadata, and its name.
 */
#include <libvirt/libvirt.h>
#include <string.h>

#include "core/api.h"
#include "core/events.h"
#include "core/lifecycle.h"
#include "core/registry.h"
#include "core/session.h"
#include "model/metadata.h"

int guest_affected(struct guest *guest, unsigned flags, struct affected *ret_affected, struct error *err)
{
	bool live = flags & VIR_DOMAIN_AFFECT_LIVE, config = flags & VIR_DOMAIN_AFFECT_CONFIG;

	if (!live && !config) {
		live = guest->live != NULL;
		config = !live;
	}
	if (live && !guest->live)
		return fail(err, VIR_ERR_OPERATION_INVALID, "domain is not running");
	if (config && !guest->config)
		return fail(err, VIR_ERR_OPERATION_INVALID,
			"transient domains do not have any persistent config");
	*ret_affected = (struct affected){ live ? guest->live : NULL, config ? guest->config : NULL };
	return 0;
}

const struct domain *guest_read(struct guest *guest, unsigned flags, struct error *err)
{
	const unsigned both = VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG;
	struct affected affected;

	if ((flags & both) == both) {
		fail(err, VIR_ERR_INVALID_ARG,
			"Flags 'VIR_DOMAIN_AFFECT_LIVE' and 'VIR_DOMAIN_AFFECT_CONFIG' are mutually "
			"exclusive");
		return NULL;
	}
	if (guest_affected(guest, flags, &affected, err) < 0)
		return NULL;
	return affected.live ? affected.live : affected.config;
}

/* What a call of metadata is about. */
struct change {
	int type; /* virDomainMetadataType */
	const char *text, *key, *uri;
};

/* The combinations that mean something, said as the public functions of the API say them. */
static int change_check(
	const struct rpc_request *request, const struct change *change, bool set, struct error *err)
{
	bool element = change->type == VIR_DOMAIN_METADATA_ELEMENT;

	if (change->type < 0 || change->type > VIR_DOMAIN_METADATA_ELEMENT)
		return fail(err, VIR_ERR_INVALID_ARG, "unknown metadata type '%d'", change->type);
	if (element != (change->uri != NULL))
		return fail(err, VIR_ERR_INVALID_ARG, "uri in %s must %sbe NULL", request->call->name,
			element ? "not " : "");
	if (!set)
		return 0;
	if (element ? change->text && !change->key : change->key != NULL)
		return fail(err, VIR_ERR_INVALID_ARG, "key in %s must %sbe NULL", request->call->name,
			element ? "not " : "");
	if (change->type == VIR_DOMAIN_METADATA_TITLE && change->text && strchr(change->text, '\n'))
		return fail(err, VIR_ERR_INVALID_ARG, "metadata title can't contain newlines");
	return 0;
}

/* An empty title or description is none. */
static void replace_text(char **at, const char *text)
{
	g_free(*at);
	*at = text && text[0] ? g_strdup(text) : NULL;
}

static int change_apply(struct domain *domain, const struct change *change, struct error *err)
{
	char *metadata = NULL;

	if (change->type == VIR_DOMAIN_METADATA_TITLE)
		replace_text(&domain->title, change->text);
	else if (change->type == VIR_DOMAIN_METADATA_DESCRIPTION)
		replace_text(&domain->description, change->text);
	else if (metadata_set(domain->metadata, change->uri, change->key, change->text, &metadata, err) < 0)
		return -1;
	else
		g_free(domain->metadata), domain->metadata = metadata;
	return 0;
}

static int change_config(
	struct core *core, struct guest *guest, const struct change *change, struct error *err)
{
	auto_domain *config = model_copy(&domain_model, guest->config);

	if (change_apply(config, change, err) < 0 || registry_define(core->domains, config, &guest, err) < 0)
		return -1;
	config = NULL; /* the registry's now */
	return 0;
}

static int change_live(struct core *core, struct guest *guest, const struct change *change, struct error *err)
{
	struct domain *before = model_copy(&domain_model, guest->live);

	if (change_apply(guest->live, change, err) < 0 || lifecycle_save(core, guest, err) < 0) {
		domain_free(guest->live);
		guest->live = before;
		return -1;
	}
	domain_free(before);
	return 0;
}

int api_domain_set_metadata(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_set_metadata_args *in = args;
	const struct change change = { in->type, in->metadata, in->key, in->uri };
	struct session *session = session_writer(request, err);
	struct guest *guest = session ? session_guest(request, &in->dom, err) : NULL;
	struct affected affected;

	if (!guest ||
		flags_check(request, in->flags, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG, err) < 0 ||
		change_check(request, &change, true, err) < 0 ||
		guest_affected(guest, in->flags, &affected, err) < 0)
		return -1;
	/* the definition first: what fails there has changed nothing */
	if ((affected.config && change_config(session->core, guest, &change, err) < 0) ||
		(affected.live && change_live(session->core, guest, &change, err) < 0))
		return -1;
	events_metadata_change(session->core, guest, in->type, in->uri);
	return 0;
}

int api_domain_get_metadata(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_get_metadata_args *in = args;
	struct remote_domain_get_metadata_ret *answer = ret;
	const struct change asked = { .type = in->type, .uri = in->uri };
	struct guest *guest = session_guest(request, &in->dom, err);

	if (!guest ||
		flags_check(request, in->flags, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG, err) < 0)
		return -1;
	const struct domain *domain = guest_read(guest, in->flags, err);
	if (!domain || change_check(request, &asked, false, err) < 0)
		return -1;
	if (in->type == VIR_DOMAIN_METADATA_ELEMENT) {
		answer->metadata = metadata_get(domain->metadata, in->uri, err);
		return answer->metadata ? 0 : -1;
	}
	bool title = in->type == VIR_DOMAIN_METADATA_TITLE;
	answer->metadata = g_strdup(title ? domain->title : domain->description);
	if (!answer->metadata)
		return fail(err, VIR_ERR_NO_DOMAIN_METADATA, "Requested metadata element is not present");
	return 0;
}

int api_domain_rename(struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_domain_rename_args *in = args;
	struct session *session = session_writer(request, err);
	struct guest *guest = session ? session_guest(request, &in->dom, err) : NULL;
	auto_error ignored = { 0 };

	if (!guest || flags_check(request, in->flags, 0, err) < 0)
		return -1;
	if (!in->new_name || !in->new_name[0])
		return fail(err, VIR_ERR_INVALID_ARG, "the new name must not be empty");
	if (domain_name_check(in->new_name, err) < 0)
		return -1;
	if (!guest->config || guest->live)
		return fail(err, VIR_ERR_OPERATION_INVALID,
			guest->config ? "cannot rename active domain" : "cannot rename a transient domain");
	if (g_str_equal(in->new_name, guest->name))
		return fail(err, VIR_ERR_OPERATION_INVALID, "Can't rename domain to itself");
	if (registry_by_name(session->core->domains, in->new_name, &ignored))
		return fail(
			err, VIR_ERR_OPERATION_INVALID, "domain with name '%s' already exists", in->new_name);
	if (lifecycle_busy(guest))
		return fail(err, VIR_ERR_OPERATION_INVALID, "domain '%s' is being started; try again",
			guest->name);
	g_autofree char *old_name = g_strdup(guest->name);
	if (registry_rename(session->core->domains, guest, in->new_name, err) < 0)
		return -1;
	events_renamed(session->core, guest, old_name);
	return 0;
}
