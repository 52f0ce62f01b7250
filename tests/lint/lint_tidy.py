# SPDX-License-Identifier: MIT
"""Runs clang-tidy over the project's files, one check a file.

A file that passed is remembered in the build directory by the contents of all it includes, so that
a second run looks only at what changed.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from project import ROOT, missing_tool, run  # noqa: E402
from tap import Tap  # noqa: E402

# Flags of gcc that clang does not know are none of clang-tidy's business.
TIDY = ["clang-tidy", "--quiet", "--extra-arg=-Wno-unknown-warning-option"]


def commands(build):
    """One compile command a file, however many programs build it."""
    with open(build / "compile_commands.json", encoding="utf-8") as stream:
        entries = json.load(stream)
    found = {}
    for entry in entries:
        path = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        if path.is_relative_to(ROOT) and path.exists() and build not in path.parents:
            found.setdefault(path, entry)
    return sorted(found.items())


def dependencies(entry):
    """All files of the project that a compile command reads, or None if it does not compile."""
    arguments = shlex.split(entry["command"])
    for option in ("-o", "-MF", "-MQ"):
        while option in arguments:
            place = arguments.index(option)
            del arguments[place:place + 2]
    arguments = [word for word in arguments if word not in ("-c", "-MD")]
    result = subprocess.run(
        [*arguments, "-MM"], cwd=entry["directory"], capture_output=True, text=True, check=False
    )
    if result.returncode:
        return None
    names = result.stdout.split(":", 1)[1].replace("\\\n", " ").split()
    return [pathlib.Path(entry["directory"]) / name for name in names]


def fingerprint(entry):
    """Changes when anything that clang-tidy would see changes."""
    paths = dependencies(entry)
    if paths is None:
        return None
    digest = hashlib.sha256(entry["command"].encode())
    for path in [ROOT / ".clang-tidy", *paths]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def findings(output):
    return [line for line in output.splitlines() if ": warning:" in line or ": error:" in line]


def look_at(build, cache, path, entry):
    """Problems of one file."""
    mark = fingerprint(entry)
    if mark and (cache / mark).exists():
        return []
    result = run([*TIDY, "-p", str(build), str(path)])
    problems = findings(result.stdout)
    if result.returncode and not problems:
        problems = [result.stdout or f"clang-tidy ended with {result.returncode}"]
    if mark and not problems:
        (cache / mark).touch()
    return problems


def check_files(tap, build):
    cache = build / "meson-private" / "clang-tidy"
    cache.mkdir(parents=True, exist_ok=True)
    files = commands(build)
    tap.check("the build knows files to look at", [] if files else ["compile_commands.json is empty"])
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        looks = [pool.submit(look_at, build, cache, path, entry) for path, entry in files]
        for (path, _), look in zip(files, looks):
            tap.check(f"clang-tidy {path.relative_to(ROOT)}", look.result())


def main(build):
    tap = Tap()
    missing = missing_tool("clang-tidy", "clang-tidy")
    if missing:
        tap.check("clang-tidy", missing)
    else:
        check_files(tap, build)
    tap.finish()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
