"""Who is who: exact, in one order, the same in one batch or in many, and nothing to read."""

import itertools
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import HomeError
from models.home import open_home
from models.identify import (
    birth_day,
    email_identity,
    name_birth_identity,
    name_spelling,
    parse_phone,
    phone_identity,
    plate_identity,
    vin_identity,
)
from models.keys import Keys, open_keys
from models.vault import Vault, open_vault

COLUMNS = ("customer_ref", "phone", "email", "customer_name", "birth_date", "vin", "plate")
Row = dict[str, str | None]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    home = open_home(tmp_path / "home", {})
    return open_vault(home, open_keys(home, {"HAPPYCALL_KEYS": str(tmp_path / "keys")}))


def persons(*rows: Row) -> pa.Table:
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in COLUMNS}
    )


def resolve(vault: Vault, *rows: Row) -> list[int | None]:
    return vault.resolve(persons(*rows)).to_pylist()


def groups(keys: list[int | None]) -> list[int | None]:
    """Surrogates are random: what counts is which rows share one."""
    first: dict[int, int] = {}
    return [None if key is None else first.setdefault(key, len(first)) for key in keys]


def test_a_person_keeps_the_surrogate_over_batches_and_identifiers(vault: Vault) -> None:
    (a,) = resolve(vault, {"customer_ref": "C1", "phone": "010-1234-5678"})
    (b,) = resolve(vault, {"phone": "+82 10 1234 5678", "email": "KIM@example.com"})
    (c,) = resolve(vault, {"email": "kim@example.com", "vin": "kmhdu46d17u123456"})
    (d,) = resolve(vault, {"vin": "KMHDU46D17U123456", "plate": "12가 3456"})
    (e,) = resolve(vault, {"plate": "12가3456"})
    assert a is not None
    assert {a, b, c, d, e} == {a}


def test_the_first_known_identifier_in_the_stated_order_wins(vault: Vault) -> None:
    strongest_first: list[Row] = [
        {"customer_ref": "C1"},
        {"phone": "010-2000-0001"},
        {"email": "a@b.kr"},
        {"vin": "KMHDU46D17U123456"},
        {"plate": "12가3456"},
        {"customer_name": "김철용", "birth_date": "1980-05-01"},
    ]
    owners = resolve(vault, *strongest_first)
    assert len(set(owners)) == 6
    for weaker, stronger in itertools.combinations(range(5, -1, -1), 2):
        row = strongest_first[weaker] | strongest_first[stronger]
        assert resolve(vault, row) == [owners[stronger]]


def test_a_row_that_names_nobody_has_no_surrogate(vault: Vault) -> None:
    assert resolve(vault, {}, {"phone": " ", "email": "none"}, {"customer_name": "김철용"}) == [
        None,
        None,
        None,
    ]
    assert not vault.path.exists()
    assert resolve(vault) == []
    assert resolve(vault, {}, {"customer_ref": "C1"})[0] is None


def test_absent_columns_name_nobody_and_dates_may_be_dates(vault: Vault) -> None:
    named = pa.table({"customer_name": ["김철용"], "birth_date": pa.array([date(1980, 5, 1)])})
    assert vault.resolve(named).to_pylist() == resolve(
        vault, {"customer_name": " 김철용 ", "birth_date": "1980.5.1"}
    )
    assert vault.resolve(pa.table({"phone": [1012345678]})).to_pylist() == resolve(
        vault, {"phone": "010-1234-5678"}
    )


def test_two_references_of_one_list_are_two_persons_whatever_they_share(vault: Vault) -> None:
    shared: Row = {"phone": "02-312-3456", "customer_name": "김철용", "birth_date": "1980-05-01"}
    a, b, c = resolve(
        vault, {"customer_ref": "C1"} | shared, {"customer_ref": "C2"} | shared, shared
    )
    assert a != b
    assert c == a
    assert resolve(vault, {"customer_ref": "C3"} | shared)[0] not in {a, b}
    assert resolve(vault, {"customer_ref": "C2"} | shared) == [b]


def test_references_of_two_lists_may_be_one_person(vault: Vault) -> None:
    a, b = resolve(
        vault,
        {"customer_ref": "crm:1", "phone": "010-2000-0001"},
        {"customer_ref": "shop:1", "phone": "010-2000-0001"},
    )
    assert a == b
    assert resolve(vault, {"customer_ref": "shop:1"}) == [a]
    assert resolve(vault, {"customer_ref": "shop:2", "phone": "010-2000-0001"}) != [a]


def test_surrogates_are_random_and_not_derived(tmp_path: Path) -> None:
    keys = Keys(tmp_path, b"m" * 32, b"h" * 32, b"p" * 32)
    found = [resolve(Vault(tmp_path / name, keys), {"customer_ref": "C1"})[0] for name in "ab"]
    assert None not in found
    assert found[0] != found[1]
    assert all(key is not None and 0 < key < 2**63 for key in found)


a_row = st.fixed_dictionaries(
    {},
    optional={
        "customer_ref": st.sampled_from(["C1", "C2", "C3", "shop:1", "shop:2"]),
        "phone": st.sampled_from([f"010-2000-000{n}" for n in range(1, 4)]),
        "email": st.sampled_from(["a@b.kr", "b@b.kr"]),
        "plate": st.sampled_from(["12가3456", "34나3456"]),
    },
)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(a_row, max_size=12), cut=st.integers(0, 12))
def test_one_batch_or_two_or_again_gives_the_same_persons(rows: list[Row], cut: int) -> None:
    keys = Keys(Path(), b"m" * 32, b"h" * 32, b"p" * 32)
    with tempfile.TemporaryDirectory() as name:
        one, two = Vault(Path(name) / "one", keys), Vault(Path(name) / "two", keys)
        whole = resolve(one, *rows)
        parts = resolve(two, *rows[:cut]) + resolve(two, *rows[cut:])
        singly = [one.resolve(persons(row)).to_pylist()[0] for row in rows]
        assert groups(whole) == groups(parts)
        assert whole == singly == resolve(one, *rows)


def test_what_was_committed_before_a_crash_is_found_again(vault: Vault) -> None:
    rows: list[Row] = [{"customer_ref": f"C{n}", "phone": f"010-2000-{n:04}"} for n in range(50)]
    before = resolve(vault, *rows[:30])
    assert resolve(vault, *rows)[:30] == before


def test_a_failed_batch_leaves_the_vault_as_it_was(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = resolve(vault, {"customer_ref": "C1"})
    size = vault.path.read_bytes()

    def full_disk(*_: object) -> Iterator[object]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("models.vault._list", full_disk)
        with pytest.raises(OSError, match="No space"):
            resolve(vault, {"customer_ref": "C2"})
    assert vault.path.read_bytes() == size
    assert resolve(vault, {"customer_ref": "C1"}) == before


def test_no_byte_of_a_person_or_surrogate_is_in_the_vault(vault: Vault) -> None:
    rows: list[Row] = [
        {
            "customer_ref": f"CUSTOMER-{n}",
            "phone": f"010-2000-{n:04}",
            "email": f"someone{n}@example.com",
            "customer_name": "김철용",
            "birth_date": f"1980-05-{n + 1:02}",
            "vin": f"KMHDU46D17U12{n:04}",
            "plate": f"12가{n:04}",
        }
        for n in range(20)
    ]
    surrogates = resolve(vault, *rows)
    content = b"".join(p.read_bytes() for p in vault.path.parent.iterdir())
    for n, surrogate in enumerate(surrogates):
        assert surrogate is not None
        telling = [str(value).encode() for value in rows[n].values()]
        telling += [f"0102000{n:04}".encode(), f"+82102000{n:04}".encode(), b"198005"]
        telling += [surrogate.to_bytes(8, "big"), surrogate.to_bytes(8, "little")]
        assert [value for value in telling if value in content] == []


def test_the_file_is_for_its_owner_alone_and_nothing_lies_beside_it(vault: Vault) -> None:
    resolve(vault, {"customer_ref": "C1"})
    assert vault.path.stat().st_mode & 0o777 == 0o600
    assert {p.name for p in vault.path.parent.iterdir()} == {"vault.sqlite", "keys.fingerprint"}


@pytest.mark.parametrize(
    "change",
    [
        "update person set wrapped_key = (select max(wrapped_key) from person)",
        "update identity set sealed = (select max(sealed) from identity) where sealed <> x''",
        "update identity set person = (select max(person) from person)",
        "delete from person",
    ],
)
def test_a_changed_vault_is_refused_and_never_joins_two_persons(vault: Vault, change: str) -> None:
    import sqlite3

    found = resolve(vault, {"customer_ref": "C1"}, {"customer_ref": "C2"})
    con = sqlite3.connect(vault.path)
    con.execute(change)
    con.commit()
    con.close()
    with pytest.raises(HomeError, match="does not open"):
        resolve(vault, {"customer_ref": "C1"}, {"customer_ref": "C2"})
    with pytest.raises(HomeError, match="does not open"):
        vault.person_keys([key for key in found if key is not None])


def test_a_damaged_file_is_one_sentence(vault: Vault) -> None:
    vault.path.write_bytes(b"no database" * 1000)
    with pytest.raises(HomeError, match=r"vault\.sqlite: file is not a database"):
        resolve(vault, {"customer_ref": "C1"})


def test_other_keys_open_nothing(vault: Vault) -> None:
    (key,) = resolve(vault, {"customer_ref": "C1"})
    assert key is not None
    other_master = Vault(vault.path, Keys(Path(), b"x" * 32, vault.keys.hmac, b""))
    with pytest.raises(HomeError, match="does not open"):
        resolve(other_master, {"customer_ref": "C1"})
    other_hmac = Vault(vault.path, Keys(Path(), vault.keys.master, b"x" * 32, b""))
    assert other_hmac.person_keys([key]) == {}


def test_forgetting_leaves_no_way_back(vault: Vault) -> None:
    row: Row = {"customer_ref": "C1", "phone": "010-2000-0001", "email": "a@b.kr"}
    gone, stays = resolve(vault, row, {"customer_ref": "C2"})
    assert gone is not None
    assert stays is not None
    macs = [vault.keys.mac("customer_ref", "C1"), vault.keys.mac("phone", "+821020000001")]
    assert all(mac in vault.path.read_bytes() for mac in macs)
    assert vault.forget(gone) is not None
    assert not any(mac in vault.path.read_bytes() for mac in macs)
    assert set(vault.person_keys([gone, stays])) == {stays}
    assert vault.forget(gone) is None
    assert resolve(vault, {"customer_ref": "C2"}) == [stays]
    assert resolve(vault, row) != [gone]


@pytest.mark.parametrize(
    ("text", "e164", "kind"),
    [
        ("02-312-3456", "+8223123456", "fixed"),
        ("02-3464-5114", "+82234645114", "fixed"),
        ("(031) 123 4567", "+82311234567", "fixed"),
        ("010-1234-5678", "+821012345678", "mobile"),
        ("010.1234.5678 (집)", "+821012345678", "mobile"),
        ("０１０－１２３４－５６７８", "+821012345678", "mobile"),
        ("1012345678", "+821012345678", "mobile"),
        ("1012345678.0", "+821012345678", "mobile"),
        ("1.012345678E+09", "+821012345678", "mobile"),
        ("212345678", "+82212345678", "fixed"),
        ("+82 (0)10-1234-5678", "+821012345678", "mobile"),
        ("0082-10-1234-5678", "+821012345678", "mobile"),
        ("82 2 312 3456", "+8223123456", "fixed"),
        ("010-1234-5678 / 02-312-3456", "+821012345678", "mobile"),
        ("010-5979-1234", "+821059791234", "mobile"),
        ("010-123-4567", "+82101234567", "mobile"),
        ("011-200-1234", "+82112001234", "mobile"),
        ("070-1234-5678", "+827012345678", "voip"),
        ("0505-123-4567", "+825051234567", "personal"),
        ("080-123-4567", "+82801234567", "toll_free"),
        ("1588-1234", "+8215881234", "company"),
        ("+1 650 253 0000", "+16502530000", "mobile"),
    ],
)
def test_a_phone_has_one_spelling_and_a_kind(text: str, e164: str, kind: str) -> None:
    phone = parse_phone(text)
    assert phone is not None
    assert (phone.e164, phone.kind) == (e164, kind)


@pytest.mark.parametrize(
    "text", ["", "114", "1330", "없음", "2026-09-23", "099-123-4567", "-", "0"]
)
def test_what_is_no_phone_is_none(text: str) -> None:
    assert parse_phone(text) is None


@given(number=st.from_regex(r"010[0-46-9][0-9]{7}", fullmatch=True))
def test_the_short_way_for_mobiles_agrees_with_the_library(number: str) -> None:
    import phonenumbers

    parsed = phonenumbers.parse(number, "KR")
    assert phonenumbers.is_valid_number(parsed)
    phone = parse_phone(number)
    assert phone is not None
    assert phone.e164 == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def test_what_many_share_identifies_nobody() -> None:
    assert [phone_identity(t) for t in ("1588-1234", "080-123-4567", "010-0000-0000")] == [None] * 3
    emails = ["noreply@example.com", "none@none.com", "ki***@e***.com", "kim@", "kim"]
    assert [email_identity(t) for t in emails] == [None] * 5
    assert [name_spelling(t) for t in ("김*용", "김○용", " ")] == [None] * 3
    assert [birth_day(t) for t in ("1900-01-01", "0001-01-01", "1980-13-01", "x")] == [None] * 4
    assert vin_identity("0" * 17) is None
    assert plate_identity("12가345") is None


def test_composed_and_decomposed_spellings_are_one() -> None:
    assert name_birth_identity("\u1100\u1175\u11b7  철용\x1f19800501") == "김 철용|1980-05-01"
    assert name_birth_identity("김 철용\x1f1980-05-01") == "김 철용|1980-05-01"
    assert email_identity("CAFE\u0301@Example.com") == email_identity("caf\u00e9@example.com")
    assert plate_identity("12\u1100\u1161 3456") == "12가3456"
