"""What the invented seats of the demo decide about flight-delay, and the keys that they sign with.

The keys are real and their owners are not: they are made for the moment, and only their public
halves stay, in the workbook's `allowed_signers`.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ops_model.domain.decisions import Seat
from ops_model.domain.sign_off import Decision
from ops_model.domain.signers import SIGNERS_FILE, line_of


@dataclass(frozen=True)
class Decided:
    """One decision; with a `reference` it was taken elsewhere, and nobody signs it here."""

    seat: Seat
    person: str
    decision: Decision
    meaning: str
    reference: str = ""


DECIDED = (
    Decided(
        "reliability", "kenji-watts", "approve_with_conditions",
        "Going back takes seconds, and all four of the rota have done it. I stand by how it is "
        "operated, as long as the desks read each morning how many of yesterday's were right.",
    ),
    Decided(
        "compliance", "ruth-adeyemi", "approve_with_conditions",
        "It reads the schedule and the weather, and nothing about a passenger. The same condition "
        "as Kenji's holds for me.",
        reference="minutes of the release meeting of 22 July 2013, item 3",
    ),
    Decided(
        "product", "sofia-marin", "no_go",
        "In July passengers were told wrong too often to rebook on it. No, until a version that "
        "knows the spring is right three times in four at each of the three airports.",
    ),
)  # fmt: skip


def enrol(root: Path, folder: Path, at: datetime) -> dict[str, Path]:
    """Make a key for each who signs, in `folder`, and enrol their public halves in the workbook.

    Args:
        root: the workbook's folder.
        folder: where the private halves lie until the caller removes it; outside the workbook.
        at: since when the keys count; what somebody said before without one goes on to count.

    Returns:
        Whose key lies in which file.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    keys, lines = {}, ["# Whose key is whose; a line is added by somebody else, and reviewed."]
    for person in sorted(d.person for d in DECIDED if not d.reference):
        private = Ed25519PrivateKey.generate()
        keys[person] = folder / person
        keys[person].touch(mode=0o600)
        keys[person].write_bytes(
            private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        )
        public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        lines.append(line_of(person, public.decode("ascii"), at))
    (root / SIGNERS_FILE).write_text("\n".join([*lines, ""]), encoding="utf-8")
    return keys
