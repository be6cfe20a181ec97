"""What secrets look like: forms that vendors publish, addresses, armour, and names before them.

Every pattern is linear: what it repeats it either never gives back, or takes up to a limit only,
and it begins where a word begins. `redact` applies them.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass

from ops_model.domain.texts import CREDENTIALS

PRIVATE_KEY = "private_key"
MARKER = re.compile(r"\[redacted:[a-z_]{2,30}\]")
"""What stands where something was taken out; it is never taken out again."""

Span = tuple[int, int]


def whole(found: re.Match[str]) -> Span | None:
    """All of what was found."""
    return found.span()


def group(*names: str) -> Callable[[re.Match[str]], Span | None]:
    """The first of these groups that is there, unless it was taken out before."""

    def span(found: re.Match[str]) -> Span | None:
        name = next((n for n in names if found[n] is not None), None)
        return None if name is None or MARKER.search(found[name]) else found.span(name)

    return span


@dataclass(frozen=True)
class Rule:
    """One kind of thing to find.

    `taken` says which part of a match is taken out, and None of what only looks like one. A text
    without any of `hints` is not searched. `lowered` patterns are written in lower case and meet
    a text in lower case, which is several times as fast as a pattern that ignores case.
    """

    kind: str
    pattern: re.Pattern[str]
    taken: Callable[[re.Match[str]], Span | None] = whole
    hints: tuple[str, ...] = ()
    lowered: bool = False


def _with_a_digit(found: re.Match[str]) -> Span | None:
    # `sk-estimator-doc-link` is a class of style, and no key.
    return found.span() if any(c.isdigit() for c in found[0]) else None


def _with_a_private_key(found: re.Match[str]) -> Span | None:
    """A key in armour that was coded once more, as Kubernetes keeps its secrets."""
    full = found[0].rstrip("=")
    try:
        holds = b"PRIVATE KEY" in base64.b64decode(full[: len(full) // 4 * 4])
    except binascii.Error:
        return None
    return found.span() if holds else None


_FORMS = (
    Rule(
        PRIVATE_KEY,
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
            # The words alone are no key: something coded has to follow before the next dashes.
            r"(?=(?:(?!--)[\s\S]){0,300}?[A-Za-z0-9+/]{24})"
            # Without an end all that follows is taken, since none of it can be told apart.
            r"(?:[\s\S]*?-----END [A-Z0-9 ]{0,60}-----|[\s\S]*)"
            r"|AGE-SECRET-KEY-1[0-9A-Z]{20,80}|(?m:^Private-Lines:[\s\S]*)"
        ),
        hints=("PRIVATE KEY", "AGE-SECRET-KEY-1", "Private-Lines:"),
    ),
    Rule(
        PRIVATE_KEY,
        re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,}+={0,2}"),
        _with_a_private_key,
        hints=("LS0tLS1CRUdJTi",),
    ),
    Rule(
        "aws_key",
        re.compile(
            r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ABIA|ACCA)"
            r"[A-Z0-9]{16}(?![A-Za-z0-9])"
        ),
    ),
    Rule(
        "github_token",
        re.compile(r"(?<![A-Za-z0-9])(?:gh[opsur]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255})"),
        hints=("ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_"),
    ),
    Rule(
        "sk_key",
        re.compile(r"(?<![\w-])(?:sk-[\w-]{20,250}|[rs]k_(?:live|test|prod)_[A-Za-z0-9]{10,250})"),
        _with_a_digit,
        hints=("sk-", "sk_", "rk_"),
    ),
    Rule(
        "slack_token",
        re.compile(
            r"(?<![A-Za-z0-9])(?:xox[abceoprs]|xapp)-[\w-]{10,250}"
            r"|(?<=hooks\.slack\.com/services/)[\w/]{10,120}"
        ),
        hints=("xox", "xapp-", "hooks.slack.com"),
    ),
    Rule(
        "google_key",
        re.compile(r"(?<![\w-])(?:AIza[\w-]{35}|ya29\.[\w-]{20,2000}|GOCSPX-[\w-]{20,60})"),
        hints=("AIza", "ya29.", "GOCSPX-"),
    ),
    Rule(
        "jwt",
        re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+){1,3}"),
        hints=("eyJ",),
    ),
    Rule(
        "vendor_token",
        re.compile(
            r"(?<![\w-])(?:glpat-[\w-]{20,60}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{40,500}"
            r"|hf_[A-Za-z0-9]{30,60}|dapi[0-9a-f]{32}|dop_v1_[0-9a-f]{64}|hv[bs]\.[\w-]{20,250}"
            r"|SG\.[\w-]{16,64}\.[\w-]{16,64}|shp(?:at|ca|pa|ss)_[0-9a-f]{32})"
        ),
        hints=("glpat-", "npm_", "pypi-", "hf_", "dapi", "dop_v1_", "hvs.", "hvb.", "SG.", "shp"),
    ),
)

# A quotation mark: plain, escaped once more, or as HTML writes it.
_QUOTE = r"(?:\\?[\"']|&quot;|&\#(?:34|39|x27);)"
_STRONG = (
    r"pass(?:word|wd|phrase|wort|code)|pwd|kennwort"
    r"|(?:admin|auth|db|ftp|http|mail|pg|proxy|redis|root|smtp|sql|ssh|user)_?pass|(?:api|access|secret|account|master|signing"
    r"|encryption|storage)[ _-]?key|client[_-]?secret|(?:access|refresh|auth|bearer|id|session|api"
    r"|private)[_-]?token|session[_-]?id"
)
_WEAK = r"token|secret|credentials?|auth|pin|otp|connection[_-]?string"
_SECRET_NAME = re.compile(
    rf"(?:(?P<strong>(?i:{_STRONG}))|(?:^|[^A-Za-z])(?i:{_WEAK})|(?<=[a-z])(?:Token|Secret))"
    r"[\d_]*$"
)
_ANNOUNCED = re.compile(
    rf"(?P<option>--[a-z-]{{0,40}})?(?:(?P<strong>{_STRONG})|(?<![a-z])(?:{_WEAK}))(?:{_QUOTE})?"
    # `: str =` of Python, the two cells of a row, and whatever else stands between.
    r"(?:\s{0,3}:\s{0,3}(?:str|bytes|secretstr)(?:\s?\|\s?None)?\s{0,3}=\s{0,3}"
    r"|\s{0,3}(?::=|=>|==?|:)\s{0,3}|</t[hd]>\s{0,20}<td[^<>]{0,200}>|(?(option) {1,2}|(?!)))"
    r"(?:\\?\"(?P<double>[^\"\\\n]{1,512})|\\?'(?P<single>[^'\\\n]{1,512})"
    r"|(?:&quot;|&\#(?:34|39|x27);)(?P<entity>[^&\n<]{1,512})"
    r"|(?P<bare>[^\s\"'<>&,;(){}\[\]]{1,512}|\[redacted:[a-z_]{2,30}\]))"
)
# What is written where a secret would stand, and is none.
_PLACEHOLDERS = re.compile(
    r"(?i)(?:none|null|true|false|str|string|bytes|text|required|optional|missing|unknown|unset"
    r"|empty|hidden|redacted|secret|password|token|changed|rotated|expired|invalid|valid|denied)"
)
_STANDS_FOR = re.compile(
    r"(.)\1*|\$\{\w+\}|\$[A-Za-z_]+|\{\{.*|\{[\w.]*\}?|<.*|%s|%\(\w+\)s|"
    r"(?:self|os|args|settings|config|env|context|ctx|request|st|getpass)\..*"
)
_LEAST_LENGTH, _LEAST_WORD = 4, 20


def announced(value: str, *, strong: bool, alone: bool = True) -> bool:
    """True when a value that stands after the name of a secret may be one.

    `strong` is a name that says nothing else, such as `api_key`, where a `token` may be counted.
    `alone` is false where other words follow, as they do in prose.
    """
    value = value.strip()
    if len(value) < _LEAST_LENGTH or MARKER.match(value) or _STANDS_FOR.fullmatch(value):
        return False
    if value.replace("_", "").isalpha():
        known = _PLACEHOLDERS.fullmatch(value) is not None
        return (strong and alone and not known) or len(value) >= _LEAST_WORD
    return strong or not value.replace(".", "", 1).replace("_", "").isdigit()


def held_by_name(name: str, value: str) -> bool:
    """True when a mapping holds a secret under this name, such as `api_key` or `db-password`."""
    found = _SECRET_NAME.search(name[-100:])
    return found is not None and announced(value, strong=bool(found["strong"]))


def _announced_value(found: re.Match[str]) -> Span | None:
    kind = next(name for name in ("double", "single", "entity", "bare") if found[name] is not None)
    after = found.string[found.end() : found.end() + 40]
    if kind == "bare" and after[:1] in {"(", "["}:  # code, such as get_password(
        return None
    before = found.string[found.start() : found.start(kind)]
    prose = kind == "bare" and "=" not in before and re.match(r"[ \t]+[\w\[(+]", after)
    is_one = announced(found[kind], strong=bool(found["strong"]), alone=not prose)
    return found.span(kind) if is_one else None


# One match is a whole address, so that nothing in it is looked at twice.
_ADDRESS = re.compile(r"://[^\s\"'<>`]+")
_SIGNED = re.compile(
    r"(?i)(?:[?&#]|&amp;)(?:key|sig|signature|hmac|x-(?:amz|goog)-(?:signature|credential|"
    r"security-token)|awsaccesskeyid)=(?=[^&#]{0,100}\d)[^&#]{8,}"
)


def _before_the_host(found: re.Match[str]) -> Span | None:
    password = CREDENTIALS.match(found[0])
    if password is None or MARKER.search(password[0]):
        return None
    return found.start() + len("://"), found.start() + password.end() - 1


def _query(found: re.Match[str]) -> Span | None:
    _, mark, query = found[0].partition("?")
    taken_out = MARKER.match(query)
    query = query[: taken_out.end()] if taken_out else query.rstrip(".,;:!)]}\\")
    if not query or (taken_out and taken_out.end() == len(query)):
        return None
    start = found.start() + found[0].index(mark) + 1
    return start, start + len(query)


def _signed_query(found: re.Match[str]) -> Span | None:
    return _query(found) if _SIGNED.search(found[0]) else None


_ANNOUNCING = (
    Rule(
        "authorization",
        re.compile(
            rf"authorization(?:{_QUOTE})?\s{{0,3}}[:=]\s{{0,3}}(?:{_QUOTE})?"
            r"(?:(?:basic|bearer|token|negotiate|apikey|key)\s{1,3}(?P<a>[^\s\"'<>&,;]{4,4096})"
            r"|(?:digest|aws4-hmac-sha256)\s(?P<b>[^\n<]{4,4096})"
            r"|(?P<c>(?=[^\s\"'<>&,;]{0,200}\d)[^\s\"'<>&,;]{8,4096}))"
            r"|(?<!\w)bearer\s{1,3}(?P<d>(?=[\w.~+/=-]{0,60}\d)[\w.~+/=-]{12,4096})"
        ),
        group("a", "b", "c", "d"),
        hints=("authorization", "bearer"),
        lowered=True,
    ),
    Rule(
        "cookie",
        re.compile(
            rf"cookie2?(?:{_QUOTE})?\s{{0,3}}[:=]\s{{0,3}}(?:{_QUOTE})?"
            r"(?P<pairs>[\w.-]{1,100}=[^\n<\"']{3,4096})"
        ),
        group("pairs"),
        hints=("cookie",),
        lowered=True,
    ),
    Rule("url_password", _ADDRESS, _before_the_host, hints=("://",)),
    Rule("url_secret", _ADDRESS, _signed_query, hints=("://",)),
    Rule(
        "named_secret",
        _ANNOUNCED,
        _announced_value,
        hints=(
            "pass",
            "pwd",
            "kennwort",
            "key",
            "secret",
            "token",
            "session",
            "credential",
            "auth",
            "pin",
            "otp",
            "connection",
        ),
        lowered=True,
    ),
)

SECRET_RULES = (*_FORMS, *_ANNOUNCING)
"""In the order in which they are applied."""
QUERY_RULE = Rule("url_query", _ADDRESS, _query, hints=("://",))
"""The query of an address may hold anything about anybody; applied after all others."""
