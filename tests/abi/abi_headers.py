# SPDX-License-Identifier: MIT
"""Each public header compiles alone, as C and as C++, also when it is included twice; each call
that can fail takes a diagnostic, and the comments say what a caller must know."""

import re

import headers
import tools
from tap import Tap

WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
LANGUAGES = {
    "C11": (["cc"], ["-x", "c", "-std=c11"]),
    "C++17": (["c++"], ["-x", "c++", "-std=c++17"]),
}

LEDGER = headers.ROOT / "docs" / "abi.md"

DIAGNOSTIC = "struct mlb_diagnostic *diagnostic"
# Calls that return a number which is no result code: they answer or compare.
PREDICATES = {
    "mlb_address_compare",
    "mlb_error_is_fatal",
    "mlb_pool_contains",
    "mlb_range_contains",
    "mlb_range_overlaps",
}
# They can fail for NULL only.
WITHOUT_DIAGNOSTIC = {"mlb_announcer_fd", "mlb_membership_fd"}
# Its object is a diagnostic.
ABOUT_DIAGNOSTICS = {"mlb_diagnostic_init"}


def compile_header(path, compiler, flags):
    source = f"#include <metallb/{path.name}>\n" * 2 + "int main(void);\n"
    command = [*compiler, *flags, *WARNINGS, "-I", headers.INCLUDE, "-"]
    return tools.missing(compiler[0]) or tools.problems_of(command, input=source)


def can_fail(name, prototype):
    return prototype.startswith("int32_t ") and name not in PREDICATES


def wrong_diagnostics(declared):
    """Exactly those who can fail take a diagnostic, as their last argument."""
    for name, prototype in sorted(declared.items()):
        wanted = can_fail(name, prototype) and name not in WITHOUT_DIAGNOSTIC
        arguments = headers.arguments(prototype)
        if wanted and arguments[-1] != DIAGNOSTIC:
            yield f"{name}() can fail, but its last argument is not {DIAGNOSTIC}"
        takes = any("struct mlb_diagnostic" in argument for argument in arguments)
        if takes and not wanted and name not in ABOUT_DIAGNOSTICS:
            yield f"{name}() takes a diagnostic that it has no use for"


def wrong_documentation(path, declared):
    """Exactly those who can fail say how."""
    documented = headers.documented_codes(path)
    for name, prototype in sorted(declared.items()):
        codes = documented.get(name, set()) - {"MLB_OK"}
        if can_fail(name, prototype) and not codes:
            yield f"{name}() can fail, but its comment names no error"
        elif codes and not can_fail(name, prototype):
            yield f"{name}() cannot fail, but its comment names {', '.join(sorted(codes))}"


def is_plain(path, argument):
    """The object of the header, and the diagnostic that its head speaks of, need no words."""
    kind = path.stem
    plain = re.fullmatch(rf"(const )?struct mlb_{kind} \*{kind}", argument)
    return (plain and kind != "address") or argument in (DIAGNOSTIC, "void")


def wrong_parameters(path, declared):
    documented = headers.documented_parameters(path)
    for name, prototype in sorted(declared.items()):
        arguments = headers.arguments(prototype)
        names = {re.findall(r"\w+", argument)[-1]: argument for argument in arguments}
        for argument, declaration in names.items():
            if argument not in documented.get(name, set()) and not is_plain(path, declaration):
                yield f"{name}(): {argument} is not described"
        for argument in sorted(documented.get(name, set()) - names.keys()):
            yield f"{name}() has no argument {argument}"


def wrong_ledger():
    """docs/abi.md says with which version each function came."""
    listed = re.findall(r"`(mlb_\w+)`", LEDGER.read_text(encoding="utf-8"))
    for name in sorted(headers.functions() | set(listed)):
        times = listed.count(name)
        if name not in headers.functions():
            yield f"{name}() is in no header"
        elif times != 1:
            yield f"{name}() stands {times} times in {LEDGER.name}"


def unknown_exceptions():
    exceptions = PREDICATES | WITHOUT_DIAGNOSTIC | ABOUT_DIAGNOSTICS
    yield from (f"{name}() is in no header" for name in sorted(exceptions - headers.functions()))


def main():
    tap = Tap()
    tap.check("there are headers", [] if headers.header_files() else ["none found"])
    for language, (compiler, flags) in LANGUAGES.items():
        for path in headers.header_files():
            tap.check(f"{path.name} alone as {language}", compile_header(path, compiler, flags))
    for path in headers.header_files():
        declared = headers.prototypes(headers.text_of(path))
        tap.check(f"{path.name}: who can fail takes a diagnostic", wrong_diagnostics(declared))
        tap.check(f"{path.name}: who can fail says how", wrong_documentation(path, declared))
        tap.check(f"{path.name}: arguments are described", wrong_parameters(path, declared))
    tap.check("each function has its version in the ledger", wrong_ledger())
    tap.check("calls that are apart exist", unknown_exceptions())
    tap.finish()


if __name__ == "__main__":
    main()
