"""The verbs of a notebook that show what a system costs, why it grew, and what can be done."""

from ops_model.domain.cost import CostPlan
from ops_model.workflow.open import Book
from ops_model.workflow.show import nothing, recorded
from ops_model.workflow.shown import Shown

_NO_LOG = "cost.yaml declares no usage log, so no spend was measured."


def spend(book: Book) -> Shown:
    """Spend today with the age of the data, and per day and service against the ceiling."""
    if _plan(book) is None:
        return nothing(_NO_LOG)
    from ops_model.workflow.measure import spend_of

    return recorded(spend_of(book), book)


def ceilings(book: Book) -> Shown:
    """How near each ceiling is at this instant, and every day that went above one."""
    cost = _plan(book)
    if cost is None or not cost.ceilings:
        why = _NO_LOG if cost is None else "cost.yaml declares no ceiling."
        return nothing(f"{why} So nobody is told before too much is spent.")
    from ops_model.workflow.measure_breaches import breaches_of
    from ops_model.workflow.measure_ceilings import ceiling_watch_of

    found = (ceiling_watch_of(book), breaches_of(book))
    return Shown.of_many([recorded(record, book) for record in found])


def forecast(book: Book) -> Shown:
    """When each ceiling per day is crossed, if it goes on like this."""
    cost = _plan(book)
    if cost is None or not cost.ceilings:
        why = _NO_LOG if cost is None else "cost.yaml declares no ceiling that could be reached."
        return nothing(why)
    from ops_model.workflow.measure_forecast import forecasts_of

    found = forecasts_of(book)
    if not found:
        return nothing("No ceiling of cost.yaml is per day and for the system or a provider.")
    return Shown.of_many([recorded(record, book) for record in found])


def bridge(book: Book) -> Shown:
    """Why a day costs other than the pilot assumed, or than four weeks before."""
    if _plan(book) is None:
        return nothing(_NO_LOG)
    from ops_model.workflow.measure_bridge import bridge_of

    return recorded(bridge_of(book), book)


def unit_costs(book: Book) -> Shown:
    """What one successful outcome costs, against its target and what it is worth."""
    cost = _plan(book)
    if cost is None or not cost.units:
        why = _NO_LOG if cost is None else "cost.yaml names no unit of work under `units`."
        return nothing(f"{why} So nobody knows what a success costs.")
    from ops_model.workflow.measure_unit_cost import unit_costs_of
    from ops_model.workflow.unit_counts import not_countable

    claims = [unit.id for unit in cost.units if not_countable(unit)]
    found = unit_costs_of(book)
    return Shown.of_many(
        [
            *(recorded(record, book) for record in found),
            *(nothing(_claim_only(unit_id)) for unit_id in claims),
        ]
    )


def _claim_only(unit_id: str) -> str:
    return (
        f"Unit {unit_id} is a claim so far: write `log` and `good`, `monitor` or `outcome` to it "
        "in cost.yaml, and its successes are counted."
    )


def opportunities(book: Book) -> Shown:
    """What a cache, a smaller model, or another number of machines would save."""
    cost = _plan(book)
    if cost is None:
        return nothing(_NO_LOG)
    from ops_model.workflow.measure_compute import compute_costs_of
    from ops_model.workflow.measure_right_sizing import right_sizings_of
    from ops_model.workflow.measure_saving_cache import caches_of

    found = (*caches_of(book), *right_sizings_of(book), *compute_costs_of(book))
    return Shown.of_many(
        [
            *(recorded(record, book) for record in found),
            *(nothing(why) for why in _not_looked_at(cost)),
        ]
    )


def _not_looked_at(cost: CostPlan) -> list[str]:
    """Which savings nobody can look for, and what to declare."""
    of_tokens = [log for log in cost.logs if log.unit == "tokens"]
    lacking = []
    if of_tokens and not any(log.prefix for log in of_tokens):
        lacking.append(
            "No usage log names `prefix`, so what a cache of prompts would save is not known: log "
            "the hashes of each prompt's blocks."
        )
    if of_tokens and not cost.comparisons:
        lacking.append(
            "cost.yaml declares no comparison of a dear and a cheap model, so that a cheaper one "
            "will do is shown nowhere: answer the same questions with both."
        )
    return lacking


def savings(book: Book) -> Shown:
    """Every action that is to lower the cost: expected, estimated, measured."""
    cost = _plan(book)
    if cost is None or not cost.actions:
        why = _NO_LOG if cost is None else "cost.yaml plans no action that lowers the cost."
        return nothing(why)
    from ops_model.workflow.measure_savings import savings_of

    return recorded(savings_of(book), book)


def bill(book: Book) -> Shown:
    """What was billed beside what the usage logs come to, month by month."""
    cost = _plan(book)
    if cost is None or not cost.bills:
        why = _NO_LOG if cost is None else (
            "cost.yaml declares no bill, so whether the logs hold all that is paid for is not "
            "known: write `bills` with the export of the vendor, in the columns of FOCUS."
        )  # fmt: skip
        return nothing(why)
    from ops_model.workflow.measure_bill import bills_of

    return Shown.of_many([recorded(record, book) for record in bills_of(book)])


def load(book: Book) -> Shown:
    """The most requests that came within a short time, for what the machines have to carry."""
    signals = book.system.signals
    cost = book.system.cost
    logged = (signals is not None and bool(signals.logs)) or (cost is not None and bool(cost.logs))
    if not logged:
        return nothing("No log holds requests, so how many came at once is not known.")
    from ops_model.workflow.measure_load import load_of

    return recorded(load_of(book), book)


def _plan(book: Book) -> CostPlan | None:
    """The claims about cost, where they declare a usage log."""
    cost = book.system.cost
    return cost if cost is not None and cost.logs else None
