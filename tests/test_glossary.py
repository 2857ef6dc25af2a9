"""The glossary and the code use the same words."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from cubes.definitions import CUBES
from cubes.policy import ROLES
from models.catalog import shipped_models

ROOT = Path(__file__).parents[1]
PACKAGES = ("models", "cubes", "pipelines", "dashboards")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
USED, _, AVOIDED = GLOSSARY.partition("## Words that are not used")
FOREIGN = ("pipelines/simulate/", "pipelines/sources/")  # other systems' files keep their words


def words_in(text: str) -> frozenset[str]:
    """The words in code type of the tables' first column, or of a line of words."""
    lines = [line.split("|")[1] if line.startswith("|") else line for line in text.splitlines()]
    return frozenset(re.findall(r"`([a-z0-9_]+)`", "\n".join(lines)))


@cache
def spoken_by_code() -> frozenset[str]:
    """Every word of the packages' files: identifiers, SQL, and the names of the files."""
    paths = [p for package in PACKAGES for p in (ROOT / package).rglob("*") if p.is_file()]
    texts = (p.read_text(encoding="utf-8") for p in paths if p.suffix in (".py", ".sql"))
    names = {word for text in texts for word in re.findall(r"[a-z][a-z0-9_]*", text.lower())}
    return frozenset(names | {p.stem for p in paths})


def names_in_code() -> list[tuple[str, str]]:
    found = []
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            place = str(path.relative_to(ROOT))
            if place.startswith(FOREIGN):
                continue
            found.append((place, path.stem))
            tree = ast.parse(path.read_text(encoding="utf-8"))
            kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            found += [(place, node.name) for node in ast.walk(tree) if isinstance(node, kinds)]
    return found


def must_be_told() -> list[str]:
    models = [model.name.removeprefix("canonical_") for model in shipped_models()]
    levels = [level for cube in CUBES for level in cube.levels]
    measures = [measure.name for cube in CUBES for measure in cube.measures]
    return sorted({*models, *levels, *measures, *(cube.name for cube in CUBES), *ROLES})


@pytest.mark.parametrize("word", sorted(words_in(USED)))
def test_a_word_of_the_glossary_is_a_word_of_the_code(word: str) -> None:
    assert word in spoken_by_code(), f"{word} stands in the glossary, and nothing is called so"


@pytest.mark.parametrize("word", must_be_told())
def test_what_people_can_name_is_in_the_glossary(word: str) -> None:
    assert f"`{word}`" in USED, f"{word} can be asked for, and the glossary does not know it"


def test_no_name_uses_a_word_the_glossary_avoids() -> None:
    avoided = words_in(AVOIDED) - {"manager"}  # site_manager is a role; a Manager is nothing
    said = [
        f"{place}: {name}"
        for place, name in names_in_code()
        for word in avoided
        if word in re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")
        or name.endswith(("Manager", "Engine"))
    ]
    assert not said
