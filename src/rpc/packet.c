/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Packets: framing, and the error struct that crosses the wire.
 */
#include "rpc/packet.h"

#include <endian.h>
#include <string.h>

#include "remote_protocol.h"
#include "rpc/xdr.h"

void packet_header_read(const uint8_t bytes[PACKET_HEADER_BYTES], struct packet_header *header)
{
	uint32_t words[6];

	memcpy(words, bytes, sizeof(words));
	*header = (struct packet_header){ be32toh(words[0]), be32toh(words[1]), (int32_t)be32toh(words[2]),
		be32toh(words[3]), be32toh(words[4]), be32toh(words[5]) };
}

guint packet_begin(GByteArray *out, const struct packet_header *header)
{
	uint32_t words[7] = { 0, htobe32(header->program), htobe32(header->version),
		htobe32((uint32_t)header->procedure), htobe32(header->type), htobe32(header->serial),
		htobe32(header->status) };
	guint start = out->len;

	g_byte_array_append(out, (const guint8 *)words, sizeof(words));
	return start;
}

void packet_finish(GByteArray *out, guint start)
{
	uint32_t length = htobe32(out->len - start);

	memcpy(out->data + start, &length, sizeof(length));
}

/* Ends the packet that begins at START with OBJ; on failure OUT loses it. */
static int append_payload(
	GByteArray *out, guint start, const struct xdr_type *type, const void *obj, struct error *err)
{
	int rc = type ? xdr_encode(type, obj, out, err) : 0;

	if (rc >= 0 && out->len - start > PACKET_MOST)
		rc = fail(err, VIR_ERR_RPC, "the answer is larger than a packet may be");
	if (rc < 0)
		g_byte_array_set_size(out, start);
	else
		packet_finish(out, start);
	return rc;
}

int packet_append(GByteArray *out, const struct packet_header *header, const struct xdr_type *type,
	const void *obj, struct error *err)
{
	return append_payload(out, packet_begin(out, header), type, obj, err);
}

int packet_append_fds(GByteArray *out, const struct packet_header *header, uint32_t fd_count,
	const struct xdr_type *type, const void *obj, struct error *err)
{
	guint start = packet_begin(out, header);
	uint32_t count = htobe32(fd_count);

	g_byte_array_append(out, (const guint8 *)&count, PACKET_FDS_BYTES);
	return append_payload(out, start, type, obj, err);
}

void packet_append_error(GByteArray *out, const struct packet_header *header, const struct error *error)
{
	struct packet_header answer = *header;
	char *message = error->message ? error->message : (char *)"unknown error";
	char *detail = error->detail;
	struct remote_error wire = {
		.code = error->code,
		.domain = error->domain,
		.message = message,
		.level = VIR_ERR_ERROR,
		.str1 = message,
		.str2 = detail,
		.int1 = -1,
		.int2 = -1,
	};
	auto_error err = { 0 };

	answer.status = PACKET_ERROR;
	if (packet_append(out, &answer, &type_remote_error, &wire, &err) < 0) {
		/* a text beyond the protocol's bound: its beginning will do */
		g_autofree char *brief = g_strndup(message, 1000);
		wire.message = wire.str1 = brief;
		wire.str2 = NULL;
		packet_append(out, &answer, &type_remote_error, &wire, &err);
	}
}

int packet_read_error(const uint8_t *bytes, size_t len, struct error *error, struct error *err)
{
	struct remote_error wire = { 0 };

	if (xdr_decode(&type_remote_error, bytes, len, &wire, err) < 0)
		return -1;
	error_clear(error);
	error->code = wire.code;
	error->domain = wire.domain;
	error->message = g_steal_pointer(&wire.message);
	error->detail = g_steal_pointer(&wire.str2);
	xdr_clear(&type_remote_error, &wire);
	return 0;
}
