"""Write a scenario from the post-mortem of an incident: what its file says, and nothing more."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import count
from pathlib import Path

from ops_model.domain.incidents import Incident
from ops_model.domain.operating_model import INCIDENTS_FOLDER, OperatingModel, SystemClaims
from ops_model.domain.scenarios import SHIPPED_SCENARIOS, Scenario
from ops_model.domain.system import FailureMode
from ops_model.errors import OpsModelError, UsageError, WorkbookError
from ops_model.store.claim_file import read_claim_text
from ops_model.store.schema import SCHEMAS_FOLDER, write_schemas
from ops_model.store.workbook import SCENARIOS_FOLDER

_LONGEST_MINUTE = 240
_FIRST_OF_YOURS = 25


@dataclass(frozen=True)
class Written:
    """The scenario that was written, where, and what is left for somebody to do."""

    id: str
    title: str
    path: str
    next_steps: tuple[str, ...]


def write_scenario(
    root: Path, model: OperatingModel, system: SystemClaims, incident_id: str
) -> Written:
    """Write `scenarios/<id>.yaml`: title, course and causes of an incident, as its file has them.

    The id is one that the post-mortem names and nobody wrote yet, else the next that is free.

    Raises:
        UsageError: there is no such incident or no post-mortem of it, it names no failure mode,
            or a scenario was learned from it already; nothing was written.
        OpsModelError: the disk refuses.
    """
    incident = _incident(system, incident_id)
    mode = _mode(system, incident)
    learned_from = f"{system.id}/{incident.id}"
    _refuse_written(model, learned_from)
    name = _next_id(model, incident)
    path = f"{SCENARIOS_FOLDER}/{name}.yaml"
    text = "\n".join(_lines(name, system, incident, mode, learned_from)) + "\n"
    scenario, problems = read_claim_text(text, path, Scenario)
    if scenario is None:
        raise WorkbookError(problems=problems)
    _write_new(root, path, text)
    return Written(name, scenario.title, path, _next_steps(system, incident, mode, name))


def _incident(system: SystemClaims, incident_id: str) -> Incident:
    found = next((i for i in system.incidents if i.id == incident_id), None)
    place = f"systems/{system.id}/{INCIDENTS_FOLDER}/"
    if found is None:
        ids = [i.id for i in system.incidents]
        near = get_close_matches(incident_id, ids, n=1)
        raise UsageError(
            f"{system.id} has no incident {incident_id!r}",
            where=place,
            remedy=f"did you mean {near[0]}?"
            if near
            else f"it has: {', '.join(ids) or 'none on file yet'}",
        )
    if found.post_mortem is None:
        raise UsageError(
            f"incident {found.id} has no post-mortem, so nothing was learned from it yet",
            where=str(found.where),
            remedy="hold it, and write what was learned under `post_mortem`",
        )
    return found


def _mode(system: SystemClaims, incident: Incident) -> FailureMode:
    """The failure that happened: a scenario says which kind it tries, and none is made up."""
    modes = system.identity.failure_modes
    found = next((mode for mode in modes if mode.id == incident.failure_mode), None)
    if found is not None:
        return found
    ids = ", ".join(mode.id for mode in modes) or "none yet"
    raise UsageError(
        f"incident {incident.id} names no failure mode of {system.id}, so its kind is not known",
        where=str(incident.place_of("failure_mode")),
        remedy=f"write `failure_mode`; system.yaml has: {ids}",
    )


def _refuse_written(model: OperatingModel, learned_from: str) -> None:
    there = next((one for one in model.scenarios if one.learned_from == learned_from), None)
    if there is not None:
        raise UsageError(
            f"scenario {there.id} was learned from {learned_from} already; nothing was written",
            where=str(there.where),
            remedy="change it there",
        )


def _next_id(model: OperatingModel, incident: Incident) -> str:
    written = SHIPPED_SCENARIOS | {scenario.id for scenario in model.scenarios}
    review = incident.post_mortem
    asked_for = [n for n in (review.new_scenarios if review else ()) if n not in written]
    if asked_for:
        return asked_for[0]
    # One that another file names already is meant for something else.
    taken = written | set(_named(model))
    return next(n for n in (f"G{n}" for n in count(_FIRST_OF_YOURS)) if n not in taken)


def _named(model: OperatingModel) -> Iterator[str]:
    for system in model.systems:
        for mode in system.identity.failure_modes:
            yield from mode.scenarios
        for incident in system.incidents:
            yield from incident.post_mortem.new_scenarios if incident.post_mortem else ()


def _lines(
    name: str, system: SystemClaims, incident: Incident, mode: FailureMode, learned_from: str
) -> Iterator[str]:
    before = [entry.text for entry in incident.timeline if entry.at < incident.detected_at]
    after = [entry for entry in incident.timeline if entry.at >= incident.detected_at]
    timed = [(int((e.at - incident.detected_at).total_seconds() // 60), e.text) for e in after]
    within = [(minute, text) for minute, text in timed if minute <= _LONGEST_MINUTE]
    causes = incident.post_mortem.causes if incident.post_mortem is not None else ()
    yield f"# yaml-language-server: $schema=../{SCHEMAS_FOLDER}/scenario.schema.json"
    yield f"# Written from the incident {learned_from}; every word is from its file."
    yield f"id: {name}"
    yield f"title: {_text(incident.title)}"
    yield "# Read aloud at the beginning."
    yield f"prompt: {_text(' '.join(_stopped(part) for part in (incident.title, *before)))}"
    yield f"kinds: [{system.identity.kind}]"
    yield f"failures: [{mode.kind}]"
    yield f"systems: [{system.id}]"
    yield "# Read aloud at their minute, counted from when it was noticed. Take out what people"
    yield "# did: whoever walks it is to find that out."
    if len(within) < len(timed):
        yield f"# Left out: {len(timed) - len(within)} of the course after the four hours."
    yield from _listed("injects", [f"{{minute: {m}, text: {_text(t)}}}" for m, t in within])
    yield "# Add what nobody could answer that day: `minute`, `ask`, and the `resolver` for it."
    yield "questions: []"
    yield from _listed("exposes", [_text(cause) for cause in causes])
    yield f"learned_from: {_text(learned_from)}"


def _listed(key: str, items: Sequence[str]) -> Iterator[str]:
    yield f"{key}:" if items else f"{key}: []"
    yield from (f"  - {item}" for item in items)


def _text(said: str) -> str:
    """A text as YAML writes it in double quotes, which is as JSON does."""
    return json.dumps(said, ensure_ascii=False)


def _stopped(said: str) -> str:
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


def _write_new(root: Path, path: str, text: str) -> None:
    file = root / path
    try:
        file.parent.mkdir(exist_ok=True)
        if not file.parent.resolve().is_relative_to(root.resolve()):
            raise UsageError(
                "is a link that leaves the workbook; nothing was written",
                where=SCENARIOS_FOLDER,
                remedy="put a folder in its place",
            )
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
        if (root / SCHEMAS_FOLDER).is_dir():
            write_schemas(root)
    except FileExistsError:
        raise UsageError(
            "is there already; nothing was written", where=path, remedy="change it there"
        ) from None
    except OSError as error:
        raise OpsModelError(
            f"cannot be written: {error.strerror}", where=path, remedy="make room, or the right"
        ) from error


def _next_steps(
    system: SystemClaims, incident: Incident, mode: FailureMode, name: str
) -> tuple[str, ...]:
    steps = [
        f"read it, and add the questions that nobody could answer: {SCENARIOS_FOLDER}/{name}.yaml"
    ]
    if name not in mode.scenarios:
        steps.append(
            f"name {name} under `scenarios` of {mode.id} in systems/{system.id}/system.yaml"
        )
    review = incident.post_mortem
    if review is not None and name not in review.new_scenarios:
        steps.append(f"name it under `new_scenarios` in {incident.where.path}")
    steps.append(f"walk it: ops-model drill game-day {system.id} --scenario {name}")
    return tuple(steps)
