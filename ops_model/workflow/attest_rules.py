"""What each topic of an attestation owes beside the words, and which words are refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import get_args

from ops_model.check.wording import short_of_words
from ops_model.domain.evidence import (
    AccessAction,
    AttestationTopic,
    Measured,
    OwnerKnowledge,
)  # fmt: skip
from ops_model.domain.phrases import says_nothing
from ops_model.domain.texts import (
    contact_in,
    hidden_in,
    says_something,
    visible_length,
    without_credentials,
)  # fmt: skip
from ops_model.errors import UsageError

MIN_TEXT = 20
MAX_DAYS = 365
MAX_TEXT = 4000
FEWEST_WORDS = 3
"""So many different words a text has that says one of them again."""


@dataclass(frozen=True)
class About:
    """What one topic or another needs beside the words; see `attest`."""

    of: str | None = None
    handoff: str | None = None
    knowledge: OwnerKnowledge | None = None
    action: AccessAction | None = None
    seconds: float | None = None
    files: tuple[str, ...] = ()

    @property
    def given(self) -> frozenset[str]:
        """The names of what was given."""
        return frozenset(f.name for f in fields(self) if getattr(self, f.name) not in {None, ()})


_TAKES: Mapping[AttestationTopic, frozenset[str]] = {
    "witness": frozenset({"of"}),
    "attendance": frozenset({"of"}),
    "handoff": frozenset({"handoff"}),
    "knowledge": frozenset({"knowledge"}),
    "access": frozenset({"action", "seconds"}),
    "claims": frozenset({"files"}),
}
_OWES: Mapping[AttestationTopic, tuple[str, str, str]] = {
    "witness": (
        "of",
        "a witness speaks about one record, and none is named",
        "name its digest with --of; the review page shows it",
    ),
    "attendance": (
        "of",
        "who was there speaks about one drill, and none is named",
        "name the digest of its record with --of; the review page shows it",
    ),
    "handoff": (
        "handoff",
        "who takes over or hands over speaks about one handoff, and none is named",
        "name it with --handoff, by its id in ownership.yaml",
    ),
    "knowledge": (
        "knowledge",
        "an owner's knowledge is purpose, training and failure modes, and none is stated",
        "state them with --purpose, --training and --failure-mode",
    ),
    "access": (
        "action",
        "access is shown by one action that one took oneself, and none is named",
        f"name it with --action: {', '.join(get_args(AccessAction))}",
    ),
}
_OPTIONS = {
    "of": "--of", "handoff": "--handoff", "knowledge": "--purpose, --training and --failure-mode",
    "action": "--action", "seconds": "--seconds", "files": "--file",
}  # fmt: skip


def require_fitting(topic: AttestationTopic, about: About) -> None:
    """Refuse what a topic cannot use, and a topic without what it is about."""
    idle = about.given - _TAKES.get(topic, frozenset())
    if idle:
        names = " and ".join(_OPTIONS[name] for name in sorted(idle))
        topics = " or ".join(t for t, takes in _TAKES.items() if idle & takes)
        raise UsageError(
            f"the topic {topic} has no use for {names}", remedy=f"leave it out, or say {topics}"
        )
    name, problem, remedy = _OWES.get(topic, ("", "", ""))
    if name and name not in about.given:
        raise UsageError(problem, remedy=remedy)
    if about.of is not None and not re.fullmatch(r"sha256:[0-9a-f]{64}", about.of):
        raise UsageError(f"{about.of!r} is no digest; expected sha256: and 64 hex digits")
    if about.seconds is not None and not 0 < about.seconds < 86400:
        raise UsageError(f"it took {about.seconds:g} seconds; expected more than 0, up to a day")


def require_term(valid_days: int) -> None:
    """Refuse a word that holds for no day, or for longer than a year."""
    if not 1 <= valid_days <= MAX_DAYS:
        raise UsageError(
            f"it shall hold {valid_days} days; expected 1 to {MAX_DAYS}",
            remedy="say it again when it has ended",
        )


_IN_A_SENTENCE = "say in a sentence what you know, and how you know it"


def plain_words(text: str, about: About, *, remedy: str = _IN_A_SENTENCE) -> str:
    """The words, stripped; too few, too many, empty ones, or what reaches a person is refused."""
    words = text.strip()
    known = about.knowledge
    for said in (words, *((known.purpose, known.training) if known else ())):
        _require_harmless(said)
    length = visible_length(words)
    if not MIN_TEXT <= length <= MAX_TEXT or len(words) > MAX_TEXT or not says_something(words):
        raise UsageError(
            f"the text has {length} visible characters; expected {MIN_TEXT} to {MAX_TEXT}, "
            "and words among them",
            remedy=remedy,
        )
    if says_nothing(words):
        raise UsageError("the text holds nothing but empty phrases", remedy=remedy)
    if why := _repeats(words):
        raise UsageError(f"the text repeats itself: {why}", remedy=remedy)
    return words


def _repeats(words: str) -> str:
    """Why words that are said again and again are no sentence; empty where they are one."""
    said = words.casefold().split()
    # A script without blanks between words holds one of them here, and repeats none.
    return short_of_words(words, FEWEST_WORDS) if len(set(said)) < len(said) else ""


def _require_harmless(said: str) -> None:
    """Refuse what nobody sees, a contact, and a password; the ledger forgets none of them."""
    if hidden := hidden_in(said):
        raise UsageError(
            f"the text holds {hidden}; expected visible text",
            remedy="remove the character; it may have come with a copy from elsewhere",
        )
    if without_credentials(said) != said:
        raise UsageError(
            "the text holds an address with a password in it",
            remedy="write the address without user and password",
        )
    if contact := contact_in(said):
        raise UsageError(
            f"the text holds what looks like an e-mail address or a phone number: {contact!r}",
            remedy="name people by their id; the ledger cannot forget a contact",
        )


def timed(seconds: float | None) -> Measured | None:
    """How long it took, by the person's own clock."""
    if seconds is None:
        return None
    return Measured(value=seconds, unit="s", n=1, no_interval="single timing")
