"""Who approved what, from the ledger and the enrolled keys alone: no workbook is read.

The same pure function judges that judges in the workbook (`domain.quorum`), and it hears the same
words (`domain.heard`). Each pack is told as it stood before the next one was frozen. Which
notebooks the company approved stands in the policy, which is not here: what others than the
shipped ones found can make a decision fall, never stand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops_model.domain.evidence import Statement
from ops_model.domain.quorum import judged
from ops_model.domain.quorum_standing import Quorum, SeatState
from ops_model.domain.sign_off import ReviewPack
from ops_model.domain.signers import SIGNERS_FILE, Signer
from ops_model.domain.values import iso_utc
from ops_model.errors import Problem
from ops_model.workflow.trust import visible


@dataclass(frozen=True)
class Reviewed:
    """One pack and how its seats stood at an instant, with the fingerprints of their keys.

    `covered` is true when a checkpoint covers the pack, and what it covers gives the same answer
    alone. `vouched` is true when a key that the reader named vouches for whose keys are whose.
    """

    pack: Statement
    label: str
    quorum: Quorum
    as_of: datetime
    current: bool
    covered: bool
    vouched: bool = True

    @property
    def builders(self) -> tuple[str, ...]:
        """Who built the version, as the pack froze it."""
        record = self.pack.record
        return record.builders if isinstance(record, ReviewPack) else ()

    @property
    def builders_deciding(self) -> tuple[str, ...]:
        """Which of the builders decided on this pack, whether or not it counts."""
        said = {w.record.person for w in self.quorum.words if w.record.pack == self.pack.digest}
        return tuple(person for person in self.builders if person in said)

    def as_json(self) -> dict[str, Any]:
        """One of `reviews` in `ops-model verify --json`."""
        return {
            "system": self.pack.subject, "pack": self.pack.digest, "entry": self.pack.seq,
            "version": self.label, "as_of": iso_utc(self.as_of), "current": self.current,
            "state": self.quorum.state, "complete": self.quorum.complete,
            "covered": self.covered, "vouched": self.vouched,
            "builders": list(self.builders), "builders_deciding": list(self.builders_deciding),
            "stale_because": list(self.quorum.stale),
            "seats": [_seat_as_json(state) for state in self.quorum.seats],
        }  # fmt: skip

    @property
    def told(self) -> tuple[str, ...]:
        """The same in sentences."""
        kind = "review" if self.current else "earlier review"
        state = self.quorum.state.replace("_", " ")
        if not self.vouched:
            state = f"as far as {SIGNERS_FILE} of this file is true, {state}"
        return (
            f"{kind} of {self.pack.subject} {visible(self.label)}, entry {self.pack.seq}, as it "
            f"stood on {self.as_of.date()}: {state}, {self._three}",
            f"  pack {self.pack.digest}{'' if self.covered else ', covered by no checkpoint'}",
            f"  {self._built}",
            *(f"  {state.seat}: {_said(state)}" for state in self.quorum.seats),
        )

    @property
    def _three(self) -> str:
        if self.quorum.complete:
            return "three people who built none of it"
        left = sum(state.standing != "approved" for state in self.quorum.seats)
        seats = len(self.quorum.seats)
        return f"{left} of {seats} seats {'is' if left == 1 else 'are'} missing or said no"

    @property
    def _built(self) -> str:
        if not self.builders:
            return "the pack names nobody who built it"
        deciding = ", ".join(self.builders_deciding)
        told = (
            f"{deciding} decided too, which does not count" if deciding else "none of them decided"
        )
        return f"built by {', '.join(self.builders)}; {told}"


def _said(state: SeatState) -> str:
    if state.found is None:
        return "; ".join((state.standing, *state.why))
    record = state.found.record
    decision = record.decision.replace("_", " ")
    lines = [f"{record.person} said {decision} on {iso_utc(record.as_of)}", _shown(state)]
    if state.standing != "approved":
        lines += [f"{state.standing}: {'; '.join(state.why)}"]
    elif state.until is not None:
        lines += [f"until {state.until.date()}"]
    return ", ".join(lines)


def _shown(state: SeatState) -> str:
    proof = state.found.statement.proof if state.found is not None else None
    if proof is None:
        return "asserted only"
    if proof.kind == "reference":
        return f"decided elsewhere ({visible(proof.reference)})"
    return f"signed with {fingerprint(proof.key)}"


def _seat_as_json(state: SeatState) -> dict[str, Any]:
    told: dict[str, Any] = {"seat": state.seat, "standing": state.standing, "why": list(state.why)}
    if state.found is None:
        return {**told, "person": None, "decision": None, "at": None, "assurance": None}
    record, proof = state.found.record, state.found.statement.proof
    return {
        **told,
        "person": record.person, "decision": record.decision, "at": iso_utc(record.as_of),
        "assurance": record.assurance, "entry": state.found.statement.seq,
        "until": iso_utc(state.until) if state.until is not None else None,
        "key": fingerprint(proof.key) if proof is not None and proof.kind == "sshsig" else None,
        "reference": proof.reference if proof is not None and proof.reference else None,
    }  # fmt: skip


def fingerprint(key: str) -> str:
    """`SHA256:...` of a public key, as `ssh-keygen -l` prints it."""
    from ops_model.store.ssh_key import SshFormatError, SshKey

    try:
        return SshKey.parse(key).fingerprint
    except SshFormatError:
        return "a key that cannot be read"


def reviewed(
    statements: Sequence[Statement],
    signers: Sequence[Signer],
    *,
    covered: int,
    vouched: bool = True,
) -> list[Reviewed]:
    """Every pack of one system, oldest first, as it stood before the next one was frozen.

    The instant that judges is the latest that an entry by then speaks of: what has ended since
    is told by its own end. `covered` is how many entries a signed checkpoint covers, and `vouched`
    whether the reader's key vouches for the signers.
    """
    from ops_model.domain.said import packs_among

    ordered = sorted(statements, key=lambda s: s.seq)
    if not ordered:
        return []
    packs = packs_among(ordered, max(s.as_of for s in ordered))
    ends = [pack.statement.seq for pack in packs[1:]]
    found = []
    for pack, end in zip(packs, [*ends, ordered[-1].seq + 1], strict=True):
        then = [s for s in ordered if s.seq < end]
        as_of, quorum = _stood(then, signers)
        # What nobody vouches for may also be what takes a refusal away.
        sure = [s for s in then if s.seq < covered]
        whole = pack.statement in sure and (
            len(sure) == len(then) or _answer(_stood(sure, signers)[1]) == _answer(quorum)
        )
        found.append(
            Reviewed(
                pack.statement, pack.record.label, quorum, as_of, pack is packs[-1], whole, vouched
            )
        )  # fmt: skip
    return found


def _stood(then: Sequence[Statement], signers: Sequence[Signer]) -> tuple[datetime, Quorum]:
    """How the seats stood at the latest instant that these entries speak of."""
    from ops_model.check.recorded import Evidence
    from ops_model.check.sign_off import declared_among
    from ops_model.shipped import shipped_notebook_digests
    from ops_model.store.signed import signed_by_any, that_hold

    as_of, held = max(s.as_of for s in then), signed_by_any(then)
    signed = that_hold(then, signers, held)
    evidence = Evidence(tuple(then), shipped_notebook_digests(), signed)
    return as_of, judged(
        then, signed, as_of=as_of, signers=signers, held=held, declared=declared_among(evidence)
    )  # fmt: skip


def _answer(quorum: Quorum) -> tuple[object, ...]:
    """What a reader takes from a review: the pack, the state, and by which entry of each seat."""
    seats = [(s.standing, s.found.statement.seq if s.found else None) for s in quorum.seats]
    return (quorum.pack.digest if quorum.pack else None, quorum.state, quorum.complete, *seats)


def forged_words(statements: Iterable[Statement]) -> list[Problem]:
    """Words that say to be signed, and whose signature is not over them, whoever holds the key.

    A key that is not enrolled, or no longer, is no forgery: the seat says so.
    """
    from ops_model.store.signed import speaker, why_not_signed

    problems = []
    for statement in statements:
        proof, person = statement.proof, speaker(statement.record)
        if proof is None or proof.kind != "sshsig" or person is None:
            continue
        # As if the key were enrolled: what is left is whether it signed.
        own = Signer.model_construct(person=person, key=proof.key)
        if why := why_not_signed(statement, [own], statement.recorded_at):
            problems.append(Problem(why, f"ledger:{statement.seq}"))
    return problems
