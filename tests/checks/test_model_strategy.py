import pytest

from ops_model.domain.assessment import FiveQuestion
from ops_model.domain.values import Value
from tests.builders import AREAS, PORTFOLIO
from tests.checks.judged import judged, shipped_catalogue

(PROMISE,) = AREAS["identity"]["strategy"]


def shown_by(text):
    """The system with a safeguard that this text is to show."""
    first, *others = AREAS["compliance"]["security"]
    return {"security": [{**first, "evidence": text}, *others]}


def test_om_03_passes_when_no_text_rests_on_the_paper():
    finding = judged("OM-03", compliance=shown_by("a list of the roles, of 1 July 2013"))

    assert finding.status == "passed"
    assert finding.message.startswith("1 promise on record")
    assert "systems/flight-delay/compliance.yaml" in {w.path for w in finding.looked_at}


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("see the board paper of  June 2012, page 9", "the paper of calm-gates"),
        ("the board paper, June 2012", "the paper of calm-gates"),
        ("our June 2012 board paper says so", "the paper of calm-gates"),
        ("as promised by calm-gates", "the promise calm-gates"),
        ("strategy/calm-gates", "the promise calm-gates"),
    ],
)
def test_om_03_fails_for_evidence_that_is_the_paper_or_its_promise(text, cited):
    finding = judged("OM-03", compliance=shown_by(text))

    assert finding.status == "failed"
    assert f"cites {cited} as evidence" in finding.message
    assert "compliance.yaml" in finding.remedy


def test_om_03_passes_for_another_paper_of_that_month_and_for_its_words_far_apart():
    far = "told the board on 3 May in room 2012, where in June somebody hung up a plan on paper"
    for text in ("the paper of the audit, June 2012", far):
        assert judged("OM-03", compliance=shown_by(text)).status == "passed"


def test_om_03_fails_for_a_promise_that_is_kept_by_a_promise():
    finding = judged(
        "OM-03", identity={"strategy": [{**PROMISE, "mechanisms": ["strategy/calm-gates"]}]}
    )

    assert finding.message == (
        "calm-gates is said to be kept by strategy/calm-gates, which is a promise too"
    )


def test_om_03_fails_for_a_pilot_whose_value_is_shown_by_the_paper():
    (pilot,) = PORTFOLIO["pilots"]
    told = {**pilot, "value_evidence": "the board paper of June 2012 says so"}

    finding = judged("OM-03", portfolio={**PORTFOLIO, "pilots": [told]})

    assert finding.status == "failed"
    assert finding.looked_at[0].path == "portfolio.yaml"


def test_om_03_takes_a_word_of_the_language_for_no_citation():
    promise = {**PROMISE, "id": "growth", "source": "paper 7"}

    finding = judged(
        "OM-03",
        identity={"strategy": [promise]},
        compliance=shown_by("the growth of the list of roles since May"),
    )

    assert finding.status == "passed"


def test_om_03_does_not_arise_without_a_paper():
    finding = judged("OM-03", identity={"strategy": []})

    assert finding.status == "not_applicable"
    assert finding.looked_at


def test_om_03_reads_every_text_of_the_claims_that_says_what_shows_a_thing():
    """A new key of that kind has to be read too; a finding's own evidence is no claim."""
    table = shipped_catalogue().check("OM-03").function.__globals__["EVIDENCE"]

    written = {
        (cls, key)
        for cls in below(Value)
        if cls.__module__.startswith("ops_model.domain.") and cls is not FiveQuestion
        for key in cls.model_fields
        if key.endswith("evidence") or key == "served_by"
    }

    assert written == set(table.items())


def below(cls):
    for sub in cls.__subclasses__():
        yield sub
        yield from below(sub)
