"""The page of all systems: a strategy, a plan, what became of each, and the ask."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ops_model.domain.portfolio_status import PORTFOLIO, PortfolioStatus
from ops_model.site.build import SiteRuns
from ops_model.site.pages import render
from ops_model.site.simulated import made_up_among
from tests.site import samples, whole
from tests.site.pages_reader import Reader
from tests.site.samples import site_input

PAGE = "portfolio.html"


def shown(status, **more):
    return Reader(render(site_input(portfolio=status, **more))[PAGE]).text


@pytest.fixture(scope="module")
def text():
    return shown(samples.portfolio())


def test_the_page_opens_with_how_many_had_a_strategy_and_how_many_a_plan(text):
    # All three had a strategy; only flight-delay answers all five questions.
    assert "3 of 3 had a strategy 1 of 3 had an operations plan" in text
    assert text.index("had a strategy") < text.index("The ask") < text.index("Exposure")
    assert text.index("Exposure") < text.index("Ops debt")


def test_a_system_that_lacks_a_section_says_so_where_every_question_is_answered():
    whole = samples.portfolio()
    flight = whole.systems[0].model_copy(update={"had_plan": False})
    status = whole.model_copy(update={"systems": (flight, *whole.systems[1:])})
    message = "1 of 27 parts are missing: there is no systems/flight-delay/ownership.yaml"
    found = samples.finding("OM-01", "failed", message=message)
    assessed = samples.assessment().model_copy(update={"findings": (found,)})
    systems = (samples.flight_system(assessment=assessed), samples.support_system())

    text = shown(status, systems=systems)

    assert f"no, 5 of 5 questions answered, and OM-01 failed: {message}" in text
    assert "no, 3 of 5 questions answered" in text
    exposed = text[text.index("Exposure") : text.index("What all systems may cost")]
    assert "no, OM-01 is open 5 of 5" in exposed


def test_every_class_that_is_asked_for_is_counted_a_zero_included(text):
    for count, word in ((1, "■ STRANDED"), (0, "\u2013 TECH FAILED"), (1, "✖ RECKLESS"),
                        (1, "▲ FRAGILE"), (0, "✓ OPERATED")):  # fmt: skip
        assert f"{count} {word}" in text


def test_the_worst_class_stands_first_and_each_system_leads_to_its_page(text):
    rows = text[text.index("Every system, by rule") : text.index("Exposure")]
    html = render(site_input(portfolio=samples.portfolio()))[PAGE]

    assert rows.index("✖ RECKLESS") < rows.index("■ STRANDED") < rows.index("▲ FRAGILE")
    assert '<a href="systems/support-assistant/index.html">Support assistant</a>' in html
    # Nobody wrote a folder for the third.
    assert "invoice-extractor" in rows
    assert "systems/invoice-extractor" not in html


def test_the_ask_is_an_amount_for_named_systems_and_says_whether_a_pilot_may_begin(text):
    ask = text[text.index("The ask") : text.index("Every system, by rule")]

    assert "48,000.00 USD to operate what met its targets and serves nobody" in ask
    assert "✖ no new pilot 1 is stranded; from 1 on none may begin." in ask


def test_a_stranded_pilot_without_a_price_is_named():
    status = samples.portfolio().model_copy(
        update={"asks": (), "not_costed": ("invoice-extractor",)}
    )

    assert "Nothing is asked for" in shown(status)
    assert "Not costed yet: invoice-extractor." in shown(status)


def test_who_serves_people_without_a_plan_is_the_exposure(text):
    exposure = text[text.index("Exposure") : text.index("Ops debt")]

    assert "Support assistant 30 days no 3 of 5" in exposure
    assert "✓ within the limit 30.00 USD by 2 ceilings, 40.00 USD for all together" in exposure


def test_what_serves_with_open_gates_is_exposure_though_it_has_a_plan(text):
    exposure = text[text.index("Exposure") : text.index("Ops debt")]

    assert "▲ FRAGILE Flight delay 143 days yes 5 of 5 25 of 26" in exposure


def test_ops_debt_says_that_it_counts_from_the_first_verdict_on_record(text):
    assert "has stood since the first verdict on record in which it did" in text


def test_ops_debt_comes_with_its_n_and_the_system_that_owes_most_first(text):
    debt = text[text.index("Ops debt") :]

    assert "108 weighted gap days (exact, n = 4)" in debt
    assert debt.index("Support assistant") < debt.index("Flight delay")
    assert "Drill the rollback. 3 gaps RBK-02, RBK-05 Flight delay, Support assistant" in debt
    assert "No operators why nothing moved 224 days 1 system invoice-extractor" in debt


def test_a_workbook_without_a_portfolio_file_has_the_page_all_the_same():
    bare = PortfolioStatus(
        system="portfolio", as_of=samples.AS_OF, systems=(),
        debt=samples.exact(0, "weighted gap days", 0),
    )  # fmt: skip

    text = shown(bare)

    assert "0 of 0 had a strategy" in text
    assert "Nobody is served by a system without an operations plan, a valid sign-off" in text


def test_what_was_run_for_all_systems_together_has_its_page_and_leads_back_here():
    run = samples.run("r-all", "13_portfolio")
    together = SiteRuns(
        PORTFOLIO, "The portfolio",
        (samples.stated(50, samples.portfolio(), "r-all", "13_portfolio"),), (run,),
    )  # fmt: skip

    pages = render(site_input(portfolio=samples.portfolio(), together=together))
    page = Reader(pages["runs/portfolio/13_portfolio/r-all.html"])

    assert "Runs for all systems together" in Reader(pages[PAGE]).text
    assert "runs/portfolio/13_portfolio/r-all.html" in Reader(pages[PAGE]).values("href")
    assert "The portfolio" in Reader(pages["index.html"]).text
    assert "../../../portfolio.html" in page.values("href")
    assert "Ledger entry 50" in page.text


def test_an_ask_says_what_it_pays_for_and_that_it_is_only_declared(text):
    asked = samples.portfolio()
    basis = "Six weeks of one engineer, then a quarter position for a year."
    systems = tuple(
        s.model_copy(update={"cost_basis": basis}) if s.cost_to_close else s for s in asked.systems
    )

    told = shown(asked.model_copy(update={"systems": systems}))

    assert f"invoice-extractor. {basis} (E1 declared, portfolio.yaml)" in told
    assert "Nobody said what it pays for, nor for how long. (E1 declared" in text


def test_the_pages_of_all_systems_say_what_of_a_real_one_is_made_up():
    told = (samples.stated(8, samples.spend(simulated=True), "r-quality"),)
    system = samples.flight_system(statements=told)

    text = shown(samples.portfolio(), systems=(system, samples.support_system()))

    assert (
        "partly simulated : Support assistant is made up; "
        "of Flight delay, the rows behind spend are made up."
    ) in text


def test_what_gates_are_is_said_where_they_are_counted(text):
    debt = text[text.index("Ops debt") :]

    assert "one that is waived is not met, and those that only inform are none" in debt


def test_the_page_of_a_run_for_all_systems_says_which_of_them_are_made_up():
    together = SiteRuns(
        PORTFOLIO, "The portfolio",
        (samples.stated(50, samples.portfolio(), "r-all", "13_portfolio"),),
        (samples.run("r-all", "13_portfolio"),),
    )  # fmt: skip

    pages = render(site_input(portfolio=samples.portfolio(), together=together))

    assert "partly simulated : Support assistant is made up." in (
        Reader(pages["runs/portfolio/13_portfolio/r-all.html"]).text
    )


def many(count):
    made_up = tuple(
        replace(
            samples.support_system(),
            claims=samples.claims(f"sys-{i}", name=f"System {i}", simulated=True),
            statements=(),
        )
        for i in range(count)
    )
    return (samples.flight_system(), *made_up)


@pytest.mark.parametrize("path", [PAGE, "fleet.html"])
def test_of_many_systems_that_are_made_up_the_number_stands_first_and_the_names_unfold(path):
    html = render(site_input(portfolio=samples.portfolio(), systems=many(24)))[path]
    few = render(site_input(portfolio=samples.portfolio(), systems=many(3)))[path]

    opens = html[html.index("partly simulated") : html.index("<h1>")]
    assert "24 of 25 systems are made up." in opens
    assert "System 7" not in opens[: opens.index("<details>")]
    assert "System 7" in opens[opens.index("<details>") :]
    assert "System 0, System 1, System 2 are made up." in few
    assert "<details>" not in few[: few.index("<h1>")]


@pytest.mark.parametrize("path", [PAGE, "fleet.html"])
def test_where_every_system_is_made_up_nothing_is_said_to_be_so_in_part(path):
    systems = many(3)[1:]

    html = render(site_input(portfolio=samples.portfolio(), systems=systems))[path]

    opens = Reader(html[: html.index("<h1>")]).text
    assert "simulated : System 0, System 1, System 2 are made up." in opens
    assert "partly" not in opens


def test_of_many_systems_of_which_some_rows_are_made_up_the_names_unfold_too():
    spent = samples.stated(8, samples.spend(simulated=True), "r-quality")
    partly = tuple(
        samples.flight_system(
            claims=samples.claims(f"sys-{i}", name=f"System {i}"), statements=(spent,)
        )
        for i in range(5)
    )

    made_up = made_up_among(site_input(systems=partly))
    beside = made_up_among(site_input(systems=(*partly, *many(1)[1:])))

    assert made_up.said == "of 5 systems, some rows are made up"
    assert beside.said == "System 0 is made up; of 5 more, some rows are made up"
    assert made_up.names[0] == "of System 0, the rows behind spend are made up"


def test_what_was_never_measured_about_cost_is_said_of_each_system():
    cost = shown(samples.portfolio(), systems=(samples.flight_system(), *many(1)[1:]))
    cost = cost[cost.index("What it costs") : cost.index("Ops debt")]
    none = shown(samples.portfolio(), systems=many(5)[1:])
    none = none[none.index("What it costs") : none.index("Ops debt")]

    assert "Flight delay 11.20 USD of 60.00 USD, by data 60 minutes old" in cost
    assert "Not measured of System 0." in cost
    assert "Not measured of 5 systems." in none


def test_a_spend_that_its_check_finds_too_old_is_unknown_on_the_page_of_all_systems():
    at = samples.AS_OF + timedelta(days=132)
    system = whole.whole(as_of=at)
    text = Reader(render(whole.input_of(system, portfolio=samples.portfolio(), as_of=at))[PAGE])
    cost = text.text[text.text.index("What it costs") : text.text.index("Ops debt")]

    assert "? unknown, last measured up to 22 Jul 2013, 07:00 UTC" in cost
    assert "✓" not in cost


def test_a_debt_of_gap_days_says_that_each_gap_counts_a_day_at_least(text):
    assert "in which it did, at least one day each, counted three times" in text


def test_the_page_of_a_run_says_of_which_instant_it_is_and_of_no_other():
    week_before = samples.AS_OF - timedelta(days=7)
    together = SiteRuns(
        PORTFOLIO, "The portfolio",
        (samples.stated(50, samples.portfolio(), "r-all", "13_portfolio"),),
        (samples.run("r-all", "13_portfolio", as_of=week_before),),
    )  # fmt: skip
    pages = render(site_input(portfolio=samples.portfolio(), together=together))
    text = Reader(pages["runs/portfolio/13_portfolio/r-all.html"]).text

    # Above the page, among its facts, and below it.
    assert text.count("judged as of 15 Jul 2013, 08:00 UTC") == 3
    assert text.count("judged as of") == 3
