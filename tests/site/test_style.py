"""Contrast of text, computed from the style sheet by the formula of WCAG 2.2, and the cards'."""

import re
from pathlib import Path

import pytest

from ops_model.site import words

CSS = (
    Path(__file__).resolve().parents[2] / "templates" / "site" / "site.css"
).read_text(encoding="utf-8")  # fmt: skip
TEXTS = ("ink", "soft", "link", "bad", "warn", "good", "quiet")


def palettes():
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    return [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block)) for block in blocks]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_gives_21_for_black_on_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_there_is_a_light_and_a_dark_palette_with_the_same_names():
    light, dark = palettes()

    assert set(light) == set(dark) >= {*TEXTS, "ground", "paper"}
    assert luminance(light["ground"]) > luminance(dark["ground"])


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", ["ground", "paper"])
def test_text_has_enough_contrast_on_its_ground(mode, text, ground):
    palette = palettes()[mode]

    assert contrast(palette[text], palette[ground]) >= 4.5


@pytest.mark.parametrize("colour", [words.RED, words.AMBER, words.GREEN, words.GREY])
def test_the_colours_of_cards_serve_both_themes_of_jupyterlab(colour):
    assert contrast(colour, "#ffffff") >= 4.2
    assert contrast(colour, "#111111") >= 4.2


def test_the_style_sheet_knows_every_colour_of_the_cards_by_its_own_number():
    for colour in (words.RED, words.AMBER, words.GREEN, words.GREY):
        assert f'.record [style*="color:{colour}"]' in CSS


def test_the_style_sheet_loads_nothing():
    assert not re.search(r"url\(|@import|//", re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL))


def test_what_is_printed_opens_every_answer():
    printed = CSS[CSS.index("@media print") :]

    assert "details::details-content" in printed
    assert "break-inside: avoid" in printed
