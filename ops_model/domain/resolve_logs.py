"""What the objects answer about logs: what one decision knew, and for how long that is kept."""

from ops_model.domain.bounds import at_least
from ops_model.domain.detection_served import Reconstruction
from ops_model.domain.resolve import gap, in_date, limit, no_file
from ops_model.domain.resolving import Answer
from ops_model.domain.signals_logged import CaptureField
from ops_model.domain.walk_scene import Scene
from ops_model.domain.wording import said

_FOUR: tuple[CaptureField, ...] = ("input", "output", "intent", "outcome")
_QUESTIONS = {
    "went_in": "what went in",
    "came_out": "what came out",
    "purpose": "what it was for",
    "got_what_we_wanted": "whether we got what we wanted",
}


def what_it_knew(scene: Scene) -> Answer:
    """In which column stands what it was given, and in which the version that answered."""
    return _kept(scene, ("input",), ("version",))


def four_fields(scene: Scene) -> Answer:
    """In which column each of the four fields of a decision stands."""
    return _kept(scene, _FOUR, ("version",))


def override_logged(scene: Scene) -> Answer:
    """Where it stands what was put in the place of an answer, and of which request."""
    return _kept(scene, ("output",), ("trace", "at"))


def _kept(
    scene: Scene, owed: tuple[CaptureField, ...], beside: tuple[CaptureField, ...]
) -> Answer:
    """Where these fields stand; those `beside` are said where they are, and owed by nobody."""
    if scene.system.signals is None:
        return no_file(scene, "signals", "OBS-01")
    policy = scene.signals.log_policy
    if policy is None:
        return gap("nobody wrote what is kept of a request (log_policy)", "OBS-01",
                   scene.place("signals"))  # fmt: skip
    lacking = [field for field in owed if field not in policy.fields]
    there = [f"{f} in {policy.fields[f]}" for f in (*owed, *beside) if f in policy.fields]
    where = f"; the store is {policy.store_ref}" if policy.store_ref else ""
    text = f"{', '.join(there) or 'no column is named'}{where}"
    if lacking:
        text = f"no column keeps {', '.join(lacking)}; {text}"
    return gap(text, "OBS-01" if lacking else "", policy.place_of("fields"))


def one_decision(scene: Scene) -> Answer:
    """Of how many decisions that were looked up each of the four questions was answered."""
    log = scene.signals.served
    if log is None:
        return gap("no log of what was served is declared", "OBS-03", scene.place("signals"))
    found = in_date(
        scene, Reconstruction, "OBS-03", claim=log.where,
        missing=f"nobody ever looked up single decisions in {log.id}",
        matching=lambda one: one.log == log.id,
    )  # fmt: skip
    if isinstance(found, Answer):
        return found
    record, place = found
    least = limit(scene, "OBS-03", "min_share")
    shares = {q.question: q.answered for q in record.questions}
    cannot = [w for q, w in _QUESTIONS.items() if q not in shares
              or at_least(shares[q], least) is False]  # fmt: skip
    lines = tuple(f"{w}: {said(shares[q])}" for q, w in _QUESTIONS.items() if q in shares)
    of = f"{record.sampled:,} decisions of {log.id} were looked up on {record.as_of.date()}"
    text = f"{of}; {' and '.join(cannot)} cannot be told" if cannot else (
        f"{of}, and each of the four questions was answered"
    )  # fmt: skip
    return gap(text, "OBS-03" if cannot else "", log.where, place, details=lines)


def kept_long_enough(scene: Scene) -> Answer:
    """For how many days a request is kept, and what is taken out of it."""
    if scene.system.signals is None:
        return no_file(scene, "signals", "CMP-02")
    policy = scene.signals.log_policy
    if policy is None:
        return gap("nobody wrote for how long a request is kept (log_policy)", "CMP-02",
                   scene.place("signals"))  # fmt: skip
    least = limit(scene, "CMP-02", "min_days")
    short = policy.retention_days < least
    text = f"kept for {policy.retention_days} days; taken out: {policy.redaction}"
    text += f"; at least {least:g} days are owed" if short else ""
    return gap(text, "CMP-02" if short else "", policy.place_of("retention_days"))
