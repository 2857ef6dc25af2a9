"""The command line of a benchmark: what it can be told, and what holds where it is not."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

Value = int | float | list[int]


@dataclass(frozen=True, slots=True)
class Option:
    """What holds in a small run and in a whole one where nothing is named, and what to say of it.

    A list may be given as many values as are wanted.
    """

    small: Value
    whole: Value
    about: str | None = None


#: What several benchmarks can be told; a result goes into a Markdown file with `out=MARKDOWN`.
ANSWERS = Option([20_000], [1_000_000], "1000000 10000000 100000000")
SITES = Option(30, 1300, "of the simulated network")
ROUNDS = Option(2, 9)
MARKDOWN = "a Markdown file"


def parsed(
    benchmark: str,
    about: str | None,
    arguments: Sequence[str] | None,
    *,
    out: str | None = None,
    **options: Option,
) -> argparse.Namespace:
    """The options of a benchmark, each with its value; `--small` makes what is not named small.

    >>> given = parsed("site", None, ["--small", "--answers", "5"], answers=ANSWERS, sites=SITES)
    >>> given.answers, given.sites
    ([5], 30)
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{benchmark}", description=about)
    parser.add_argument("--small", action="store_true", help="a quick check that it runs")
    for name, option in options.items():
        values = option.whole if isinstance(option.whole, list) else [option.whole]
        many = "+" if values is option.whole else None
        parser.add_argument(f"--{name}", type=type(values[0]), nargs=many, help=option.about)
    if out:
        parser.add_argument("--out", type=Path, help=out)
    given = parser.parse_args(arguments)
    for name, option in options.items():
        if getattr(given, name) is None:
            setattr(given, name, option.small if given.small else option.whole)
    return given
