"""Edits of a question's own text: what is not replaced stays byte for byte as the user wrote it.

Printing a parsed tree would rename columns and could change meaning where the printer and DuckDB
disagree. So the tree only says where something stands, and the text is spliced there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

_OPEN = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}
_CLOSE = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}
_CLAUSE = {
    TokenType.SELECT, TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING,
    TokenType.QUALIFY, TokenType.ORDER_BY, TokenType.LIMIT, TokenType.OFFSET, TokenType.UNION,
    TokenType.EXCEPT, TokenType.INTERSECT, TokenType.WINDOW, TokenType.WITH, TokenType.JOIN,
    TokenType.ON, TokenType.USING, TokenType.SEMICOLON, TokenType.TABLE_SAMPLE, TokenType.VALUES,
}  # fmt: skip
_OF_FROM = {TokenType.FROM, TokenType.JOIN, TokenType.ON, TokenType.USING}
_NAME = {TokenType.VAR, TokenType.IDENTIFIER}
_BEFORE_ALIAS = {
    TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.END, TokenType.NUMBER, TokenType.STRING,
    TokenType.VAR, TokenType.IDENTIFIER,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters from `start` up to `end`; an empty span inserts."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A question with its tokens."""

    sql: str
    tokens: tuple[Token, ...]

    def index_at(self, start: int) -> int:
        """The token that begins at a character."""
        low, high = 0, len(self.tokens)
        while low < high:
            middle = (low + high) // 2
            if self.tokens[middle].start < start:
                low = middle + 1
            else:
                high = middle
        return low

    def call_end(self, index: int) -> int:
        """The token that closes the call whose name is the token `index`."""
        depth = 0
        for i in range(index + 1, len(self.tokens)):
            depth += _step(self.tokens[i])
            if depth == 0:
                return i
        return len(self.tokens) - 1

    def from_end(self, index: int) -> int:
        """The last token of the FROM clause in which the token `index` names a table."""
        depth = 0
        for i in range(index, len(self.tokens)):
            depth += _step(self.tokens[i])
            kind = self.tokens[i].token_type
            if depth < 0 or (depth == 0 and kind in _CLAUSE - _OF_FROM):
                return i - 1
        return len(self.tokens) - 1

    def slice(self, first: int, last: int) -> str:
        """The text from token `first` to token `last`, both included."""
        return self.sql[self.tokens[first].start : self.tokens[last].end + 1]


def read_text(sql: str) -> Text:
    """A question cut into tokens; their places count characters."""
    return Text(sql, tuple(sqlglot.tokenize(sql, read="duckdb")))


def _step(token: Token) -> int:
    return (token.token_type in _OPEN) - (token.token_type in _CLOSE)


def spliced(sql: str, edits: Iterable[Edit], start: int = 0, end: int | None = None) -> str:
    """The text between two places with the edits that lie in it; an edit inside another is dropped.

    >>> spliced("select n() from t", [Edit(7, 10, "sum(n)"), Edit(16, 17, "u")])
    'select sum(n) from u'
    """
    end = len(sql) if end is None else end
    out, done = [], start
    for edit in sorted(edits, key=lambda e: (e.start, -e.end)):
        if edit.start < done or edit.end > end:
            continue
        out += [sql[done : edit.start], edit.text]
        done = edit.end
    return "".join((*out, sql[done:end]))


def place(node: exp.Expr) -> tuple[int, int] | None:
    """Where an identifier or the name of a call stands, as characters from … up to."""
    meta = node.meta
    return (meta["start"], meta["end"] + 1) if "start" in meta else None


def named_outputs(text: Text, edits: Sequence[Edit], names: dict[int, str]) -> tuple[Edit, ...]:
    """Aliases for outputs that have none and contain an edit, so that their names do not change.

    `names` gives the name where the whole output is the call that begins there; every other output
    is called by its own text.
    """
    found: dict[int, Edit] = {}
    for edit in edits:
        span = _output(text, text.index_at(edit.start))
        if span is None:
            continue
        first, last = span
        start, end = text.tokens[first].start, text.tokens[last].end + 1
        if end in found or _aliased(text, first, last):
            continue
        whole = edit.start == start and edit.end == end
        name = names.get(start) if whole else None
        name = name or text.sql[start:end]
        found[end] = Edit(end, end, ' as "' + name.replace('"', '""') + '"')
    return tuple(found.values())


def _output(text: Text, index: int) -> tuple[int, int] | None:
    """The tokens of the select-list item around a token, if it stands in one."""
    depth, base, first = 0, 0, index
    i = index - 1
    while i >= 0:
        token = text.tokens[i]
        depth -= _step(token)
        if depth < base:
            base, first = depth, i
        elif depth == base and token.token_type in _CLAUSE and not _distinct_from(text, i):
            if token.token_type is not TokenType.SELECT:
                return None
            first = _item_start(text, i, index)
            break
        i -= 1
    else:
        return None
    return first, _item_end(text, first)


def _distinct_from(text: Text, index: int) -> bool:
    tokens = text.tokens
    return (
        index > 0
        and tokens[index].token_type is TokenType.FROM
        and tokens[index - 1].token_type is TokenType.DISTINCT
    )


def _item_start(text: Text, select: int, index: int) -> int:
    first, depth = select + 1, 0
    while text.tokens[first].token_type in (TokenType.DISTINCT, TokenType.ALL):
        first += 1
        if text.tokens[first].token_type is TokenType.ON:
            first = text.call_end(first) + 1
    for i in range(first, index):
        depth += _step(text.tokens[i])
        if depth == 0 and text.tokens[i].token_type is TokenType.COMMA:
            first = i + 1
    return first


def _item_end(text: Text, first: int) -> int:
    depth = 0
    for i in range(first, len(text.tokens)):
        token = text.tokens[i]
        depth += _step(token)
        ends = token.token_type is TokenType.COMMA or token.token_type in _CLAUSE
        if depth < 0 or (depth == 0 and ends and not _distinct_from(text, i)):
            return i - 1
    return len(text.tokens) - 1


def _aliased(text: Text, first: int, last: int) -> bool:
    """Whether an output has a name of its own: `x as a`, `x a` or `a: x`."""
    tokens, depth = text.tokens, 0
    for i in range(first, last + 1):
        depth += _step(tokens[i])
        if depth == 0 and tokens[i].token_type in (TokenType.ALIAS, TokenType.COLON):
            return True
    return (
        last > first
        and tokens[last].token_type in _NAME
        and tokens[last - 1].token_type in _BEFORE_ALIAS
    )


def conjuncts(text: Text, first: int) -> tuple[tuple[int, int], ...]:
    """The parts of the condition that starts at a token, cut at each AND of its own depth.

    An OR at that depth makes it one part, as does everything the cutting is not sure of.
    """
    tokens, depth, cases, between = text.tokens, 0, 0, 0
    last, cuts, whole = len(tokens) - 1, [], False
    for i in range(first, len(tokens)):
        kind = tokens[i].token_type
        depth += _step(tokens[i])
        if depth < 0 or (depth == 0 and kind in _CLAUSE and not _distinct_from(text, i)):
            last = i - 1
            break
        if depth:
            continue
        cases += (kind is TokenType.CASE) - (kind is TokenType.END)
        between += kind is TokenType.BETWEEN
        whole = whole or kind is TokenType.OR
        if kind is TokenType.AND and not cases:
            if between:
                between -= 1
            else:
                cuts.append(i)
    if whole:
        return ((first, last),)
    starts, ends = [first, *(cut + 1 for cut in cuts)], [*(cut - 1 for cut in cuts), last]
    return tuple(zip(starts, ends, strict=True))
