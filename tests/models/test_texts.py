"""Verbatims: scrubbed, sealed under their person's key, the same id for the same text."""

import sqlite3
from pathlib import Path

import pyarrow as pa
import pytest

from models.errors import HomeError
from models.home import open_home
from models.keys import Keys, open_keys
from models.texts import Texts, forget_person, open_texts
from models.vault import Vault, open_vault

Row = tuple[str, str | None, int | None]


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    home = open_home(tmp_path / "home", {})
    keys = open_keys(home, {"HAPPYCALL_KEYS": str(tmp_path / "keys")})
    return open_texts(home, keys, open_vault(home, keys))


def put(texts: Texts, *rows: Row) -> list[int]:
    slots, words, customers = zip(*rows, strict=True) if rows else ((), (), ())
    columns = {
        "slot": pa.array(slots, pa.string()),
        "text": pa.array(words, pa.string()),
        "customer_key": pa.array(customers, pa.int64()),
    }
    return texts.put(pa.table(columns)).to_pylist()


def person(vault: Vault, reference: str) -> int:
    return int(vault.resolve(pa.table({"customer_ref": [reference]})).to_pylist()[0])


def test_a_text_comes_back_by_its_id_and_scrubbed(texts: Texts) -> None:
    kim = person(texts.vault, "C1")
    ids = put(
        texts,
        ("a", "늦었어요. 010-1234-5678로 전화 주세요", kim),
        ("b", "친절합니다", None),
        ("c", None, kim),
        ("d", "  ", kim),
    )
    assert ids[2:] == [None, None]
    assert texts.get(ids[:2]) == {
        ids[0]: "늦었어요. [전화]로 전화 주세요",
        ids[1]: "친절합니다",
    }
    assert texts.get([1, 2]) == {}
    assert all(0 < text_id < 2**63 for text_id in ids[:2])


def test_before_the_first_text_there_is_nothing_to_get(texts: Texts) -> None:
    assert texts.get([1]) == {}
    assert put(texts) == []
    assert put(texts, ("a", None, None)) == [None]
    assert not texts.path.exists()


def test_the_same_text_in_the_same_slot_keeps_its_id(texts: Texts) -> None:
    kim = person(texts.vault, "C1")
    rows: list[Row] = [("a", "친절합니다", kim), ("b", "친절합니다", kim), ("a", "친절합니다", kim)]
    first = put(texts, *rows)
    assert first[0] == first[2] != first[1]
    assert put(texts, *rows) == first
    (changed,) = put(texts, ("a", "불친절합니다", kim))
    assert changed not in first
    assert texts.get([first[0], changed]) == {first[0]: "친절합니다", changed: "불친절합니다"}


def test_a_forgotten_persons_texts_cannot_be_read_by_anybody(texts: Texts) -> None:
    kim, lee = person(texts.vault, "C1"), person(texts.vault, "C2")
    of_kim, of_lee, of_none = put(texts, ("a", "가", kim), ("b", "나", lee), ("c", "다", None))
    assert forget_person(texts.vault, texts, kim)
    assert texts.get([of_kim, of_lee, of_none]) == {of_lee: "나", of_none: "다"}
    assert not forget_person(texts.vault, texts, kim)


def test_the_key_alone_going_is_enough(texts: Texts) -> None:
    kim = person(texts.vault, "C1")
    (text_id,) = put(texts, ("a", "가", kim))
    texts.vault.forget(kim)
    assert texts.get([text_id]) == {}


def test_a_text_of_someone_forgotten_is_not_kept(texts: Texts) -> None:
    kim = person(texts.vault, "C1")
    texts.vault.forget(kim)
    assert put(texts, ("a", "가", kim), ("b", "나", None))[0] is None


def test_once_a_person_is_known_every_version_of_the_text_is_theirs(texts: Texts) -> None:
    older, newer = put(texts, ("a", "가", None), ("a", "나", None))
    kim = person(texts.vault, "C1")
    assert put(texts, ("a", "나", kim)) == [newer]
    assert texts.get([older, newer]) == {older: "가", newer: "나"}
    assert put(texts, ("a", "나", None)) == [newer]
    forget_person(texts.vault, texts, kim)
    assert texts.get([older, newer]) == {}


def test_a_text_follows_a_corrected_person(texts: Texts) -> None:
    kim, lee = person(texts.vault, "C1"), person(texts.vault, "C2")
    (text_id,) = put(texts, ("a", "가", kim))
    assert put(texts, ("a", "가", lee)) == [text_id]
    forget_person(texts.vault, texts, kim)
    assert texts.get([text_id]) == {text_id: "가"}


def test_no_byte_of_a_text_is_in_its_file(texts: Texts) -> None:
    kim = person(texts.vault, "C1")
    words = "수리가 늦었고 연락은 kim@example.com 또는 010-1234-5678"
    put(texts, ("answer-77", words, kim), ("answer-78", words, None))
    content = texts.path.read_bytes()
    for telling in ("수리가", "늦었고", "kim@", "example.com", "010-1234", "5678", "answer-7"):
        assert telling.encode() not in content
    assert kim.to_bytes(8, "big") not in content
    assert texts.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in texts.path.parent.iterdir()] == ["texts.sqlite"]


def test_deleted_bytes_are_gone_from_the_file(texts: Texts) -> None:
    kim = person(texts.vault, "C1")
    put(texts, ("a", "가" * 50, kim), ("b", "나", None))
    con = sqlite3.connect(texts.path)
    (sealed,) = con.execute("select sealed from text order by length(sealed) desc").fetchone()
    con.close()
    assert sealed in texts.path.read_bytes()
    forget_person(texts.vault, texts, kim)
    assert sealed not in texts.path.read_bytes()


@pytest.mark.parametrize(
    "change",
    [
        "update text set sealed = (select max(sealed) from text)",
        "update text set text_id = text_id - 1",
        "update text set wrapped_key = zeroblob(61), person = null",
    ],
)
def test_a_changed_file_is_refused(texts: Texts, change: str) -> None:
    kim = person(texts.vault, "C1")
    put(texts, ("a", "가", kim), ("b", "나", kim))
    con = sqlite3.connect(texts.path)
    con.execute(change)
    con.commit()
    ids = [row[0] for row in con.execute("select text_id from text")]
    con.close()
    with pytest.raises(HomeError, match="does not open"):
        texts.get(ids)


def test_other_keys_open_nothing(texts: Texts) -> None:
    ids = put(texts, ("a", "가", None))
    others = Keys(Path(), b"x" * 32, texts.keys.hmac, b"")
    with pytest.raises(HomeError, match="does not open"):
        Texts(texts.path, others, Vault(texts.vault.path, others)).get(ids)


def test_many_texts_at_once(texts: Texts) -> None:
    rows: list[Row] = [(f"s{n}", f"{n}번째 의견입니다", None) for n in range(12_000)]
    ids = put(texts, *rows)
    assert len(set(ids)) == 12_000
    found = texts.get(ids)
    assert [found[text_id] for text_id in ids] == [text for _, text, _ in rows]
