"""Keys lie apart from the home; what is sealed opens unchanged, in its place, or not at all."""

import os
import stat
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import sealed_file
from models.errors import HomeError
from models.home import Home, open_home
from models.keys import Keys, open_keys
from models.sealed_file import read_range, read_sealed, write_sealed

KEYS = Keys(Path("keys"), b"m" * 32, b"h" * 32, b"p" * 32)
OTHERS = Keys(Path("keys"), b"n" * 32, b"h" * 32, b"p" * 32)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home", {})


def test_keys_are_made_once_and_only_their_owner_may_read_them(home: Home, tmp_path: Path) -> None:
    environ = {"HAPPYCALL_KEYS": str(tmp_path / "keys")}
    made = open_keys(home, environ)
    assert open_keys(home, environ) == made
    assert len({made.master, made.hmac, made.proxy}) == 3
    assert all(len(key) == 32 for key in (made.master, made.hmac, made.proxy))
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in made.folder.iterdir()) == [
        "hmac.key",
        "master.key",
        "proxy.key",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.folder.iterdir()} == {0o600}


def test_without_a_named_folder_keys_lie_under_the_users_and_never_in_the_home(
    home: Home, tmp_path: Path
) -> None:
    keys = open_keys(home, {"HOME": str(tmp_path / "user")})
    assert keys.folder == tmp_path / "user" / ".config" / "happycall" / home.id
    for path in home.root.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for key in (keys.master, keys.hmac, keys.proxy):
                assert key not in content
                assert key.hex().encode() not in content


def test_keys_do_not_show_themselves_in_a_traceback() -> None:
    assert "m" * 8 not in repr(KEYS)
    assert KEYS.master.hex() not in repr(KEYS)


@pytest.mark.parametrize("place", ["vault/vault.sqlite", "texts/texts.sqlite", "quarantine/x"])
def test_a_home_with_sealed_data_never_gets_new_keys(
    home: Home, tmp_path: Path, place: str
) -> None:
    open_keys(home, {"HAPPYCALL_KEYS": str(tmp_path / "keys")})
    (home.root / place).write_bytes(b"sealed")
    elsewhere = {"HAPPYCALL_KEYS": str(tmp_path / "elsewhere")}
    with pytest.raises(HomeError, match=r"master\.key is missing.*HAPPYCALL_KEYS"):
        open_keys(home, elsewhere)
    assert not (tmp_path / "elsewhere").exists()


def test_one_missing_key_of_a_home_with_sealed_data_is_named(home: Home, tmp_path: Path) -> None:
    environ = {"HAPPYCALL_KEYS": str(tmp_path / "keys")}
    open_keys(home, environ)
    (home.taken / "abc").write_bytes(b"sealed")
    (tmp_path / "keys" / "hmac.key").unlink()
    with pytest.raises(HomeError, match=r"hmac\.key is missing"):
        open_keys(home, environ)


def test_the_keys_of_another_home_are_refused(home: Home, tmp_path: Path) -> None:
    open_keys(home, {"HAPPYCALL_KEYS": str(tmp_path / "keys")})
    (home.vault / "vault.sqlite").write_bytes(b"sealed")
    other = open_home(tmp_path / "other", {})
    open_keys(other, {"HAPPYCALL_KEYS": str(tmp_path / "other-keys")})
    with pytest.raises(HomeError, match="not the keys"):
        open_keys(home, {"HAPPYCALL_KEYS": str(tmp_path / "other-keys")})


def test_a_home_without_data_may_lose_its_keys(home: Home, tmp_path: Path) -> None:
    first = open_keys(home, {"HAPPYCALL_KEYS": str(tmp_path / "keys")})
    second = open_keys(home, {"HAPPYCALL_KEYS": str(tmp_path / "again")})
    assert first.master != second.master
    assert open_keys(home, {"HAPPYCALL_KEYS": str(tmp_path / "again")}) == second


@pytest.mark.parametrize("content", [b"", b"abc\n", b"zz" * 32, b"\xff" * 32])
def test_a_damaged_key_is_named(home: Home, tmp_path: Path, content: bytes) -> None:
    environ = {"HAPPYCALL_KEYS": str(tmp_path / "keys")}
    open_keys(home, environ)
    (tmp_path / "keys" / "proxy.key").write_bytes(content)
    with pytest.raises(HomeError, match=r"proxy\.key: is not a key"):
        open_keys(home, environ)


def test_a_key_that_others_may_read_is_refused(home: Home, tmp_path: Path) -> None:
    environ = {"HAPPYCALL_KEYS": str(tmp_path / "keys")}
    open_keys(home, environ)
    (tmp_path / "keys" / "master.key").chmod(0o644)
    with pytest.raises(HomeError, match="chmod 600"):
        open_keys(home, environ)


def test_a_keys_folder_that_cannot_be_made_is_a_sentence(home: Home, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HomeError, match="keys cannot be made there"):
        open_keys(home, {"HAPPYCALL_KEYS": str(tmp_path / "file" / "keys")})


def test_two_first_uses_at_once_end_with_one_set(home: Home, tmp_path: Path) -> None:
    environ = {"HAPPYCALL_KEYS": str(tmp_path / "keys")}
    found: list[Keys] = []
    threads = [
        threading.Thread(target=lambda: found.append(open_keys(home, environ))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@given(plain=st.binary(max_size=200), purpose=st.text(max_size=20))
def test_what_is_sealed_opens_again(plain: bytes, purpose: str) -> None:
    sealed = KEYS.seal(plain, purpose)
    assert KEYS.open(sealed, purpose) == plain
    assert KEYS.seal(plain, purpose) != sealed
    assert len(plain) < 4 or plain not in sealed


@given(plain=st.binary(max_size=60), data=st.data())
def test_one_changed_bit_does_not_open(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEYS.seal(plain, "a"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(HomeError, match="a: does not open"):
        KEYS.open(bytes(sealed), "a")


@given(plain=st.binary(max_size=60), cut=st.integers(1, 100))
def test_a_cut_value_another_purpose_and_other_keys_do_not_open(plain: bytes, cut: int) -> None:
    sealed = KEYS.seal(plain, "a")
    for keys, value, purpose in (
        (KEYS, sealed[:-cut], "a"),
        (KEYS, sealed, "b"),
        (OTHERS, sealed, "a"),
    ):
        with pytest.raises(HomeError):
            keys.open(value, purpose)


def test_a_mac_tells_kinds_apart_and_depends_on_the_key() -> None:
    assert KEYS.mac("phone", "1") == KEYS.mac("phone", "1")
    assert KEYS.mac("phone", "1") != KEYS.mac("email", "1")
    assert KEYS.mac("phone", "1") != Keys(Path(), b"m" * 32, b"x" * 32, b"").mac("phone", "1")


CHUNK = 64  # so that few bytes make many chunks
pieces_of_any_size = st.lists(st.binary(max_size=3 * CHUNK), max_size=8)


@pytest.fixture(scope="module", autouse=True)
def small_chunks() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed_file, "CHUNK_BYTES", CHUNK)
        yield


@pytest.fixture(scope="module")
def folder() -> object:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@settings(max_examples=60)
@given(pieces=pieces_of_any_size, start=st.integers(0, 700), length=st.integers(0, 300))
def test_a_sealed_file_reads_as_written_whole_and_in_part(
    folder: Path, pieces: list[bytes], start: int, length: int
) -> None:
    plain, path = b"".join(pieces), folder / "file"
    write_sealed(path, KEYS, "landed", pieces)
    assert b"".join(read_sealed(path, KEYS, "landed")) == plain
    assert read_range(path, KEYS, "landed", start, length) == plain[start : start + length]
    assert [entry.name for entry in folder.iterdir()] == ["file"]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_file_cut_anywhere_is_noticed(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    write_sealed(path, KEYS, "landed", [os.urandom(size)])
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(HomeError, match="file"):
            list(read_sealed(path, KEYS, "landed"))


@settings(max_examples=60)
@given(size=st.integers(0, 4 * CHUNK), data=st.data())
def test_a_changed_file_is_noticed(folder: Path, size: int, data: st.DataObject) -> None:
    path = folder / "file"
    write_sealed(path, KEYS, "landed", [b"x" * size])
    changed = bytearray(path.read_bytes())
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(changed)
    with pytest.raises(HomeError):
        list(read_sealed(path, KEYS, "landed"))


def test_swapped_repeated_and_appended_chunks_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_sealed(path, KEYS, "landed", [os.urandom(4 * CHUNK)])
    whole = path.read_bytes()
    stored = CHUNK + 16
    head, body = whole[: -4 * stored], whole[-4 * stored :]
    a, b, c, d = (body[i * stored : (i + 1) * stored] for i in range(4))
    for order in ((b, a, c, d), (a, b, b, d), (a, b, d), (a, b, c, d, d), (a, b, c), (d,)):
        path.write_bytes(head + b"".join(order))
        with pytest.raises(HomeError):
            list(read_sealed(path, KEYS, "landed"))


def test_a_file_opens_only_for_its_purpose_and_keys(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_sealed(path, KEYS, "landed", [b"text"])
    for keys, purpose in ((KEYS, "quarantine"), (OTHERS, "landed")):
        with pytest.raises(HomeError, match="chunk 1 does not open"):
            list(read_sealed(path, keys, purpose))
        with pytest.raises(HomeError, match="chunk 1 does not open"):
            read_range(path, keys, purpose, 0, 1)
    with pytest.raises(HomeError, match="cannot be read"):
        list(read_sealed(tmp_path / "none", KEYS, "landed"))


def test_a_file_whose_writing_failed_never_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_sealed(path, KEYS, "landed", [b"before"])
    pieces = (b"x" * (1000 // part) for part in (2, 1, 0))
    with pytest.raises(ZeroDivisionError):
        write_sealed(path, KEYS, "landed", pieces)
    assert b"".join(read_sealed(path, KEYS, "landed")) == b"before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_equal_content_is_not_equal_when_sealed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_sealed(tmp_path / name, KEYS, "landed", [b"x" * 100])
    first, second = (tmp_path / name for name in ("a", "b"))
    assert first.stat().st_size == second.stat().st_size
    assert first.read_bytes()[60:] != second.read_bytes()[60:]
