"""The pages of the on-call engineer, of the product reviewer and of the compliance reviewer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ops_model.domain.detection import OutcomeMeasurement, SegmentQuality
from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.domain.signals_logged import Log
from ops_model.domain.spend import UnitCost
from ops_model.domain.values import digest_of
from ops_model.domain.workbook import WorkbookSettings
from ops_model.site import words
from ops_model.site.on_call_page import query
from ops_model.site.pages import render
from ops_model.site.product import moving
from ops_model.site.seats import decided_since
from tests.builders import (
    AREAS,
    AS_OF,
    PEOPLE,
    a_fallback_drill,
    a_quality,
    a_rollback_drill,
    a_system,
    all_records,
    an_access,
    located,
    people_but,
    share,
    without,
)
from tests.domain.test_four_hours import FULL, but
from tests.shown_model import SEATED, a_pack, a_sign_off
from tests.shown_quality import an_outcome
from tests.shown_running import a_unit_cost
from tests.site import samples, whole
from tests.site.pages_reader import Reader
from tests.site.whole import input_of, page


@pytest.fixture(scope="module")
def pages():
    return render(input_of(whole.whole()))


@pytest.fixture(scope="module")
def read(pages):
    return {path: Reader(html) for path, html in pages.items()}


def shown(name, system, **more):
    return Reader(render(input_of(system, **more))[page(name)]).text


def addressed(*channels):
    """The settings of a workbook in which these channels have an address."""
    routes = [{"channel": channel, "address_in": "OPS_MODEL_ADDRESS"} for channel in channels]
    content = {"name": "Test", "zone": "Europe/Berlin", "alert_routes": routes}
    return WorkbookSettings.model_validate(located(content, "ops-model.yaml"))


def bare():
    """A system of which only system.yaml is written."""
    areas = ("ownership", "on_call", "decisions", "rollback", "fallback", "service_levels",
             "signals", "cost", "compliance", "change")  # fmt: skip
    return whole.whole(records=(), system=a_system(**dict.fromkeys(areas)))


# The on-call page


def test_the_on_call_page_opens_with_whom_the_page_reaches_what_they_may_do_and_the_last_drill(
    read,
):
    text = read[page("on-call")].text
    box = text[: text.index("What tells you that it is broken")]

    assert "Ana Ruiz primary" in box
    assert "you may alone roll back" in box
    assert "Rollback drill passed" in box
    assert "going back" in box


def test_what_all_observed_drills_show_stands_beside_the_last_one(read):
    text = read[page("on-call")].text

    assert (
        "1 of 1 drills passed; that alone shows only that it works in 5 % of cases or more"
    ) in text


def watched(*, settings=None, as_of=AS_OF, on_call=None, **by_route):
    """What the page says of one monitor for each route, all measured but for `unseen`."""
    monitors = [
        {"id": name.replace("_", "-"), "signal": "output_quality", "metric": "accuracy",
         "automated": "true", "alert_route": route, "cadence": "weekly"}
        for name, route in by_route.items()
    ]  # fmt: skip
    signals = {"monitors": monitors, "critical_segments": [], "outcomes": []}
    areas = {} if on_call is None else on_call
    claims = a_system(signals={**signals, "retraining": None}, **areas)
    seen = [a_quality(claims, monitor=m["id"]) for m in monitors if m["id"] != "unseen"]
    given = {"settings": settings or addressed("page", "mail"), "as_of": as_of}
    text = shown("on-call", whole.whole(seen, system=claims), **given)
    return text[text.index("What tells you that it is broken") :]


def test_what_pages_stands_before_what_only_tells():
    told = watched(first="mail: ana-ruiz", second="mail: fay-product; page: flight-delay primary")

    assert "✓ pages second (output quality)" in told
    assert "○ tells first (output quality)" in told[told.index("✓ pages") :]


def test_a_route_to_a_name_that_means_nobody_tells_nobody_and_pages_nobody():
    told = watched(first="mail: homepage-team", second="page: anna-ruiz; mail: ana-ruiz")

    assert "✖ tells nobody first (output quality)" in told
    assert "○ tells second (output quality)" in told
    assert "✓ pages" not in told


def test_a_monitor_that_was_never_measured_is_not_said_to_page():
    told = watched(unseen="page: primary")

    assert (
        "▲ not known unseen (output quality), weekly: declared, never measured: no measurement of "
        "monitor unseen is on record"
    ) in told
    assert "✓ pages unseen" not in told


def test_a_role_that_no_rota_gives_to_anybody_is_not_said_to_page():
    told = watched(on_call={"on_call": None}, first="page: flight-delay primary")

    assert "✖ tells nobody first (output quality)" in told
    assert "nobody is primary: there is no on_call.yaml" in told
    assert "✓ pages" not in told


def test_a_channel_without_an_address_is_not_said_to_page():
    told = watched(settings=addressed("mail"), first="page: primary", second="mail: ana-ruiz")

    assert "▲ no address first (output quality), weekly: no address for page stands in" in told
    assert "○ tells second (output quality)" in told


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (8, "✓ pages first"),
        (9, "▲ not known first (output quality), weekly: last measured 9 days"),
    ],
)
def test_a_monitor_is_said_to_page_for_as_long_as_its_check_counts_the_measurement(days, said):
    assert said in watched(as_of=AS_OF + timedelta(days=days), first="page: primary")


def test_a_ceiling_is_not_said_to_page_where_nothing_measures_what_is_spent():
    settings = addressed("pager")
    seen, never = whole.whole(), whole.whole(records=())

    said = "no measurement of what is spent is on record"
    assert said in shown("on-call", never, settings=settings)
    assert said not in shown("on-call", seen, settings=settings)


def test_without_a_rota_whoever_is_on_call_may_do_nothing_alone():
    system = whole.whole(system=a_system(on_call=None))
    text = shown("on-call", system)

    assert "✖ nobody roll back" in text
    assert "nobody is primary: there is no on_call.yaml" in text
    assert "you may alone nothing" in text


def test_a_drill_of_an_earlier_plan_says_so_wherever_the_page_tells_of_it():
    claims = a_system()
    drills = [
        drill.model_copy(update={"claims": tuple(
            ref.model_copy(update={"digest": samples.digest("earlier")}) for ref in drill.claims
        )})
        for drill in (a_rollback_drill(claims), a_fallback_drill(claims))
    ]  # fmt: skip
    text = shown("on-call", whole.whole(drills, system=claims))

    assert text.count("of an earlier text of rollback.yaml") >= 2
    assert "of an earlier text of fallback.yaml" in text
    assert "1 of 1 drills passed" not in text


def test_a_way_on_that_the_data_may_not_go_is_said_to_be_forbidden():
    path = {**AREAS["fallback"]["paths"][0], "data_allowed": "false"}
    text = shown("on-call", whole.whole(system=a_system(fallback={"paths": [path]})))
    way_on = text[text.index("When something is down") :]

    assert "✖ forbidden the data may not go there" in way_on
    assert "FBK-04" in way_on
    assert "✖ forbidden" not in shown("on-call", whole.whole())


def test_the_first_screen_says_which_drill_it_speaks_of():
    text = shown("on-call", whole.whole(records=(a_fallback_drill(a_system()),)))

    assert "last rollback drill never rehearsed" in text
    assert "last drill Fallback drill passed" in text


def test_an_alert_of_a_budget_that_was_never_measured_is_not_said_to_page():
    told = shown("on-call", whole.whole(records=()))

    assert "availability budget, when it burns 14.4 times as fast as it may" in told
    assert "over 1 h: no measurement of objective answers is on record" in told


def test_a_monitor_that_is_looked_at_by_hand_tells_nobody():
    by_hand = {"id": "looked-at", "signal": "uptime", "metric": "rate", "automated": "false",
               "alert_route": "page: primary"}  # fmt: skip
    system = whole.whole(records=(), signals={"monitors": [by_hand]})

    assert "✖ tells nobody looked-at (uptime), by hand" in shown("on-call", system)


def test_what_one_may_do_alone_stands_before_what_one_has_to_ask_for():
    rights = but(restore={"action": "restore", "holder": "primary", "autonomy": "needs_approval",
                          "approvers": ["bo-li"]})  # fmt: skip
    system = whole.whole(records=(), decisions={**FULL["decisions"], "rights": rights})
    text = shown("on-call", system)

    assert "▲ ask first restore it 15 min primary only with the approval of Bo Li" in text
    assert text.index("✓ alone roll back") < text.index("▲ ask first")


def test_rights_and_steps_back_stand_before_what_tells_that_it_is_broken(read):
    text = read[page("on-call")].text
    order = ["ops-model oncall flight-delay", "What you may do ", "From v2 to v1",
             "What tells you that it is broken"]  # fmt: skip
    places = [text.rindex(said) for said in order[1:]]

    assert order[0] in text[: places[0]]
    assert places == sorted(places)


def left(person):
    """The people of the builders, one of whom left a day before the instant."""
    return People.model_validate(
        located(people_but(person, active_to="2013-07-21"), "people.yaml")
    )


def test_who_left_is_marked_as_one_who_cannot_answer_at_the_instant_that_is_printed():
    text = Reader(render(input_of(whole.whole(), people=left("ana-ruiz")))[page("on-call")]).text
    box = text[: text.index("What you may do ", text.index("verdict"))]

    assert "On Mon 22 Jul 2013, 10:00 CEST the page goes to" in box
    assert "Ana Ruiz (CANNOT ANSWER: left on 21 Jul 2013) primary" in box
    assert "Bo Li secondary" in box


def test_who_is_accountable_and_left_is_marked_on_every_page_that_names_them_as_the_owner():
    system = whole.whole()
    owner = system.claims.ownership.accountable
    name = People.model_validate(located(PEOPLE, "people.yaml")).label(owner)
    pages = render(input_of(system, people=left(owner)))
    said = f"{name} (CANNOT ANSWER: left on 21 Jul 2013)"

    assert f"accountable {said}" in Reader(pages[page("index")]).text
    assert f"Owner {said}" in Reader(pages[page("on-call")]).text


def test_a_right_that_the_one_on_call_takes_as_a_stand_in_says_whose_and_up_to_how_much():
    rights = but(notify_users={"action": "notify_users", "holder": "fay-product",
                               "backup": "primary", "autonomy": "alone",
                               "money_limit": "10000.00 USD"})  # fmt: skip
    system = whole.whole(records=(), decisions={**FULL["decisions"], "rights": rights})
    text = shown("on-call", system)

    assert "tell users as the stand-in of Fay Product" in text
    assert "up to 10,000.00 USD" in text
    assert "or primary as stand-in" in text


def test_the_steps_back_come_with_who_does_them_and_how_one_sees_it(read):
    text = read[page("on-call")].text

    assert "s planned, 600 s at most" in text
    assert "ops-model drill rollback flight-delay" in text


def test_a_drill_that_failed_is_told_as_failed():
    claims = a_system()
    system = whole.whole(records=(a_rollback_drill(claims, passed=False),), system=claims)

    assert "Rollback drill failed" in shown("on-call", system)


def test_a_log_comes_with_a_query_that_runs_as_it_is():
    log = Log(id="served", holds="predictions", address="data/it's", timestamp="at")

    assert query(log) == (
        "SELECT * FROM read_parquet('data/it''s/**/*.parquet')\nORDER BY \"at\" DESC LIMIT 20;"
    )


def test_the_query_of_a_log_really_runs(tmp_path):
    import duckdb

    (tmp_path / "log" / "2013").mkdir(parents=True)
    place = tmp_path / "log" / "2013" / "a.parquet"
    duckdb.sql("SELECT 1 AS at UNION ALL SELECT 2").write_parquet(str(place))
    log = Log(id="served", holds="predictions", address="log", timestamp="at")
    asked = query(log).replace("'log/", f"'{tmp_path}/log/")

    assert duckdb.sql(asked).fetchall() == [(2,), (1,)]


def test_who_opened_the_logs_with_their_own_access_is_named():
    claims = a_system()
    opened = an_access(claims, "ana-ruiz", action="query_logs")
    system = whole.whole(records=(opened,), system=claims)

    assert "Opened with their own access: Ana Ruiz, 17 Jul 2013" in shown("on-call", system)


def test_the_way_on_comes_with_the_words_that_users_read_and_the_last_drill(read):
    text = read[page("on-call")].text
    way_on = text[text.index("When something is down") :]

    assert "users read “" in way_on
    assert "Fallback drill passed" in way_on


def test_the_operator_reads_what_is_asked_of_them_and_what_it_is_held_to(read):
    text = read[page("on-call")].text
    asked = text[text.index("What you are asked to run") :]

    assert "depends on" in asked
    assert "held to availability" in asked
    assert "looked after" in asked


def test_a_page_for_on_call_without_any_file_says_what_is_not_there():
    text = shown("on-call", bare())

    assert "Nobody is paged: no escalation is written in on_call.yaml." in text
    assert "Nothing: no monitor, objective or ceiling is declared" in text
    assert "decisions.yaml gives whoever is on call no right" in text
    assert "There is no rollback.yaml" in text
    assert "No log is declared" in text
    assert "No way on is planned" in text
    assert "never rehearsed" in text


def test_no_contact_stands_on_any_page_of_a_system():
    named = People.model_validate(
        located(people_but("ana-ruiz", contact_ref="vault/phone-4711"), "people.yaml")
    )
    pages = render(input_of(whole.whole(), people=named))

    assert not any("4711" in html for html in pages.values())


# The product reviewer's page


def outcome(system, change, low, high, **more):
    """The outcome of the claim, moved by so much from the baseline that the claim names."""
    moved = Measured(value=change, unit="share", n=1800, low=low, high=high)
    return an_outcome(system, system.signals.outcomes[0], change=moved, **more)


@pytest.mark.parametrize(
    ("interval", "word"),
    [((0.05, 0.13), "moving"), ((-0.02, 0.13), "no clear change"),
     ((-0.2, -0.1), "moving the wrong way"), ((None, None), "no clear change")],
)  # fmt: skip
def test_an_outcome_moves_when_the_near_end_of_its_interval_does(interval, word):
    low, high = interval
    reason = None if low is not None else "too few"

    assert moving(
        Measured(value=0.09, unit="share", n=9, low=low, high=high, no_interval=reason)
    ).word == word  # fmt: skip


def test_the_product_page_opens_with_whether_the_outcome_moves():
    claims = a_system()
    others = without(all_records(claims), OutcomeMeasurement)
    up = whole.whole(records=(*others, outcome(claims, 0.09, 0.05, 0.13)), system=claims)
    down = whole.whole(records=(*others, outcome(claims, -0.09, -0.13, -0.05)), system=claims)
    never = whole.whole(records=(), system=claims)

    for system, said in ((up, "✓ moving"), (down, "✖ moving the wrong way"),
                         (never, "? not measured")):  # fmt: skip
        text = shown("product", system)
        assert text.index(said) < text.index("For whom it is worst")
    assert "+9.0 points (95 % interval +5.0 to +13.0 points, n = 1,800)" in shown("product", up)


def test_an_outcome_that_its_check_finds_too_old_is_unknown_and_says_when_it_was_measured():
    text = shown("product", whole.whole(as_of=AS_OF + timedelta(days=132)))
    first = text[: text.index("For whom it is worst")]

    assert "✓ moving" not in text
    assert "is the outcome moving? ? unknown Last measured" in first
    assert first.count("? unknown") >= 3  # the answer, the row, and the check itself
    assert "QLT-06" in first


def test_an_outcome_that_its_check_does_not_take_is_not_told_as_moving():
    claims = a_system()
    others = without(all_records(claims), OutcomeMeasurement)
    # An outcome is written down of two in ten rows, where it was of nine before.
    rare = outcome(claims, 0.09, 0.05, 0.13, known_share=0.2, known_share_before=0.9)
    text = shown("product", whole.whole(records=(*others, rare), system=claims))

    assert "is the outcome moving? ? unknown" in text
    assert "✓ moving" not in text


def test_of_two_outcomes_only_the_one_that_grew_old_is_unknown():
    first = AREAS["signals"]["outcomes"][0]
    claims = a_system(signals={"outcomes": [first, {**first, "id": "second", "name": "Second"}]})
    others = without(all_records(claims), OutcomeMeasurement)
    measured = [r for r in all_records(claims) if isinstance(r, OutcomeMeasurement)]
    fresh = next(r for r in measured if r.outcome == first["id"])
    old = fresh.model_copy(update={"outcome": "second", "as_of": AS_OF - timedelta(days=60)})
    text = shown("product", whole.whole(records=(*others, fresh, old), system=claims))
    rows = text[text.index("wanted now change") : text.index("For whom it is worst")]

    assert "is the outcome moving? ? unknown Last measured 23 May 2013." in text
    assert f"✓ moving {first['name']}" in rows
    assert "? unknown Second" in rows


def test_quality_and_segments_that_grew_old_say_so_and_no_floor_holds_by_them():
    claims = a_system(signals={"critical_segments": [
        {"id": "newark", "column": "origin", "value": "EWR", "why": "heard first",
         "monitor": "quality", "floor": "0.6"},
    ]})  # fmt: skip
    measured = samples.quality().model_copy(update={"system": claims.id, "monitor": "quality"})

    def at(instant):
        return shown("product", whole.whole(records=(measured,), system=claims, as_of=instant))

    assert "60.0 % ✓ above its floor" in at(AS_OF)
    later = at(AS_OF + timedelta(days=60))
    assert "60.0 % ? unknown" in later
    assert "For whom it is worst ? unknown, last measured 22 Jul 2013." in later
    assert "quality ? unknown, last measured 22 Jul 2013: Accuracy" in later


def test_what_a_success_cost_is_not_within_its_target_once_that_is_old():
    claims = a_system()
    unit = a_unit_cost(
        claims, unit="gate-told", cost_per_success=samples.exact(0.04, "USD", 900),
        target=samples.exact(0.05, "USD", 1),
    )  # fmt: skip

    def cost(as_of):
        text = shown("product", whole.whole(records=(unit,), system=claims, as_of=as_of))
        return text[text.index("What a success costs") :]

    assert "✓ within the target" in cost(AS_OF)
    assert "✓ within the target" not in cost(AS_OF + timedelta(days=132))


def test_without_a_named_outcome_that_is_the_answer():
    assert "? no outcome is named" in shown("product", bare())


def test_the_worst_segment_stands_first_and_a_critical_one_against_its_floor():
    claims = a_system(signals={"critical_segments": [
        {"id": "newark", "column": "origin", "value": "EWR", "why": "heard first",
         "monitor": "daily-quality", "floor": "0.75"},
    ]})  # fmt: skip
    fell = samples.quality().model_copy(update={"system": claims.id})
    text = shown("product", whole.whole(records=(fell,), system=claims))
    rows = text[text.index("For whom it is worst") : text.index("What users are told")]

    # 71.2 % (69.3 to 73.1) against 81.1 %, floor 75 %; then 75.8 % against 82.9 %.
    assert rows.index("origin = EWR") < rows.index("origin = LGA")
    assert "75.0 % ✖ below its floor" in rows
    assert "none is set" in rows


def test_where_less_is_better_the_segment_that_rose_most_is_the_worst():
    claims = a_system()
    measured = samples.quality()
    was = {"EWR": 0.10, "LGA": 0.10}
    now = {"EWR": 0.05, "LGA": 0.30}
    turned = measured.model_copy(update={
        "system": claims.id, "better": "lower",
        "segments": tuple(
            SegmentQuality(column="origin", value=place, quality=share(now[place]),
                           baseline=share(was[place]))
            for place in was
        ),
    })  # fmt: skip
    text = shown("product", whole.whole(records=(turned,), system=claims))

    assert text.index("origin = LGA") < text.index("origin = EWR")


def test_a_floor_that_nobody_measured_stands_in_the_unit_of_its_monitor():
    minutes = {**AREAS["signals"]["monitors"][0], "metric": "mean", "score": "minutes"}
    claims = a_system(signals={
        "monitors": [minutes],
        "critical_segments": [{**AREAS["signals"]["critical_segments"][0], "floor": "42"}],
    })  # fmt: skip
    text = shown("product", whole.whole(records=(), system=claims))

    assert "not measured 42 ? unknown" in text


def test_a_critical_segment_that_was_never_measured_is_not_left_out():
    claims = a_system(signals={"critical_segments": [
        {"id": "newark", "column": "origin", "value": "EWR", "why": "heard first",
         "monitor": "daily-quality", "floor": "0.75"},
    ]})  # fmt: skip
    text = shown("product", whole.whole(records=(), system=claims))

    assert "origin = EWR heard first not measured 75.0 % ? unknown" in text


def test_the_words_for_users_and_the_decision_asked_stand_on_the_page(read):
    text = read[page("product")].text

    assert "What users are told" in text
    assert "seat product, on [date]" in text
    assert "Where users turn to" in text


def test_cost_per_success_is_told_with_its_interval():
    claims = a_system()
    cost = UnitCost(
        system=claims.id, as_of=AS_OF, unit="flight", successes=740,
        cost_per_success=Measured(value=0.05, unit="USD", n=740, low=0.04, high=0.06),
        cost_per_unit=samples.exact(0.03, "USD", 1000),
    )  # fmt: skip
    text = shown("product", whole.whole(records=(cost,), system=claims))

    cost = "0.05 USD (95 % interval 0.04 to 0.06 USD, n = 740)"
    assert f"Flight ● no target is set {cost} nothing is written to hold it against" in text


def test_a_cost_that_was_never_measured_is_said_to_be_so():
    assert "The cost of one success was not measured." in shown("product", bare())


# The compliance reviewer's page


def test_the_compliance_page_opens_with_what_changed_since_they_signed(read):
    text = read[page("compliance")].text

    assert text.index("What changed since you last decided") < text.index("Which controls")
    assert "This seat approved on" in text


def test_where_nobody_signed_that_is_said_with_what_changed_since_the_last_assessment():
    system = samples.flight_system()

    text = Reader(render(samples.site_input(systems=(system,)))[page("compliance")]).text

    assert "Nobody has signed for this seat yet, so there is nothing to compare with." in text
    assert "Since the assessment as of 22 Jul 2013, 08:00 UTC (entry 19):" in text
    assert "Closed (1): QLT-01" in text
    assert text.count("○ not signed") == 3


def test_frameworks_come_with_status_certainty_and_their_controls_counted(read):
    text = read[page("compliance")].text
    controls = text[
        text.index("Which controls the answers support") : text.index("The log policy")
    ]

    assert "NIST AI 100-1" in controls
    assert "(from secondary pages, not read in the source)" in controls
    # In 2013 none of them is published.
    for word in ("○ would support", "○ would partly support", "○ would not be covered"):
        assert word in controls
    assert "A mapping is a hypothesis" in controls


def test_what_the_claims_leave_open_is_marked_for_counsel():
    text = shown("compliance", bare())

    assert "compliance.yaml does not say" in text
    assert "ask counsel" in text


def test_every_control_comes_with_its_checks_and_our_own_rules_stand_apart(pages, read):
    text = read[page("controls")].text

    assert "GOVERN 2.1" in text
    assert 'areas/rollback.html#RBK-02">RBK-02</a>' in pages[page("controls")]
    ours = text[text.index("Our own operating rules") :]
    assert "No framework asks for these." in ours
    assert "Going back in under ten minutes." in ours


def test_the_log_policy_says_what_is_kept_for_how_long_and_what_is_left_out(read):
    text = read[page("compliance")].text
    policy = text[text.index("The log policy") : text.index("What auditors asked")]

    assert "kept for" in policy
    assert "not written down" in policy


def test_an_overdue_audit_question_stands_first():
    asked = {"asked_by": "internal audit", "asked_at": "2013-04-01T00:00:00Z", "owner": "bo-li"}
    compliance = {
        "audit_questions": [
            {**asked, "id": "done", "due": "2013-04-20", "question": "Was it done?",
             "answer": "It was.", "evidence": "minutes", "closed_at": "2013-04-10T00:00:00Z"},
            {**asked, "id": "open", "due": "2013-12-01", "question": "Is it open?"},
            {**asked, "id": "late", "due": "2013-05-01", "question": "Is it late?"},
        ]
    }  # fmt: skip
    text = shown("compliance", whole.whole(records=(), compliance=compliance))

    assert "✖ overdue Is it late?" in text
    assert text.index("Is it late?") < text.index("Is it open?") < text.index("Was it done?")
    assert "✓ answered Was it done?" in text


def test_evidence_is_listed_with_the_instant_until_which_it_counts_the_first_end_first():
    claims = a_system()
    soon = an_access(claims, "ana-ruiz", expires=AS_OF + timedelta(days=3))
    later = an_access(claims, "bo-li", expires=AS_OF + timedelta(days=9))
    others = [r for r in all_records(claims) if getattr(r, "action", None) != "rollback"]
    system = whole.whole(records=(later, soon, *others), system=claims)
    text = shown("compliance", system)
    rows = text[text.index("Evidence, what ends first") :]

    assert rows.index("25 Jul 2013, 08:00 UTC") < rows.index("31 Jul 2013, 08:00 UTC")
    assert "no end" in rows


def test_an_attestation_is_shown_as_asserted_and_unsigned():
    text = Reader(render(samples.site_input())[page("compliance")]).text

    assert "by Clara Ng, asserted, unsigned: “I answer for this system" in text


def test_inputs_are_listed_with_size_rows_and_digest():
    text = Reader(render(samples.site_input())[page("compliance")]).text

    assert "data/flight-delay/predictions 142 files, 9.4 MB" in text
    assert "Drift: 50,911 reference, 6,260 current" in text


def test_entries_that_no_answer_rests_on_are_counted():
    text = Reader(render(samples.site_input())[page("compliance")]).text

    assert "Beside these, the ledger holds 1 entry about this system." in text


@pytest.mark.parametrize(("name", "seat"), [("product", "product"), ("on-call", "reliability"),
                                            ("compliance", "compliance")])  # fmt: skip
def test_a_seat_is_told_the_whole_command_and_that_only_what_is_recorded_counts(name, seat):
    system = whole.whole()
    text = shown(name, system)

    pack = digest_of(a_pack(system.claims))
    assert f"--as {seat} --decision approve --meaning '...' --pack {pack} --key" in text
    assert "record it with --ref 'WHERE' in the place of --key" in text
    assert "only what is recorded counts" in text


def test_where_no_pack_is_frozen_the_page_says_how_and_offers_no_command():
    text = shown("compliance", bare())

    assert "ops-model review flight-delay freezes what is decided on" in text
    assert "--key" not in text


def test_the_page_says_how_the_workbook_is_verified_and_not_where_its_ledger_lies():
    settings = WorkbookSettings(
        name="Test", zone="UTC", ledger="postgresql://appender@db.example.org/ops"
    )
    pages = render(input_of(whole.whole(), settings=settings))

    assert "ops-model verify .\n" in pages[page("compliance")]
    assert not any("db.example.org" in html for html in pages.values())


def test_a_decision_is_named_once_with_what_ends_it_before_its_own_end():
    review = AREAS["decisions"]["review"]
    claims = a_system(decisions={"review": {**review, "conditions": [CONDITION]}})
    others = [r for r in all_records(claims) if r.kind != "sign_off"]
    given = [a_sign_off(claims, seat, decision="approve_with_conditions") for seat in SEATED]
    system = whole.whole(system=claims, records=(*others, *given))
    settings = WorkbookSettings(name="Test", zone="UTC")
    text = Reader(render(input_of(system, settings=settings))[page("compliance")]).text

    assert "▲ approved with conditions on 13 Jul 2013" in text
    assert "when condition two-drills is overdue (signed until 30 Oct 2013" in text
    assert "Drill twice, at night too. Ana Ruiz, by 1 Aug 2013" in text


@pytest.mark.parametrize(("name", "seat"), [("product", "product"), ("on-call", "reliability"),
                                            ("compliance", "compliance")])  # fmt: skip
def test_the_decision_to_paste_names_by_digest_what_was_seen(name, seat):
    system = whole.whole()
    html = render(input_of(system))[page(name)]

    assert f"By [name], seat {seat}, on [date]" in html
    assert f"Pack       {digest_of(a_pack(system.claims))}" in html
    assert f"Assessment {system.assessment_digest}" in html
    assert f"Version    {system.claims.identity.version.digest()}" in html
    assert f"Policy, the slice of this system {system.policy}" in html
    assert f"Policy, whole file {system.assessment.policy}" in html
    assert "Frameworks none in force that speaks to this system" in html


def test_a_decision_names_the_frameworks_by_digest_once_one_is_published():
    system = whole.whole()
    some = system.assessment.model_copy(update={"frameworks": digest_of({"act": "in_force"})})
    html = render(input_of(replace(system, assessment=some)))[page("compliance")]

    assert f"Frameworks {digest_of({'act': 'in_force'})}" in html


def test_a_decision_before_any_framework_is_published_says_so_and_names_no_digest_of_nothing():
    system = whole.whole()
    none = system.assessment.model_copy(update={"frameworks": digest_of({})})
    html = render(input_of(replace(system, assessment=none)))[page("compliance")]

    assert "Frameworks none in force that speaks to this system" in html
    assert f"Frameworks {digest_of({})}" not in html


def test_the_two_digests_of_the_policy_have_two_names():
    text = shown("compliance", whole.whole())

    assert "policy, the slice of this system sha256:" in text
    assert "policy, whole file sha256:" in text


CONDITION = {
    "id": "two-drills", "text": "Drill twice, at night too.", "owner": "ana-ruiz",
    "due": "2013-08-01",
}  # fmt: skip
APPROVED = "Yes, approved by Ana Ruiz on 1 July."


DENIED = "Nobody by signature: no sign-off of theirs is on record."


def answered(at, system=None, **more):
    asked = {"asked_by": "internal audit", "asked_at": "2013-04-01T00:00:00Z", "owner": "bo-li",
             "id": "done", "due": "2013-04-20", "question": "Who approved it?",
             "answer": DENIED, "closed_at": at.isoformat()}  # fmt: skip
    return shown("compliance", whole.whole(compliance={"audit_questions": [asked]}, **more))


def test_an_answer_from_before_a_decision_says_which_seats_decided_since_and_judges_no_words():
    decided = a_sign_off(a_system()).as_of
    text = answered(decided - timedelta(days=5))

    day = words.day((decided - timedelta(days=5)).date())
    assert (
        f"Answered on {day}, before what was decided by product, reliability, compliance on "
        in text
    )
    assert "tells of an approval" not in text


def test_an_answer_of_the_instant_of_the_last_decision_knows_of_it():
    decided = a_sign_off(a_system()).as_of

    assert decided_since(whole.whole(), decided) == ""
    assert decided_since(whole.whole(records=()), decided - timedelta(days=5)) == ""
    assert "before what was decided" not in answered(decided)


def test_what_a_seat_or_an_auditor_was_answered_is_called_declared():
    asked = {"asked_by": "internal audit", "asked_at": "2013-04-01T00:00:00Z", "owner": "bo-li",
             "id": "done", "due": "2013-04-20", "question": "Who approved it?",
             "answer": APPROVED, "closed_at": "2013-04-10T00:00:00Z"}  # fmt: skip
    text = shown("compliance", whole.whole(records=(), compliance={"audit_questions": [asked]}))

    assert f"{APPROVED} as declared Answered on 10 Apr 2013." in text
    assert "(as declared by" in text


def test_compliance_reads_of_the_controls_before_what_the_seats_said():
    html = render(input_of(whole.whole()))[page("compliance")]
    first = html[: html.index('<nav class="jump"')]

    assert "Which controls are supported, and how sure" in first
    assert first.index("and how sure") < first.index("<dt>product</dt>")
    assert "(from secondary pages" in first


def test_what_changed_since_a_seat_signed_names_each_check_in_words():
    system = samples.flight_system(
        assessment=samples.assessment(spoiled=samples.DRIFTED), seats=()
    )
    text = Reader(render(samples.site_input(systems=(system,)))[page("compliance")]).text

    gone = sorted(samples.UNMEASURED)[0]
    slug = next(f for f in system.assessment.findings if f.check == gone).slug
    assert f"{gone} ({slug.replace('_', ' ')})" in text
