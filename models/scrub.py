"""Free text without what identifies: tags stand where numbers and addresses stood.

People write their telephone and their plate into comments, in Korean ways. Each rule is a pattern
and, where a shape alone says too little, a check; dates, amounts and model numbers must survive,
because they are what the comment is about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from models.identify import parse_phone

_AREA = r"(?:1[016789]|2|[3-6][1-5]|70|50\d)"  # of a mobile, a place or a person, without its 0
_GAP = r"[-. /]{0,3}"
_SYLLABLE = "[공영일이삼사오육륙칠팔구]"
# One character for one: positions in the folded text are positions in the text itself.
_FOLD: dict[int, int | str] = {
    **{0xFF01 + offset: 0x21 + offset for offset in range(94)},  # full-width forms
    **dict.fromkeys(map(ord, "‐‑‒–—―−ー·・∙•~"), "-"),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u200b\u202f\u2060\u3000\ufeff\t"), " "),
}
_SPOKEN = str.maketrans("공영일이삼사오육륙칠팔구", "001234566789")
_PLATE_SYLLABLES = (
    "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배허하호"
)
_REGIONS = "서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주"
_UNITS = (
    r"원|년|월|일|시|분|초|만|천|억|조|명|개|건|대|회|번|점|도|층|평|호|세|살|"
    r"[kKcCmM][mMcCgGwW]|[kK]|%|[.,]\d"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A tag, the shape it stands for, and what else must hold of a match."""

    tag: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool]


def scrub(text: str) -> str:
    """NFC text with phones, e-mails, resident numbers, cards, plates and VINs replaced by tags.

    >>> scrub("010-1234-5678로 9월 23일까지 연락 주세요, 수리비 1,250,000원")
    '[전화]로 9월 23일까지 연락 주세요, 수리비 1,250,000원'
    """
    clean = unicodedata.normalize("NFC", text)
    for rule in RULES:
        clean = _replace(clean, rule)
    return clean


def _replace(text: str, rule: Rule) -> str:
    folded = text.translate(_FOLD)
    parts, end = [], 0
    for found in rule.pattern.finditer(folded):
        if rule.holds(found.group()):
            parts += [text[end : found.start()], rule.tag]
            end = found.end()
    return "".join([*parts, text[end:]])


def _digits(text: str) -> list[int]:
    return [int(character) for character in text if character in "0123456789"]


def is_resident_number(text: str) -> bool:
    """Six digits of a birth day, then a century digit and six more.

    Written in two parts the shape and a real day suffice: since October 2020 the tail is random,
    and a checksum would let the newest numbers through. Written in one, the checksum must hold,
    for order numbers look alike.
    """
    digits = _digits(text)
    century = {1: 1900, 2: 1900, 5: 1900, 6: 1900}.get(digits[6], 2000)
    try:
        date(century + digits[0] * 10 + digits[1], *_month_and_day(digits))
    except ValueError:
        return False
    weighted = sum(
        d * w for d, w in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=False)
    )
    native, foreign = (11 - weighted % 11) % 10, (13 - weighted % 11) % 10
    return not text.isdigit() or digits[12] == (foreign if digits[6] >= 5 else native)


def _month_and_day(digits: list[int]) -> tuple[int, int]:
    return digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]


def is_card_number(text: str) -> bool:
    """The Luhn checksum, which every payment card satisfies, and more than one digit in it."""
    digits = _digits(text)
    doubled = [sum(divmod(2 * d, 10)) for d in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0 and len(set(digits)) > 1


def is_phone(text: str) -> bool:
    """A number that can ring at a person; a company's service number may stay."""
    phone = parse_phone(text.replace("/", "-"))
    return phone is not None and phone.kind not in {"company", "toll_free"}


def is_spoken_phone(text: str) -> bool:
    """The same, spelt out in syllables to get past a filter."""
    return is_phone(text.translate(_SPOKEN))


def is_vin(text: str) -> bool:
    """Letters and digits mixed, the serial at the end in digits."""
    return text[-4:].isdigit() and not text.isdigit() and any(c.isalpha() for c in text[:3])


def _always(_: str) -> bool:
    return True


def _pattern(*lines: str) -> re.Pattern[str]:
    return re.compile("".join(lines), re.ASCII)


_EMAIL = _pattern(
    r"[A-Za-z0-9._%+-]{1,64} ?(?:@|\(at\)|골뱅이) ?",
    r"[A-Za-z0-9가-힣-]{1,63}(?:(?:\.|쩜|닷)[A-Za-z0-9-]{2,63}){1,4}",
)
_VIN = _pattern(r"(?<![A-Za-z0-9])[A-HJ-NPR-Za-hj-npr-z0-9]{17}(?![A-Za-z0-9])")
_RESIDENT = _pattern(r"(?<!\d)\d{6} ?-? ?[1-8]\d{6}(?!\d)")
_CARD = _pattern(
    r"(?<![\d.,])",
    r"(?:[2-69]\d{3}(?:[- ]?\d{4}){3}|3[47]\d\d[- ]?\d{6}[- ]?\d{5})",
    r"(?!\d)",
)
_PHONE_ABROAD = _pattern(r"\+(?!82)[1-9]\d{0,2}[- .]?(?:\(?\d{1,4}\)?[- .]?){2,5}\d{2,4}(?!\d)")
_PHONE_IN_PARTS = _pattern(
    r"(?<!\d)(?<!\d[-.])",
    rf"(?:(?:\+?82[-. )(]{{0,2}}\(?0?\)?|\(?0){_AREA}\)?{_GAP}|10[-.])",
    r"(?:(?<=[-. /)])\d{3,4}[-. /]{0,3}|\d{3,4}[-. /]{1,3})\d{4}",
    r"(?!\d)(?!-\d)",
)
_PHONE_IN_ONE = _pattern(  # not where it hangs on a letter, as serial numbers do
    r"(?:(?<![\dA-Za-z,.-])|(?<=[Tt][Ee][Ll])|(?<=[Hh][Pp])|(?<=[Tt]\.))",
    rf"(?:\+?82[- ]?0?|0){_AREA}\d{{7,8}}(?![\dA-Za-z])(?!,\d)",
)
_PHONE_SPOKEN = _pattern(
    rf"[공영]일[공영일육륙칠팔구]{_GAP}(?:{_SYLLABLE} ?){{3,4}}{_GAP}",
    rf"(?:{_SYLLABLE} ?){{3}}{_SYLLABLE}",
)
_PLATE = _pattern(
    rf"(?<![\d.,-])(?:(?:{_REGIONS}) ?\d{{1,2}} ?[가-힣]|\d{{2,3}} ?[{_PLATE_SYLLABLES}])",
    rf" ?\d{{4}}(?!\d)(?! ?(?:{_UNITS}))",
)

RULES = (
    Rule("[이메일]", _EMAIL, _always),
    Rule("[차대번호]", _VIN, is_vin),
    Rule("[주민번호]", _RESIDENT, is_resident_number),
    Rule("[카드]", _CARD, is_card_number),
    Rule("[전화]", _PHONE_ABROAD, is_phone),
    Rule("[전화]", _PHONE_IN_PARTS, is_phone),
    Rule("[전화]", _PHONE_IN_ONE, is_phone),
    Rule("[전화]", _PHONE_SPOKEN, is_spoken_phone),
    Rule("[차량번호]", _PLATE, _always),
)
"""In this order: what is longer and surer first, so that no rule eats half of another's find."""
