# SPDX-License-Identifier: MIT
"""The build of the README, optimised and without tests, gives no warning."""

import pathlib
import subprocess
import sys
import tempfile

from tap import Tap

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OPTIONS = ["--buildtype=release", "-Dtests=false", "-Dbench=false"]


def problems(*command):
    result = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return [result.stdout[-4000:]] if result.returncode else []


def main():
    tap = Tap()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = f"meson setup {' '.join(OPTIONS)} build/release"
    tap.check("these are the options of the README", [] if shown in readme else [shown])
    with tempfile.TemporaryDirectory(prefix="metallb-release-") as directory:
        setup = ["meson", "setup", *OPTIONS, "-Dwerror=true", directory]
        tap.check("it is set up", problems(*setup))
        tap.check("it builds without a warning", problems("ninja", "-C", directory))
    tap.finish()


if __name__ == "__main__":
    sys.exit(main())
