"""One check's finding about a system, everything else being in order."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from ops_model.check.catalogue import Catalogue
from ops_model.check.judge import judge
from ops_model.domain.assessment import Finding
from ops_model.domain.evidence import Record
from ops_model.domain.operating_model import SystemClaims
from ops_model.workflow.assess import catalogue_of
from tests.builders import AS_OF, PORTFOLIO, a_model, a_system, all_records, an_evidence


@cache
def shipped_catalogue() -> Catalogue:
    return catalogue_of(None)


@cache
def enough_for(check_id: str) -> Catalogue:
    """This check alone, which halves the work; all of them if its file asks for other findings."""
    check = shipped_catalogue().check(check_id)
    asks = "finding_of" in Path(check.function.__code__.co_filename).read_text("utf-8")
    return shipped_catalogue() if asks else replace(shipped_catalogue(), checks=(check,))


def judged(
    check_id: str,
    *,
    records: Callable[[SystemClaims], tuple[Record, ...]] = all_records,
    policy=None,
    people=None,
    portfolio=PORTFOLIO,
    as_of=AS_OF,
    **areas,
) -> Finding:
    """The finding of one shipped check; `areas` spoils the system, `records` its evidence."""
    system = a_system(**areas)
    model = a_model(system, policy=policy, people=people, portfolio=portfolio)
    evidence = an_evidence(*records(system))
    # A policy may name any check.
    catalogue = enough_for(check_id) if policy is None else shipped_catalogue()
    findings = judge(catalogue, model, system, evidence, as_of=as_of)
    return next(f for f in findings if f.check == check_id)


def but(build, **changes):
    """All records, one of them built with these changes."""

    def records(system):
        new = build(system, **changes)
        return tuple(new if r.kind == new.kind else r for r in all_records(system))

    return records


def lacking(*kinds):
    """All records but those of these kinds."""
    return lambda system: tuple(r for r in all_records(system) if r.kind not in kinds)


def nothing(system):
    """No record at all."""
    return ()


def instead(kind, *new):
    """All records but those of a kind, and these in their place; each is built of the system."""
    return lambda system: (*lacking(kind)(system), *(build(system) for build in new))
