"""No answer of an own check and no register says that a law is kept, in whatever letters."""

import pytest

from ops_model.domain.overclaims import no_overclaim, without_overclaims

KEPT = "compliant"


@pytest.mark.parametrize(
    "text",
    [
        f"fully {KEPT}", f"fully {KEPT.upper()}", f"fully non{KEPT}", f"fully non-{KEPT}.",
        f"fully ｃ{KEPT[1:]}", f"fully {KEPT[:3]}\u200d{KEPT[3:]}",
    ],
)  # fmt: skip
def test_a_word_that_claims_too_much_is_refused_by_its_number(text):
    with pytest.raises(ValueError, match="word 2 claims more than evidence can show"):
        no_overclaim(text)


def test_words_that_only_look_like_it_stay():
    text = "compliance asks whether complaints are answered; no guarantee"

    assert no_overclaim(text) == text


def test_what_cannot_be_refused_any_more_is_left_out():
    assert KEPT not in without_overclaims(f"{KEPT.title()}Error: we are {KEPT}").lower()
