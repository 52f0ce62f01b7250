# SPDX-License-Identifier: MIT
"""Each public header compiles alone, as C and as C++, also when it is included twice."""

import headers
import tools
from tap import Tap

WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
LANGUAGES = {
    "C11": (["cc"], ["-x", "c", "-std=c11"]),
    "C++17": (["c++"], ["-x", "c++", "-std=c++17"]),
}


def compile_header(path, compiler, flags):
    source = f"#include <metallb/{path.name}>\n" * 2 + "int main(void);\n"
    command = [*compiler, *flags, *WARNINGS, "-I", headers.INCLUDE, "-"]
    return tools.missing(compiler[0]) or tools.problems_of(command, input=source)


def main():
    tap = Tap()
    tap.check("there are headers", [] if headers.header_files() else ["none found"])
    for language, (compiler, flags) in LANGUAGES.items():
        for path in headers.header_files():
            tap.check(f"{path.name} alone as {language}", compile_header(path, compiler, flags))
    tap.finish()


if __name__ == "__main__":
    main()
