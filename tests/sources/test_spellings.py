"""Letters that were lost for good: what fits, what is decided, what stays as landed."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.connection import open_connection

LOST = "\ufffd"


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return open_connection("writer")


@pytest.mark.parametrize(
    ("damaged", "clean", "expected"),
    [
        (f"S{LOST}o", "São", True),
        (f"A{LOST}{LOST}o", "Ação", True),
        (f"A{LOST}o", "Ação", False),  # one mark is one letter
        (f"Po{LOST}", "Pompéia", False),
        (f"Goian{LOST}", "Goiana", False),  # an ASCII letter is never lost
        (f"Goian{LOST}", "Goianá", True),
        (f"50% {LOST}_", "50% é_", True),
        (f"50%{LOST}", "50 reais é", False),  # % and _ stand for themselves
        (f"a_{LOST}", "abé", False),
        (f"\\{LOST}", "\\é", True),
        (f"(.*){LOST}", "(.*)é", True),
        ("Recife", "Recife", True),
        ("Recife", "Récife", False),
        (f"{LOST}", f"{LOST}", False),  # a damaged spelling repairs nothing
    ],
)
def test_a_mark_stands_for_exactly_one_letter_outside_ascii(
    con: duckdb.DuckDBPyConnection, damaged: str, clean: str, expected: bool
) -> None:
    assert con.execute("select fits($d, $c)", {"d": damaged, "c": clean}).fetchone() == (expected,)


@given(st.text("aeo%_\\ çãéíôú", min_size=1, max_size=12))
def test_a_spelling_fits_what_is_left_of_it(clean: str) -> None:
    damaged = "".join(LOST if ord(letter) > 127 else letter for letter in clean)
    with open_connection("reader") as con:
        assert con.execute("select fits($d, $c)", {"d": damaged, "c": clean}).fetchone() == (True,)


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        ([f"Ja{LOST}", "Jaú", "Jales"], {f"Ja{LOST}": "Jaú"}),
        ([f"Ja{LOST}", "Jaú", "Jaé"], {}),  # two fit
        ([f"Ja{LOST}", "Jales"], {}),  # none fits
        ([f" Ja{LOST} ", "Jaú ", " Jaú"], {f"Ja{LOST}": "Jaú"}),  # padding is not spelling
        ([f"{LOST}gua", f"{LOST}guá"], {}),
        ([], {}),
        (None, {}),
    ],
)
def test_a_damaged_spelling_is_repaired_where_exactly_one_clean_one_fits(
    con: duckdb.DuckDBPyConnection, spellings: list[str] | None, expected: dict[str, str]
) -> None:
    found = con.execute("select repairs($s::varchar[])", {"s": spellings}).fetchone()
    assert found == (expected,)


def test_what_cannot_be_decided_stays_as_landed_and_says_so(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute(
        """
        select respelt(m, s), spelling_state(m, s)
        from (select repairs(['Jaú', $ja]) as m), unnest(['Jaú', $ja || ' ', $po]) as u(s)
        """,
        {"ja": f"Ja{LOST}", "po": f"Po{LOST}"},
    ).fetchall()
    assert rows == [("Jaú", None), ("Jaú", "repaired"), (f"Po{LOST}", "undecided")]
