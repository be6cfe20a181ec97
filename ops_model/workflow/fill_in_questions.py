"""The questions of the fill-in notebook: one for each key of a system's files, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass

from ops_model.domain.evidence import Area
from ops_model.domain.operating_model import AREA_FILES
from ops_model.domain.people import People
from ops_model.domain.values import ClaimFile

QUESTIONS: Mapping[str, Mapping[str, str]] = {
    "people": {
        "people": "Who can own a system, be paged, decide or sign?",
        "teams": "Which teams are there, and which have a say?",
    },
    "system": {
        "name": "What do people call the system?",
        "kind": "What kind of system is it?",
        "tier": "How much harm does a failure do? A the most, C the least.",
        "purpose": "What does it decide or answer, in one sentence?",
        "users": "Who uses it?",
        "intended_use": "What is it meant to be used for?",
        "out_of_scope": "What must it not be used for?",
        "affected_parties": "Who feels its decisions without using it?",
        "customer_facing": "Do customers see what it says?",
        "decision_impact": "Does it advise, does a person decide, or does it decide alone?",
        "teams": "Which teams feed, build, ship and use it?",
        "stage_history": "When did each stage of its life begin, and who said so?",
        "go_live_target": "On which day shall it go live?",
        "version": "Which version serves now, and what is it made of?",
        "other_versions": "Which other versions can one go to or back to?",
        "dependencies": "What outside can go down: vendors, feeds, services?",
        "strategy": "Which promises did the strategy make, and what makes each true?",
        "failure_modes": "In which ways can it fail, and what is done then?",
        "documentation": "Where is it documented?",
        "support": "Where do users turn to, when, and how soon does somebody answer?",
        "care": "Who looks after it, and how often, for as long as it lives?",
        "hypercare": "How long are the first weeks, and who looks closely in them?",
    },
    "ownership": {
        "accountable": "Who is accountable once it is live? One person.",
        "deputy": "Who stands in?",
        "lifecycle_owner": "Who answers for its whole life, until it is retired?",
        "domains": "Who answers for reliability, cost and compliance?",
        "duties": "Who does each of the standing duties?",
        "seams": "Who owns what crosses from one team to the next?",
        "handoffs": "Who hands it on to whom, from when, and what is handed over?",
        "transition": "A partner runs it: how does each duty come to your own people?",
    },
    "on_call": {
        "layers": "Who is paged first and second, in which turns?",
        "overrides": "Who takes over a turn for a while?",
        "absences": "Who is away, and from when to when?",
        "escalation": "Who is paged after whom, and after how many minutes?",
        "max_consecutive_days": "For how many days may one person be primary without a break?",
        "runbook": "Where does the runbook lie?",
    },
    "decisions": {
        "rights": "Who may take each decision, alone or with whom?",
        "review": "Who decides whether a version goes live, and what do they ask?",
        "business_statement": "What does the business say that it relies on?",
        "communication": "Who tells whom when something is wrong, where and how soon?",
    },
    "rollback": {
        "from_version": "From which version would you go back?",
        "to_version": "To which version?",
        "author": "Who wrote this plan?",
        "steps": "Which steps lead back, and how does one see that each worked?",
        "max_seconds": "In how many seconds must users have healthy answers again?",
        "feature_spec_compatible": "Is the old version known to read today's features?",
        "feature_spec_evidence": "How do you know that?",
        "state_stores": "Where do records lie, and how is it shown that none was lost?",
        "irreversible_effects": "What can going back not undo?",
        "runbook": "Where does the runbook of the rollback lie?",
        "target": "Which server may a drill start and switch?",
    },
    "fallback": {
        "paths": "What do users get when something that it depends on is down?",
    },
    "service_levels": {
        "objectives": "Which objectives is the service held to?",
        "agreements": "What was promised to whom?",
        "capacity": "How much can it carry, and what if a machine is gone?",
    },
    "signals": {
        "feeds": "Which data arrives from elsewhere, and how soon is it missed?",
        "logs": "Which logs tell what was served, and what came of it?",
        "log_policy": "What is kept of each request, how long, and what is taken out?",
        "baselines": "Which span of time is compared with?",
        "monitors": "Which signals are watched, how often, and who is told?",
        "playbooks": "What does somebody do in the first quarter of an hour?",
        "critical_segments": "Which cases matter most, and what is their floor?",
        "outcomes": "Which business outcome was wanted, and when can it be known?",
        "rules": "What must an answer never violate?",
        "contracts": "What must the rows of a log look like, day by day?",
        "canaries": "Which fixed questions show that a provider changed its model?",
        "guardrails": "Which questions must it take or refuse?",
        "retraining": "When is it trained again, and who decides that?",
        "late_days": "How many days may labels still arrive late?",
    },
    "cost": {
        "currency": "In which currency are all prices and ceilings?",
        "logs": "Which logs tell what was used?",
        "price_list": "Which list of prices counts where no contract says another?",
        "token_prices": "What does a model cost per million tokens?",
        "hour_prices": "What does an hour of each resource cost?",
        "ceilings": "What is the most that a day may cost, and what happens there?",
        "project_budget": "What may the project spend?",
        "run_budget": "What pays for operating it, and who approved that?",
        "pilot_assumption": "What did the pilot assume about a day?",
        "units": "What is one unit of its work worth?",
        "comparisons": "Where were a dear and a cheap model asked the same questions?",
        "bills": "Where do the vendors' bills lie, to hold the logs against?",
        "actions": "What is being done about its cost, and what shall it save?",
    },
    "compliance": {
        "legal": "Where does the law place you: role, class of risk, jurisdictions?",
        "sensitivity": "How sensitive is the data, who reaches it, how hard does it hit?",
        "security": "Which safeguards are there, and what shows that?",
        "controls": "Which controls of which framework are served, and by what?",
        "audit_questions": "What has an auditor asked, and what was answered?",
        "rule_changes": "Which rule has changed, and what was decided then?",
    },
    "change": {
        "requests": "Which changes are asked for, and how are they compared?",
        "rollouts": "In which stages does a change reach users?",
        "environments": "What does each environment consist of?",
        "candidates": "What is new and may be worth adopting?",
        "swaps": "How is the model of a provider exchanged when it is retired?",
        "build": "How is what serves built again, and what does that leave?",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """The questions of one area, and the files that hold the answers."""

    area: Area
    title: str
    text: str
    stems: tuple[str, ...]
    name: str = ""  # the area's, when left out


PARTS: tuple[Part, ...] = (
    Part(
        "model", "Who works here?",
        "Everything below names people and teams by their `id`, so write them down first. The "
        "answers go into `people.yaml`, which all systems of the workbook share: add to it, and "
        "take nobody out whom another system names.",
        ("people",), "people",
    ),
    Part("model", "The system", "What it is, what it depends on, how it may fail.", ("system",)),
    Part(
        "ownership", "Ownership and on-call",
        "Who is accountable, who does what, who is paged at 2am.", ("ownership", "on_call"),
    ),
    Part(
        "decisions", "Decisions",
        "A right that is not written down belongs to nobody.", ("decisions",),
    ),
    Part("rollback", "Rollback", "The way back to the version before.", ("rollback",)),
    Part(
        "reliability", "Fallback and service levels",
        "What users get when something is down, and what they were promised.",
        ("fallback", "service_levels"),
    ),
    Part(
        "detection", "Signals", "How you know that quality fell before customers do.",
        ("signals",),
    ),
    Part("cost", "Cost", "What a day costs, and the most that it may cost.", ("cost",)),
    Part(
        "compliance", "Compliance", "Which duties bind it, and what answers them.",
        ("compliance",),
    ),
    Part(
        "incidents", "Incidents",
        "Each incident is a file of its own, `incidents/<id>.yaml`; nothing is asked here. "
        "`incidents/README.md` shows what such a file holds.",
        (),
    ),
    Part("change", "Change", "How a change reaches users.", ("change",)),
)  # fmt: skip

AREAS: Mapping[str, Area] = {stem: part.area for part in PARTS for stem in part.stems}
"""The area of each stem."""

MODELS: Mapping[str, type[ClaimFile]] = {
    "people": People,
    **{file.removesuffix(".yaml"): model for file, model in AREA_FILES.values()},
}
"""The stem of each file that is asked about, and what it holds."""

FIRST: Mapping[str, str] = {
    "on_call.layers": "Who gets paged?",
    "rollback.from_version": "What is the rollback?",
    "rollback.to_version": "What is the rollback?",
    "rollback.steps": "What is the rollback?",
    "signals.logs": "How do we know quality fell before customers do?",
    "signals.monitors": "How do we know quality fell before customers do?",
    "cost.ceilings": "What is the cost ceiling, today?",
    "system.dependencies": "What happens when the vendor is down?",
    "fallback.paths": "What happens when the vendor is down?",
}
"""The questions whose answers are claims behind one of the five questions, and which one."""


def path_of(system_folder: str, stem: str) -> str:
    """The file of a stem, relative to the workbook; all systems share that of the people."""
    return "people.yaml" if stem == "people" else f"{system_folder}/{stem}.yaml"
