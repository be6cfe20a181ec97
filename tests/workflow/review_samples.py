"""A review on the ledger: a pack that the tool froze, and seats that decided with SSH keys."""

from datetime import timedelta

from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import Verification
from ops_model.domain.sign_off import PackSeat, ReviewPack, SignOff
from ops_model.domain.signers import NAMESPACE
from ops_model.domain.values import digest_of
from ops_model.store.checkpoint import CheckpointKey
from ops_model.store.ledger import Ledger
from ops_model.store.signed import bytes_to_sign
from ops_model.store.ssh_signing import public_key, sign_with
from tests.store.ledger_events import AS_OF, SYSTEM, an_event, published

TOOL = "tool:ops-model"
SEATED = {
    "product": ("p-owner", "product"),
    "reliability": ("r-lead", "reliability"),
    "compliance": ("c-officer", "compliance"),
}


def enrolled(root, keys):
    """A key for each of the seated, kept in the folder `keys` and listed in the workbook."""
    lines = []
    for person, _ in SEATED.values():
        path = keys / f"{person}.key"
        CheckpointKey.generate(person).write(path)
        lines.append(f'{person} namespaces="{NAMESPACE}" {public_key(path).text}\n')
    (root / "allowed_signers").write_text("".join(lines), encoding="utf-8")


def a_pack(ledger, **changes):
    """Freeze a pack that rests on one observation of the tool; gives its record."""
    seen = Verification(system=SYSTEM, as_of=AS_OF, ledger_size=0)
    ledger.append(published(seen, f"seen@{ledger.size()}", actor=TOOL))
    policy, frameworks = digest_of(b"policy"), digest_of(b"frameworks")
    verdict = Assessment(
        system=SYSTEM, as_of=AS_OF, verdict="READY", verdict_without_waivers="READY", areas={},
        five_questions=(), findings=(), policy=policy, frameworks=frameworks, ledger_size=0,
    )  # fmt: skip
    ledger.append(published(verdict, f"verdict@{ledger.size()}", actor=TOOL))
    pack = ReviewPack(
        system=SYSTEM, as_of=AS_OF, version=digest_of(b"version"), label="v2", verdict="READY",
        assessment=digest_of(verdict), policy=policy, frameworks=frameworks,
        rests_on=(digest_of(seen),),
        seats=tuple(
            PackSeat(seat=seat, person=person, function=function)
            for seat, (person, function) in SEATED.items()
        ),
        builders=("builder",),
    )  # fmt: skip
    pack = pack.model_copy(update=changes)
    ledger.append(published(pack, f"pack@{ledger.size()}", actor=TOOL))
    return pack


def a_decision(ledger, keys, pack, seat, *, key=None, **changes):
    """Append what a seat decided, signed; `key` names another person's key."""
    person, _ = SEATED[seat]
    head = ledger.head()
    frozen = ("version", "assessment", "policy", "frameworks", "rests_on")
    record = SignOff(
        system=SYSTEM, as_of=AS_OF, seat=seat, person=person, decision="approve",
        meaning=f"sha256:{digest_of(seat.encode()).removeprefix('sha256:')}",
        pack=digest_of(pack), assurance="signed", nonce=f"{seat}-{head.size}",
        ledger_size=head.size, ledger_root=head.root, expires=AS_OF + timedelta(days=90),
        **{name: getattr(pack, name) for name in frozen},
    ).model_copy(update=changes)  # fmt: skip
    plain = record.model_dump(mode="json")
    path = keys / f"{key or person}.key"
    signature = sign_with(path, bytes_to_sign(plain), namespace=NAMESPACE)
    proof = {"kind": "sshsig", "key": signature.key.text, "signature": signature.base64}
    ledger.append(
        an_event(
            f"signoff/{digest_of(record)}", type="signoff.given", actor=f"person:{person}",
            data={"record": plain, "digest": digest_of(record), "proof": proof},
        )
    )  # fmt: skip


def a_review(root, keys, *, seats=tuple(SEATED), **changes):
    """A pack, and an approval of each of these seats."""
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        pack = a_pack(ledger, **changes)
        for seat in seats:
            a_decision(ledger, keys, pack, seat)
    return pack
