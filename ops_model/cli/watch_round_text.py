"""What `ops-model watch` prints of all that somebody must know of."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ops_model.domain.alerts import Alert, Concern
    from ops_model.workflow.watch_look import Looked
    from ops_model.workflow.watch_round import Round

_INDENT = " " * 10
_WORDS = {"page": "PAGE", "ticket": "TICKET", "info": "info"}


def round_lines(looked: "Looked", done: "Round | None", zone_name: str) -> Iterator[str]:
    """Each system with its concerns, the gravest first; those without one in one line."""
    from ops_model.domain.values import zone

    local = looked.as_of.astimezone(zone(zone_name))
    yield f"{local:%a %Y-%m-%d %H:%M} {zone_name}"
    quiet = []
    for system in looked.systems:
        concerns = looked.of_system(system)
        if not concerns and system not in looked.failed:
            quiet.append(system)
        if concerns:
            yield f"{system}: {_counted(concerns)}"
        for concern in concerns:
            yield from _concern(concern)
    if quiet:
        yield f"nothing that anybody must know of: {', '.join(quiet)}"
    yield from _told(done) if done is not None else ()


def round_json(looked: "Looked", done: "Round | None") -> dict[str, Any]:
    """The same for programs."""
    from ops_model.cli.watch_text import told_json
    from ops_model.domain.values import iso_utc

    shown: dict[str, Any] = {
        "as_of": iso_utc(looked.as_of),
        "watched": list(looked.systems),
        "concerns": [
            c.model_dump(mode="json") for s in looked.systems for c in looked.of_system(s)
        ],
        "systems": [found.model_dump(mode="json") for found in looked.ceilings],
        "unwatched": [
            {"system": system, "why": str(error)} for system, error in looked.failed.items()
        ],
    }
    if done is None:
        return shown
    return {
        **shown,
        "told": [told_json(one) for one in done.ceilings],
        "alerts": [
            alert.model_dump(mode="json", exclude={"code", "claims", "inputs", "kind"})
            for alert in done.alerts
        ],
    }


def _counted(concerns: "tuple[Concern, ...]") -> str:
    names = {"page": "page", "ticket": "ticket", "info": "for reading"}
    found = [(sum(c.severity == severity for c in concerns), severity) for severity in names]
    return ", ".join(
        f"{n} {names[severity]}{'s' if n > 1 and severity != 'info' else ''}"
        for n, severity in found if n
    )  # fmt: skip


def _concern(concern: "Concern") -> Iterator[str]:
    judged = f" ({concern.check})" if concern.check else ""
    head = f"{'SIMULATED: ' if concern.simulated else ''}{concern.kind} {concern.about}{judged}"
    yield f"{_WORDS[concern.severity]:<10}{head}: {concern.why}"
    yield f"{_INDENT}to do: {concern.remedy}"


def _told(done: "Round") -> Iterator[str]:
    from ops_model.cli.watch_text import told_lines

    if done.ceilings:
        yield from told_lines(done.ceilings)
    for alert in done.alerts:
        yield _alert(alert)
    if not done.ceilings and not done.alerts:
        yield "nothing new to tell"


def _alert(alert: "Alert") -> str:
    first = f"{alert.concerns[0].kind} {alert.concerns[0].about}"
    more = len(alert.concerns) - 1
    what = f"{alert.system}: {first}{f' and {more} more' if more else ''}"
    what += ", which is over" if alert.over else ""
    if alert.why_not:
        return f"{what}: NOT told: {alert.why_not}"
    whom = f" for {', '.join(alert.people)}" if alert.people else ""
    return f"{what}: told over {alert.route}{whom}, {alert.because}"
