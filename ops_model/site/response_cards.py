"""The card of what follows when a monitor fires: who begins, what they may do, who retrains."""

from ops_model.domain.references import ROLES
from ops_model.domain.signals import RetrainPolicy, Signals
from ops_model.domain.signals_watched import Monitor, Playbook
from ops_model.site import words
from ops_model.site.markup import Html, tag
from ops_model.site.parts import Row, bare, line, quiet, sentences, table
from ops_model.site.words import FAILED, PASSED


def response(signals: Signals) -> Html:
    """Each monitor with whom it tells and how they begin, the playbooks, and who retrains."""
    playbooks = {playbook.id: playbook for playbook in signals.playbooks}
    rows = [_row(monitor, playbooks.get(monitor.playbook or ""))
            for monitor in signals.monitors]  # fmt: skip
    open_ones = [m.id for m in signals.monitors
                 if m.playbook not in playbooks or m.alert_route is None]  # fmt: skip
    followed = [playbook for playbook in signals.playbooks
                if any(m.playbook == playbook.id for m in signals.monitors)]  # fmt: skip
    return bare(
        f"What follows when one of {words.plural(len(signals.monitors), 'monitor')} fires",
        FAILED if open_ones or signals.retraining is None else PASSED,
        table(("monitor", "watches", "tells", "who begins", "and may"), rows),
        *([line("Nobody is told, or nothing says how to begin, at: ", ", ".join(open_ones))]
          if open_ones else []),
        *(part for playbook in followed for part in _first_minutes(playbook)),
        line(_retrains(signals.retraining)),
    )  # fmt: skip


def _row(monitor: Monitor, playbook: Playbook | None) -> Row:
    return (
        tag("strong", monitor.id),
        monitor.signal.replace("_", " "),
        monitor.alert_route or "nobody",
        _who(playbook.who) if playbook else "not said",
        ", ".join(d.replace("_", " ") for d in playbook.decisions) if playbook else "not said",
    )


def _first_minutes(playbook: Playbook) -> list[Html]:
    ends = quiet("stop when: ", " ".join(playbook.stop_when)) if playbook.stop_when else ""
    return [
        *sentences(f"{playbook.id}, the first quarter of an hour", playbook.first_15_minutes),
        line(ends),
    ]


def _retrains(policy: RetrainPolicy | None) -> str:
    if policy is None:
        return "Nobody is named who retrains, nor who decides it: write `retraining`."
    gate = f" It must pass first: {policy.must_pass}" if policy.must_pass else ""
    return (
        f"{_who(policy.decider)} decides whether to retrain when "
        f"{' or '.join(policy.triggers)} fires; {_who(policy.doer)} does it within "
        f"{words.plural(policy.max_days, 'day')}.{gate}"
    )


def _who(name: str) -> str:
    return f"the {name} on call" if name in ROLES else name
