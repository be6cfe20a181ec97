"""One seat of the deploy review on its page: what changed, what it signed, what to say."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ops_model.check.remedies import sign_with_key
from ops_model.check.sign_off import SeatState, Standing
from ops_model.domain.assessment import Assessment
from ops_model.domain.decisions import Condition, DeployReview, Seat
from ops_model.domain.frameworks import Register
from ops_model.domain.people import People
from ops_model.domain.sign_off import ReviewPack, SignOff
from ops_model.domain.until import reference_of, signed_until, why_it_ends
from ops_model.domain.values import digest_of
from ops_model.domain.words import told_words
from ops_model.site import words
from ops_model.site.head import records
from ops_model.site.history import assessments, change_lines, since_last_assessment
from ops_model.site.links import system_page
from ops_model.site.since import Since, since_signed
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.words import Look

_OVER: Mapping[Standing, Look] = {
    "expired": Look("✖", "ended", words.RED, "bad"),
    "void": Look("✖", "void", words.RED, "bad"),
}
NOT_SIGNED = Look("○", "not signed", words.GREY, "quiet")
POLICY_SLICE = "Policy, the slice of this system"
POLICY_WHOLE = "Policy, whole file"
_NONE = digest_of({})
"""The digest of frameworks where none that is published speaks to the system."""
_PAGES: Mapping[Seat, str] = {
    "product": "product", "reliability": "on-call", "compliance": "compliance",
}  # fmt: skip


def seat_view(pages: SiteInput, system: SiteSystem, seat: Seat) -> dict[str, Any]:
    """What changed since the seat signed, its question and answers, and the text to paste."""
    path = system_page(system, _PAGES[seat])
    review = system.claims.decisions.review if system.claims.decisions else None
    held = next((s for s in review.seats if s.seat == seat), None) if review is not None else None
    since = since_of(system, seat)
    return {
        "seat": seat,
        "person": pages.people.label(held.person) if held is not None else "",
        "questions": [
            {
                "question": q.question,
                "answer": q.answer,
                "by": pages.people.label(q.answered_by) if q.answered_by else "",
            }
            for q in (held.questions if held is not None else ())
        ],
        "since": since_view(system, since, pages.people, path),
        "decision": decision_text(system, seat, pages.register),
        "command": _command(system, seat),
        "freeze": f"ops-model review {system.claims.id}",
        "conditions": [
            (c.text, pages.people.label(c.owner), words.day(c.due))
            for c in (review.conditions if review is not None else ())
        ],
        "open": len(system.assessment.blocking),
    }


def decided_since(system: SiteSystem, at: datetime) -> str:
    """Which seats decided after `at`, and when last: what was said before does not know of it.

    `product, reliability on 22 Jul 2013, 08:00 UTC`; empty where none did.
    """
    later = [s for s in records(system, SignOff) if at < s.as_of <= system.assessment.as_of]
    if not later:
        return ""
    seats = ", ".join(seat for seat in _PAGES if any(s.seat == seat for s in later))
    return f"{seats} on {words.instant(later[0].as_of)}"


def _command(system: SiteSystem, seat: Seat) -> str:
    """How the seat decides on the newest pack, to the letter; empty where none is frozen."""
    pack = _pack(system)
    return sign_with_key(system.claims.id, seat, pack) if pack is not None else ""


def since_of(system: SiteSystem, seat: Seat) -> Since | None:
    """What changed since a seat last signed, read from the system's statements."""
    identity = system.claims.identity
    return since_signed(
        seat,
        list(reversed(records(system, SignOff))),
        {s.statement.digest: a for s, a in assessments(system)},
        (identity.version, *identity.other_versions),
        system.assessment,
        policy=system.policy or system.assessment.policy,
    )


def since_view(
    system: SiteSystem, since: Since | None, people: People, path: str
) -> dict[str, Any]:
    """The comparison in lines; where nobody signed, that is said, with what changed instead."""
    if since is None:
        said, changes = since_last_assessment(system)
        known = changes is not None
        return {
            "signed": "",
            "plain": "Nobody has signed for this seat yet, so there is nothing to compare with. "
            f"{said}{':' if known else '.'}",
            "lines": change_lines(system, changes, people, path) if changes is not None else [],
        }
    decided = words.DECISIONS[since.signed.decision].word
    return {
        "signed": f"This seat {decided} on {words.instant(since.at)}"
        f"{'; nothing has changed since' if since.nothing else ''}.",
        "plain": "",
        "lines": []
        if since.nothing
        else [*_answers(system, since, people, path), *_grounds(since)],
    }


def _answers(system: SiteSystem, since: Since, people: People, path: str) -> list[dict[str, Any]]:
    if since.changes is None:
        said = "The assessment that was signed is not on this ledger, so no answer can be compared"
        return [{"what": said, "checks": []}]
    return change_lines(system, since.changes, people, path)


def _grounds(since: Since) -> list[dict[str, Any]]:
    """Version, policy and frameworks, where another one stands there now."""
    lines = []
    if since.members is None:
        lines.append("Another version serves, and system.yaml does not describe the signed one")
    elif since.members:
        named = ", ".join(change.member.replace("_", " ") for change in since.members)
        lines.append(f"Other members of the version: {named}")
    if since.policy_changed:
        lines.append("The policy is another one")
    if since.frameworks_changed:
        lines.append("The status of a framework that may speak to this system is another one")
    return [{"what": line, "checks": []} for line in lines]


def seat_rows(pages: SiteInput, system: SiteSystem) -> list[dict[str, Any]]:
    """Each seat with the person named for it, how it stands, and why or until when."""
    review = system.claims.decisions.review if system.claims.decisions else None
    named = {s.seat: s.person for s in review.seats} if review is not None else {}
    states = {state.seat: state for state in system.seats}
    return [
        {
            "seat": seat,
            "person": pages.people.label(named[seat]) if seat in named else "",
            **_state(states.get(seat), review, pages.settings.zone),
        }
        for seat in _PAGES
    ]


def _state(state: SeatState | None, review: DeployReview | None, zone_name: str) -> dict[str, Any]:
    signed = state.found.record if state is not None and state.found is not None else None
    if state is None or signed is None:
        return {"look": NOT_SIGNED, "said": "", "why": ""}
    decided = words.DECISIONS[signed.decision]
    look = _OVER.get(state.standing, decided)
    # The mark beside it says what was decided, unless it says that this is over.
    verb = "" if look is decided else f"{decided.word} "
    where = reference_of(state)
    how = signed.assurance if where is None else f"decided elsewhere ({where})"
    until = _until(state, review.conditions if review is not None else (), zone_name)
    return {
        "look": look,
        "said": f"{verb}on {words.instant(signed.as_of)}, {how}{until}: "
        f"“{told_words(signed.meaning)}”",
        "why": "; ".join(state.why),
    }


def _until(state: SeatState, conditions: Sequence[Condition], zone_name: str) -> str:
    """Until when an approval holds; where that is before its own end, why, and both."""
    if state.until is None:
        return ""
    why, given = why_it_ends(state, conditions, zone_name), signed_until(state)
    told = f", holds until {words.instant(state.until)}{', ' if why else ''}{why}"
    return told if given is None else f"{told} (signed until {words.instant(given)})"


def decision_text(system: SiteSystem, seat: Seat, register: Register) -> str:
    """What a reviewer pastes where decisions are kept; it names by digest what was seen."""
    assessment, version = system.assessment, system.claims.identity.version
    gaps = words.plural(len(assessment.blocking), "check stands", "checks stand")
    none = f"none is frozen yet: `ops-model review {system.claims.id}` freezes one"
    return (
        f"Decision on {system.claims.id} {version.label}: "
        "[approve | approve with conditions | no go | abstain]\n"
        f"By [name], seat {seat}, on [date]\n"
        f"Pack       {_pack(system) or none}\n"
        f"Seen: {assessment.verdict}, {gaps} in the way, as of "
        f"{words.instant(assessment.as_of)}\n"
        f"Assessment {system.assessment_digest}\n"
        f"Version    {version.digest()}\n"
        f"{POLICY_SLICE} {system.policy or 'not known'}\n"
        f"{POLICY_WHOLE} {assessment.policy}\n"
        f"Frameworks {_frameworks(assessment, register)}\n"
        "Reason: [one sentence]"
    )


def _pack(system: SiteSystem) -> str | None:
    """The digest of the newest review pack, which `ops-model sign --pack` takes; None without."""
    packs = [s.statement for s in system.statements if isinstance(s.statement.record, ReviewPack)]
    frozen = max(packs, key=lambda statement: statement.seq, default=None)
    return frozen.digest if frozen is not None else None


def _frameworks(assessment: Assessment, register: Register) -> str:
    if assessment.frameworks == _NONE:
        return "none in force that speaks to this system"
    if assessment.frameworks is not None:
        return assessment.frameworks
    return "none are known" if not register.frameworks else "not noted in this assessment"
