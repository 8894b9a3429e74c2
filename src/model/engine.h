/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The model engine: XML elements described once, as rows; every direction derived from them.
 *
 * Owns: the row vocabulary, and parse, format, copy, compare, free, JSON, RELAX NG, reference and random
 * objects of any described type.
 * Must not know: what a domain, a network or a volume is; how to wait.
 *
 * A type is a C struct and an array of rows. Rows stand in the order in which the canonical
 * XML prints them. A row names a type, never a function; what rows cannot say goes into the
 * type's two hooks. Members by kind:
 *
 *   kind        member                        XML
 *   ATTR        a scalar                      attribute of the element itself
 *   TEXT        a scalar                      text of the element itself
 *   LEAF        a scalar                      <name>scalar</name>
 *   LEAF_ATTR   a scalar                      <name ATTR='scalar'/>  (e.g. <mac address=>)
 *   FLAG        bool                          <name/>
 *   CHILD       struct x *                    <name ...> of its own type; NULL when absent
 *   LIST        GPtrArray * of struct x *     any number of <name ...>; NULL when none
 *   GROUP       (none; rows share the struct) <name> around further rows
 *   UNION       an embedded union             further rows on the same element, chosen by an
 *                                             enum member that an earlier ATTR row has filled
 *   RAW         char *                        whole subtree of other programs' elements, one for each
 *                                             namespace, kept verbatim
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What a scalar member is, and how its text reads. "absent" is the value that is not printed. */
enum scalar_kind {
	SCALAR_STRING, /* char *; absent NULL */
	SCALAR_YESNO,  /* enum tristate; 'yes', 'no' */
	SCALAR_ONOFF,  /* enum tristate; 'on', 'off' */
	SCALAR_INT,    /* int; decimal, 0x hex, 0 octal; absent 0 */
	SCALAR_UINT,   /* unsigned; absent 0 */
	SCALAR_UINT64, /* uint64_t; absent 0 */
	SCALAR_HEX,    /* unsigned; printed 0x%0*x with row->digits; absent 0 */
	SCALAR_ENUM,   /* int, an index into row->values; absent 0 */
	SCALAR_UUID,   /* unsigned char[16]; with or without hyphens; absent all zero */
	SCALAR_MAC,    /* unsigned char[6]; absent all zero */
	SCALAR_KIB,    /* uint64_t in KiB; reads a 'unit' attribute beside it, prints unit='KiB'; rounds up;
			  absent 0 */
	SCALAR_CPUSET, /* GArray * of bool-per-CPU bitmap words (uint64_t); '1-4,^3'; absent NULL */
	SCALAR_IP,     /* char *, checked to be an IPv4 or IPv6 address; absent NULL */
};

enum tristate { TRISTATE_ABSENT = 0, TRISTATE_YES = 1, TRISTATE_NO = 2 };

enum row_kind {
	ROW_ATTR,
	ROW_TEXT,
	ROW_LEAF,
	ROW_LEAF_ATTR,
	ROW_FLAG,
	ROW_CHILD,
	ROW_LIST,
	ROW_GROUP,
	ROW_UNION,
	ROW_RAW
};

enum row_flags {
	ROW_REQUIRED = 1 << 0,	     /* missing -> error naming element and attribute */
	ROW_ALWAYS = 1 << 1,	     /* printed even at its absent value (a GROUP: even when empty) */
	ROW_LIVE = 1 << 2,	     /* only in the view of a running object, and ignored in a definition */
	ROW_SECURE = 1 << 3,	     /* only in the secure view (passwords) */
	ROW_NOT_MIGRATABLE = 1 << 4, /* left out of the migratable view */
	ROW_ABI = 1 << 5,	  /* a difference changes what the guest sees: compared by model_compare() */
	ROW_ACCEPT_ONLY = 1 << 6, /* read (and checked), never printed */
	ROW_NONZERO = 1 << 7,	  /* 0 is an error: "Zero is not permitted" */
	ROW_DEPRECATED = 1 << 8,  /* `lint` says so; `doc` names the successor */
};

struct model_type;

/* One arm of a union: the enum value that chooses it, and the rows (offsets count from the union's start). */
struct model_arm {
	int tag;
	const struct model_type *type;
};

struct row {
	enum row_kind kind;
	const char *name;	   /* element or attribute name */
	const char *attr;	   /* LEAF_ATTR: the attribute */
	size_t offset;		   /* of the member in the struct */
	enum scalar_kind scalar;   /* ATTR, TEXT, LEAF, LEAF_ATTR */
	unsigned flags;		   /* enum row_flags */
	const char *const *values; /* ENUM: names by value; [0] is NULL (absent) or a name; NULL-terminated
				      from [1] on */
	const struct model_type *type; /* CHILD, LIST, GROUP: the rows inside */
	const struct model_arm *arms;  /* UNION: ends with {0, NULL} */
	size_t tag_offset;	       /* UNION: the int member that chooses */
	uint64_t absent;	       /* integers: the value that means absent, where 0 does not */
	uint64_t max;		       /* integers: greatest value allowed; 0 = the type's own */
	int digits;		       /* HEX: least number of digits */
	const char *doc;	       /* one sentence for reference and explain; units, default */
	const char *instead;	       /* with ROW_DEPRECATED: what to write instead */
};

/* What is passed to hooks. */
struct model_context {
	struct model_notes *notes;
	unsigned flags; /* enum model_parse_flags */
	void *opaque;	/* from model_parse() */
};

struct model_type {
	const char *name;    /* type name in docs and schema: "disk" */
	const char *element; /* root element name, where the type is a document */
	size_t size;	     /* of the struct */
	const struct row *rows;
	size_t row_count;
	/* Checks and irregular defaults after the rows of one element were read. May be NULL. */
	int (*post_parse)(void *self, const struct model_context *ctx, struct error *err);
	const char *doc;
};

/* Initialisers. The struct's name is given once, by defining S before a table: #define S struct disk */
#define ATTR(n, s, m, k, ...)                                                                                \
	{                                                                                                    \
		.kind = ROW_ATTR, .name = n, .offset = offsetof(s, m), .scalar = k, ##__VA_ARGS__            \
	}
#define TEXT(s, m, k, ...)                                                                                   \
	{                                                                                                    \
		.kind = ROW_TEXT, .offset = offsetof(s, m), .scalar = k, ##__VA_ARGS__                       \
	}
#define LEAF(n, s, m, k, ...)                                                                                \
	{                                                                                                    \
		.kind = ROW_LEAF, .name = n, .offset = offsetof(s, m), .scalar = k, ##__VA_ARGS__            \
	}
#define LEAF_ATTR(n, a, s, m, k, ...)                                                                        \
	{                                                                                                    \
		.kind = ROW_LEAF_ATTR, .name = n, .attr = a, .offset = offsetof(s, m), .scalar = k,          \
		##__VA_ARGS__                                                                                \
	}
#define FLAG(n, s, m, ...)                                                                                   \
	{                                                                                                    \
		.kind = ROW_FLAG, .name = n, .offset = offsetof(s, m), ##__VA_ARGS__                         \
	}
#define CHILD(n, s, m, t, ...)                                                                               \
	{                                                                                                    \
		.kind = ROW_CHILD, .name = n, .offset = offsetof(s, m), .type = t, ##__VA_ARGS__             \
	}
#define LIST(n, s, m, t, ...)                                                                                \
	{                                                                                                    \
		.kind = ROW_LIST, .name = n, .offset = offsetof(s, m), .type = t, ##__VA_ARGS__              \
	}
#define GROUP(n, t, ...)                                                                                     \
	{                                                                                                    \
		.kind = ROW_GROUP, .name = n, .type = t, ##__VA_ARGS__                                       \
	}
#define UNION(s, tag, m, a, ...)                                                                             \
	{                                                                                                    \
		.kind = ROW_UNION, .offset = offsetof(s, m), .tag_offset = offsetof(s, tag), .arms = a,      \
		##__VA_ARGS__                                                                                \
	}
#define RAW(n, s, m, ...)                                                                                    \
	{                                                                                                    \
		.kind = ROW_RAW, .name = n, .offset = offsetof(s, m), ##__VA_ARGS__                          \
	}
#define MODEL_TYPE(var, n, s, r, ...)                                                                        \
	const struct model_type var = {                                                                      \
		.name = n, .size = sizeof(s), .rows = r, .row_count = G_N_ELEMENTS(r), ##__VA_ARGS__         \
	}

/* One thing to tell the user about a document: unknown or misplaced or deprecated. */
struct model_note {
	int line;
	char *path; /* "domain/devices/disk" */
	char *text; /* "unknown element 'foo' ignored; did you mean 'floor'?" */
};

struct model_notes {
	GPtrArray *items; /* struct model_note *; NULL when none */
};
void model_notes_clear(struct model_notes *notes);
void model_note_add(struct model_notes *notes, int line, const char *path, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

enum model_parse_flags {
	MODEL_PARSE_INACTIVE = 1 << 0, /* a definition: ROW_LIVE rows are ignored */
	MODEL_PARSE_STRICT = 1 << 1,   /* unknown parts are VIR_ERR_XML_INVALID_SCHEMA instead of notes */
	MODEL_PARSE_ROWS = 1 << 2,     /* only what rows say: no hook runs (to test the rows themselves) */
};

enum model_view {
	MODEL_VIEW_INACTIVE = 1 << 0,
	MODEL_VIEW_SECURE = 1 << 1,
	MODEL_VIEW_MIGRATABLE = 1 << 2,
};

/* Largest document and depth that are read; most notes that are kept of one document. */
enum { MODEL_XML_MAX = 16 * 1024 * 1024, MODEL_DEPTH_MAX = 64, MODEL_NOTES_MAX = 64 };

/*
 * Reads one document. No DTD, entities or network. *RET_OBJ is the caller's (model_free()). NOTES may be
 * NULL. Errors: VIR_ERR_XML_ERROR (not well formed: VIR_ERR_XML_DETAIL) with line and path, what was allowed,
 * the nearest name.
 */
int model_parse(const struct model_type *type, const char *xml, size_t len, unsigned flags, void *opaque,
	void **ret_obj, struct model_notes *notes, struct error *err);

/* Prints a document in canonical form; the text is the caller's. VIEW: enum model_view. Never fails. */
char *model_format(const struct model_type *type, const void *obj, unsigned view);

/* As model_format(), for one element named ELEMENT, indented by INDENT spaces, added to OUT. */
void model_format_element(const struct model_type *type, const char *element, const void *obj, unsigned view,
	int indent, GString *out);

/* A zeroed object. */
void *model_new(const struct model_type *type);

/* A deep copy. */
void *model_copy(const struct model_type *type, const void *obj);

/* Frees an object and all it owns; NULL is fine. */
void model_free(const struct model_type *type, void *obj);

/*
 * Compares ROW_ABI rows (all rows with ALL). Returns 0 when equal; else -1 with
 * VIR_ERR_CONFIG_UNSUPPORTED naming the path and both values.
 */
int model_compare(const struct model_type *type, const void *a, const void *b, bool all, struct error *err);

/* Index of NAME in a NULL-terminated enum table (see struct row), or -1. */
int model_enum_value(const char *const *values, const char *name);

/*
 * One object as JSON, for programs: "@name" is an attribute, "#text" the text, other keys are elements; a
 * LIST is an array, a FLAG true, sizes are in KiB. VIEW as for model_format(). The text is the caller's.
 */
char *model_json(const struct model_type *type, const void *obj, unsigned view);

/* The RELAX NG schema of a document; the text is the caller's. What hooks check is not in it. */
char *model_schema(const struct model_type *type);

/* The reference of a document's elements and attributes as Markdown; the text is the caller's. */
char *model_reference(const struct model_type *type);

/* An object with random members that the rows allow, for tests; hooks may refuse it (MODEL_PARSE_ROWS). */
void *model_random(const struct model_type *type, GRand *random);
