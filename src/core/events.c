/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events to clients: subscriptions by callback id, and the messages of each kind.
 */
#include "core/events.h"

#include <string.h>

#include "core/api.h"
#include "core/session.h"

struct subscription {
	int id, event;
	bool old_form;		/* messages without a callback id; one for each event */
	bool all;		/* of every domain */
	unsigned char uuid[16]; /* else of this one */
};

/* How an event is told: the newer form begins with the subscription's id, the older one is what follows it.
 */
struct event_row {
	int event; /* virDomainEventID */
	int procedure, old_procedure;
	size_t old_offset; /* of the older form's message in the newer one's; 0 = there is no older form */
};

#define EVENT(name, both)                                                                                    \
	{                                                                                                    \
		VIR_DOMAIN_EVENT_ID_##name, REMOTE_PROC_DOMAIN_EVENT_CALLBACK_##name,                        \
			REMOTE_PROC_DOMAIN_EVENT_##name,                                                     \
			offsetof(struct remote_domain_event_callback_##both##_msg, msg)                      \
	}
static const struct event_row lifecycle_row = EVENT(LIFECYCLE, lifecycle);
static const struct event_row reboot_row = EVENT(REBOOT, reboot);
static const struct event_row rtc_change_row = EVENT(RTC_CHANGE, rtc_change);
static const struct event_row watchdog_row = EVENT(WATCHDOG, watchdog);
static const struct event_row io_error_row = EVENT(IO_ERROR, io_error);
static const struct event_row balloon_row = EVENT(BALLOON_CHANGE, balloon_change);
static const struct event_row control_error_row = EVENT(CONTROL_ERROR, control_error);
static const struct event_row metadata_row = { VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
	REMOTE_PROC_DOMAIN_EVENT_CALLBACK_METADATA_CHANGE, 0, 0 };

/* Those that a client may ask for in the older form are the ids up to this one. */
enum { OLD_FORM_LAST = VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED };

static struct remote_nonnull_domain event_domain(const struct guest *guest)
{
	struct remote_nonnull_domain dom = { .name = guest->name, .id = guest->id };

	memcpy(dom.uuid, guest->uuid, 16);
	return dom;
}

static void send_one(
	struct session *session, const struct subscription *sub, const struct event_row *row, int *message)
{
	if (sub->old_form) {
		if (row->old_offset)
			rpc_client_send_event(session->client, &remote_program, row->old_procedure,
				(const char *)message + row->old_offset);
		return;
	}
	*message = sub->id;
	rpc_client_send_event(session->client, &remote_program, row->procedure, message);
}

/* Sends MESSAGE, of the newer form, to each subscription of its event. */
static void send_all(struct core *core, const struct guest *guest, const struct event_row *row, int *message)
{
	for (guint i = 0; i < core->sessions->len; i++) {
		struct session *session = core->sessions->pdata[i];
		for (guint k = 0; session->subscriptions && k < session->subscriptions->len; k++) {
			const struct subscription *sub =
				&g_array_index(session->subscriptions, struct subscription, k);
			if (sub->event == row->event && (sub->all || memcmp(sub->uuid, guest->uuid, 16) == 0))
				send_one(session, sub, row, message);
		}
	}
}

static void lifecycle_as(struct core *core, const struct guest *guest, char *name, int event, int detail)
{
	struct remote_domain_event_callback_lifecycle_msg message = {
		.msg = { .dom = event_domain(guest), .event = event, .detail = detail },
	};

	message.msg.dom.name = name;
	send_all(core, guest, &lifecycle_row, &message.callbackID);
}

void events_lifecycle(struct core *core, struct guest *guest, int event, int detail)
{
	lifecycle_as(core, guest, guest->name, event, detail);
}

void events_renamed(struct core *core, struct guest *guest, const char *old_name)
{
	g_autofree char *name = g_strdup(old_name);

	lifecycle_as(core, guest, name, VIR_DOMAIN_EVENT_UNDEFINED, VIR_DOMAIN_EVENT_UNDEFINED_RENAMED);
	events_lifecycle(core, guest, VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_DEFINED_RENAMED);
}

void events_reboot(struct core *core, struct guest *guest)
{
	struct remote_domain_event_callback_reboot_msg message = { .msg = { .dom = event_domain(guest) } };

	send_all(core, guest, &reboot_row, &message.callbackID);
}

void events_rtc_change(struct core *core, struct guest *guest, int64_t offset)
{
	struct remote_domain_event_callback_rtc_change_msg message = {
		.msg = { .dom = event_domain(guest), .offset = offset },
	};

	send_all(core, guest, &rtc_change_row, &message.callbackID);
}

void events_watchdog(struct core *core, struct guest *guest, int action)
{
	struct remote_domain_event_callback_watchdog_msg message = {
		.msg = { .dom = event_domain(guest), .action = action },
	};

	send_all(core, guest, &watchdog_row, &message.callbackID);
}

void events_io_error(struct core *core, struct guest *guest, const char *path, const char *alias, int action)
{
	g_autofree char *source = g_strdup(path ? path : ""), *device = g_strdup(alias ? alias : "");
	struct remote_domain_event_callback_io_error_msg message = {
		.msg = { .dom = event_domain(guest),
			.srcPath = source,
			.devAlias = device,
			.action = action },
	};

	send_all(core, guest, &io_error_row, &message.callbackID);
}

void events_balloon(struct core *core, struct guest *guest, uint64_t kib)
{
	struct remote_domain_event_callback_balloon_change_msg message = {
		.msg = { .dom = event_domain(guest), .actual = kib },
	};

	send_all(core, guest, &balloon_row, &message.callbackID);
}

void events_control_error(struct core *core, struct guest *guest)
{
	struct remote_domain_event_callback_control_error_msg message = { .msg = { .dom = event_domain(
											   guest) } };

	send_all(core, guest, &control_error_row, &message.callbackID);
}

void events_metadata_change(struct core *core, struct guest *guest, int type, const char *uri)
{
	g_autofree char *space = g_strdup(uri);
	struct remote_domain_event_callback_metadata_change_msg message = {
		.dom = event_domain(guest),
		.type = type,
		.nsuri = space,
	};

	send_all(core, guest, &metadata_row, &message.callbackID);
}

static struct subscription *find(struct session *session, bool old_form, int number, guint *ret_index)
{
	for (guint i = 0; session->subscriptions && i < session->subscriptions->len; i++) {
		struct subscription *sub = &g_array_index(session->subscriptions, struct subscription, i);
		if (sub->old_form == old_form && (old_form ? sub->event : sub->id) == number) {
			*ret_index = i;
			return sub;
		}
	}
	return NULL;
}

static void subscribe(struct session *session, const struct subscription *sub)
{
	if (!session->subscriptions)
		session->subscriptions = g_array_new(FALSE, FALSE, sizeof(*sub));
	g_array_append_vals(session->subscriptions, sub, 1);
}

int api_connect_domain_event_callback_register_any(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_domain_event_callback_register_any_args *in = args;
	struct session *session = session_of(request, err);
	struct subscription sub = { .event = in->eventID, .all = !in->dom };

	if (!session)
		return -1;
	if (in->eventID < 0 || in->eventID > VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE)
		return fail(err, VIR_ERR_INVALID_ARG, "unsupported event ID %d", in->eventID);
	if (in->dom)
		memcpy(sub.uuid, in->dom->uuid, 16);
	sub.id = session->next_subscription++;
	subscribe(session, &sub);
	((struct remote_connect_domain_event_callback_register_any_ret *)ret)->callbackID = sub.id;
	return 0;
}

int api_connect_domain_event_callback_deregister_any(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_domain_event_callback_deregister_any_args *in = args;
	struct session *session = session_of(request, err);
	guint index;

	if (!session)
		return -1;
	if (!find(session, false, in->callbackID, &index))
		return fail(err, VIR_ERR_INVALID_ARG, "could not find event callback %d for deletion",
			in->callbackID);
	g_array_remove_index(session->subscriptions, index);
	return 0;
}

/* -- the older form, one subscription an event -- */

static int old_register(struct rpc_request *request, int event, struct error *err)
{
	struct session *session = session_of(request, err);
	const struct subscription sub = { .id = -1, .event = event, .old_form = true, .all = true };
	guint index;

	if (!session)
		return -1;
	if (event < 0 || event > OLD_FORM_LAST)
		return fail(err, VIR_ERR_INVALID_ARG, "unsupported event ID %d", event);
	if (find(session, true, event, &index))
		return fail(err, VIR_ERR_INVALID_ARG, "domain event %d already registered", event);
	subscribe(session, &sub);
	return 0;
}

static int old_deregister(struct rpc_request *request, int event, struct error *err)
{
	struct session *session = session_of(request, err);
	guint index;

	if (!session)
		return -1;
	if (!find(session, true, event, &index))
		return fail(err, VIR_ERR_INVALID_ARG, "domain event %d not registered", event);
	g_array_remove_index(session->subscriptions, index);
	return 0;
}

int api_connect_domain_event_register(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	((struct remote_connect_domain_event_register_ret *)ret)->cb_registered = 1;
	return old_register(request, VIR_DOMAIN_EVENT_ID_LIFECYCLE, err);
}

int api_connect_domain_event_deregister(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	((struct remote_connect_domain_event_deregister_ret *)ret)->cb_registered = 0;
	return old_deregister(request, VIR_DOMAIN_EVENT_ID_LIFECYCLE, err);
}

int api_connect_domain_event_register_any(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	return old_register(
		request, ((const struct remote_connect_domain_event_register_any_args *)args)->eventID, err);
}

int api_connect_domain_event_deregister_any(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	return old_deregister(request,
		((const struct remote_connect_domain_event_deregister_any_args *)args)->eventID, err);
}
