"""Scrubbing: what identifies becomes a tag, what the comment is about survives."""

import string
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scrub import is_card_number, is_resident_number, scrub

PHONES = """
010-1234-5678 | 010.1234.5678 | 010 1234 5678 | 010 - 1234 - 5678 | 010/1234/5678 | 010~1234~5678
01012345678 | 010-12345678 | 010 12345678 | 0101234-5678 | 010)1234-5678 | (010)1234-5678
010-123-4567 | 011-200-1234 | 0112001234 | 016-234-5678 | 10-1234-5678
(02)312-3456 | 02)312-3456 | 02-3464-5114 | 0212345678 | 031-123-4567 | 03112345678
070-1234-5678 | 0505-123-4567 | 0502-1234-5678
+82 10 1234 5678 | +82-10-1234-5678 | +821012345678 | 82-10-1234-5678 | +82(0)10-1234-5678
+82 (0)2-312-3456 | 821012345678 | +1 650 253 0000 | +1 (650) 253-0000
０１０－１２３４－５６７８ | 010–1234–5678 | 010\u200b1234\u200b5678 | 010\u00a01234\u00a05678
공일공-일이삼사-오육칠팔 | 공일공일이삼사오육칠팔 | 영일영 일이삼사 오육칠팔
"""
EMAILS = """
kim@example.com | Kim.Cheol-su+x@mail.example.co.kr | kim @ naver.com | kim＠naver.com
kim골뱅이naver.com | kim(at)naver.com | kim@네이버.com
"""
RESIDENTS = """
900101-1234568 | 900101 - 1234568 | 9001011234568 | 210305-3456789 | 850215-5123456
９００１０１－１２３４５６８
"""
CARDS = """
4111-1111-1111-1111 | 4111 1111 1111 1111 | 4111111111111111 | 3782 822463 10005
5500-0000-0000-0004 | 9410-1234-5678-9010
"""
PLATES = """
12가3456 | 12가 3456 | 12 가 3456 | 123가4567 | 123가 4567 | 38호1234 | 01하1234
서울12가3456 | 서울 12 가 3456 | 경기 3바 1234 | 12\u1100\u1161 3456
"""
VINS = "KMHDU46D17U123456 | kmhdu46d17u123456 | KNAFU4A23A5123456 | 1HGCM82633A004352"
HIDDEN = [
    (tag, text.strip())
    for tag, block in (
        ("[전화]", PHONES),
        ("[이메일]", EMAILS),
        ("[주민번호]", RESIDENTS),
        ("[카드]", CARDS),
        ("[차량번호]", PLATES),
        ("[차대번호]", VINS),
    )
    for line in block.strip("\n").split("\n")
    for text in line.split("|")
]
SURVIVES = [
    text.strip()
    for line in """
2026-09-23 | 2026.09.23 | 20260923 | 2026/09/23 | 2026년 9월 23일 | 09-23 | 26-09-23 14:05
2026-09-23 14:05:33 | 2023-01-01~2023-12-31 | 2001-2002-2003 | 오후 3시 30분 | 02시 30분 1234건
1,250,000원 | 1250000원 | 10,000,000 | ₩1012345678 | 12만3456 | 1,234.56 | 3.141592653 | 0.10123456
100조 2000억 | 100주 2000원 | 20대 1500명 | 12월 1500명 | 35도 2026년 | 101호 2024년에 | 12가지
1588-1234 | 1600-2000 | 080-123-4567 | 114 | 010 | 00000000000 | 099-123-4567
SM-G998N | NX4-2023 | G80 3.5 2024 | K5 2.0 | 1.6 터보 2000cc | LG-F01012345678 | SN0101234567B
P0171 P0300 | DTC U0100-87 | 아반떼 2020년식 12만km | 시리얼 A010-1234-5678-9
주문번호 20260923-000123 | 20260923123456 | 1234567890123456 | 1234-1234-1234-1234 | 12345-67890
991332-1234567 | 900101-9234568 | 9001011234567 | 110111-0123456
192.168.0.101 | 10.10.1234.5678 | a @ b | @kim | 골뱅이무침 맛집 | 별점 4.5/5.0 | 5점 만점에 3점
WELCOMETOHAPPYCAL | B01M0ABCDEFGHIJKL | 12345678901234567 | 공일공 | 일이삼사오육칠팔
""".strip("\n").split("\n")
    for text in line.split("|")
]


@pytest.mark.parametrize("around", ["{}", "연락처는{}입니다", "(연락: {} )", "{}, 감사합니다.\n"])
@pytest.mark.parametrize(("tag", "text"), HIDDEN)
def test_what_identifies_becomes_its_tag(tag: str, text: str, around: str) -> None:
    assert scrub(around.format(text)) == around.format(tag)


@pytest.mark.parametrize("around", ["{}", "확인: {} 입니다"])
@pytest.mark.parametrize("text", SURVIVES)
def test_dates_amounts_and_model_numbers_survive(text: str, around: str) -> None:
    assert scrub(around.format(text)) == around.format(text)


def test_everything_in_one_comment() -> None:
    assert scrub(
        "2026-09-23 14:05에 12가3456(KMHDU46D17U123456) 수리, 1,250,000원을 4111-1111-1111-1111로 "
        "냈고 010-1234-5678, 02)312-3456 또는 kim@example.com으로 연락 바랍니다. 900101-1234568"
    ) == (
        "2026-09-23 14:05에 [차량번호]([차대번호]) 수리, 1,250,000원을 [카드]로 "
        "냈고 [전화], [전화] 또는 [이메일]으로 연락 바랍니다. [주민번호]"
    )


@given(st.text(alphabet=string.ascii_lowercase + " 가나다각\u1100\u1161é.,!?😀", max_size=60))
def test_words_survive_in_nfc(text: str) -> None:
    assert scrub(text) == unicodedata.normalize("NFC", text)


@given(st.text(max_size=80), st.text(alphabet="0123456789-. ()+@가호주", max_size=40))
def test_no_text_around_a_number_lets_it_through(before: str, numbers: str) -> None:
    assert "1234-5678" not in scrub(before + numbers + " 010-1234-5678 ")


@pytest.mark.parametrize(
    "text", ["1" * 9000, "a" * 9000, "+1 " * 3000, "010-" * 2500, "(0" * 5000, "a@" + "a." * 4000]
)
def test_hostile_text_takes_no_longer_than_its_length(text: str) -> None:
    start = time.process_time()
    scrub(text)
    assert time.process_time() - start < 1.0


def test_checksums_of_resident_and_card_numbers() -> None:
    assert is_resident_number("9001011234568")
    assert not is_resident_number("9001011234567")
    assert is_resident_number("210305-3456789")
    assert not is_resident_number("2103053456789")
    assert is_card_number("4111111111111111")
    assert not is_card_number("4111111111111112")
    assert not is_card_number("0000000000000000")
