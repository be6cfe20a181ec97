"""What the objects answer about the review: who approved what serves, and whether it holds.

Whether a signature holds is worked out where the keys are; here a word that says that it is signed
is taken for signed. A gap that is found so is one that REV-05 finds too.
"""

from ops_model.domain.evidence import Verification
from ops_model.domain.quorum import judged
from ops_model.domain.quorum_standing import Present, Quorum, SeatState
from ops_model.domain.resolve import answered, day, gap, limit, no_file, not_asked
from ops_model.domain.resolving import Answer
from ops_model.domain.reviewed import conditions_of, seated, voids
from ops_model.domain.said import Pack
from ops_model.domain.sign_off import SignOff
from ops_model.domain.walk_scene import Scene
from ops_model.domain.wording import counted


def quorum(scene: Scene) -> Quorum:
    """How the three seats stand to the version that serves, as far as claims and ledger say."""
    system, model = scene.system, scene.model
    version = system.identity.version.digest()
    signed = frozenset(
        s.seq for s in scene.statements
        if isinstance(s.record, SignOff) and s.record.assurance == "signed"
    )  # fmt: skip
    present = Present(
        version=version,
        seated=seated(system),
        builders=model.builders(system),
        by_reference=model.policy.by_reference_at(system.identity.tier),
        conditions=bool(conditions_of(system)),
        voids=tuple(voids(system, at=scene.at, today=day(scene))),
        ground=lambda pack: _other_version(pack, version),
    )  # fmt: skip
    return judged(
        scene.statements, signed, as_of=scene.at, signers=model.signers, present=present,
        max_age_days=limit(scene, "REV-05", "max_age_days"), held=signed,
    )  # fmt: skip


def _other_version(pack: Pack, version: str) -> tuple[str, ...]:
    return () if pack.record.version == version else ("another version was signed",)


def sign_off_stands(scene: Scene) -> Answer:
    """Whether the approval to go live still stands, seat by seat."""
    return _standing(scene, "")


def approvals_lapse(scene: Scene) -> Answer:
    """Which approvals rest on the rules as they are, and lapse when one of them changes."""
    return _standing(
        scene,
        "; each rests on the status of the frameworks on its day, so that a change of one that "
        "may speak to this system ends it",
    )


def _standing(scene: Scene, but: str) -> Answer:
    decisions = scene.system.decisions
    if decisions is None:
        return no_file(scene, "decisions", "REV-05")
    found = quorum(scene)
    lines = tuple(_told(state) for state in found.seats)
    places = [s.found.where for s in found.seats if s.found is not None]
    label = scene.system.identity.version.label
    if found.complete:
        return answered(f"{label}: {'; '.join(lines)}{but}", *places)
    why = f" ({'; '.join(found.voids)})" if found.voids else ""
    return gap(f"{label} has no approval of all three seats that holds{why}: {'; '.join(lines)}",
               "REV-05", *(places or [decisions.place_of("review")]))  # fmt: skip


def _told(state: SeatState) -> str:
    if state.standing == "approved" and state.found is not None:
        until = f", until {state.until.date()}" if state.until is not None else ""
        return f"{state.seat}: {state.found.said}{until}"
    why = f" ({'; '.join(state.why)})" if state.why else ""
    return f"{state.seat}: {state.standing}{why}"


def who_approved(scene: Scene) -> Answer:
    """Who approved what serves, when, and on which evidence."""
    decisions = scene.system.decisions
    if decisions is None:
        return no_file(scene, "decisions", "REV-05")
    found = quorum(scene)
    label = scene.system.identity.version.label
    words = [s.found for s in found.seats if s.found is not None]
    if not words or not found.complete:
        who = "; ".join(_told(state) for state in found.seats)
        return gap(f"nobody can show it of {label}: {who}", "REV-05",
                   decisions.place_of("review"))  # fmt: skip
    pack = words[0].pack
    rests = f", on the pack at {pack.where}" if pack is not None else ""
    on = f", which rests on {counted(len(words[0].record.rests_on), 'record')}"
    said = "; ".join(f"{w.record.seat}: {w.said}" for w in words)
    return answered(f"{label}: {said}{rests}{on if rests else ''}", *(w.where for w in words))


def approver_built_it(scene: Scene) -> Answer:
    """Whether anybody who decides built what they decide on."""
    identity, decisions = scene.system.identity, scene.system.decisions
    builders = scene.model.builders(scene.system)
    place = identity.version.place_of("trained_by")
    if not identity.version.trained_by or identity.teams.build is None:
        what = "builders" if not identity.version.trained_by else "the build team"
        return gap(f"nobody wrote {what} of {identity.version.label}, so it cannot be told",
                   "REV-02", place)  # fmt: skip
    seats = decisions.review.seats if decisions is not None else ()
    if not seats:
        return gap(f"{', '.join(builders)} built it, and nobody is seated to decide", "REV-02",
                   place)  # fmt: skip
    both = [f"{s.person} ({s.seat})" for s in seats if s.person in builders]
    decide = ", ".join(f"{s.person} ({s.seat})" for s in seats)
    text = f"{', '.join(builders)} built it; {decide} decide"
    if both:
        return gap(f"{text}: {', '.join(both)} did both", "REV-02", *(s.where for s in seats))
    return answered(f"{text}, and nobody did both", place, *(s.where for s in seats))


def evidence_unchanged(scene: Scene) -> Answer:
    """When the sealed evidence was last compared with its digests, and what that showed."""
    runs = {s.origin.run_id for s in scene.statements if s.origin is not None}
    found = scene.latest(Verification)
    if found is None or not runs:
        none = "no run is sealed yet" if not runs else "no bundle was ever compared"
        return gap(none, "EVD-01", scene.system.where)
    record, place = found
    problems = [*record.ledger_problems, *(p for b in record.bundles for p in b.problems)]
    unseen = runs - {b.run_id for b in record.bundles}
    text = f"compared on {record.as_of.date()}: {counted(len(record.bundles), 'bundle')} and "
    text += "the ledger"
    if problems:
        return gap(f"{text}; {problems[0]}", "EVD-01", place)
    if unseen:
        lacking = f"{len(unseen)} of {counted(len(runs), 'run')} not among them"
        return gap(f"{text}; {lacking}", "EVD-01", place)
    return answered(
        f"{text}, all as recorded; `ops-model verify .` shows it to whoever asks", place
    )


def auditor_answered(scene: Scene) -> Answer:
    """Which questions of an auditor are open, by when and whose."""
    compliance = scene.system.compliance
    if compliance is None:
        return no_file(scene, "compliance", "CMP-05")
    asked = [q for q in compliance.audit_questions if q.asked_at <= scene.at]
    if not asked:
        return not_asked("no auditor has asked anything", compliance.where)
    late = [q for q in asked if q.answer is None and q.due < day(scene)]
    open_ones = [f"{q.id} ({q.owner}, due {q.due})" for q in asked if q.answer is None]
    text = f"{len(asked) - len(open_ones)} of {len(asked)} answered"
    text += f"; open: {', '.join(open_ones)}" if open_ones else ""
    return gap(text, "CMP-05" if late else "", *(q.where for q in late or asked))
