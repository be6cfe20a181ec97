"""The answers that the checks about frameworks share, counsel being the one to ask."""

from collections.abc import Sequence

from ops_model.check.context import Context
from ops_model.check.outcome import Outcome, not_applicable, unknown
from ops_model.domain.compliance import Compliance
from ops_model.domain.frameworks import Framework, StatusChange, status_said


def no_register(compliance: Compliance) -> Outcome:
    """The answer where nothing is known of any framework."""
    return unknown(
        "missing",
        "no register of frameworks is loaded",
        looked_at=[compliance.where],
        remedy="whoever keeps this installation installs ops-model again; its frameworks.yaml is "
        "not there",
    )


def nothing_published(ctx: Context, compliance: Compliance) -> Outcome:
    """The answer on a day on which no framework that we know speaks to the system."""
    first = [
        f"{f.key}: {status_said(f, ctx.today)}"
        for f in ctx.register.frameworks
        if f.speaks_to(ctx.system) is not False
    ]
    later = f": {'; '.join(first)}" if first else ""
    return not_applicable(
        f"no framework of the register speaks to it on {ctx.today}{later}",
        looked_at=[compliance.place_of("legal")],
    )


def ask_counsel(name: str, missing: Sequence[str], compliance: Compliance) -> Outcome:
    """The answer where compliance.yaml does not say what decides whether something speaks."""
    keys = " and ".join(missing)
    return unknown(
        "missing",
        f"whether {name} speaks to it is not known: {keys} {'is' if len(missing) == 1 else 'are'} "
        "not said",
        looked_at=[compliance.place_of("legal")],
        remedy=f"the compliance owner asks counsel for {keys}, and writes the answer under "
        "`legal` in compliance.yaml",
    )


def name_of(framework: Framework, change: StatusChange) -> str:
    """A framework by its key, with the part that a change is about: `eu-ai-act Art 50`."""
    return f"{framework.key} {change.articles}" if change.articles else framework.key
