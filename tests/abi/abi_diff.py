# SPDX-License-Identifier: MIT
"""The shared object against that of the last tag, as abidiff of libabigail sees both."""

import pathlib
import re
import subprocess
import sys
import tempfile

import headers
import tools
from tap import Tap

SONAME = re.compile(r"Library soname: \[(.+)\]")


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def git(*arguments, **options):
    command = ["git", "-C", headers.ROOT, *arguments]
    return subprocess.run(command, capture_output=True, check=False, **options)


def last_tag():
    """The last tag that this tree comes from; ends the program as skipped where there is none."""
    if tools.missing("git") or git("rev-parse", "--git-dir").returncode:
        skip("this tree is no git repository")
    found = git("describe", "--tags", "--abbrev=0", text=True)
    if found.returncode:
        skip("no version has been tagged yet")
    return found.stdout.strip()


def unpack(tag, directory):
    archive = directory.parent / "source.tar"
    made = git("archive", "--output", archive, tag, text=True)
    return [made.stderr] if made.returncode else tools.problems_of(
        ["tar", "-x", "-f", archive, "-C", directory]
    )


def build(source, work):
    """Builds the library of a source tree alone; (problems, path of the shared object)."""
    setup = ["meson", "setup", work, source, "-Dtests=false", "-Dbench=false"]
    problems = tools.problems_of(setup)
    if not problems:
        problems = tools.problems_of(["meson", "compile", "-C", work, "metallb:shared_library"])
    libraries = [path for path in (work / "libmetallb").glob("libmetallb.so.*.*") if path.is_file()]
    if not problems and len(libraries) != 1:
        problems = [f"built {libraries}"]
    return problems, libraries[0] if libraries else None


def soname(library):
    return SONAME.findall(tools.run(["readelf", "--dynamic", library])[1])


def write_suppressions(path):
    """What <metallb/version.h> allows and abidiff cannot know: how some structs grow."""
    names = [name for name, members in headers.structs().items() if "struct_size" in members]
    path.write_text(
        "[suppress_type]\n"
        "type_kind = struct\n"
        f"name_regexp = ^({'|'.join(names)})$\n"
        "has_data_member_inserted_at = end\n",
        encoding="utf-8",
    )


def compare(old, new, source, suppressions):
    """What abidiff takes for a change that callers notice."""
    write_suppressions(suppressions)
    command = ["abidiff", "--no-added-syms", "--suppressions", suppressions]
    command += ["--headers-dir1", source / "libmetallb" / "include"]
    command += ["--headers-dir2", headers.INCLUDE]
    return tools.problems_of([*command, old, new])


def main(library):
    if tools.missing("abidiff"):
        skip(tools.missing("abidiff")[0])
    tag = last_tag()
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        source = pathlib.Path(directory) / "source"
        source.mkdir()
        tap.check(f"{tag} unpacks", unpack(tag, source))
        problems, old = build(source, pathlib.Path(directory) / "build")
        tap.check(f"{tag} builds", problems)
        if old and soname(old) != soname(library):
            tap.check(f"another soname than that of {tag}", [])
        elif old:
            found = compare(old, library, source, pathlib.Path(directory) / "suppressions.ini")
            tap.check(f"programs built with {tag} go on working", found)
    tap.finish()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
