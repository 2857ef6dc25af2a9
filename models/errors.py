"""The error family: each error is one sentence that says where, what, and what would work.

Commands print it to stderr and leave with status 2; nothing half-written stays behind.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HappycallError(Exception):
    """Something a person can put right; `str(error)` is the whole sentence."""


class SourceError(HappycallError):
    """A source folder or one of its files is not what it should be."""


class HomeError(HappycallError):
    """The home, its keys or its releases cannot be used as they are."""


class LockHeld(HappycallError):  # noqa: N818  (a state, said as one)
    """Another writer holds the home for longer than one was willing to wait."""


class DefinitionError(HappycallError):
    """A cube's definition does not add up, or names what is not there."""


class QuestionError(HappycallError):
    """A question cannot be understood or answered as asked."""


class TooSlow(QuestionError):  # noqa: N818  (a state, said as one)
    """A question was stopped because it took longer than any may."""


class Forbidden(HappycallError):  # noqa: N818  (a state, said as one)
    """A question reaches for something that is not offered to whoever asks it."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint at the nearest known word, because most unknown words are slips of the finger.

    >>> did_you_mean("provnce", ["province", "district"])
    " (did you mean 'province'?)"
    >>> did_you_mean("weather", ["province", "district"])
    ''
    """
    spellings = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), spellings, n=1, cutoff=0.6)
    return f" (did you mean '{spellings[near[0]]}'?)" if near else ""
