"""What the tree promises: arrows point one way, and the documents are true."""

import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import typer

from pipelines.cli import app

ROOT = Path(__file__).parents[1]
DOCUMENTS = (*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md")
COMMANDS = dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
FENCE = re.compile(r"^\s*```.*?^\s*```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_contracts_are_sentences() -> None:
    config = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    for contract in config["tool"]["importlinter"]["contracts"]:
        assert len(contract["name"].split()) > 4


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("models.release", ("dagster", "streamlit", "cubes", "pipelines", "dashboards")),
        ("cubes.api", ("dagster", "streamlit", "pipelines", "dashboards")),
        ("pipelines.session", ("dagster", "streamlit", "dashboards")),
        ("pipelines.definitions", ("duckdb", "numpy", "pyarrow", "polars", "streamlit")),
        ("pipelines.cli", ("dagster", "streamlit", "dashboards", "duckdb", "polars")),
        ("pipelines.up", ("dagster", "streamlit", "dashboards", "duckdb", "polars")),
        ("dashboards.serve", ("dagster", "pipelines")),
    ],
)
def test_a_module_brings_nothing_along_that_it_must_not_know(
    module: str, heavy: tuple[str, ...]
) -> None:
    script = f"import sys, {module}; print(*[m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == ""


def code_in(path: Path) -> list[str]:
    """The words in code type, and the lines of fenced code."""
    text = text_of(path)
    fenced = [line.strip() for block in FENCE.findall(text) for line in block.splitlines()[1:-1]]
    return fenced + re.findall(r"`([^`\n]+)`", FENCE.sub("", text))


def commands_told() -> list[tuple[str, str]]:
    told = {
        (document.relative_to(ROOT).as_posix(), match[0])
        for document in DOCUMENTS
        for code in code_in(document)
        for match in [re.search(r"(?:^|/)happycall [a-z].*", code)]
        if match
    }
    return sorted(told)


@pytest.mark.parametrize(("document", "line"), commands_told())
def test_a_command_the_documents_tell_exists_with_its_options(document: str, line: str) -> None:
    words = re.sub(r"\".*?\"|'.*?'", "TEXT", line.split("#", maxsplit=1)[0]).split()
    assert words[1] in COMMANDS, f"{document} tells of 'happycall {words[1]}', which there is not"
    options = {name for p in COMMANDS[words[1]].params for name in p.opts}
    for word in words[2:]:
        if word.startswith("--"):
            assert word in options, f"{document} tells of '{word}' of 'happycall {words[1]}'"


def test_every_command_is_told_of() -> None:
    told = text_of(ROOT / "README.md")
    for name, command in COMMANDS.items():
        assert command.hidden or f"happycall {name}" in told, f"the README does not tell of {name}"


def test_the_make_targets_the_readme_tells_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    told = {
        word
        for document in DOCUMENTS
        for code in code_in(document)
        for word in re.findall(r"^make ([a-z]+)", code)
    }
    assert {"up", "test", "setup", "bench"} <= targets
    assert {"up", "test"} <= told <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_links_of_a_document_lead_somewhere(document: Path) -> None:
    for link in LINK.findall(text_of(document)):
        assert (document.parent / link.strip()).exists(), f"{link} of {document.name}"


def test_the_folders_of_the_tour_are_the_folders_of_the_tree() -> None:
    told = set(re.findall(r"^\| `([a-z]+)/`", text_of(ROOT / "README.md"), re.MULTILINE))
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    folders = {path.split("/")[0] for path in tracked if "/" in path and not path.startswith(".")}
    assert folders - {"requirements"} <= told


def test_every_lock_is_hashed_and_names_no_place() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = text_of(lock)
        assert not re.search(r"https?://|^--(?:index|extra|find)", text, re.MULTILINE), lock.name
        requirements = re.split(r"^(?=[A-Za-z])", text, flags=re.MULTILINE)[1:]
        assert requirements
        assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_what_two_locks_share_they_share_in_the_same_version() -> None:
    pins = [
        dict(re.findall(r"^([A-Za-z0-9_.\[\]-]+)==(\S+)", text_of(path), re.MULTILINE))
        for path in sorted((ROOT / "requirements").glob("*.txt"))
    ]
    for one, other in pairwise(pins):
        assert {name: one[name] for name in one.keys() & other} == {
            name: other[name] for name in one.keys() & other
        }
