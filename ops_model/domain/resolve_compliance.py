"""What the objects answer about rules that change, and reports that stop coming."""

from datetime import timedelta

from ops_model.domain.compliance import LegalRole
from ops_model.domain.reports import is_weekly_report, report_due
from ops_model.domain.resolve import answered, gap, limit, no_file, not_asked
from ops_model.domain.resolving import Answer
from ops_model.domain.walk_scene import Scene
from ops_model.domain.walk_settle import not_said


def bound_by(scene: Scene) -> Answer:
    """Where the law places us, so that it can be told whether a rule that changed binds."""
    compliance = scene.system.compliance
    if compliance is None:
        return no_file(scene, "compliance", "INC-01")
    legal = compliance.legal
    missing = not_said(legal)
    handled = [
        f"{c.framework}{f' {c.articles}' if c.articles else ''}: {c.decided_by} on {c.decided_on}"
        for c in compliance.rule_changes
    ]
    places = (compliance.place_of("legal"), *(c.where for c in compliance.rule_changes))
    role = "provider and deployer" if legal.role == "both" else legal.role
    text = f"{role}, risk class {legal.risk_class}, in {_where(legal)}"
    if missing:
        return gap(f"not said: {', '.join(missing)}, so it cannot be told whether it binds; ask "
                   "counsel", "INC-01", *places)  # fmt: skip
    return answered(text, *places, details=tuple(handled))


def _where(legal: LegalRole) -> str:
    return ", ".join(legal.jurisdictions) or "no jurisdiction that is named"


def report_missed(scene: Scene) -> Answer:
    """When the last weekly report came, and who had to miss the next."""
    identity, ownership = scene.system.identity, scene.system.ownership
    live = identity.went_live_at
    place = identity.place_of("stage_history")
    if live is None or not identity.in_production_at(scene.at):
        return not_asked("it serves nobody, so no report is due", place)
    reports = [s for s in scene.statements if is_weekly_report(s)]
    last = max(reports, key=lambda s: (s.as_of, s.seq), default=None)
    due = report_due(
        scene.model.settings,
        scene.system.id,
        last=last.as_of if last is not None else None,
        live=live,
        every=timedelta(days=limit(scene, "EVD-04", "every_days")),
        grace=timedelta(days=limit(scene, "EVD-04", "grace_days")),
        as_of=scene.at,
    )
    named = (ownership.accountable, ownership.deputy) if ownership is not None else ()
    owner = next((p for p in named if scene.is_person(p)), None)
    came = f"the last came on {last.as_of.date()}" if last is not None else "none ever came"
    late, who = due < scene.at, owner or "nobody who works here"
    text = f"{came}, the next {'was' if late else 'is'} due by {due.date()}; {who} has to miss it"
    places = (last.place if last is not None else place,)
    return gap(text, "EVD-04" if late else "", *places, who=owner)
