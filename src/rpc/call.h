/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls and programs as rows: what the generator makes of the .calls files in proto/.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct xdr_type;

enum rpc_stream_direction { RPC_STREAM_NONE, RPC_STREAM_TO_SERVER, RPC_STREAM_TO_CLIENT };

struct rpc_call {
	const char *name;	      /* NULL = no call has this number */
	const struct xdr_type *args;  /* NULL = none */
	const struct xdr_type *ret;   /* NULL = none */
	const struct xdr_type *event; /* set = sent by the server only */
	enum rpc_stream_direction stream;
	bool reader;		 /* allowed on the read-only socket */
	bool high_priority;	 /* never waits for a hypervisor */
	const char *permissions; /* object:permission[:condition], with commas */
};

struct rpc_program {
	const char *name;
	uint32_t number, version;
	const struct rpc_call *calls; /* by procedure number */
	uint32_t call_count;
};
