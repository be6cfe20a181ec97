"""Checks and catalogues of one's own, for tests of the machinery."""

from ops_model.check.api import Check, Context, Outcome, check, failed, passed, unknown
from ops_model.check.catalogue import Catalogue
from ops_model.check.judge import judge
from ops_model.domain.values import Where
from tests.builders import AS_OF, a_model, a_rollback_drill, a_system, an_evidence

PEOPLE_FILE = Where(path="people.yaml", line=1)
OWNER_FILE = Where(path="systems/flight-delay/ownership.yaml", line=1)
ENTRY = Where(path="ledger", line=1)


def a_check(check_id, function, *, area="ownership") -> Check:
    """A check whose function is this one."""
    if not function.__doc__:
        function.__doc__ = "To see what the judge makes of it."
    decorated = check(check_id, question="Is it so?", area=area, source=["own"], revision=1)
    return decorated(function)


def passing(check_id, area="ownership") -> Check:
    return a_check(check_id, lambda ctx: passed("it holds", looked_at=[OWNER_FILE]), area=area)


def observed(check_id, area="ownership") -> Check:
    """A check that passes by what a run saw, for questions that a word does not answer."""
    return a_check(check_id, lambda ctx: passed("it holds", looked_at=[ENTRY]), area=area)


def what_a_run_saw(system):
    """The evidence whose first entry is good enough for `observed` below tier A."""
    return an_evidence(a_rollback_drill(system))


def failing(check_id, area="ownership") -> Check:
    def answer(ctx: Context) -> Outcome:
        return failed("it does not hold", looked_at=[OWNER_FILE], remedy="make it hold")

    return a_check(check_id, answer, area=area)


def not_known(check_id, area="ownership") -> Check:
    def answer(ctx: Context) -> Outcome:
        return unknown("missing", "not on record", looked_at=[OWNER_FILE], remedy="record it")

    return a_check(check_id, answer, area=area)


def crashing(check_id, area="ownership") -> Check:
    def answer(ctx: Context) -> Outcome:
        raise KeyError(ctx.system.id)

    return a_check(check_id, answer, area=area)


def a_catalogue(*checks: Check) -> Catalogue:
    return Catalogue(
        checks, {c.id: Where(path="checks/acme.py", line=n) for n, c in enumerate(checks, 1)}
    )


def findings_of(*checks: Check, system=None, policy=None, evidence=None, as_of=AS_OF, people=None):
    """Finding by check id."""
    system = system or a_system(tier="C")
    model = a_model(system, policy=policy, people=people)
    evidence = evidence or an_evidence()
    found = judge(a_catalogue(*checks), model, system, evidence, as_of=as_of)
    return {f.check: f for f in found}
