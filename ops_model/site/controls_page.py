"""Which controls of which framework the answers support, with how sure one is of each status.

The words are `supports`, `partly supports` and `not covered`; more is for a reviewer to say.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ops_model.check.controls import (
    ControlAnswer,
    ControlsAnswer,
    FrameworkAnswer,
    Support,
    controls_of,
)
from ops_model.domain.frameworks import SPEAKING
from ops_model.domain.values import zone
from ops_model.site import words
from ops_model.site.head import head
from ops_model.site.links import area_page, root_of, system_page
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.words import Look

PATH = "controls"
SUPPORTS: Mapping[Support, Look] = {
    "supports": Look("✓", "supports", words.GREEN, "good"),
    "partly supports": Look("▲", "partly supports", words.AMBER, "warn"),
    "not covered": Look("✖", "not covered", words.RED, "bad"),
}


_WOULD: Mapping[Support, Look] = {
    "supports": Look("○", "would support", words.GREY, "quiet"),
    "partly supports": Look("○", "would partly support", words.GREY, "quiet"),
    "not covered": Look("○", "would not be covered", words.GREY, "quiet"),
}


def looks_of(framework: FrameworkAnswer) -> Mapping[Support, Look]:
    """How its answers are called: what is not published on the day, or history, supports nothing.

    A row of the register about it says only what would be so.
    """
    return SUPPORTS if framework.status in SPEAKING else _WOULD


def counts_said(answer: ControlsAnswer) -> str:
    """How many controls of the frameworks that speak on the day have each answer; and the others.

    `2 supports, 1 partly supports, 0 not covered, 1 framework not published yet`.
    """
    speaking = [f for f in answer.frameworks if f.status in SPEAKING]
    counts = [f"{sum(f.count(s) for f in speaking)} {s}" for s in SUPPORTS]
    for status, said in (("not_yet", "not published yet"), ("rescinded", "rescinded")):
        if others := sum(f.status == status for f in answer.frameworks):
            counts.append(f"{words.plural(others, 'framework')} {said}")
    return ", ".join(counts)


def framework_rows(pages: SiteInput, system: SiteSystem, day: date) -> list[dict[str, Any]]:
    """Each framework that speaks to the system, or may: its status, and its controls counted."""
    return [_framework(f) for f in _answer(pages, system, day).frameworks]


def controls(pages: SiteInput, system: SiteSystem) -> dict[str, Any]:
    """All that the template of the page of controls needs."""
    path = system_page(system, PATH)
    day = pages.as_of.astimezone(zone(pages.settings.zone)).date()
    answer = _answer(pages, system, day)
    hrefs = {
        f.check: f"{root_of(path)}{area_page(system, f.area)}#{f.check}"
        for f in system.assessment.findings
    }
    return {
        **head(system, path),
        "frameworks": [
            {**_framework(f), "controls": [_control(c, looks_of(f), hrefs) for c in f.controls]}
            for f in answer.frameworks
        ],
        "ours": [
            (rule.rule, [(c, words.STATUSES.get(s, words.NOT_APPLICABLE), hrefs.get(c, ""))
                         for c, s in zip(rule.checks, rule.statuses, strict=True)])
            for rule in answer.ours
        ],
    }  # fmt: skip


def _answer(pages: SiteInput, system: SiteSystem, day: date) -> ControlsAnswer:
    return controls_of(pages.register, system.assessment.findings, system.claims, day)


def _framework(framework: FrameworkAnswer) -> dict[str, Any]:
    asks = ", ".join(key.replace("_", " ") for key in framework.not_said)
    return {
        "key": framework.key,
        "title": framework.title,
        "said": framework.said,
        "binding": framework.binding,
        "counts": [
            (look, framework.count(support))
            for support, look in looks_of(framework).items()
            if framework.controls
        ],
        "listed": len(framework.controls),
        "unclear": f"compliance.yaml does not say {asks}; ask counsel" if asks else "",
        "superseded_by": framework.superseded_by or "",
        "source": framework.source,
        "note": framework.note,
        "reviewed_on": words.day(framework.reviewed_on),
        "old": framework.review_is_old,
    }


def _control(
    control: ControlAnswer, looks: Mapping[Support, Look], hrefs: Mapping[str, str]
) -> dict[str, Any]:
    asks = ", ".join(key.replace("_", " ") for key in control.not_said)
    rests_on = (*control.passed, *control.still_open)
    return {
        "id": control.control,
        "title": control.title,
        "look": looks[control.support],
        "why": control.why,
        "status": control.status,
        "certainty": control.certainty,
        "unclear": f"whether it speaks to this system: {asks} not said" if asks else "",
        "checks": [(check, hrefs.get(check, "")) for check in rests_on],
    }
