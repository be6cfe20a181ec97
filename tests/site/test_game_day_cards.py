"""The cards and the picture of a game day, and where a system's pages tell of it."""

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import plotly.graph_objects as go
import pytest

from ops_model.domain.assessment import Finding
from ops_model.domain.evidence import Grade
from ops_model.domain.people import People
from ops_model.site.cards import card
from ops_model.site.figures import caption, figure
from ops_model.site.game_day_cards import gaps_card, in_short, night, promises_card, telling_card
from ops_model.site.game_days import game_days
from ops_model.site.pages import render
from ops_model.site.site_input import GradedStatement
from tests.builders import AS_OF, PEOPLE, a_rollback_drill, a_statement, located
from tests.domain.test_four_hours import AT, shown, spoiled
from tests.domain.test_game_day import PROMISE, a_scenario, asks, play, with_modes
from tests.shown_running import a_game_day, attending
from tests.site import whole
from tests.site.pages_reader import Reader
from tests.site.samples import HOSTILE

INJECTS = [{"minute": "20", "text": "A desk calls."}]
NAMES = People.model_validate(located(PEOPLE, "people.yaml"))


def a_day(system=None, **changes):
    whole = {"questions": [asks(13)], "injects": INJECTS, **changes}
    records = whole.pop("records", None)
    return play(system or spoiled(), a_scenario(**whole), records)


def a_record(system=None, **changes):
    return a_day(system, **changes).result(as_of=AS_OF, claims=())


def text(html):
    return Reader(html).text


def test_the_card_says_how_many_gaps_there_are_and_where():
    said = text(card(a_record(records=[]), NAMES))

    assert "✖ 3 gaps G30 It answers nonsense, Sat 27 Jul 2013, 02:00 UTC" in said
    assert "T+8 ✖ gap ONC-05 Has this person seen this model?" in said
    assert "T+20 ▲ becomes known A desk calls." in said
    assert "T+13 ✓ answered Who, at 13?" in said


def test_a_walk_without_a_gap_says_so_with_the_sentence():
    said = text(card(a_record(), NAMES))

    assert "✓ no gap G30" in said
    assert "Nobody had to be looked up, no log access had to be worked out" in said


def test_names_stand_on_a_page_and_ids_in_the_record():
    record = a_record()

    assert "Ana Ruiz" in text(card(record, NAMES))
    assert "Ana Ruiz" not in record.model_dump_json()


def test_the_minutes_stand_beside_what_a_drill_took_and_shows():
    system = spoiled()
    days = (9, 5, 1)
    drills = [
        a_rollback_drill(
            system, as_of=AS_OF - timedelta(days=n), done_at=AS_OF - timedelta(days=n)
        )
        for n in days
    ]
    said = text(in_short(a_record(system, records=[*drills, *shown(system)[1:]]), NAMES))

    assert "to page 10 min" in said
    # The cube root of 0.05 is 0.368.
    assert "3 drills, all passed: it works in 37 % of cases or more (95 % confidence)" in said
    assert "from the page until contained 25 min" in said


def test_where_nobody_rehearsed_it_says_so():
    assert "to contain 10 min never rehearsed" in text(in_short(a_record(records=[]), NAMES))


def test_a_note_about_the_clock_stands_in_the_first_card():
    said = text(in_short(a_record(), NAMES, note="clocks show 02:00 twice"))

    assert "▲ note clocks show 02:00 twice." in said


def test_promised_and_actual_stand_side_by_side():
    unkept = {**PROMISE, "id": "cheap", "mechanisms": []}
    system = with_modes({"threatens": ["told", "cheap"]}, strategy=[PROMISE, unkept])

    said = text(promises_card(a_record(system), NAMES))

    assert said.startswith("✖ nothing stands behind it Promised against actual")
    assert "“All know in time.” page 6 ✓ something stands behind it" in said
    assert "✖ nothing stands behind it Rests on nothing that is named (OM-02); broken" in said


def test_each_gap_stands_with_its_owner_and_the_remedy_of_its_check():
    finding = Finding(
        check="ONC-05", slug="drilled", revision=1, area="ownership", question="Drilled?",
        status="failed", grade="E1", minimum_grade="E1", message="never", owner="bo-li",
        remedy="the primary runs `ops-model drill rollback x`", looked_at=(),
    )  # fmt: skip

    said = text(gaps_card(a_day(records=[]), SimpleNamespace(findings=(finding,)), NAMES))

    assert "T+8 Has this person seen this model?" in said
    assert "Bo Li ONC-05 The primary runs ops-model drill rollback x" in said
    # What the check of the whole system does not find open is explained by its own command.
    assert "ops-model checks explain OBS-05 says what it asks for" in said


def test_who_is_told_by_what_time_is_counted_from_the_page():
    (users,) = spoiled().decisions.communication
    regulator = users.model_copy(update={"audience": "regulator", "within_minutes": 4320})

    said = text(telling_card(a_day(), [users, regulator], NAMES, at=AT))

    assert "users Bo Li Sat 02:30 , within 30 min “Ask at the gate.” ; gate screen" in said
    assert "regulator Bo Li Tue 30 Jul 2013, 02:00 , within 3 days" in said


def test_the_night_is_told_by_the_clock_that_it_is_written_with():
    at = a_day().result(as_of=AS_OF, claims=(), zone_name="Asia/Kolkata").at

    assert night(at) == "Sat 27 Jul 2013, 07:30 UTC+05:30"
    assert night(AT) == "Sat 27 Jul 2013, 02:00 UTC"


def test_plotly_takes_the_figure_of_a_night_as_it_is():
    drawn = figure(a_record())

    assert json.loads(go.Figure(drawn).to_json()) == json.loads(json.dumps(drawn))


def test_the_picture_shows_what_is_known_and_asked_and_the_spans_one_after_another():
    drawn = figure(a_record())

    lanes = drawn["layout"]["yaxis"]["categoryarray"]
    assert list(lanes) == ["known", "asked", "page", "decide", "contain", "drilled", "tell users"]
    assert json.loads(json.dumps(drawn)) == drawn
    assert caption(a_record()) == (
        "15 questions over four hours, the first of them drawn wider; without an answer: none. "
        "Page from 0 to 10 min; decide from 10 to 15 min; contain from 15 to 25 min; drilled from "
        f"15 to {15 + a_record().drilled.value / 60:.3g} min; tell users from 0 to 30 min."
    )


def test_a_span_without_a_limit_is_not_drawn_nor_what_follows_it():
    system = spoiled(on_call={"escalation": []})

    lanes = figure(a_record(system))["layout"]["yaxis"]["categoryarray"]

    assert list(lanes) == ["known", "asked", "tell users"]


def test_a_record_of_an_earlier_release_has_a_card_and_no_picture():
    old = a_game_day(spoiled())

    assert figure(old) is None
    assert "✓ no gap G06" in text(card(old, NAMES))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_no_markup(hostile):
    record = a_record(title=f"x {hostile}", prompt=f"x {hostile}",
                      injects=[{"minute": "3", "text": f"x {hostile}"}])  # fmt: skip

    html = card(record, NAMES) + json.dumps(figure(record))

    assert "<script" not in html
    assert "<img" not in html


def test_a_page_tells_the_last_of_each_scenario_with_whoever_was_there():
    system = spoiled()
    days = [
        a_game_day(system, scenario=name, as_of=AS_OF - timedelta(days=days))
        for name, days in (("G01", 9), ("G01", 2), ("G02", 5))
    ]
    gap = {"minute": 2, "question": "Did it ring?", "check": "RUL-01"}
    days.append(a_game_day(system, scenario="G03", as_of=AS_OF - timedelta(days=6), gaps=[gap]))
    told = [*days, attending(system, days[1], "ana-ruiz")]
    system = replace(
        whole.whole(),
        statements=tuple(
            GradedStatement(a_statement(record, seq), Grade.ATTESTED)
            for seq, record in enumerate(told, 1)
        ),
    )

    found = game_days(system, NAMES, whole.page("on-call"))
    pages = {
        path: Reader(html).text
        for path, html in render(whole.input_of(system)).items()
        if path in {whole.page("on-call"), whole.page("areas/incidents")}
    }

    assert [(day.scenario, day.walked, day.there) for day in found] == [
        ("G01", "20 Jul 2013", "Ana Ruiz"),
        ("G02", "17 Jul 2013", "nobody has said so: a walk at a desk"),
        ("G03", "16 Jul 2013", "nobody has said so: a walk at a desk"),
    ]
    incidents, on_call = (pages[whole.page(p)] for p in ("areas/incidents", "on-call"))
    assert "✓ no gap G01" in incidents
    assert "Ana Ruiz" in incidents
    # Whoever is paged reads of the gaps at length, and of the rest in a line.
    assert "Walked without a gap: G01" in on_call
    assert "✓ no gap" not in on_call
    assert "T+2 Did it ring? RUL-01" in on_call


def test_a_walk_that_left_out_questions_of_ours_says_so_and_which():
    record = a_day().result(as_of=AS_OF, claims=(), left_out=("Which rule forbids it?",))

    said = text(card(record, NAMES))

    assert "▲ left out The workbook's own scenario does not ask what ours does" in said
    assert "Which rule forbids it?" in said
    assert "left out" not in text(card(a_record(), NAMES))
