"""What tells one person from another, spelt in one way.

Two spellings of one number must be one identifier, and what many people share, such as a company
number or a masked name, must be none: an exact match that is wrong joins two lives into one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumberType

PhoneKind = Literal["mobile", "fixed", "voip", "personal", "toll_free", "company", "other"]

_KIND_OF_TYPE: Mapping[int, PhoneKind] = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.UAN: "company",
}
_OF_A_PERSON = frozenset({"mobile", "fixed", "voip", "personal"})
_NUMBER = re.compile(r"\+?[(0-9][0-9\s().+-]{5,}")
_EXPONENT = re.compile(r"[0-9]\.[0-9]{6,}[eE]\+?[0-9]{1,2}")
_EMAIL = re.compile(r"[^\s@*<>,;]+@[^\s@*<>,;]+\.[^\s@*<>,;.]{2,}")
_NOBODY = frozenset(
    {"noreply", "no-reply", "donotreply", "do-not-reply", "none", "unknown", "null"}
)
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_PLATE = re.compile(r"[가-힣]{0,4}[0-9]{1,3}[가-힣][0-9]{4}")
_DAY = re.compile(r"(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})(?:\D.*)?", re.ASCII)
_NO_DAY = frozenset({date(1900, 1, 1), date(1970, 1, 1), date(1, 1, 1)})
BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as dialled at home, as dialled from anywhere, and whose it can be."""

    digits: str
    e164: str
    kind: PhoneKind


def parse_phone(text: str) -> Phone | None:
    """The first number in a field, Korean unless it says otherwise; None where it is not one.

    Spreadsheets drop the leading 0 and write long numbers as floats; both are put right. Any eight
    digits after 010 count, because new blocks open before the library knows them.

    >>> parse_phone("1012345678")
    Phone(digits='01012345678', e164='+821012345678', kind='mobile')
    >>> parse_phone("114") is None
    True
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if _EXPONENT.fullmatch(folded):
        folded = str(int(float(folded)))
    found = _NUMBER.search(folded.removesuffix(".0"))
    if found is None:
        return None
    number = found.group().strip()
    digits = re.sub(r"\D", "", number)
    if re.fullmatch(r"(?:(?:00)?82)?0?10[0-9]{8}", digits):
        subscriber = digits[-8:]
        return Phone(f"010{subscriber}", f"+8210{subscriber}", "mobile")
    return _parse_by_library(re.sub(r"^00\s?(?=82)", "+", number))


def _parse_by_library(number: str) -> Phone | None:
    try:
        parsed = phonenumbers.parse(number, "KR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    kind = _KIND_OF_TYPE.get(phonenumbers.number_type(parsed), "other")
    national = phonenumbers.national_significant_number(parsed)
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    trunk = "0" if parsed.country_code == 82 and kind != "company" else ""
    return Phone(trunk + national, e164, kind)


def phone_identity(text: str) -> str | None:
    """E.164 of a number that belongs to a person; company and toll-free numbers and fillers do not.

    >>> phone_identity("010)1234 5678"), phone_identity("1588-1234")
    ('+821012345678', None)
    """
    phone = parse_phone(text)
    if phone is None or phone.kind not in _OF_A_PERSON or len(set(phone.digits[-7:])) == 1:
        return None
    return phone.e164


def email_identity(text: str) -> str | None:
    """Lower case, NFC, without a display name; masked addresses and nobody's are none.

    >>> email_identity("Kim <Kim@Example.COM>"), email_identity("ki***@e***.com")
    ('kim@example.com', None)
    """
    folded = unicodedata.normalize("NFC", text).strip().lower()
    if folded.endswith(">") and "<" in folded:
        folded = folded[folded.rindex("<") + 1 : -1].strip()
    folded = folded.removeprefix("mailto:")
    if not _EMAIL.fullmatch(folded) or folded.partition("@")[0] in _NOBODY:
        return None
    return folded


def name_spelling(text: str) -> str | None:
    """NFC with single spaces and no case; None for a masked or empty name."""
    folded = " ".join(unicodedata.normalize("NFC", text).split()).casefold()
    return folded if folded and "*" not in folded and "○" not in folded else None


def birth_day(text: str) -> date | None:
    """The day in any order year, month, day; None for what calendars or fillers rule out."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return None
    try:
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        return None
    return None if day in _NO_DAY else day


def name_birth_identity(text: str) -> str | None:
    """Name and birth day together, since neither alone is anybody; `BETWEEN` parts them."""
    name, _, birth = text.partition(BETWEEN)
    spelling, day = name_spelling(name), birth_day(birth)
    return f"{spelling}|{day.isoformat()}" if spelling and day else None


def vin_identity(text: str) -> str | None:
    """Seventeen letters and digits without I, O and Q, in capitals."""
    folded = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    return folded if _VIN.fullmatch(folded) and len(set(folded)) > 2 else None


def plate_identity(text: str) -> str | None:
    """Digits, syllable, four digits, with the old region in front where there is one."""
    folded = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    return folded if _PLATE.fullmatch(folded) else None


def reference_identity(text: str) -> str | None:
    """A source's own name for the person, as it is but for blanks and composition."""
    return unicodedata.normalize("NFC", text).strip() or None


def reference_space(reference: str) -> str:
    """In whose list a reference stands: what is before the first colon, or the common one.

    >>> reference_space("shop:17"), reference_space("C0017")
    ('shop', '')
    """
    space, colon, _ = reference.partition(":")
    return space if colon else ""


REFERENCE = "customer_ref"
NAME_BIRTH = "name_birth"
IDENTIFIERS: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    (REFERENCE, reference_identity),
    ("phone", phone_identity),
    ("email", email_identity),
    ("vin", vin_identity),
    ("plate", plate_identity),
    (NAME_BIRTH, name_birth_identity),
)
"""What names a person, strongest first: the first one that is known decides."""
