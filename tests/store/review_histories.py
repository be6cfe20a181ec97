"""Random histories of a deploy review, honest and hostile, and a naive word on how each must end.

Every signature is a real one. `history` plays a random story of people, keys, packs, decisions,
revocations, replays, transplants, edits and clock moves, and notes what each act really was;
`may_go_live` says from those notes, and not from the ledger, whether three people may have agreed.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops_model.domain.assessment import Assessment
from ops_model.domain.decisions import SEATS
from ops_model.domain.evidence import Record, Statement
from ops_model.domain.proof import Proof
from ops_model.domain.quorum import judged
from ops_model.domain.quorum_standing import Quorum
from ops_model.domain.sign_off import PackSeat, ReviewPack, SignOff, SignOffRevoked
from ops_model.domain.signers import NAMESPACE, Signer
from ops_model.domain.trials import EnvironmentRecord
from ops_model.domain.values import digest_of
from ops_model.store.signed import bytes_to_sign, that_hold
from ops_model.store.ssh_key import SshKey, string
from ops_model.store.sshsig import SshSignature, to_sign

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
PEOPLE = ("ana", "bo", "cy", "di", "ed", "fay")
FUNCTIONS = ("product", "business", "reliability", "platform", "compliance", "legal", "security")
DECISIONS = ("approve", "approve", "approve", "approve_with_conditions", "no_go", "abstain")
SYSTEM, OTHER_SYSTEM = "flight-delay", "shelf-ranker"


@dataclass(frozen=True)
class Key:
    """A private key, and its public half as OpenSSH writes it."""

    private: Ed25519PrivateKey
    public: SshKey

    def sign(self, message: bytes, namespace: str = NAMESPACE) -> Proof:
        data = to_sign(message, namespace=namespace)
        signature = string(b"ssh-ed25519") + string(self.private.sign(data))
        made = SshSignature(self.public, namespace, "sha512", signature)
        return Proof(kind="sshsig", key=self.public.text, signature=made.base64)


@cache
def key(number: int) -> Key:
    """One of a few keys; to make one takes longer than to use it."""
    private = Ed25519PrivateKey.generate()
    blob = string(b"ssh-ed25519") + string(private.public_key().public_bytes_raw())
    return Key(private, SshKey.of_blob(blob))


@dataclass(frozen=True)
class Act:
    """What a decision on the ledger really was."""

    seq: int
    person: str
    seat: str
    decision: str
    pack: ReviewPack
    expires: datetime
    as_of: datetime
    genuine: bool
    by_reference: bool
    digest: str


@dataclass
class Story:
    """A history while it is played."""

    random: Random
    clock: datetime = START
    latest: datetime = START
    functions: dict[str, str] = field(default_factory=dict)
    signers: list[Signer] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    packs: list[ReviewPack] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    back: list[tuple[str, int]] = field(default_factory=list)
    fell_at: int | None = None

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def append(self, record: Record, actor: str, **more: Any) -> Statement:
        self.latest = max(self.latest, self.clock)
        seq = len(self.statements)
        values = {
            "seq": seq, "id": f"event-{seq}", "subject": SYSTEM, "as_of": record.as_of,
            "recorded_at": self.clock, "digest": digest_of(record), "actor": actor,
            "record": record,
        }  # fmt: skip
        statement = Statement.model_validate({**values, **more})
        # As the ledger gives it back: every key of the record was read.
        again = type(record).model_validate(record.model_dump(mode="json"))
        self.statements.append(statement.model_copy(update={"record": again}))
        return self.statements[-1]


def history(random: Random) -> Story:
    """A random story, more often honest than not, so that some end well."""
    story = Story(random)
    _enrol(story)
    _freeze(story)
    hostile = random.choice((0.0, 0.15, 0.5))
    if story.chance(0.8):
        for seat, person in _seated(story.packs[-1]):
            _decide(story, seat, person, hostile, decision="approve")
    for _ in range(random.choice((0, 2, 4, 10))):
        _anything(story, hostile)
    return story


def _anything(story: Story, hostile: float) -> None:
    kind = story.random.random()
    if kind < 0.5:
        seat = story.random.choice(list(SEATS))
        seated = [p for s, p in _seated(story.packs[-1]) if s == seat]
        person = story.random.choice(PEOPLE if story.chance(0.3) or not seated else seated)
        _decide(story, seat, person, hostile)
    elif kind < 0.65:
        _take_back(story, hostile)
    elif kind < 0.75:
        story.clock += timedelta(hours=story.random.choice((-200, -3, 1, 30, 2000)))
    elif kind < 0.8:
        _freeze(story)
    elif kind < 0.85 and story.fell_at is None:
        story.fell_at = _build(story, passed=False).seq
    else:
        _replay(story)


def _enrol(story: Story) -> None:
    """Functions and keys: most fit, some do not."""
    fitting = ("product", "reliability", "compliance", "business", "platform", "legal")
    for number, person in enumerate(PEOPLE):
        any_one = story.random.choice(FUNCTIONS)
        story.functions[person] = fitting[number] if story.chance(0.93) else any_one
        if story.chance(0.95):
            story.keys[person] = number
            story.signers.append(_line(story, person, number))
            if story.chance(0.15):  # a second key is the same person
                story.signers.append(_line(story, person, number + len(PEOPLE)))
    if story.chance(0.1):  # somebody's key is enrolled for somebody else too
        story.signers.append(_line(story, story.random.choice(PEOPLE), 0))


def _line(story: Story, person: str, number: int) -> Signer:
    odd = story.random.random()
    return Signer(
        person=person,
        key=key(number).public.text,
        namespaces=("git",) if odd < 0.04 else (NAMESPACE,),
        valid_before=START + timedelta(hours=2) if 0.04 < odd < 0.14 else None,
        valid_after=START + timedelta(days=30) if 0.14 < odd < 0.17 else None,
        revoked=0.17 < odd < 0.2,
    )


def _build(story: Story, *, passed: bool = True) -> Statement:
    record = EnvironmentRecord.model_construct(
        kind="environment", system=SYSTEM, as_of=max(story.clock, START), ci_passed=passed
    )
    return _told(story, record)


def _told(story: Story, record: Record) -> Statement:
    """By the tool, without going through the model: only what the judge looks at is filled in."""
    story.latest = max(story.latest, story.clock)
    seq = len(story.statements)
    plain = {"kind": record.kind, "as_of": record.as_of.isoformat(), "seq": seq}
    statement = Statement.model_construct(
        seq=seq, id=f"event-{seq}", subject=SYSTEM, as_of=record.as_of,
        recorded_at=story.clock, digest=digest_of(plain), actor="tool:ops-model", origin=None,
        proof=None, commitment=None, record=record,
    )  # fmt: skip
    story.statements.append(statement)
    return statement


def _freeze(story: Story) -> None:
    at = max(story.latest, story.clock)
    if not any(isinstance(s.record, EnvironmentRecord) for s in story.statements):
        _build(story)
    first = next(s for s in story.statements if isinstance(s.record, EnvironmentRecord))
    seen = Assessment.model_construct(kind="assessment", system=SYSTEM, as_of=at, claims=())
    assessment = _told(story, seen)
    people = list(PEOPLE[:3])
    if story.chance(0.15):
        people[story.random.randrange(3)] = story.random.choice(PEOPLE)
    seats = [
        PackSeat(seat=seat, person=person, function=story.functions[person])
        for seat, person in zip(SEATS, people, strict=True)
    ]
    if story.chance(0.1):  # a pack that gives one person two seats and a function for each
        seats[1] = PackSeat(seat="reliability", person=people[0], function="reliability")
    if story.chance(0.3):
        seat, person = story.random.choice(list(SEATS)), story.random.choice(PEOPLE)
        function = min(SEATS[seat]) if story.chance(0.7) else story.functions[person]
        seats.append(PackSeat(seat=seat, person=person, function=function))
    builders = story.random.sample(PEOPLE[3:] if story.chance(0.85) else PEOPLE, 2)
    pack = ReviewPack(
        system=SYSTEM, as_of=at, label="v2", verdict="READY",
        version=_digest("v2" if story.chance(0.85) else "v3"), assessment=assessment.digest,
        policy=_digest("policy" if story.chance(0.9) else "other"), frameworks=_digest("none"),
        rests_on=(first.digest,), seats=tuple(seats), builders=tuple(builders),
        by_reference=story.random.choice((0, 1, 2)),
    )  # fmt: skip
    story.append(pack, "tool:ops-model")
    story.packs.append(pack)


def _digest(text: str) -> str:
    return digest_of(text.encode())


def _seated(pack: ReviewPack) -> list[tuple[str, str]]:
    return [(held.seat, held.person) for held in pack.seats]


def _decide(
    story: Story, seat: str, person: str, hostile: float, decision: str | None = None
) -> None:
    """Somebody decides, or it looks so."""
    pack = story.packs[-1] if story.chance(0.9) else story.random.choice(story.packs)
    at = max(story.latest, story.clock)
    decision = decision or story.random.choice(DECISIONS)
    by_reference = person not in story.keys or story.chance(0.05)
    record = SignOff(
        system=SYSTEM, as_of=at, seat=seat, person=person, decision=decision,
        meaning=_digest(f"words {len(story.statements)}"), pack=digest_of(pack),
        version=pack.version, assessment=pack.assessment, policy=pack.policy,
        frameworks=pack.frameworks, rests_on=pack.rests_on,
        assurance="referenced" if by_reference else "signed",
        ledger_size=len(story.statements), nonce=f"{story.random.getrandbits(64):016x}",
        expires=at + timedelta(days=story.random.choice((1, 90, 90, 180, 400))),
    )  # fmt: skip
    spoil = story.random.choice(_SPOILING) if story.chance(hostile) else ""
    record = record.model_copy(update=_changed(spoil, at))
    proof = _proof(story, record, person, spoil, by_reference=by_reference)
    if spoil == "edited":
        record = record.model_copy(update=_edit(record))
        # An edit shows in a signature; what was only referred to, nobody can check.
        spoil = "" if by_reference else spoil
    others = [other for other in PEOPLE if other != person]
    actor = story.random.choice(others) if spoil == "another actor" else person
    good = not _has_key(story, person) if by_reference else _counts(story, person, proof)
    statement = story.append(record, f"person:{actor}", subject=SYSTEM, proof=proof)
    story.acts.append(
        Act(statement.seq, person, seat, record.decision, pack, record.expires, record.as_of,
            good and not spoil, by_reference, statement.digest)
    )  # fmt: skip


def _changed(spoil: str, at: datetime) -> dict[str, Any]:
    """What is wrong with a record from the start."""
    return {
        "another system": {"system": OTHER_SYSTEM},
        "dated ahead": {"as_of": at + timedelta(days=3)},
        "other ground": {"version": _digest("v9")},
        "no such pack": {"pack": _digest("never frozen")},
        "asserted": {"assurance": "asserted"},
    }.get(spoil, {})


def _edit(record: SignOff) -> dict[str, Any]:
    """What somebody changes after it was signed."""
    if record.decision != "approve":
        return {"decision": "approve"}
    return {"expires": record.expires + timedelta(days=1)}


_SPOILING = (
    "edited", "another's key", "nobody's key", "another namespace", "no proof", "another's proof",
    "another system", "dated ahead", "other ground", "no such pack", "asserted", "another actor",
)  # fmt: skip


def _proof(
    story: Story, record: Record, person: str, spoil: str, *, by_reference: bool
) -> Proof | None:
    if spoil == "no proof":
        return None
    if by_reference and spoil not in {"another's key", "nobody's key", "another's proof"}:
        return Proof(kind="reference", reference="" if spoil == "another namespace" else "GOV-118")
    number = story.keys.get(person, 50)
    if spoil == "another's key":
        number = story.random.choice([n for p, n in story.keys.items() if p != person] or [51])
    elif spoil == "nobody's key":
        number = 52
    elif spoil == "another's proof":
        others = [s.proof for s in story.statements if s.proof and s.proof.kind == "sshsig"]
        return story.random.choice(others) if others else None
    namespace = "git" if spoil == "another namespace" else NAMESPACE
    return key(number).sign(bytes_to_sign(record.model_dump(mode="json")), namespace)


def _counts(story: Story, person: str, proof: Proof | None) -> bool:
    """The naive word on a key: one line or more of this person's alone, good at that time."""
    lines = [s for s in story.signers if proof is not None and s.key == proof.key]
    at = max(story.latest, story.clock)
    good = [
        s for s in lines
        if s.namespaces == (NAMESPACE,)
        and (s.valid_after is None or s.valid_after <= at)
        and (s.valid_before is None or at <= s.valid_before)
    ]  # fmt: skip
    theirs = {s.person for s in lines} == {person}
    return theirs and bool(good) and not any(s.revoked for s in lines)


def _has_key(story: Story, person: str) -> bool:
    at = max(story.latest, story.clock)
    return any(
        s.person == person and not s.revoked and s.namespaces == (NAMESPACE,)
        and (s.valid_after is None or s.valid_after <= at)
        and (s.valid_before is None or at <= s.valid_before)
        for s in story.signers
    )  # fmt: skip


def _take_back(story: Story, hostile: float) -> None:
    if not story.acts:
        return
    act = story.random.choice(story.acts)
    at = max(story.latest, story.clock)
    person = story.random.choice(PEOPLE) if story.chance(hostile) else act.person
    record = SignOffRevoked(
        system=SYSTEM, as_of=at, seat=act.seat, person=person, of=act.digest,
        meaning=_digest(f"words {len(story.statements)}"),
        assurance="referenced" if act.by_reference else "signed",
    )  # fmt: skip
    if act.by_reference:
        proof: Proof | None = Proof(kind="reference", reference="GOV-119")
        genuine = person == act.person
    else:
        number = story.keys.get(person, 53)
        proof = key(number).sign(bytes_to_sign(record.model_dump(mode="json")))
        genuine = person == act.person and _counts(story, person, proof)
    statement = story.append(record, f"person:{person}", proof=proof)
    if genuine:
        story.back.append((act.digest, statement.seq))


def _replay(story: Story) -> None:
    """An entry of before is written once more; it decides nothing anew."""
    given = [s for s in story.statements if isinstance(s.record, SignOff)]
    if given:
        again = story.random.choice(given)
        seq = len(story.statements)
        story.statements.append(
            again.model_copy(update={"seq": seq, "id": f"again-{seq}", "recorded_at": story.clock})
        )
        story.latest = max(story.latest, story.clock)


def judge(story: Story, signed: frozenset[int], as_of: datetime) -> Quorum:
    """What the product says."""
    return judged(story.statements, signed, as_of=as_of, signers=story.signers)


def signed_in(story: Story) -> frozenset[int]:
    """Whose signature holds, as the product says."""
    return that_hold(story.statements, story.signers)


def may_go_live(story: Story, as_of: datetime) -> bool:
    """The naive word: from what each act really was, could three people have agreed?

    It is more lenient than the product in what it leaves open, and never in what it forbids.
    """
    pack = story.packs[-1]
    if pack.as_of > as_of:
        return True  # an earlier pack judges then; the naive word has no opinion
    last: dict[tuple[str, str], Act] = {}
    for act in story.acts:
        if act.genuine and act.as_of <= as_of:
            last[act.person, act.seat] = act
    taken = {digest for digest, _ in story.back}
    able = {
        seat: [
            act for (_, of), act in last.items()
            if of == seat and act.digest not in taken and _approves(story, act, pack, as_of)
        ]
        for seat in SEATS
    }  # fmt: skip
    if any(_refuses(act, pack) and act.digest not in taken for act in last.values()):
        return False
    for chosen in product(*able.values()):
        people = {act.person for act in chosen}
        referenced = [act for act in chosen if act.by_reference]
        if len(people) == 3 and len(referenced) <= pack.by_reference:
            return True
    return False


def _refuses(act: Act, pack: ReviewPack) -> bool:
    same = act.decision == "no_go" and act.pack.version == pack.version
    return same and (act.seat, act.person) in _seated(pack) and _sat(act)


def _sat(act: Act) -> bool:
    """True when whoever acted could decide on that seat of its pack."""
    fits = [
        held.function in SEATS[held.seat] for held in act.pack.seats
        if (held.seat, held.person) == (act.seat, act.person)
    ]  # fmt: skip
    return bool(fits) and fits[0] and act.person not in act.pack.builders


def _approves(story: Story, act: Act, pack: ReviewPack, as_of: datetime) -> bool:
    if act.decision not in {"approve", "approve_with_conditions"} or not _sat(act):
        return False
    same = all(getattr(act.pack, n) == getattr(pack, n) for n in ("version", "policy"))
    held = act.as_of <= as_of < min(act.expires, act.as_of + timedelta(days=180))
    fell = story.fell_at is not None and story.statements[story.fell_at].as_of <= as_of
    seated = (act.seat, act.person) in _seated(pack)
    return same and held and not fell and seated and act.person not in pack.builders
