"""How personal values look to those who may not see them whole.

One scheme for every screen and export: where one place hides the middle of a number and another its
end, whoever sees both has the number.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from models.identify import parse_phone

_HIDDEN = "***"
_AREA = re.compile(r"02|050\d|0[3-6]\d|0[78]0|01\d")
_UP_TO_DISTRICT = re.compile(r"^\S+(?:\s+\S+[시군구])+(?:\s+\S+[읍면동])?")


def mask_name(name: str) -> str:
    """First and last syllable of a Korean name, the first four letters of another.

    >>> mask_name("김철용"), mask_name("김철"), mask_name("남궁민수"), mask_name("Jonathan Kim")
    ('김*용', '김*', '남**수', 'Jona********')
    """
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    if len(clean) <= 1:
        return "*" * len(clean)
    if not "가" <= clean[0] <= "힣":
        shown = min(4, len(clean) // 2)
        return clean[:shown] + "*" * (len(clean) - shown)
    if len(clean) == 2:
        return f"{clean[0]}*"
    return clean[0] + "*" * (len(clean) - 2) + clean[-1]


def mask_phone(phone: str) -> str:
    """Area and last four digits; nothing of what is no number.

    >>> mask_phone("+821012345678"), mask_phone("02-312-3456"), mask_phone("0505-123-4567")
    ('010-****-5678', '02-***-3456', '0505-***-4567')
    """
    parsed = parse_phone(phone)
    area = _AREA.match(parsed.digits) if parsed else None
    if parsed is None or area is None or len(parsed.digits) - area.end() < 7:
        return _HIDDEN
    middle = "*" * (len(parsed.digits) - area.end() - 4)
    return f"{area.group()}-{middle}-{parsed.digits[-4:]}"


def mask_email(email: str) -> str:
    """Two letters of the name, one of the domain, and the top-level domain.

    >>> mask_email("abcdef@daum.com"), mask_email("a@naver.co.kr"), mask_email("nothing")
    ('ab***@d***.com', '***@n***.kr', '***')
    """
    name, sign, domain = email.strip().partition("@")
    host, _, top = domain.rpartition(".")
    if not sign or not host:
        return _HIDDEN
    return f"{name[:2] if len(name) > 2 else ''}***@{host[0]}***.{top}"


def mask_plate(plate: str) -> str:
    """Everything but the two middle digits of the four.

    >>> mask_plate("12가3434"), mask_plate("서울 12 가 3456")
    ('12가**34', '서울12가**56')
    """
    clean = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", plate))
    return f"{clean[:-4]}**{clean[-2:]}" if re.search(r"[가-힣]\d{4}$", clean) else _HIDDEN


def mask_vin(vin: str) -> str:
    """Maker, model and year without the six characters that tell one car from another.

    >>> mask_vin("KMHDU46D17U123456")
    'KMHDU46D17U******'
    """
    clean = vin.strip()
    return clean[:-6] + "*" * 6 if len(clean) > 6 else _HIDDEN


def mask_address(address: str) -> str:
    """Down to 시군구, and 읍면동 where it follows; never the road or the house.

    >>> mask_address("서울특별시 강남구 역삼동 123-4")
    '서울특별시 강남구 역삼동'
    >>> mask_address("경기도 성남시 분당구 판교로 1")
    '경기도 성남시 분당구'
    """
    found = _UP_TO_DISTRICT.match(unicodedata.normalize("NFC", address).strip())
    return " ".join(found.group().split()) if found else _HIDDEN


def age_band(birth: date, on: date) -> str:
    """Ten years of age on a day, as facts may know it.

    >>> age_band(date(1986, 11, 23), date(2026, 11, 22))
    '30-39'
    """
    age = on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
    if age < 20:
        return "0-19"
    return "80+" if age >= 80 else f"{age // 10 * 10}-{age // 10 * 10 + 9}"
