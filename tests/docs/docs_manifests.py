# SPDX-License-Identifier: MIT
"""Examples of manifests in documents and manual pages are valid, without a warning."""

import subprocess
import sys

import tree
from tap import Tap


def complaints(metallbctl, manifest):
    result = subprocess.run(
        [metallbctl, "validate", "-f", "-", "-o", "json"],
        input=manifest,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=30,
    )
    if result.returncode or '"warnings":[]' not in result.stdout.replace(" ", ""):
        yield result.stdout


def differing_starts():
    """The network tests run what the README shows, so the longer quick start shows the same."""
    readme, start = (tree.ROOT / name for name in ("README.md", "docs/quick-start.md"))
    if tree.manifests(readme)[:1] != tree.manifests(start)[:1]:
        yield "the first manifests differ"


def main(metallbctl):
    tap = Tap()
    paths = [path for path in tree.documents() + tree.manual_pages() if tree.manifests(path)]
    tap.check("there are examples", [] if len(paths) > 1 else ["hardly any manifest found"])
    tap.check("README and quick start show the same", differing_starts())
    for path in paths:
        for manifest in tree.manifests(path):
            tap.check(f"{tree.relative(path)}: is valid", complaints(metallbctl, manifest))
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1])
