#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the C side of the wire protocol from proto/*.x and proto/*.calls.

Usage: tools/protogen.py HEADER SOURCE PROTO-FOLDER

HEADER gets a struct for each XDR type; SOURCE gets the compact rows that the codec
(src/rpc/xdr.c) interprets, and a table of calls for each program. No code per call is made.
"""
import os
import re
import sys

PROGRAMS = ["remote", "qemu", "lxc", "admin", "keepalive"]
# XDR word -> C type, kind of the codec, bytes on the wire
BASE = {
    "int": ("int", "XDR_INT", 4), "unsigned int": ("unsigned", "XDR_INT", 4),
    "char": ("char", "XDR_CHAR", 4), "unsigned char": ("unsigned char", "XDR_CHAR", 4),
    "short": ("short", "XDR_SHORT", 4), "unsigned short": ("unsigned short", "XDR_SHORT", 4),
    "hyper": ("int64_t", "XDR_HYPER", 8), "unsigned hyper": ("uint64_t", "XDR_HYPER", 8),
    "double": ("double", "XDR_HYPER", 8),
}
DECLARATION = re.compile(r"(?P<type>[\w ]+?)\s+(?P<star>\*?)(?P<name>\w+)(?:<(?P<max>\w+)>|\[(?P<length>\w+)\])?$")
# What a client of the read-only socket may ask for; the same for every kind of object.
READER = re.compile(r"^(none$|[a-z_]+:(getattr|read|search_[a-z_]+)(:|$))")
# libvirt's public header gives these lengths names only the daemon's headers define
LENGTHS = {"VIR_SECURITY_MODEL_BUFLEN": "257", "VIR_SECURITY_LABEL_BUFLEN": "4097", "VIR_SECURITY_DOI_BUFLEN": "257"}


class Model:
    """All types and constants read so far."""

    def __init__(self):
        self.constants, self.types, self.order = [], {}, []

    def field(self, text):
        match = DECLARATION.match(" ".join(text.split()))
        if not match:
            sys.exit(f"protogen: cannot read the declaration '{text}'")
        return match.groupdict()

    def add(self, name, **what):
        self.types[name] = what
        self.order.append(name)

    def read(self, path):
        text = re.sub(r"/\*.*?\*/", "", open(path).read(), flags=re.S)
        pattern = re.compile(r"const (\w+) = (\w+);|typedef ([^;]+);|(struct|enum) (\w+) \{([^}]*)\};"
                             r"|union (\w+) switch \(([^)]*)\) \{([^}]*)\};", re.S)
        for match in pattern.finditer(text):
            const, value, typedef, kind, name, body, union, switch, arms = match.groups()
            if const:
                self.constants.append((const, LENGTHS.get(value, value)))
            elif typedef:
                field = self.field(typedef)
                self.add(field["name"], kind="typedef", field=field)
            elif kind == "struct":
                self.add(name, kind="struct", fields=[self.field(f) for f in body.split(";") if f.strip()])
            elif kind == "enum":
                self.add(name, kind="enum", values=body)
            else:
                cases = re.findall(r"case (\w+): ([^;]+);", arms)
                self.add(union, kind="union", switch=self.field(switch), arms=[(c, self.field(f)) for c, f in cases])

    def resolve(self, field):
        """A field with its typedefs and strings resolved: C type, how many, kind, row of its type."""
        name, how, limit = field["type"], "XDR_ONE", "0"
        if field["star"]:
            how = "XDR_OPTIONAL"
        elif field["max"]:
            how, limit = "XDR_VARIABLE", field["max"]
        elif field["length"]:
            how, limit = "XDR_FIXED", field["length"]
        if name in ("string", "opaque"):
            return ("string" if name == "string" else "opaque"), how, limit
        target = self.types.get(name)
        if target and target["kind"] == "typedef":
            inner, inner_how, inner_limit = self.resolve(target["field"])
            if how == "XDR_ONE":
                return inner, inner_how, inner_limit
            if inner == "string":
                return ("string_optional" if how == "XDR_OPTIONAL" else "string_list"), how, limit
            return inner, how, limit
        return name, how, limit

    def describe(self, field, struct, offset_in=None):
        """(C declaration, row initialiser, least bytes on the wire) of one field."""
        kind, how, limit = self.resolve(field)
        name = field["name"]
        where = f"offsetof(struct {struct}, {offset_in or name})"
        row = f"{{ .offset = {where}, .name = \"{name}\""
        if kind in ("string", "string_optional"):
            string_max = self.string_max(field)
            optional = ", .how = XDR_OPTIONAL" if kind == "string_optional" else ""
            return f"char *{name};", f"{row}, .kind = XDR_STRING{optional}, .limit = {string_max} }}"
        if kind == "string_list":
            optional = self.is_optional_string(field)
            return (f"struct {{\n\t\tunsigned len;\n\t\tchar **val;\n\t}} {name};",
                    f"{row}, .kind = {'XDR_STRING_OR_NULL' if optional else 'XDR_STRING'}, .how = XDR_VARIABLE, .limit = {limit} }}")
        if kind == "opaque":
            declaration = (f"unsigned char {name}[{limit}];" if how == "XDR_FIXED"
                           else f"struct {{\n\t\tunsigned len;\n\t\tunsigned char *val;\n\t}} {name};")
            return declaration, f"{row}, .kind = XDR_OPAQUE, .how = {how}, .limit = {limit} }}"
        base = BASE.get(kind)
        if not base and self.types[kind]["kind"] == "enum":
            base = BASE["int"]
        ctype = base[0] if base else f"struct {kind}"
        tail = f".kind = {base[1]}, .how = {how}, .limit = {limit} }}" if base \
            else f".kind = XDR_STRUCT, .type = &type_{kind}, .how = {how}, .limit = {limit} }}"
        declaration = {"XDR_ONE": f"{ctype} {name};", "XDR_OPTIONAL": f"{ctype} *{name};", "XDR_FIXED": f"{ctype} {name}[{limit}];",
                       "XDR_VARIABLE": f"struct {{\n\t\tunsigned len;\n\t\t{ctype} *val;\n\t}} {name};"}[how]
        return declaration, f"{row}, {tail}"

    def is_optional_string(self, field):
        target = self.types.get(field["type"])
        return bool(target and target["kind"] == "typedef" and target["field"]["star"])

    def string_max(self, field):
        while field["type"] != "string":
            field = self.types[field["type"]]["field"]
        return field["max"]


def header(model, programs):
    out = ["/* Made by tools/protogen.py from proto/. Do not edit. */", "#pragma once", "",
           "#include <libvirt/libvirt.h>", "#include <stdint.h>", "", '#include "rpc/call.h"', '#include "rpc/xdr.h"', ""]
    out += [f"#define {name} {value}" for name, value in model.constants] + [""]
    for name in model.order:
        what = model.types[name]
        if what["kind"] == "struct":
            fields = [model.describe(f, name)[0] for f in what["fields"]]
            out += [f"struct {name} {{"] + [f"\t{f}" for f in fields] + ["};", f"extern const struct xdr_type type_{name};", ""]
        elif what["kind"] == "enum":
            out += [f"enum {name} {{{what['values']}}};", ""]
        elif what["kind"] == "union":
            arms = [model.describe(f, name)[0] for _, f in what["arms"]]
            out += [f"struct {name} {{", f"\tint {what['switch']['name']};", "\tunion {"] + [f"\t\t{a}" for a in arms] \
                + ["\t} u;", "};", f"extern const struct xdr_type type_{name};", ""]
    for program, calls in programs:
        out += [f"enum {program}_procedure {{"]
        out += [f"\t{program.upper()}_PROC_{c['name'].upper()} = {c['number']}," for c in calls] + ["};"]
        out += [f"extern const struct rpc_program {program}_program;", ""]
    return "\n".join(out) + "\n"


def type_rows(model, name):
    what = model.types[name]
    if what["kind"] == "struct":
        rows, extra = [model.describe(f, name)[1] for f in what["fields"]], ""
    elif what["kind"] == "union":
        rows = [model.describe(f, name, f"u.{f['name']}")[1][:-1] + f", .when = {when} }}" for when, f in what["arms"]]
        extra = ", .is_union = true"
    else:
        return []
    return [f"static const struct xdr_field fields_{name}[] = {{"] + [f"\t{r}," for r in rows] + ["};",
            f"const struct xdr_type type_{name} = {{ \"{name}\", sizeof(struct {name}), fields_{name}, "
            f"G_N_ELEMENTS(fields_{name}){extra} }};", ""]


def call_row(call):
    reference = {k: "NULL" if call[k] == "-" else f"&type_{call[k]}" for k in ("args", "ret", "event")}
    stream = {"-": "0", "client-to-server": "RPC_STREAM_TO_SERVER", "server-to-client": "RPC_STREAM_TO_CLIENT"}[call["stream"]]
    # a conditional permission is checked by the verb, which knows the flags; the others must all be a reader's
    permissions = [p for p in call["acl"].split(",") if p.count(":") < 2 and p != "-"]
    reader = "true" if all(READER.match(p) for p in permissions) else "false"
    return (f"\t[{call['number']}] = {{ \"{call['name']}\", {reference['args']}, {reference['ret']}, {reference['event']}, "
            f"{stream}, {reader}, {'true' if call['priority'] == 'high' else 'false'}, \"{call['acl']}\" }},")


def source(model, programs):
    out = ["/* Made by tools/protogen.py from proto/. Do not edit. */", '#include "remote_protocol.h"', "",
           "#include <glib.h>", ""]
    for name in model.order:
        out += type_rows(model, name)
    for program, calls in programs:
        top = max(c["number"] for c in calls)
        out += [f"static const struct rpc_call {program}_calls[] = {{"] + [call_row(c) for c in calls] + ["};"]
        out += [f"const struct rpc_program {program}_program = {{ \"{program}\", {program.upper()}_PROGRAM, "
                f"{program.upper()}_PROTOCOL_VERSION, {program}_calls, {top + 1} }};", ""]
    return "\n".join(out) + "\n"


def read_calls(path):
    columns = ("number", "name", "args", "ret", "event", "stream", "priority", "acl")
    calls = []
    for line in open(path):
        if line.startswith("#") or not line.strip():
            continue
        call = dict(zip(columns, line.split()))
        if len(call) != len(columns):
            sys.exit(f"protogen: {path}: a line needs {len(columns)} columns: {line.strip()}")
        call["number"] = int(call["number"])
        calls.append(call)
    return calls


def main():
    header_path, source_path, folder = sys.argv[1:]
    model, programs = Model(), []
    for program in PROGRAMS:
        model.read(os.path.join(folder, program + ".x"))
        programs.append((program, read_calls(os.path.join(folder, program + ".calls"))))
    with open(header_path, "w") as out:
        out.write(header(model, programs))
    with open(source_path, "w") as out:
        out.write(source(model, programs))


if __name__ == "__main__":
    main()
