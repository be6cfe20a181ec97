"""What any production asset has, and what one of this kind needs in addition."""

from collections.abc import Mapping, Sequence

from ops_model.check.api import Context, Outcome, check, failed, passed
from ops_model.check.summing import answers, places_of, refuse_if_only_crashed, yes_or_no
from ops_model.domain.assessment import Finding
from ops_model.domain.system import Kind
from ops_model.domain.values import Where

Parts = Mapping[str, Sequence[str]]
"""What has to be there, each with the checks that answer for it."""

DATABASE: Parts = {
    "a DBA: somebody who owns it": ("OWN-01", "OWN-07"),
    "a backup: a way back, rehearsed": ("RBK-02", "RBK-06"),
    "monitoring": ("QLT-01", "OBS-07"),
    "change control": ("CCH-03", "ENV-02"),
    "an SLA": ("SLO-01", "RDY-07"),
    "a person on call": ("ONC-03", "ONC-04"),
}
"""The six things that any production database has (S3.5)."""

_PROMPTED: Parts = {
    "guardrails with a floor": ("RUL-04",),
    "the model that was agreed": ("OBS-06",),
    "a swap tried by asking more than once": ("CCH-04",),
    "users told when the provider is down": ("FBK-03",),
    "spend of today": ("CST-02",),
    "data that may leave": ("SEC-02",),
}
_ACTING: Parts = {
    **_PROMPTED,
    "switching off, alone and at every hour": ("DEC-02", "DEC-04"),
    "each action found again afterwards": ("OBS-03",),
}
PACKS: Mapping[Kind, Parts] = {
    "predictive": {
        "drift of inputs": ("DRF-02",),
        "drift of the score": ("DRF-03",),
        "importances": ("DRF-04",),
        "when to train again": ("DRF-05",),
        "training like serving": ("DRF-06",),
        "quality, though labels come late": ("QLT-03",),
        "a cap on training": ("CST-07",),
        "a version that can be rebuilt": ("ENV-03",),
    },
    "llm_app": _PROMPTED,
    "agent": _ACTING,
    "agentic_workflow": {**_ACTING, "steps let loose in stages": ("ENV-02",)},
}
"""What a system of each kind needs that one of another kind does not (S3.6)."""
ACTS: frozenset[Kind] = frozenset({"agent", "agentic_workflow"})


@check(
    "RDY-04",
    question="Does it have what any production database has: all six things?",
    area="decisions",
    source=["S3.5"],
    revision=1,
)
def parity_with_a_database(ctx: Context) -> Outcome:
    """Nobody would run a database without these; a model that decides on people has no fewer."""
    return _summed_up(ctx, DATABASE, {}, "things that a production database has")


@check(
    "RDY-05",
    question="Does it have what a system of its kind needs in addition?",
    area="decisions",
    source=["S3.6"],
    revision=1,
)
def kind_specific_pack(ctx: Context) -> Outcome:
    """An LLM is no database and an agent no VM: what guards one kind says nothing of another."""
    kind = ctx.system.identity.kind
    return _summed_up(ctx, PACKS[kind], _of_what_acts(ctx), f"parts of the pack for {kind}")


def _of_what_acts(ctx: Context) -> dict[str, tuple[bool, Where, str]]:
    """What a system that acts by itself has to declare: whether it is, where, and what to do."""
    if ctx.system.identity.kind not in ACTS:
        return {}
    cost, signals = ctx.system.cost, ctx.system.signals
    ceilings = cost.ceilings if cost is not None else ()
    suites = signals.guardrails if signals is not None else ()
    return {
        "a ceiling for each user or run": (
            any(c.scope == "user" or (c.per == "run" and c.scope != "training_run")
                for c in ceilings),
            cost.place_of("ceilings") if cost else ctx.system.missing_file("cost"),
            "writes a ceiling of the scope `user`, or per `run`, into cost.yaml",
        ),
        "a suite of jailbreaks": (
            any(suite.scope == "jailbreak" for suite in suites),
            signals.place_of("guardrails") if signals else ctx.system.missing_file("signals"),
            "writes a guardrail of the scope `jailbreak` into signals.yaml",
        ),
    }  # fmt: skip


def _summed_up(
    ctx: Context, parts: Parts, declared: Mapping[str, tuple[bool, Where, str]], what: str
) -> Outcome:
    """Passed when every part is answered by its checks and everything declared is there."""
    asked = {check: ctx.finding_of(check) for ids in parts.values() for check in ids}
    answered = {part: all(answers(asked[c]) for c in ids) for part, ids in parts.items()}
    answered |= {part: there for part, (there, _, _) in declared.items()}
    places = {part: where for part, (_, where, _) in declared.items()}
    values = {part: yes_or_no(there) for part, there in answered.items()}
    open_ones = [part for part, there in answered.items() if not there]
    if not open_ones:
        ends = [f.valid_until for f in asked.values() if f is not None and f.valid_until]
        return passed(
            f"all {len(answered)} {what}: {', '.join(answered)}",
            looked_at=[*places_of(list(asked.values())), *places.values()],
            values=values,
            valid_until=min(ends, default=None),
        )
    silent = [c for c, found in asked.items() if not answers(found)]
    lacking = [part for part in open_ones if part in declared]
    if not lacking:
        refuse_if_only_crashed([asked[c] for c in silent])
    said = [_said(part, [c for c in parts.get(part, ()) if c in silent]) for part in open_ones]
    return failed(
        f"{len(answered) - len(open_ones)} of {len(answered)} {what}; open: {'; '.join(said)}",
        looked_at=[*places_of([asked[c] for c in silent]), *(places[p] for p in lacking)]
        or [ctx.system.where],
        remedy=_settle(ctx, asked, silent, [declared[part][2] for part in lacking]),
        values=values,
        through=() if lacking else silent,
    )


def _said(part: str, checks: Sequence[str]) -> str:
    return f"{part} ({', '.join(checks)})" if checks else part


def _settle(
    ctx: Context,
    asked: Mapping[str, Finding | None],
    silent: Sequence[str],
    steps: Sequence[str],
) -> str:
    """What the owner does about the open parts."""
    todo = list(steps)
    if there := [c for c in silent if asked[c] is not None]:
        todo.append(
            f"settles what stops {', '.join(there)}, as `ops-model check {ctx.system.id} --all` "
            "lists it"
        )
    if gone := [c for c in silent if asked[c] is None]:
        todo.append(f"has {', '.join(gone)} loaded, as `ops-model checks list` shows what is")
    return f"the owner {', and '.join(todo)}"
