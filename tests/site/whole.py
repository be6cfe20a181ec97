"""A whole system of the builders, judged by the shipped checks, as the site's pages meet it."""

from datetime import UTC, datetime
from functools import lru_cache

from ops_model.check.api import Context, Evidence
from ops_model.check.decided import decided_about
from ops_model.check.sign_off import policy_digest, seat_states
from ops_model.check.verdict import assess
from ops_model.domain.evidence import Grade
from ops_model.domain.four_hours import four_hours
from ops_model.domain.people import People
from ops_model.domain.portfolio_status import PortfolioStatus
from ops_model.domain.workbook import WorkbookSettings
from ops_model.site.build import GradedStatement, SiteInput, SiteRun, SiteSystem
from ops_model.workflow.assess import catalogue_of
from tests.builders import (
    AS_OF,
    PEOPLE,
    RUN,
    SHIPPED,
    a_model,
    a_statement,
    a_system,
    all_records,
    judging,
    located,
    signed_among,
)
from tests.site.samples import digest

NIGHT = datetime(2013, 7, 27, 2, tzinfo=UTC)
ID = "flight-delay"


def page(name="index", system=ID):
    return f"systems/{system}/{name}.html"


@lru_cache(maxsize=1)
def catalogue():
    return catalogue_of(None)


def whole(records=None, *, policy=None, system=None, as_of=AS_OF, **areas):
    """A system with everything that the checks ask for, or with these records and areas only.

    The builders made their records for `AS_OF`; judged later, they have grown old.
    """
    claims = system or a_system(**areas)
    model = a_model(claims, policy=policy)
    shown = all_records(claims) if records is None else records
    told = tuple(a_statement(record, seq) for seq, record in enumerate(shown, start=1))
    evidence = Evidence(told, frozenset({SHIPPED}), signed_among(told))
    ctx = Context(claims, model, evidence, as_of, register=catalogue().register)
    run = SiteRun(
        run_id=RUN, notebook="05_drift_quality", notebook_digest=SHIPPED, state="finished",
        as_of=AS_OF, recorded_at=AS_OF, seconds=4.0, bundle=f"runs/{ID}/05/{RUN}",
        manifest=digest("manifest"), records=len(told),
    )  # fmt: skip
    judged = assess(catalogue(), model, claims, evidence, as_of=as_of, ledger_size=len(told))
    return SiteSystem(
        claims=claims,
        assessment=judged,
        walk=four_hours(
            model, claims, at=NIGHT, judging=judging(model, claims, told), statements=told
        ),
        statements=tuple(GradedStatement(s, Grade.OBSERVED) for s in told),
        runs=(run,),
        policy=policy_digest(model.policy, claims.id),
        seats=seat_states(ctx, max_age_days=180),
        decided=decided_about(catalogue().checks, model, claims, judged),
    )


def input_of(*systems: SiteSystem, portfolio: PortfolioStatus | None = None, **more):
    """The site of these systems."""
    values = {
        "settings": WorkbookSettings(name="Test", zone="Europe/Berlin"),
        "people": People.model_validate(located(PEOPLE, "people.yaml")),
        "as_of": AS_OF, "tool_version": "0.1.0", "systems": systems,
        "register": catalogue().register, "portfolio": portfolio,
    }  # fmt: skip
    return SiteInput(**{**values, **more})


__all__ = ["ID", "NIGHT", "catalogue", "input_of", "page", "whole"]
