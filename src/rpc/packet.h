/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Packets: the frame around every XDR payload (a length word, then six words of header).
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "base/error.h"

enum {
	PACKET_LENGTH_BYTES = 4,
	PACKET_HEADER_BYTES = 24,
	PACKET_LEAST = PACKET_LENGTH_BYTES + PACKET_HEADER_BYTES,
	PACKET_TYPE_AT = PACKET_LENGTH_BYTES + 12, /* where the type stands */
	PACKET_MOST = 4 + 33554432,
	PACKET_FDS_BYTES = 4, /* of the count that a payload with descriptors begins with */
	PACKET_FDS_MOST = 32,
};

enum packet_type {
	PACKET_CALL,
	PACKET_REPLY,
	PACKET_EVENT,
	PACKET_STREAM,
	PACKET_CALL_WITH_FDS,
	PACKET_REPLY_WITH_FDS,
	PACKET_STREAM_HOLE,
};

enum packet_status { PACKET_OK, PACKET_ERROR, PACKET_CONTINUE };

struct packet_header {
	uint32_t program, version;
	int32_t procedure;
	uint32_t type, serial, status;
};

struct xdr_type;

/* The six words at BYTES. */
void packet_header_read(const uint8_t bytes[PACKET_HEADER_BYTES], struct packet_header *header);

/* Appends a packet without payload to OUT; returns where it begins, for packet_finish(). */
guint packet_begin(GByteArray *out, const struct packet_header *header);

/* Sets the length of the packet that begins at START and ends at OUT's end. */
void packet_finish(GByteArray *out, guint start);

/* Appends a whole packet with OBJ of TYPE (or none). On failure OUT is as before. */
int packet_append(GByteArray *out, const struct packet_header *header, const struct xdr_type *type,
	const void *obj, struct error *err);

/*
 * As packet_append(), for a type of packet that has descriptors: says that FD_COUNT (at most PACKET_FDS_MOST)
 * of them follow. The caller sends each after the packet, beside a byte that belongs to no packet.
 */
int packet_append_fds(GByteArray *out, const struct packet_header *header, uint32_t fd_count,
	const struct xdr_type *type, const void *obj, struct error *err);

/* Appends an error packet: the error struct of the protocol. */
void packet_append_error(GByteArray *out, const struct packet_header *header, const struct error *error);

/* Reads the error struct of a packet into ERROR. */
int packet_read_error(const uint8_t *bytes, size_t len, struct error *error, struct error *err);
