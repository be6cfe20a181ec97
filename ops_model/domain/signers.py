"""Whose key is whose: the file `allowed_signers` of the workbook, under version control.

It has OpenSSH's own format (`man ssh-keygen`, ALLOWED SIGNERS), so that `ssh-keygen -Y verify`
reads the same file. A principal is an id of people.yaml.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, StringConstraints

from ops_model.domain.scalars import Slug
from ops_model.domain.values import Claim, iso_utc

SIGNERS_FILE = "allowed_signers"
REVOKED_FILE = "revoked_keys"
NAMESPACE = "ops-model-signoff-v1"
"""What a key has to be enrolled for, where its line names namespaces."""

PublicKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*$")]
"""A key as OpenSSH writes it: its type and base64, without the comment."""


class Signer(Claim):
    """One enrolled key: whose it is, what for, and between which instants.

    `revoked` is true when the key stands in `revoked_keys`: nothing that it signed counts, since
    whoever has it may have dated back.
    """

    person: Slug
    key: PublicKey
    namespaces: tuple[str, ...] = ()
    valid_after: AwareDatetime | None = None
    valid_before: AwareDatetime | None = None
    revoked: bool = False

    def enrolled_for(self, namespace: str) -> bool:
        """True when the line names no namespaces, or one whose pattern this one fits."""
        if not self.namespaces:
            return True
        # As OpenSSH has it: a pattern with `!` that fits refuses, whatever else fits.
        fits = [p for p in self.namespaces if _fits(p.removeprefix("!"), namespace)]
        return bool(fits) and not any(pattern.startswith("!") for pattern in fits)

    def why_not_at(self, instant: datetime, namespace: str = NAMESPACE) -> str:
        """Why what the key signs at an instant does not count; empty when it does."""
        if self.revoked:
            return f"the key stands in {REVOKED_FILE}"
        if not self.enrolled_for(namespace):
            return f"the key is enrolled for {', '.join(self.namespaces)}, and not for {namespace}"
        if self.valid_after is not None and instant < self.valid_after:
            return f"the key is enrolled only from {iso_utc(self.valid_after)}"
        if self.valid_before is not None and instant > self.valid_before:
            return f"the key was enrolled until {iso_utc(self.valid_before)}"
        return ""


def _fits(pattern: str, text: str) -> bool:
    """A pattern of OpenSSH's: `*` is any text, `?` any one character."""
    parts = re.split(r"([*?])", pattern)
    regex = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(regex, text) is not None


def why_not_enrolled(signers: Iterable[Signer], person: str, key: str, instant: datetime) -> str:
    """Why a key does not speak for a person at an instant; empty when it does.

    A key that is enrolled for two people speaks for neither: three seats could be one hand.
    """
    lines = [signer for signer in signers if signer.key == key]
    if not lines:
        return f"the key is enrolled for nobody in {SIGNERS_FILE}"
    people = sorted({signer.person for signer in lines})
    if person not in people:
        return f"the key is that of {', '.join(people)}, not of {person}"
    if len(people) > 1:
        return f"the key is enrolled for {' and '.join(people)}, and so speaks for none of them"
    if any(signer.revoked for signer in lines):
        return f"the key stands in {REVOKED_FILE}"
    whys = [signer.why_not_at(instant) for signer in lines]
    return "" if "" in whys else whys[0]


def line_of(person: str, key: str, at: datetime) -> str:
    """The line that enrols a key from an instant on.

    Without `valid-after` a key counts as enrolled always, and voids what its owner said before
    without one.
    """
    after = f"{at.astimezone(UTC):%Y%m%d%H%M%S}Z"
    return f'{person} namespaces="{NAMESPACE}",valid-after="{after}" {key}'


def keys_of(signers: Iterable[Signer], person: str, instant: datetime) -> tuple[Signer, ...]:
    """The keys with which a person can sign at an instant."""
    return tuple(
        signer for signer in signers if signer.person == person and not signer.why_not_at(instant)
    )
