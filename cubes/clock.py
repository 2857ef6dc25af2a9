"""The clock of a question is its release: now() is the instant up to which the release knows.

So the same question over the same release has the same answer whenever it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlglot.tokenizer_core import TokenType

from cubes.splice import Edit, Text

_STAMP = "timestamptz '{0:%Y-%m-%d %H:%M:%S.%f}+00'"
_LOCAL = "timestamp '{0:%Y-%m-%d %H:%M:%S.%f}'"
_DATE = "date '{0:%Y-%m-%d}'"
_TIME = "time '{0:%H:%M:%S.%f}'"

#: Every spelling of the clock, and the literal that takes its place.
CLOCK: Mapping[str, str] = {
    "now": _STAMP,
    "get_current_timestamp": _STAMP,
    "transaction_timestamp": _STAMP,
    "current_timestamp": _STAMP,
    "current_localtimestamp": _LOCAL,
    "localtimestamp": _LOCAL,
    "current_date": _DATE,
    "today": _DATE,
    "current_time": _TIME,
    "get_current_time": _TIME,
    "current_localtime": _TIME,
    "localtime": _TIME,
}
_WORDS = ("current_timestamp", "localtimestamp", "current_date", "current_time", "localtime")


def clock_edits(text: Text, as_of: datetime) -> tuple[tuple[Edit, ...], dict[int, str]]:
    """Put the release's instant in place of the clock; also how unnamed outputs would be called."""
    moment, edits, names = as_of.astimezone(UTC), [], {}
    tokens = text.tokens
    for i, token in enumerate(tokens):
        word = token.text.casefold()
        if word not in CLOCK or token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
            continue
        before = tokens[i - 1].token_type if i else None
        after = tokens[i + 1].token_type if i + 1 < len(tokens) else None
        called = after is TokenType.L_PAREN
        if before in (TokenType.DOT, TokenType.ALIAS) or not (called or word in _WORDS):
            continue
        end = tokens[text.call_end(i)].end + 1 if called else token.end + 1
        edits.append(Edit(token.start, end, CLOCK[word].format(moment)))
        names[token.start] = f"{word}()" if called else word
    return tuple(edits), names
