/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a packet of any program: what decodes, as arguments, answer or event of its procedure, encodes
 * to as many bytes, which decode to the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "remote_protocol.h"
#include "rpc/packet.h"
#include "rpc/xdr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rpc_program *const programs[] = { &remote_program, &qemu_program, &lxc_program,
	&admin_program, &keepalive_program };

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void round_trip(const struct xdr_type *type, const uint8_t *bytes, size_t len)
{
	g_autofree void *obj = g_malloc0(type->size), *again = g_malloc0(type->size);
	g_autoptr(GByteArray) first = g_byte_array_new(), second = g_byte_array_new();
	auto_error err = { 0 };

	if (xdr_decode(type, bytes, len, obj, &err) < 0) {
		demand(err.code == VIR_ERR_RPC && err.message);
		for (size_t i = 0; i < type->size; i++)
			demand(((char *)obj)[i] == 0);
		return;
	}
	demand(xdr_encode(type, obj, first, &err) == 0 && first->len == len);
	demand(xdr_decode(type, first->data, first->len, again, &err) == 0);
	demand(xdr_encode(type, again, second, &err) == 0);
	demand(second->len == first->len && memcmp(second->data, first->data, len) == 0);
	xdr_clear(type, obj);
	xdr_clear(type, again);
}

static const struct xdr_type *payload_type(const struct packet_header *header)
{
	const struct rpc_program *program = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++)
		if (programs[i]->number == header->program)
			program = programs[i];
	if (!program || header->procedure < 0 || (uint32_t)header->procedure >= program->call_count)
		return NULL;
	const struct rpc_call *call = &program->calls[header->procedure];
	switch (header->type) {
	case PACKET_CALL:
	case PACKET_CALL_WITH_FDS:
		return call->args;
	case PACKET_EVENT:
		return call->event;
	default:
		return call->ret;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet_header header;
	struct error told = { 0 };
	auto_error err = { 0 };

	if (size < PACKET_LEAST || size > PACKET_MOST)
		return 0;
	packet_header_read(data + PACKET_LENGTH_BYTES, &header);
	const uint8_t *payload = data + PACKET_LEAST;
	size_t len = size - PACKET_LEAST;
	if ((header.type == PACKET_CALL_WITH_FDS || header.type == PACKET_REPLY_WITH_FDS) &&
		len >= PACKET_FDS_BYTES) {
		payload += PACKET_FDS_BYTES;
		len -= PACKET_FDS_BYTES;
	}
	if (header.status == PACKET_ERROR) {
		demand((packet_read_error(payload, len, &told, &err) < 0) == (err.code != 0));
		error_clear(&told);
		return 0;
	}
	const struct xdr_type *type = payload_type(&header);
	if (type)
		round_trip(type, payload, len);
	return 0;
}
