"""What a cell holds: cards, a figure, and the records that the runner harvests."""

import subprocess
import sys

from ops_model.domain.evidence import RECORD_MIME
from ops_model.notebook.harvest import harvest
from ops_model.workflow.shown import Shown
from tests.notebook.test_harvest import AS_OF, SPEND, cells

EUR = SPEND.model_copy(update={"currency": "EUR"})


def test_several_results_stand_in_one_cell_and_each_is_harvested():
    both = Shown.of_many([Shown(SPEND, "<p>a</p>"), Shown(EUR, "<p>b</p>", {"data": []})])

    output = both._repr_mimebundle_()
    found = harvest(cells(output[RECORD_MIME]), system="flight-delay", as_of=AS_OF)
    assert output["text/html"] == "<p>a</p><p>b</p>"
    assert output["text/plain"] == "<spend of flight-delay, spend of flight-delay>"
    assert output["application/vnd.plotly.v1+json"] == {"data": []}
    assert [f.record["currency"] for f in found] == ["USD", "EUR"]


def test_a_result_that_records_nothing_shows_its_card_among_the_others():
    both = Shown.of_many([Shown(None, "<p>nothing</p>"), Shown(SPEND, "<p>a</p>")])

    assert both.records == (SPEND,)
    assert both._repr_mimebundle_()[RECORD_MIME] == SPEND.model_dump(mode="json")
    assert both.html == "<p>nothing</p><p>a</p>"


def test_several_results_without_a_record_leave_none():
    none = Shown.of_many([Shown(None, "<p>x</p>"), Shown(None, "<p>y</p>")])

    assert RECORD_MIME not in none._repr_mimebundle_()
    assert none._repr_mimebundle_()["text/plain"] == "<shown>"


IN_A_CELL = """
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from ops_model.workflow.shown import Shown

shell = InteractiveShell.instance()
shell.user_ns["figure"] = Shown(None, "<p>a</p>", {"data": []})
shell.user_ns["card"] = Shown(None, "<p>b</p>")
for name in ("figure", "card"):
    with capture_output() as seen:
        shell.run_cell(name)
    print(name, [sorted(output.data) for output in seen.outputs], seen.stdout.strip())
"""


def test_card_and_figure_are_two_outputs_since_of_one_jupyterlab_draws_the_figure_alone():
    done = subprocess.run(
        [sys.executable, "-c", IN_A_CELL], capture_output=True, text=True, check=True
    )

    figure, card = done.stdout.splitlines()
    assert "[['text/html', 'text/plain'], ['application/vnd.plotly.v1+json']]" in figure
    assert card.startswith("card []")
    assert card.endswith("<shown>")
