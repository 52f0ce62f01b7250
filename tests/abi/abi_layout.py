# SPDX-License-Identifier: MIT
"""Layouts of the public structs and values of the constants, against the committed record.

    abi_layout.py            compares
    abi_layout.py --write    writes the record anew, after a change that is meant
"""

import json
import pathlib
import sys
import tempfile

import headers
import tools
from tap import Tap

RECORD = pathlib.Path(__file__).resolve().parent / "layout.json"


def member_lines(name, members):
    for member in members:
        yield (
            f'    printf("member {name} {member} %zu %zu\\n", offsetof(struct {name}, {member}),'
            f" sizeof(((struct {name} *)0)->{member}));"
        )


def probe_source():
    """A program that prints what the compiler made of the headers."""
    lines = ["#include <metallb/metallb.h>", "#include <stdio.h>", "int main(void)", "{"]
    for name, members in headers.structs().items():
        lines.append(f'    printf("struct {name} %zu\\n", sizeof(struct {name}));')
        lines += member_lines(name, members)
    for name in headers.constants():
        lines.append(f'    printf("constant {name} %lld\\n", (long long)({name}));')
    return "\n".join([*lines, "    return 0;", "}", ""])


def measure():
    """The layouts as this compiler sees them; raises RuntimeError with the compiler's output."""
    with tempfile.TemporaryDirectory() as directory:
        program = pathlib.Path(directory) / "probe"
        command = [*tools.c_compiler(), "-std=c11", "-x", "c", "-", "-I", headers.INCLUDE]
        status, output = tools.run([*command, "-o", program], input=probe_source())
        if status:
            raise RuntimeError(output)
        return read_probe(tools.run([program])[1])


def read_probe(output):
    measured = {"structs": {}, "constants": {}}
    for line in output.splitlines():
        kind, name, *words = line.split()
        if kind == "struct":
            measured["structs"][name] = {"size": int(words[0]), "members": {}}
        elif kind == "member":
            place = {"offset": int(words[1]), "size": int(words[2])}
            measured["structs"][name]["members"][words[0]] = place
        else:
            measured["constants"][name] = int(words[0])
    return measured


def differences(recorded, measured, path=""):
    """Each leaf that differs, by its path."""
    if not isinstance(recorded, dict) or not isinstance(measured, dict):
        if recorded != measured:
            yield f"{path}: recorded {recorded}, now {measured}"
        return
    for key in sorted({*recorded, *measured}):
        yield from differences(recorded.get(key), measured.get(key), f"{path}/{key}")


def holes(structs):
    """Padding that the compiler put in: bytes without a name cannot be demanded to be zero."""
    for name, struct in structs.items():
        end = 0
        for member, place in struct["members"].items():
            if place["offset"] != end:
                yield f"{name}.{member}: {place['offset'] - end} bytes of padding before it"
            end = place["offset"] + place["size"]
        if end != struct["size"]:
            yield f"{name}: {struct['size'] - end} bytes of padding at its end"


def size_first(structs):
    for name, struct in structs.items():
        place = struct["members"].get("struct_size")
        if name.endswith("_options") and place is None:
            yield f"{name} has no struct_size"
        if place is not None and place != {"offset": 0, "size": 4}:
            yield f"{name}.struct_size does not stand first with 4 bytes"


def compare():
    tap = Tap()
    measured = measure()
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    structs = measured["structs"]
    tap.check("there are structs and constants", [] if structs else ["none found"])
    tap.check("structs as recorded", differences(recorded["structs"], structs))
    tap.check(
        "constants as recorded", differences(recorded["constants"], measured["constants"])
    )
    tap.check("options and records begin with their size", size_first(structs))
    tap.check("no hidden padding", holes(structs))
    tap.finish()


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        RECORD.write_text(json.dumps(measure(), indent=2) + "\n", encoding="utf-8")
    else:
        compare()
