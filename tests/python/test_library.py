# SPDX-License-Identifier: MIT
"""Finding the library, and what is said where it is absent or does not suit."""

import pytest
from support import environment, run, run_python, without_sanitizer

SOURCE = """
#include <stdint.h>
uint32_t mlb_version(void);
uint32_t mlb_version(void) { return %s; }
"""

IMPORT = """
try:
    import metallb
except ImportError as error:
    print(type(error).__name__, error)
else:
    print("imported", metallb.library_version())
"""


def build(directory, source):
    """A shared object with nothing but what a test needs."""
    text = directory / "other.c"
    text.write_text(source, encoding="utf-8")
    library = directory / "libmetallb.so.0"
    done = run("cc", "-shared", "-fPIC", "-o", library, text, env=without_sanitizer())
    assert done.returncode == 0, done.stderr
    return library


def import_with(library):
    done = run_python(IMPORT, METALLB_LIBRARY=str(library))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_variable_names_the_library():
    assert run_python(IMPORT).stdout == "imported 0.1.0\n"


def test_it_is_found_by_its_soname(tmp_path):
    directory = environment()["METALLB_LIBRARY"].rsplit("/", 1)[0]
    done = run_python(IMPORT, METALLB_LIBRARY=None, LD_LIBRARY_PATH=directory)
    assert done.stdout == "imported 0.1.0\n", done.stderr


def test_missing_library():
    # An empty variable counts as none; Meson lets the linker look into the build.
    done = run_python(IMPORT, METALLB_LIBRARY="", LD_LIBRARY_PATH=None)
    if done.stdout.startswith("imported"):
        pytest.skip("libmetallb is installed on this system")
    assert done.stdout.startswith("LibraryError cannot load libmetallb.so.0: cannot open ")
    assert "install libmetallb" in done.stdout and "METALLB_LIBRARY" in done.stdout


def test_missing_file(tmp_path):
    output = import_with(tmp_path / "none.so")
    assert output.startswith(f"LibraryError cannot load {tmp_path}/none.so: ")
    assert "the environment variable METALLB_LIBRARY names it; correct or unset it" in output


def test_file_that_is_no_library(tmp_path):
    text = tmp_path / "text.so"
    text.write_text("no library\n", encoding="utf-8")
    assert import_with(text).startswith(f"LibraryError cannot load {text}: ")


def test_another_library(tmp_path):
    output = import_with(build(tmp_path, "int unrelated; "))
    assert "is not libmetallb: it has no mlb_version()" in output


@pytest.mark.parametrize(
    "number, text, problem",
    [("0x000009", "0.0.9", "too old"), ("0x010000", "1.0.0", "too new")],
)
def test_version_that_does_not_suit(tmp_path, number, text, problem):
    output = import_with(build(tmp_path, SOURCE % number))
    assert f"has version {text} and is {problem}: this Python binding needs 0.1.0" in output


def test_function_that_is_missing(tmp_path):
    """A version that suits, from a build without something that the binding calls."""
    output = import_with(build(tmp_path, SOURCE % "0x000100"))
    assert "has no mlb_version_text(): it is older than this Python binding" in output
