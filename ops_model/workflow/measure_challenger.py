"""Each comparison of a challenger that `change.yaml` plans, by the results that it names."""

from datetime import UTC, datetime

from ops_model.domain.change import ChallengerPlan, ChangeRequest
from ops_model.domain.evidence import Measured
from ops_model.domain.trials import ChallengerResult
from ops_model.domain.values import iso_utc
from ops_model.workflow import declared
from ops_model.workflow.any_log_compare import CompareAnswer, CompareQuestion, compare_in
from ops_model.workflow.open import Book


def why_not_compared(book: Book, request: ChangeRequest) -> str:
    """Why nothing is read of a request, in a sentence; empty where it is."""
    plan = request.challenger
    if plan is None:
        return f"Request {request.id} plans no challenger."
    if request.requested_at > book.as_of:
        return f"Request {request.id} is of {iso_utc(request.requested_at)}, which is to come."
    if plan.environment == "production":
        return (
            f"The challenger of {request.id} is to run in production, so its results are not "
            "read: what it answers there reaches users before anybody knows how good it is. Plan "
            "it on recorded cases in test or staging."
        )
    if plan.results is None:
        return (
            f"The challenger of {request.id} is planned with {plan.cases:,} cases, and names no "
            "`results` in change.yaml yet."
        )
    # A plan comes before its results, so that there are none yet is no mistake.
    if not (book.root / plan.results.partition("#")[0]).exists():
        return f"There are no results of {request.id} yet: {plan.results} is not there."
    return ""


def challengers_of(book: Book) -> tuple[ChallengerResult, ...]:
    """Every comparison that has results, in the file's order.

    Raises:
        WarehouseError: results cannot be read, or `system.yaml` describes a version nowhere.
    """
    change = book.system.change
    found = []
    for request in change.requests if change is not None else ():
        plan = request.challenger
        if plan is not None and not why_not_compared(book, request):
            found.append(_compared(book, request, plan))
    return tuple(found)


def _compared(book: Book, request: ChangeRequest, plan: ChallengerPlan) -> ChallengerResult:
    from ops_model.store.warehouse import identify

    results = plan.results or ""
    old, new = (_digest(book, request, key) for key in ("from_version", "to_version"))
    answer = compare_in(
        CompareQuestion(
            results=results, written=plan.format,
            champion=plan.champion or _arm(plan, request.from_version),
            challenger=plan.challenger or _arm(plan, request.to_version),
            score=plan.score, margin=plan.margin, slices=plan.slices, correction=plan.correction,
            look_every=plan.look_every, planned=plan.cases if plan.look_every else None,
            lower_is_better=plan.lower_is_better, environment=plan.environment, before=book.as_of,
        ),
        root=book.root,
    )  # fmt: skip
    found = answer.found.recorded()
    late, unknown = _written_late(book, request, plan)
    faults = (*found["faults"], *late, *_changed_since(book, request, plan, (old, new)))
    notes = (*answer.found.notes, *answer.notes, *unknown, *_fewer(plan, answer))
    if faults:
        found |= {
            "verdict": "undecided", "cases_needed": None,
            "slices": tuple(one.model_copy(update={"verdict": "undecided"})
                            for one in found["slices"]),
        }  # fmt: skip
    return ChallengerResult(
        system=book.system.id, as_of=book.as_of,
        claims=book.system.claim_refs("change", "identity"),
        inputs=(identify(book.root, results),),
        simulated=book.system.identity.simulated,
        request=request.id, environment=plan.environment,
        from_version=request.from_version, to_version=request.to_version,
        from_digest=old, to_digest=new,
        metric=plan.metric, margin=plan.margin, look_every=plan.look_every,
        no_worse_than=answer.found.no_worse_than,
        **{**found, "faults": faults, "notes": notes, "cost": _cost(found["cost"])},
    )  # fmt: skip


def _arm(plan: ChallengerPlan, label: str) -> str | None:
    """What a tool wrote says itself which arms there are; a table names the versions."""
    return label if plan.format == "table" else None


def _digest(book: Book, request: ChangeRequest, key: str) -> str:
    label = str(getattr(request, key))
    version = book.system.identity.known_version(label)
    if version is None:
        declared.undeclared(
            request, key, f"request {request.id} names version {label!r}, which system.yaml does "
            "not describe", "describe it under `other_versions`: what was compared is its digest",
        )  # fmt: skip
    return version.digest()


def _cost(cost: Measured | None) -> Measured | None:
    """Whose cost nobody wrote is unknown, and no record of it is made."""
    return cost if cost is not None and cost.value is not None else None


def _fewer(plan: ChallengerPlan, answer: CompareAnswer) -> tuple[str, ...]:
    """Whether less was asked than planned, where nothing allowed to stop early."""
    found, short = answer.found, []
    if plan.look_every is None and found.cases < plan.cases:
        short.append(f"{found.cases:,} of {plan.cases:,} planned cases")
    if found.repeats < plan.repeats:
        short.append(f"{found.repeats:,} of {plan.repeats:,} planned repeats")
    return (f"there are {' and '.join(short)}",) if short else ()


def _written_late(
    book: Book, request: ChangeRequest, plan: ChallengerPlan
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Faults and notes on what came first: the plan, or the first answer.

    When a file was written says nothing of it: a copy is younger than the answers in it.
    """
    first = _first_answer(book, plan)
    if first is None:
        return (), (
            "the results do not say when they were answered, so that the plan came first is the "
            f"word of {request.requested_by}",
        )  # fmt: skip
    if first >= request.requested_at:
        return (), ()
    return (
        f"the first answer is of {iso_utc(first)}, before the margin was written "
        f"({iso_utc(request.requested_at)})",
    ), ()  # fmt: skip


def _first_answer(book: Book, plan: ChallengerPlan) -> datetime | None:
    """When the first case was answered, as far as the results say so."""
    results = plan.results or ""
    if plan.format == "inspect_ai":
        from ops_model.store.eval_logs import eval_logs_of

        created = (_instant(log["eval"].get("created")) for _, log in
                   eval_logs_of(book.root, results))  # fmt: skip
        return min((at for at in created if at is not None), default=None)
    if plan.format != "table":
        return None
    from ops_model.analysis.trial_results import ANSWERED_AT
    from ops_model.store.warehouse import LogRequest, kinds_of, open_logs, readable_logs

    if ANSWERED_AT not in kinds_of(book.root, results):
        return None
    # Results of a trial are files of the workbook.
    request = LogRequest(results, {}, timestamp=ANSWERED_AT, before=book.as_of, warehouse=None)
    with readable_logs(results):
        answered = open_logs(book.root, {"results": request})["results"][ANSWERED_AT]
        first: datetime = answered.min().to_pyarrow().as_py()
    return first.astimezone(UTC)


def _instant(text: object) -> datetime | None:
    """An instant as inspect-ai writes it; None where it is none, or of no zone."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None


def _changed_since(
    book: Book, request: ChangeRequest, plan: ChallengerPlan, digests: tuple[str, str]
) -> tuple[str, ...]:
    """What of the plan is otherwise than when these results were looked at first."""
    earlier = [
        found.record for found in book.evidence.all(ChallengerResult)
        if found.record.request == request.id
        and (found.record.from_digest, found.record.to_digest) == digests
    ]  # fmt: skip
    rules = {"margin": plan.margin, "look_every": plan.look_every, "metric": plan.metric}
    faults: dict[str, str] = {}
    for record in earlier:
        for name, now in rules.items():
            then = getattr(record, name)
            if then != now:
                faults.setdefault(name, f"the {name.replace('_', ' ')} was changed after a look: "
                                  f"{_said(then)} on {record.as_of.date()}, {_said(now)} now; ask "
                                  "for it anew, with new cases")  # fmt: skip
    return tuple(faults.values())


def _said(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
