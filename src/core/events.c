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
	bool all;		/* of every domain */
	unsigned char uuid[16]; /* else of this one */
};

static struct remote_nonnull_domain event_domain(const struct guest *guest)
{
	struct remote_nonnull_domain dom = { .name = guest->name, .id = guest->id };

	memcpy(dom.uuid, guest->uuid, 16);
	return dom;
}

/* Sends MESSAGE to each subscription of EVENT; its first member is the callback id, which is set here. */
static void send_all(struct core *core, const struct guest *guest, int event, int procedure, int *message)
{
	for (guint i = 0; i < core->sessions->len; i++) {
		struct session *session = core->sessions->pdata[i];
		for (guint k = 0; session->subscriptions && k < session->subscriptions->len; k++) {
			const struct subscription *sub =
				&g_array_index(session->subscriptions, struct subscription, k);
			if (sub->event != event || (!sub->all && memcmp(sub->uuid, guest->uuid, 16) != 0))
				continue;
			*message = sub->id;
			rpc_client_send_event(session->client, &remote_program, procedure, message);
		}
	}
}

void events_lifecycle(struct core *core, struct guest *guest, int event, int detail)
{
	struct remote_domain_event_callback_lifecycle_msg message = {
		.msg = { .dom = event_domain(guest), .event = event, .detail = detail },
	};

	send_all(core, guest, VIR_DOMAIN_EVENT_ID_LIFECYCLE, REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE,
		&message.callbackID);
}

void events_reboot(struct core *core, struct guest *guest)
{
	struct remote_domain_event_callback_reboot_msg message = { .msg = { .dom = event_domain(guest) } };

	send_all(core, guest, VIR_DOMAIN_EVENT_ID_REBOOT, REMOTE_PROC_DOMAIN_EVENT_CALLBACK_REBOOT,
		&message.callbackID);
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
	if (!session->subscriptions)
		session->subscriptions = g_array_new(FALSE, FALSE, sizeof(struct subscription));
	sub.id = session->next_subscription++;
	g_array_append_val(session->subscriptions, sub);
	((struct remote_connect_domain_event_callback_register_any_ret *)ret)->callbackID = sub.id;
	return 0;
}

int api_connect_domain_event_callback_deregister_any(
	struct rpc_request *request, const void *args, void *ret, struct error *err)
{
	const struct remote_connect_domain_event_callback_deregister_any_args *in = args;
	struct session *session = session_of(request, err);

	if (!session)
		return -1;
	for (guint i = 0; session->subscriptions && i < session->subscriptions->len; i++)
		if (g_array_index(session->subscriptions, struct subscription, i).id == in->callbackID) {
			g_array_remove_index(session->subscriptions, i);
			return 0;
		}
	return fail(
		err, VIR_ERR_INVALID_ARG, "could not find event callback %d for deletion", in->callbackID);
}
