"""Safeguards that fit how sensitive a system is, and data that may go where it is sent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    failed,
    no_file,
    not_applicable,
    passed,
    unknown,
    unsaid,
)
from ops_model.domain.compliance import SecurityControl, Sensitivity
from ops_model.domain.outside import calls_nobody, signs_of_dependencies
from ops_model.domain.system import DataClass, Dependency
from ops_model.domain.values import Where

DATA: tuple[str, ...] = get_args(DataClass)
EXPOSURES = ("internal", "partner", "public")
IMPACTS = ("low", "moderate", "high")
"""What may be answered about sensitivity, the least first."""
SAFEGUARDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "data": {
        "public": (),
        "internal": ("access-by-role",),
        "confidential": ("access-by-role", "encrypted-at-rest"),
        "restricted": ("access-by-role", "encrypted-at-rest", "reads-are-logged"),
    },
    "exposure": {
        "internal": ("secrets-out-of-code",),
        "partner": ("secrets-out-of-code", "authenticated-calls"),
        "public": ("secrets-out-of-code", "rate-limit", "input-is-screened"),
    },
    "impact": {
        "low": (),
        "moderate": ("override-by-person",),
        "high": ("override-by-person", "output-is-screened"),
    },
    "personal_data": {"no": (), "yes": ("deletion-on-request",)},
}
"""What each answer about sensitivity asks for, by the id of the safeguard (S4.19)."""


@check(
    "SEC-01",
    question="Is every safeguard in place that the sensitivity of the system asks for?",
    area="compliance",
    source=["S4.19"],
    revision=2,
)
def posture_fits(ctx: Context) -> Outcome:
    """What suffices for a toy in the office lets strangers read what customers wrote."""
    compliance = ctx.system.compliance
    if compliance is None:
        return no_file(ctx, "compliance")
    sensitivity = compliance.sensitivity
    if sensitivity is None:
        return unknown(
            "missing",
            "nobody wrote how sensitive the data is, who can reach the system and how hard its "
            "word falls",
            looked_at=[compliance.where],
            remedy="the compliance owner writes `sensitivity` in compliance.yaml",
        )
    sensitivity, raised = _as_system_yaml_says(ctx, sensitivity)
    asked = _asked_for(sensitivity)
    there = {control.id: control for control in compliance.security}
    lacking = [f"{i} is not written down" for i in asked if i not in there]
    lacking += [f"{i} is not in place" for i in asked if i in there and not there[i].in_place]
    empty = {i: why for i in asked if i in there and (why := _unsaid(there[i]))}
    lacking += [f"{i}: {why}" for i, why in empty.items()]
    looked_at = [sensitivity.where, *raised.values()]
    looked_at += [there[i].where for i in asked if i in there]
    why = (
        f"{sensitivity.data} data, {sensitivity.exposure} exposure, {sensitivity.impact} impact"
        f"{', personal data' if sensitivity.personal_data else ''}"
        f"{', because ' + ' and '.join(raised) if raised else ''}"
    )
    if lacking:
        todo, steps = _not_in_place(asked, there), []
        if todo:
            steps.append(f"puts {', '.join(todo)} in place, and writes each under `security` in "
                         "compliance.yaml, by that id")  # fmt: skip
        if empty:
            steps.append(f"writes under `security` in compliance.yaml what is done for "
                         f"{', '.join(empty)}, and what shows it")  # fmt: skip
        return failed(
            f"{why}: {'; '.join(lacking)}",
            looked_at=looked_at,
            remedy=f"the owner {', and '.join(steps)}",
        )
    return passed(f"{why}: {', '.join(asked)} in place", looked_at=looked_at)


@check(
    "SEC-02",
    question="May everything outside have the data that it is sent?",
    area="compliance",
    source=["S4.19"],
    revision=1,
)
def sent_data_is_allowed(ctx: Context) -> Outcome:
    """What was sent once to somebody who may not have it cannot be called back."""
    identity = ctx.system.identity
    signs = signs_of_dependencies(ctx.system)
    if not identity.dependencies and not signs:
        return not_applicable(
            "system.yaml names nothing outside that could be sent anything",
            looked_at=[identity.where],
        )
    if not identity.dependencies or calls_nobody(identity):
        served = "model_provider" if identity.dependencies else "dependency"
        but = signs[:1] if identity.dependencies else signs
        return unknown(
            "missing",
            f"system.yaml names no {served} that could be sent data, but {' and '.join(but)}",
            looked_at=[identity.place_of("dependencies")],
            remedy="the owner names under `dependencies` in system.yaml whoever serves the model, "
            "and every feed and service, with data_sent and data_allowed",
        )
    return all_of([_sent(dependency) for dependency in identity.dependencies])


def _not_in_place(asked: Iterable[str], there: Mapping[str, SecurityControl]) -> list[str]:
    """The safeguards that are not written down, or written down as not in place."""
    return [i for i in asked if i not in there or not there[i].in_place]


def _unsaid(control: SecurityControl) -> str:
    """What is written of a safeguard that tells nobody anything; empty where all does."""
    told = {"text": control.text, "evidence": control.evidence}
    return ", ".join(f"{key} {why}" for key, text in told.items() if (why := unsaid(text)))


def _as_system_yaml_says(
    ctx: Context, written: Sensitivity
) -> tuple[Sensitivity, dict[str, Where]]:
    """The sensitivity, raised to what system.yaml says of it; why each was raised, and where."""
    identity = ctx.system.identity
    sent = max((c for d in identity.dependencies for c in d.data_sent), key=DATA.index, default="")
    says: dict[str, tuple[str, Sequence[str], str, Where]] = {}
    if sent:
        where = identity.place_of("dependencies")
        says["data"] = (sent, DATA, f"{sent} data is sent outside", where)
    if identity.customer_facing:
        where = identity.place_of("customer_facing")
        says["exposure"] = ("public", EXPOSURES, "customers use it", where)
    if identity.decision_impact == "automated":
        where = identity.place_of("decision_impact")
        says["impact"] = ("moderate", IMPACTS, "it decides by itself", where)
    more = {
        key: (least, why, where)
        for key, (least, order, why, where) in says.items()
        if order.index(getattr(written, key)) < order.index(least)
    }
    raised = written.model_copy(update={key: least for key, (least, _, _) in more.items()})
    return raised, {why: where for _, why, where in more.values()}


def _asked_for(sensitivity: Sensitivity) -> list[str]:
    """The ids of the safeguards that a sensitivity asks for, each once."""
    answers = {
        "data": sensitivity.data,
        "exposure": sensitivity.exposure,
        "impact": sensitivity.impact,
        "personal_data": "yes" if sensitivity.personal_data else "no",
    }
    return list(dict.fromkeys(i for key, a in answers.items() for i in SAFEGUARDS[key][a]))


def _sent(dependency: Dependency) -> Outcome:
    """Whether one dependency may have what it is sent."""
    looked_at = [dependency.where]
    if not dependency.data_sent:
        return unknown(
            "missing",
            f"nobody wrote what data {dependency.id} is sent",
            looked_at=looked_at,
            remedy=f"the owner writes data_sent and data_allowed of {dependency.id} in "
            "system.yaml; a request that gives nothing away is public data",
        )
    beyond = [c for c in dependency.data_sent if c not in dependency.data_allowed]
    if beyond:
        allowed = ", ".join(dependency.data_allowed) or "nothing"
        return failed(
            f"{dependency.id} is sent {', '.join(beyond)} data; the contract allows {allowed}",
            looked_at=[dependency.place_of("data_sent"), dependency.place_of("data_allowed")],
            remedy=f"the owner has {', '.join(beyond)} data taken out of what {dependency.id} is "
            "sent, or the contract changed, and writes that in system.yaml",
        )
    return passed(
        f"{dependency.id} is sent {', '.join(dependency.data_sent)} data, which it may have",
        looked_at=looked_at,
    )
