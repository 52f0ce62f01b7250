# SPDX-License-Identifier: MIT
"""What is installed: source archive and wheel, a fresh environment, types, syntax."""

import ast
import inspect
import os
import pathlib
import re
import shutil
import tarfile
import zipfile

import metallb
import pytest
from support import BINDING, PYTHON, ROOT, environment, run, without_sanitizer

MODULES = sorted((BINDING / "metallb").glob("*.py"))

# Outside the tree, so that only what is installed can be found.
OUTSIDE = {"PYTHONPATH": None, "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Built from a copy: a build leaves files beside the sources."""
    work = tmp_path_factory.mktemp("package")
    shutil.copytree(BINDING, work / "source", ignore=shutil.ignore_patterns("__pycache__"))
    done = run(
        PYTHON, "-m", "build", "--no-isolation", "--outdir", work / "dist", work / "source",
        cwd=work, env=without_sanitizer(**OUTSIDE),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return work / "dist"


@pytest.fixture(scope="module")
def installed(archives, tmp_path_factory):
    """The interpreter of a fresh environment with the wheel in it."""
    place = tmp_path_factory.mktemp("installed") / "venv"
    plain = without_sanitizer(**OUTSIDE)
    # What Debian's packages give (mypy) can be seen from it; metallb is none of them.
    done = run(PYTHON, "-m", "venv", "--system-site-packages", place, env=plain)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = archives.glob("*.whl")
    python = place / "bin" / "python"
    done = run(python, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", wheel,
               env=plain)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return python


def test_wheel(archives):
    (wheel,) = archives.glob("*.whl")
    # Pure Python: one wheel for all.
    assert wheel.name == f"metallb-{metallb.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.startswith("metallb-")}
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        text = archive.read(metadata).decode()
    assert names == {f"metallb/{path.name}" for path in MODULES} | {"metallb/py.typed"}
    assert "Requires-Python: >=3.9" in text and "License: MIT" in text
    assert any(name.endswith("/LICENSE") for name in archive.namelist())
    assert "Requires-Dist" not in text and "# metallb for Python" in text


def test_source_archive(archives):
    (source,) = archives.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert {"LICENSE", "pyproject.toml", "README.md", "metallb/py.typed"} <= names
    assert {f"metallb/{path.name}" for path in MODULES} <= names


def test_installed_package_is_used(installed, tmp_path):
    code = "import metallb; print(metallb.__file__, metallb.owner('10.0.0.1', ['a', 'b']))"
    done = run(installed, "-c", code, cwd=tmp_path, env=environment(**OUTSIDE))
    place, name = done.stdout.split()
    assert pathlib.Path(place).is_relative_to(installed.parent.parent), done.stderr
    assert name == metallb.owner("10.0.0.1", ["a", "b"])


def test_example_with_the_installed_package(installed, tmp_path):
    example = shutil.copy(ROOT / "examples" / "python" / "share_address.py", tmp_path)
    done = run(installed, example, cwd=tmp_path, env=environment(**OUTSIDE))
    assert done.returncode == 0 and "5 services" in done.stdout, done.stderr


def test_missing_library_with_the_installed_package(installed, tmp_path):
    changes = {**OUTSIDE, "METALLB_LIBRARY": str(tmp_path / "none.so")}
    done = run(installed, "-c", "import metallb", cwd=tmp_path, env=environment(**changes))
    assert done.returncode == 1 and "LibraryError: cannot load" in done.stderr


USER = """\
import metallb

pool = metallb.Pool("lan", ["10.0.0.0/24"])
names: list[str] = metallb.rank("10.0.0.1", ["a"])
reveal_type(pool.count())
reveal_type(metallb.Membership("one").next_event())
metallb.Pool(1)
pool.count("4")
"""


def test_types_reach_the_user(installed, tmp_path):
    """With py.typed a user's program is checked against the installed package."""
    program = tmp_path / "user.py"
    program.write_text(USER, encoding="utf-8")
    done = run(
        PYTHON, "-m", "mypy", "--strict", "--python-executable", installed, "--cache-dir",
        os.devnull, program, cwd=tmp_path, env=without_sanitizer(**OUTSIDE),
    )  # fmt: skip
    problems = [line.split(": ", 1)[1] for line in done.stdout.splitlines()[:-1]]
    assert len(problems) == 4, done.stdout
    # Versions of mypy write builtins.int or int, Union[..., None] or ... | None.
    assert re.fullmatch(r'note: Revealed type is "(builtins\.)?int"', problems[0])
    assert re.search(r"MembershipEvent(, | \| )None", problems[1])
    assert "[arg-type]" in problems[2] and "[arg-type]" in problems[3]


def test_mypy_strict():
    done = run(
        PYTHON, "-m", "mypy", "--config-file", "pyproject.toml", "--cache-dir", os.devnull,
        "metallb", cwd=BINDING, env=without_sanitizer(),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert f"no issues found in {len(MODULES)} source files" in done.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_syntax_of_the_oldest_python(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))


def test_everything_public_is_documented():
    for name in metallb.__all__:
        value = getattr(metallb, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        assert value.__doc__, name
        for method, function in inspect.getmembers(value, inspect.isfunction):
            if not method.startswith("_") and function.__module__.startswith("metallb"):
                assert function.__doc__, f"{name}.{method}"


def test_readme_example(tmp_path):
    text = (BINDING / "README.md").read_text(encoding="utf-8")
    code = text.split("```python\n")[1].split("```")[0]
    done = run(PYTHON, "-c", code, cwd=tmp_path)
    assert done.stdout.startswith("192.0.2.0 is announced by "), done.stderr


def test_readme_names_what_exists():
    text = (BINDING / "README.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("| `metallb."):
            module = line.split("`")[1].split(".")[1]
            assert (BINDING / "metallb" / f"{module}.py").exists(), module
