"""Refused records keep their raw form: sealed, whole, found by load and entry."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import quarantine
from models.errors import HomeError
from models.home import Home, open_home
from models.keys import Keys, open_keys


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return open_home(tmp_path_factory.mktemp("quarantine") / "home", {})


@pytest.fixture(scope="module")
def keys(home: Home) -> Keys:
    return open_keys(home, {"HAPPYCALL_KEYS": str(home.root.parent / "keys")})


@settings(max_examples=30, deadline=None)
@given(
    entries=st.dictionaries(st.integers(-(2**63), 2**63 - 1), st.binary(max_size=50), max_size=20),
    data=st.data(),
)
def test_raw_records_come_back_byte_for_byte(
    home: Home, keys: Keys, entries: dict[int, bytes], data: st.DataObject
) -> None:
    quarantine.store(home, keys, 7, entries.items())
    some = data.draw(st.sets(st.sampled_from(sorted(entries)))) if entries else {1}
    assert quarantine.fetch(home, keys, 7, entries) == entries
    assert quarantine.fetch(home, keys, 7, some) == {k: entries[k] for k in some if k in entries}


def test_records_larger_than_a_chunk_come_back(home: Home, keys: Keys) -> None:
    entries = {n: os.urandom(200_000 * n) for n in range(5)}
    quarantine.store(home, keys, 8, iter(entries.items()))
    assert quarantine.fetch(home, keys, 8, [4, 2]) == {4: entries[4], 2: entries[2]}


def test_a_second_try_replaces_the_first_and_nothing_else_is_left(home: Home, keys: Keys) -> None:
    quarantine.store(home, keys, 9, [(1, b"first")])
    quarantine.store(home, keys, 9, [(2, b"second")])
    assert quarantine.fetch(home, keys, 9, [1, 2]) == {2: b"second"}
    quarantine.store(home, keys, 9, [])
    assert quarantine.fetch(home, keys, 9, [1, 2]) == {}
    assert not any(path.name.startswith(("load-9", ".")) for path in home.quarantine.iterdir())


def test_a_load_without_refused_records_has_no_file(home: Home, keys: Keys) -> None:
    quarantine.store(home, keys, 10, [])
    assert quarantine.fetch(home, keys, 10, [1]) == {}
    assert not (home.quarantine / "load-10.sealed").exists()


def test_no_byte_of_a_record_is_in_the_file(home: Home, keys: Keys) -> None:
    raw = "C-1;김철용;010-1234-5678;kim@example.com".encode()
    quarantine.store(home, keys, 11, [(1, raw)])
    content = (home.quarantine / "load-11.sealed").read_bytes()
    for telling in ("김철용", "010-1234", "kim@example", "C-1;"):
        assert telling.encode() not in content
    assert (home.quarantine / "load-11.sealed").stat().st_mode & 0o777 == 0o600


def test_a_changed_cut_or_renamed_file_is_refused(home: Home, keys: Keys) -> None:
    quarantine.store(home, keys, 12, [(1, b"raw")])
    path = home.quarantine / "load-12.sealed"
    whole = path.read_bytes()
    for content in (whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), whole[:60], b""):
        path.write_bytes(content)
        with pytest.raises(HomeError, match="load-12"):
            quarantine.fetch(home, keys, 12, [1])
    path.with_name("load-13.sealed").write_bytes(whole)
    with pytest.raises(HomeError, match="load-13"):
        quarantine.fetch(home, keys, 13, [1])
