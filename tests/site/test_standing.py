from datetime import date

import pytest

from ops_model.domain.detection_served import CaptureMeasurement, ModelSeen
from ops_model.domain.service_levels import ServiceLevelMeasurement
from ops_model.site.cards import card
from ops_model.site.figures import figure
from ops_model.site.standing import (
    RECORDED,
    counted,
    in_short,
    standing,
    standing_card,
    worst_first,
)
from ops_model.site.told import told
from tests.site import samples
from tests.site.kinds import every_kind
from tests.site.kinds_of_cost import bill, cache, cost_kinds, forecast
from tests.site.pages_reader import Reader
from tests.site.samples import people, share

KINDS = every_kind()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_record_stands_in_a_list_as_its_card_says(kind):
    look = standing(KINDS[kind])

    assert look is RECORDED or Reader(card(KINDS[kind], people())).text.startswith(look.text)


def test_what_is_wrong_comes_first_and_the_rest_in_the_order_in_which_it_was_left():
    found = worst_first([
        samples.quality(alarm=False), samples.coverage(), samples.drift(), samples.quality(),
    ])  # fmt: skip

    assert [one.look.word for one in found[:2]] == ["drifted", "alarm"]
    assert [one.needs_somebody for one in found] == [True, True, False, False]


def test_a_run_counts_what_is_wrong_and_what_is_open():
    provider = KINDS["provider_identity"].model_copy(update={"changed": False, "seen": ()})
    found = worst_first([samples.drift(), samples.quality(), provider, samples.coverage()])

    assert standing(provider).glyph == "?"
    assert counted(found) == "Of 4 results 2 say that something is wrong, 1 leaves it open."
    assert counted([found[-1]] * 5) == "Of 5 results none says that something is wrong."


def test_a_cell_tells_all_of_a_few_results_and_of_many_the_worst_three_and_how_many_more():
    few = [samples.coverage(), samples.drift()]
    many = [samples.coverage(), samples.spend(), samples.transition(), *few, samples.quality()]

    assert in_short(few) == f"{told(samples.coverage())}; {told(samples.drift())}"
    assert in_short(many).startswith(f"{told(samples.drift())}; {told(samples.quality())}; ")
    assert in_short(many).endswith("; 3 more on its page")


def test_the_card_of_many_shows_what_needs_somebody_with_its_instant_and_counts_the_rest():
    fine = [samples.quality(alarm=False)] * 3
    said = Reader(standing_card([*fine, samples.drift()])).text

    assert said.startswith("✖ drifted Of 4 results 1 says that something is wrong.")
    assert told(samples.drift()) in said
    assert "22 Jul 2013, 08:00 UTC" in said
    assert said.endswith("3 other results as last measured: nothing wrong, nothing open.")
    assert told(fine[0]) not in said


def test_a_column_of_which_nobody_can_tell_is_not_within_its_limit():
    hidden = samples.column("temp", 2.88, 2.92, drifted=False).model_copy(update={"hidden": True})
    fine = samples.column("wind_speed", 0.1, 0.35, drifted=False)
    record = samples.drift().model_copy(update={"columns": (fine, hidden)})

    assert standing(record).glyph == "?"
    assert "? unclear temp" in Reader(card(record, people())).text
    assert figure(record)["data"][0]["y"][-1] == "? temp"
    assert told(record).endswith("0 of 2 columns beyond the limit, of 1 nobody can tell")


def test_a_column_above_its_limit_for_the_first_time_says_so():
    once = samples.column("probability", 0.58, 0.56, drifted=False)
    record = samples.drift().model_copy(update={"columns": (once,)})

    assert standing(record).text == "▲ above once"
    assert "▲ above once probability" in Reader(card(record, people())).text


def test_a_provider_that_keeps_its_name_and_changes_its_answers_is_told_so():
    named = ModelSeen(model="model-2013-06-01", requests=900)
    changed = KINDS["provider_identity"].model_copy(
        update={"seen": (named,), "since": date(2013, 7, 9)}
    )

    assert "another model answers, 20.0 %" in told(KINDS["provider_identity"])
    assert "the agreed name, other answers than agreed since 9 Jul 2013" in told(changed)


def test_a_field_without_a_column_is_told_as_not_kept():
    kept = {"output": share(1.0, 900), "intent": share(1.0, 900), "outcome": share(0.9, 900)}
    record = CaptureMeasurement(
        system="flight-delay", as_of=samples.AS_OF, log="served", rows=900, fields=kept,
        outcome_join=share(0.9, 900),
    )  # fmt: skip

    assert told(record).startswith("Log served: input not kept at all, outcome not in every row")
    assert standing(record).word == "not all is kept"
    whole = record.model_copy(update={"fields": {**kept, "input": share(1.0, 900)}})
    assert standing(whole).text == "▲ not in every row"


def test_a_spent_budget_is_told_as_overspent():
    spent = ServiceLevelMeasurement(
        system="flight-delay", as_of=samples.AS_OF, objective="answers", target=0.99,
        good=share(0.98, 900), budget_left=share(-0.37, 900), burn=(),
    )  # fmt: skip

    assert told(spent).endswith("target 99.0 %, its error budget overspent by 37.0 %")


def test_what_stands_on_a_card_of_cost_stands_in_a_list_too():
    for record in (*cost_kinds(), samples.spend()):
        look = standing(record)

        assert look is RECORDED or Reader(card(record, people())).text.startswith(look.text)


def test_a_bill_that_is_not_explained_and_days_above_a_ceiling_come_first():
    order = [one.record.kind for one in worst_first([*cost_kinds(), samples.spend()])]

    assert order[0] == "bill_comparison"
    assert order.index("unit_cost") < order.index("spend")


def test_what_is_worth_a_look_is_not_told_as_left_open():
    found = worst_first([bill(), cache(), forecast()])

    assert counted(found) == ("Of 3 results 1 says that something is wrong, 2 are worth a look.")
