"""Two hundred texts that hold a secret or personal data, made anew from a seed at each run.

Nothing here is a secret: every value is drawn, and no finished one stands in this file. Each item
is a kind, the value, and a text around it as logs, sources, tables and reports write it.
"""

import base64
import random
import string

ALNUM = string.ascii_letters + string.digits
B64URL = ALNUM + "-_"
WORDS = ("carrier", "delay", "gate", "northern", "quarter", "runway", "ticket", "tower", "yellow")
PLAIN = ("{}", "got {} from the vendor", "key={}", "<td>{}</td>", '{{"value": "{}"}}',
         "2013-07-22T08:00:00Z WARN {} was used\n", "KEY = '{}'", "({})")  # fmt: skip
NAMED = ("password={}", "password: {}\n", '"password": "{}"', "api_key = '{}'", "DB_PASSWORD={}",
         "<th>password</th><td>{}</td>", "&quot;apiKey&quot;: &quot;{}&quot;", "passwd = {}\nnext",
         '{{\\"client_secret\\": \\"{}\\"}}', "token: str = '{}'", "accessToken={}&x=1",
         "postgresql://h/db;Pwd={};", "secret: {}", 'AccountKey="{}"',
         "run --password {} --all", "export DB_PASS={}", "X-Api-Key: {}\r\n")  # fmt: skip
SENTENCES = ("{}", "write to {} today", "<td>{}</td>", '"contact": "{}"', "passenger {}, late",
             "contact: {}\n", "[{}]", "seen {};")  # fmt: skip


class Maker:
    """Draws values of every kind from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def drawn(self, alphabet, length):
        return "".join(self.random.choice(alphabet) for _ in range(length))

    def digits(self, length):
        return self.drawn(string.digits, length)

    # Secrets

    def aws_key(self):
        return "AK" + "IA" + self.drawn(string.ascii_uppercase + "234567", 16)

    def github_token(self):
        if self.random.random() < 0.3:
            return "github_" + "pat_" + self.drawn(ALNUM + "_", 82)
        return "gh" + self.random.choice("opsu") + "_" + self.drawn(ALNUM, 36)

    def sk_key(self):
        start = self.random.choice(("sk-", "sk-proj-", "sk-ant-api03-"))
        return start + self.drawn(ALNUM, 40) + "7"

    def slack_token(self):
        return "xo" + f"xb-{self.digits(12)}-{self.digits(13)}-{self.drawn(ALNUM, 24)}"

    def google_key(self):
        return "AI" + "za" + self.drawn(B64URL, 34) + "w"

    def jwt(self):
        head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
        return f"{head}.{self.drawn(B64URL, 60)}.{self.drawn(B64URL, 43)}"

    def private_key(self):
        kind = self.random.choice(("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "))
        body = "\n".join(self.drawn(ALNUM + "+/", 64) for _ in range(6))
        name = f"{kind}PRIVATE" + " KEY"
        return f"-----BEGIN {name}-----\n{body}\n-----END {name}-----"

    def vendor_token(self):
        return self.random.choice(("glp" + "at-", "np" + "m_")) + self.drawn(ALNUM, 36)

    def password(self):
        return self.random.choice(
            (self.drawn(ALNUM + "!%$#+", 12) + "a1", self.drawn(string.ascii_lowercase, 9) + "7",
             f"{self.random.choice(WORDS)}-{self.random.choice(WORDS)}-{self.digits(3)}")
        )  # fmt: skip

    def url_password(self):
        scheme = self.random.choice(("postgresql", "https", "amqp", "redis"))
        return f"{scheme}://ops:{self.drawn(ALNUM, 14)}@db.example:5432/flights"

    def url_secret(self):
        return f"https://store.example/a/b.csv?sv=1&sig={self.drawn(ALNUM, 30)}1&se=2"

    def header(self):
        basic = base64.b64encode(f"ops:{self.drawn(ALNUM, 12)}".encode()).decode()
        return self.random.choice(
            (f"Authorization: Basic {basic}", f"authorization: bearer {self.drawn(ALNUM, 30)}8",
             f"Set-Cookie: sid={self.drawn(ALNUM, 20)}; HttpOnly",
             f"{{'Cookie': 'session={self.drawn(ALNUM, 20)}'}}")
        )  # fmt: skip

    def random_key(self):
        alphabet, length = self.random.choice(((ALNUM, 32), (ALNUM + "+/", 40), (B64URL, 43)))
        return self.drawn(alphabet, length)

    # Personal data

    def email(self):
        name = f"{self.random.choice(WORDS)}.{self.drawn(string.ascii_lowercase, 6)}"
        host = (
            f"{self.random.choice(WORDS)}.{self.random.choice(('org', 'com', 'co.uk', 'museum'))}"
        )
        return self.random.choice(
            (f"{name}@{host}", f"{name}+x@mail.{host}", f"{name} (at) {host}",
             f"jürgen.{name}@{host}")
        )  # fmt: skip

    def phone(self):
        d = self.digits
        return self.random.choice(
            (f"+49 30 {d(8)}", f"+1 ({self.random.randint(200, 989)}) {d(3)}-{d(4)}",
             f"({self.random.randint(200, 989)}) {d(3)}-{d(4)}", f"0171 {d(7)}", f"030/{d(8)}",
             f"+44 20 {d(4)} {d(4)}", f"+33 1 {d(2)} {d(2)} {d(2)} {d(2)}",
             f"tel: +1{self.random.randint(200, 989)}{d(7)}",
             f"{self.random.randint(200, 989)}.{d(3)}.{d(4)}")
        )  # fmt: skip

    def iban(self):
        country, length = self.random.choice((("DE", 22), ("FR", 27), ("GB", 22), ("NL", 18)))
        start = (
            self.drawn(string.ascii_uppercase, 4) if country in {"GB", "NL"} else self.digits(4)
        )
        account = start + self.digits(length - 8)
        number = int("".join(str(int(c, 36)) for c in account + country + "00"))
        text = f"{country}{98 - number % 97:02d}{account}"
        spaced = " ".join(text[i : i + 4] for i in range(0, length, 4))
        return self.random.choice((text, spaced))

    def card(self):
        start, length = self.random.choice((("4", 16), ("53", 16), ("37", 15), ("6011", 16)))
        number = start + self.digits(length - 1 - len(start))
        total = sum(
            int(c) if place % 2 else sum(divmod(2 * int(c), 10))
            for place, c in enumerate(reversed(number))
        )
        number += str(-total % 10)
        if length == 16 and self.random.random() < 0.5:
            return " ".join(number[i : i + 4] for i in range(0, 16, 4))
        return number

    def ip_address(self):
        r = self.random.randint
        if r(0, 3) == 0:
            return "2a02:8108:" + ":".join(f"{r(1, 0xFFFF):x}" for _ in range(6))
        return (
            f"{self.random.choice((8, 17, 52, 91, 134, 185))}.{r(10, 255)}.{r(0, 255)}.{r(1, 254)}"
        )


_SECRETS = (("aws_key", 8), ("github_token", 9), ("sk_key", 7), ("slack_token", 6),
            ("google_key", 7), ("jwt", 7), ("private_key", 5), ("vendor_token", 6),
            ("password", 17), ("url_password", 8), ("url_secret", 5), ("header", 8),
            ("random_key", 7))  # fmt: skip
_PERSONAL = (("email", 30), ("phone", 30), ("iban", 15), ("card", 15), ("ip_address", 10))


def _texts(maker, kinds, templates):
    for kind, number in kinds:
        for turn in range(number):
            value = getattr(maker, kind)()
            around = NAMED if kind == "password" else templates
            yield kind, value, around[turn % len(around)].format(value)


def secrets(seed=20130722):
    """A hundred triples of kind, value and text."""
    return list(_texts(Maker(seed), _SECRETS, PLAIN))


def personal(seed=20130722):
    """A hundred triples of kind, value and text."""
    return list(_texts(Maker(seed), _PERSONAL, SENTENCES))


def private_part(kind, value):
    """What of a value nobody may read: the scheme, the host and the armour of a key may stay."""
    if kind == "url_password":
        return value.partition("//ops:")[2].partition("@")[0]
    if kind == "url_secret":
        return value.partition("sig=")[2]
    if kind == "header":
        return max(value.replace("=", " ").replace("'", " ").split(), key=len)
    return value.split("\n")[1] if kind == "private_key" else value


def still_there(value, text):
    """True when the value, or any half of it, can still be read in a text."""
    middle = len(value) // 2
    return any(part in text for part in (value, value[:middle], value[middle:]) if len(part) > 4)
