# SPDX-License-Identifier: MIT
"""Programs that the checks run, and the build that they look at."""

import json
import os
import shlex
import shutil
import subprocess

PACKAGES = {
    "abidiff": "abigail-tools",
    "c++": "g++",
    "cc": "gcc",
    "nm": "binutils",
    "readelf": "binutils",
}


def missing(program):
    """A problem that says what to install, or nothing."""
    if shutil.which(shlex.split(program)[0]):
        return []
    package = PACKAGES.get(program, program)
    return [f"{program} is missing: install the package {package} (scripts/install-dependencies)"]


def c_compiler():
    return shlex.split(os.environ.get("CC", "cc"))


def run(command, **options):
    """(exit status, both outputs together)"""
    result = subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    return result.returncode, result.stdout


def problems_of(command, **options):
    """Empty when a command succeeds, else its output."""
    status, output = run(command, **options)
    return [output or f"exit status {status}"] if status else []


def build_options(build):
    _, output = run(["meson", "introspect", "--buildoptions", build])
    return {option["name"]: option["value"] for option in json.loads(output)}


def sanitizer_flags(options):
    value = options["b_sanitize"]
    value = ",".join(value) if isinstance(value, list) else value
    return [] if value in ("", "none") else [f"-fsanitize={value}"]
