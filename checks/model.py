"""The operating model itself: whole, without empty words, and every name in it names something."""

from collections.abc import Iterable, Iterator

from ops_model.check.api import Context, Outcome, check, counted, failed, not_applicable, passed
from ops_model.check.remedies import near
from ops_model.domain.named_files import NAMING_A_FILE
from ops_model.domain.operating_model import AREA_FILES
from ops_model.domain.phrases import empty_phrases, free_texts, says_nothing
from ops_model.domain.references import FILE, Reference, accepted, nameable, references
from ops_model.domain.system import FailureMode, StrategyClaim
from ops_model.domain.values import Where

OWED_BY_A_PILOT = ("identity", "ownership", "decisions", "signals")
"""Somebody must answer for a pilot, decide what becomes of it, and see whether it meets its
targets. What else an operated system has is owed once it is about to serve people."""

PILOT_PARTS: tuple[tuple[str, str], ...] = (
    ("identity", "intended_use"),
    ("identity", "out_of_scope"),
    ("identity", "decision_impact"),
)
"""What even a pilot says of itself, as (area, key)."""

PRODUCTION_PARTS: tuple[tuple[str, str], ...] = (
    ("identity", "documentation"),
    ("identity", "failure_modes"),
    ("identity", "support"),
    ("on_call", "escalation"),
    ("decisions", "communication"),
    ("service_levels", "objectives"),
    ("signals", "monitors"),
    ("signals", "playbooks"),
    ("cost", "ceilings"),
)
"""What a system that serves people has in addition; its files may be valid without it."""

NOT_SERVING = frozenset({None, "idea", "pilot", "pilot_passed", "retired"})


@check(
    "OM-01",
    question="Is every part of the operations plan written that a system like this owes?",
    area="model",
    source=["S0.1", "S0.7"],
    revision=1,
)
def sections_complete(ctx: Context) -> Outcome:
    """A strategy without an operations plan is found by what is not there, part by part."""
    contradicted = dict(_served_by_another_word(ctx))
    if contradicted:
        return failed(
            f"{'; '.join(contradicted)}; and by the stages nobody is served, so that it is not "
            "known what is owed",
            looked_at=[ctx.system.identity.place_of("stage_history"), *contradicted.values()],
            remedy="the owner writes into system.yaml each stage that it reached, and takes "
            "`in_production_since` out of a version that serves nobody any more",
        )
    files = tuple(_owed_files(ctx))
    missing = [ctx.system.missing_file(a) for a in files if getattr(ctx.system, a) is None]
    parts = tuple(_owed_parts(ctx))
    gaps = [f"{where}: {key}" for area, key, where in parts if not _written(ctx, area, key)]
    if missing or gaps:
        said = [f"there is no {where}" for where in missing] + gaps
        empty = [where for area, key, where in parts if not _written(ctx, area, key)]
        return failed(
            f"{len(said)} of {len(files) + len(parts)} parts are missing: {'; '.join(said)}",
            looked_at=[*missing, *empty],
            remedy="the owner writes the missing parts, the first ones first; "
            "the fill-in notebook of the system asks for each",
        )
    return passed(
        f"all {len(files)} files and {len(parts)} parts of them that a system at this stage owes "
        "are written",
        looked_at=[file.where for file in ctx.system.files()],
    )


def _served_by_another_word(ctx: Context) -> Iterator[tuple[str, Where]]:
    """What says that people are served, at an instant at which by the stages nobody is.

    A system owes what its stage asks for, so that a stage left out would hide the rest.
    """
    identity = ctx.system.identity
    if not identity.in_production_at(ctx.as_of):
        # Of what is retired the other versions are history; the one that serves serves nobody.
        retired = identity.stage_at(ctx.as_of) == "retired"
        for version in (identity.version, *(() if retired else identity.other_versions)):
            since = version.in_production_since
            if since is not None and since <= ctx.as_of:
                said = f"{version.label} is in production since {since.date()}"
                yield said, version.place_of("in_production_since")
    for incident in ctx.system.incidents:
        hurt = incident.severity != "sev3" or bool(incident.customers_affected)
        at = incident.detected_at
        if hurt and at <= ctx.as_of and not identity.in_production_at(at):
            yield f"incident {incident.id} of {at.date()} reached people", incident.where


def _serving(ctx: Context) -> bool:
    return ctx.system.identity.stage_at(ctx.as_of) not in NOT_SERVING


def _owed_files(ctx: Context) -> Iterator[str]:
    for attribute in AREA_FILES:
        needed = _serving(ctx) or attribute in OWED_BY_A_PILOT
        # What depends on nothing has nothing to fall back from.
        if needed and (attribute != "fallback" or ctx.system.identity.dependencies):
            yield attribute


def _owed_parts(ctx: Context) -> Iterator[tuple[str, str, Where]]:
    """Area, key and place of each part of a file that is there."""
    identity = ctx.system.identity
    owed = [*PILOT_PARTS]
    if identity.customer_facing or identity.decision_impact == "automated":
        owed.append(("identity", "affected_parties"))
    if _serving(ctx):
        owed += PRODUCTION_PARTS
        # What is trained is trained again; what is prompted is guarded.
        learns = identity.kind == "predictive"
        owed.append(("signals", "retraining" if learns else "guardrails"))
    for area, key in owed:
        file = getattr(ctx.system, area)
        if file is not None:
            yield area, key, file.place_of(key)


def _written(ctx: Context, area: str, key: str) -> bool:
    return bool(getattr(getattr(ctx.system, area), key))


@check(
    "OM-02",
    question="Does something real stand behind every promise of the strategy?",
    area="model",
    source=["S0.4", "S1.2"],
    revision=1,
)
def promise_without_mechanism(ctx: Context) -> Outcome:
    """A sentence in the board deck is kept by a monitor, a rule or a ceiling, or by nobody."""
    claims = ctx.system.identity.strategy
    if not claims:
        return _promises_nothing(ctx)
    faults = {claim: why for claim in claims if (why := _why_not_kept(ctx, claim))}
    if faults:
        return failed(
            "; ".join(f"{claim.id}: {why}" for claim, why in faults.items()),
            looked_at=[claim.place_of("mechanisms") for claim in faults],
            remedy="the owner names under `mechanisms` in system.yaml what keeps "
            f"{', '.join(claim.id for claim in faults)}, such as `monitor/ID`, `rule/ID` or "
            "`rollback`, or takes the promise back",
        )
    return passed(
        "; ".join(f"{claim.id}: {', '.join(claim.mechanisms)}" for claim in claims),
        looked_at=[claim.place_of("mechanisms") for claim in claims],
    )


def _promises_nothing(ctx: Context) -> Outcome:
    return not_applicable(
        "no strategy paper is on record, so nothing was promised",
        looked_at=[ctx.system.identity.place_of("strategy")],
    )


def _why_not_kept(ctx: Context, claim: StrategyClaim) -> str:
    gone = [mechanism for mechanism in claim.mechanisms if not ctx.system.has(mechanism)]
    if gone:
        return f"there is no {', '.join(gone)}"
    return "" if claim.mechanisms else "no mechanism is named"


@check(
    "OM-04",
    question="Was the messy case planned for every promise: what breaks it, who sees, what then?",
    area="model",
    source=["S1.17"],
    revision=1,
)
def every_claim_has_a_failure_mode(ctx: Context) -> Outcome:
    """The good case is easily planned; a promise that nothing threatens was not thought out."""
    identity = ctx.system.identity
    if not identity.strategy:
        return _promises_nothing(ctx)
    threatened = {claim for mode in identity.failure_modes for claim in mode.threatens}
    safe = [claim for claim in identity.strategy if claim.id not in threatened]
    weak = {mode: why for mode in identity.failure_modes if (why := _why_not_met(ctx, mode))}
    if safe or weak:
        said = [f"nothing is said to threaten {claim.id}" for claim in safe]
        said += [f"{mode.id}: {why}" for mode, why in weak.items()]
        return failed(
            "; ".join(said),
            looked_at=[*(claim.where for claim in safe), *(mode.where for mode in weak)],
            remedy="the owner and whoever built it write under `failure_modes` in system.yaml how "
            "each promise would break (`threatens`), which monitor sees it (`detect_by`) and what "
            "is done (`respond_by`)",
        )
    return passed(
        f"{counted(len(identity.failure_modes), 'failure mode')} for "
        f"{counted(len(identity.strategy), 'promise')}, each seen by a monitor and answered",
        looked_at=[mode.where for mode in identity.failure_modes],
    )


def _why_not_met(ctx: Context, mode: FailureMode) -> str:
    monitors = ctx.system.named("monitor")
    gone = [monitor for monitor in mode.detect_by if monitor not in monitors]
    faults = [f"there is no monitor {', '.join(gone)}"] if gone else []
    faults += ["no monitor detects it"] if not mode.detect_by else []
    faults += ["no response is named"] if not mode.respond_by else []
    return ", ".join(faults)


@check(
    "OM-05",
    question="Is every sentence free of words that promise nothing?",
    area="model",
    source=["S1.38"],
    revision=2,
)
def empty_phrase_lint(ctx: Context) -> Outcome:
    """A plan that says `as appropriate` leaves the decision to whoever is awake.

    What policy.yaml waives for the system, or switches off, gives its reasons in words too.
    """
    let_off = accepted(ctx.model, ctx.system)
    texts = list(free_texts((*ctx.system.files(), *let_off)))
    hits = [(phrase, found.where) for found in texts for phrase in empty_phrases(found.text)]
    if hits:
        said = "; ".join(f"{where}: {phrase!r}" for phrase, where in hits)
        return failed(
            f"{counted(len(hits), 'empty phrase')}: {said}",
            looked_at=[where for _, where in hits],
            remedy="the owner writes who does what by when in the place of "
            f"{', '.join(dict.fromkeys(repr(phrase) for phrase, _ in hits))}, or takes the "
            "sentence out",
        )
    return passed(
        f"none of {counted(len(texts), 'text')} holds an empty phrase",
        looked_at=[*(file.where for file in ctx.system.files()), *(one.where for one in let_off)],
    )


@check(
    "OM-06",
    question="Does every reference name something that exists?",
    area="model",
    source=["S1.8"],
    revision=4,
)
def references_name_something(ctx: Context) -> Outcome:
    """A rota that names somebody who left the file pages nobody, and looks complete."""
    known = nameable(ctx.model, ctx.system)
    written = (*references(ctx.model, ctx.system), *_files_by_no_word(ctx))
    dangling = [r for r in written if r.name not in known[r.kind]]
    if dangling:
        said = "; ".join(f"{r.where}: {r.kind} {r.name!r}" for r in dangling)
        return failed(
            f"{len(dangling)} of {len(written)} references name nothing: {said}",
            looked_at=[r.where for r in dangling],
            remedy="; ".join(dict.fromkeys(_corrected(r, known[r.kind]) for r in dangling)),
        )
    return passed(
        f"all {len(written)} references name something",
        looked_at=[file.where for file in ctx.system.files()],
    )


def _files_by_no_word(ctx: Context) -> Iterator[Reference]:
    """Where `none`, `TBD` or the like stands in the place of a file."""
    for area, key in NAMING_A_FILE:
        file = getattr(ctx.system, area)
        text = getattr(file, key) if file is not None else None
        if text is not None and says_nothing(text):
            yield Reference(text, FILE, file, key)


def _corrected(reference: Reference, known: Iterable[str]) -> str:
    """What is done about one reference, with the id that was perhaps meant."""
    meant = near(reference.name, known)
    there = (
        "puts the file there, or writes the address with its https://"
        if reference.kind == FILE
        else f"adds the {reference.kind.replace('_', ' ')} of that id"
    )
    return f"whoever keeps {reference.where.path} corrects {reference.name}, or {there}" + (
        f": {meant}" if meant else ""
    )
