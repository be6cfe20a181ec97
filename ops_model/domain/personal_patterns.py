"""What reaches or identifies a person: e-mail addresses, phones, accounts, cards, IP addresses."""

import ipaddress
import re

from ops_model.domain.secret_patterns import Rule, Span
from ops_model.domain.texts import PHONE

# Narrower than what a claim is refused for: here only the address itself may be taken out, since
# the markup around it has to stay. A user before a host (ssh://git@...) is no address of a person.
_EMAIL = re.compile(
    r"(?<![\w.+-])(?<!://)(?!git@)[\w.+-]++(?:@|\s?[(\[]at[)\]]\s?)"
    r"(?:[\w-]{1,63}(?:\.|\s?[(\[]dot[)\]]\s?))+[^\W\d_]{2,24}(?![\w(-])",
    re.IGNORECASE,
)
_SAID_PHONE = re.compile(
    r"(?i)(?<![a-z])(?:call|cell|dial|fax|mobile|phone|ring|tel|telephone|telefon|whatsapp)"
    r"[^\w\n+(]{0,12}(?P<number>\(?\+?\(?\d[\d ()./-]{5,25}\d)(?!\w)"
)
_DATE = re.compile(r"\(?\d{1,2}([./ -])\d{1,2}\1\d{2,4}\b")
_DECIMAL = re.compile(r"\+?\d+\.\d+(?![.\d])")
_PADDED = re.compile(r"0\d{1,2}(?:[ ./-]0\d{1,2})*\b")
_DIGITS_OF_A_PHONE = range(7, 16)

# Length by country, after ISO 13616.
_IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18"
        "FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20"
        "LU20LV21LY25MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SC31SE24"
        "SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20",
    )
}
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}")
_CARD = re.compile(
    r"(?<![\w.-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|3[47]\d{2}([ -])\d{6}\2\d{5})"
    r"(?![\w-]|\.\d)"
)
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}|6\d{15,18}"
)
_IP = re.compile(
    r"(?<![\w.:-])(?:(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)"
    r"|[23][0-9a-f]{3}(?::[0-9a-f]{0,4}){2,7}(?![\w:]))",
    re.IGNORECASE,
)
_VERSION = re.compile(r"(?i)(?:version|release|build|[=<>~!]=|chrome|chromium)[\s:/]{0,3}$")


def _phone(found: re.Match[str]) -> Span | None:
    name = "number" if "number" in found.re.groupindex else 0
    number = found[name]
    digits = sum(c.isdigit() for c in number)
    # A UUID goes on behind a hyphen.
    goes_on = re.match(r"-\w", found.string[found.end() : found.end() + 2])
    other = goes_on or _DATE.match(number) or _DECIMAL.match(number) or _PADDED.fullmatch(number)
    return found.span(name) if digits in _DIGITS_OF_A_PHONE and not other else None


def _iban(found: re.Match[str]) -> Span | None:
    """As far as the account goes: words in capitals may stand behind it."""
    length = _IBAN_LENGTHS.get(found[0][:2])
    places = [i for i, c in enumerate(found[0]) if c.isalnum()]
    if length is None or len(places) < length:
        return None
    number = "".join(found[0][i] for i in places[:length])
    turned = "".join(str(int(c, 36)) for c in number[4:] + number[:4])
    if int(turned) % 97 != 1:
        return None
    return found.start(), found.start() + places[length - 1] + 1


def _card(found: re.Match[str]) -> Span | None:
    number = "".join(c for c in found[0] if c.isdigit())
    if not _ISSUERS.fullmatch(number) or len(set(number)) == 1:
        return None
    doubled = [int(c) for c in number[-1::-2]] + [
        sum(divmod(2 * int(c), 10)) for c in number[-2::-2]
    ]
    return found.span() if sum(doubled) % 10 == 0 else None


def _address_of_a_machine(found: re.Match[str]) -> Span | None:
    """Only what is reached from everywhere: a loopback or private address names nobody outside.

    Four digits with dots between them number a section or a version.
    """
    if len(found[0]) == len("1.2.3.4"):
        return None
    try:
        public = ipaddress.ip_address(found[0]).is_global
    except ValueError:
        return None
    before = found.string[max(0, found.start() - 12) : found.start()]
    return found.span() if public and not _VERSION.search(before) else None


PERSONAL_RULES = (
    Rule("email", _EMAIL, hints=("@", "(at)", "[at]", "(AT)", "[AT]")),
    Rule("iban", _IBAN, _iban),
    Rule("card", _CARD, _card),
    Rule("phone", _SAID_PHONE, _phone),
    Rule("phone", PHONE, _phone),
    Rule("ip_address", _IP, _address_of_a_machine),
)
"""In the order in which they are applied."""
