"""What the invented people of the demo say about flight-delay, in their own words.

A claim alone has the grade E1; these words are what makes the claims count as attested. They are
asserted, not signed, as everything that `ops-model attest` records.
"""

from dataclasses import dataclass

from ops_model.domain.evidence import AccessAction, AttestationTopic, OwnerKnowledge

OWNER, DEPUTY, OUTGOING = "mara-lindqvist", "tomas-okafor", "kenji-watts"
LEADS_ROLLBACK, LEADS_FALLBACK = DEPUTY, "ines-varga"
"""Who leads the drills of flight-delay; whoever takes over as deputy leads one (TRN-01)."""
LEADS_OUTAGE, LEADS_EXCHANGE = "tomas-okafor", "lea-brandt"
"""Who leads those of support-assistant, both of its rota and neither the author of its plans."""


@dataclass(frozen=True)
class Said:
    """One attestation; `handoff`, `knowledge` and `action` are what its topic owes.

    A word about a game day names its `scenario`.
    """

    topic: AttestationTopic
    person: str
    text: str
    handoff: str | None = None
    knowledge: OwnerKnowledge | None = None
    action: AccessAction | None = None
    seconds: float | None = None
    scenario: str | None = None

    @property
    def event_id(self) -> str:
        """The same for the same word, so that a demo that is run twice records it once."""
        parts = ("flight-delay", self.topic, self.person, self.action, self.scenario)
        return "/".join(["demo/attestation", *(part for part in parts if part)])


_DONE: tuple[tuple[AccessAction, str], ...] = (
    ("disable", "switched the estimate off and on again"),
    ("override_output", "put the line for passengers in the place of one airport's estimates"),
)
_TOOK = {
    "tomas-okafor": (26, 48),
    "kenji-watts": (29, 55),
    "ines-varga": (24, 44),
    "lea-brandt": (36, 62),
}
"""Seconds that each of the rota took for each of `_DONE`, by their own clock: these two have no
command that shows them, so that there is nothing but a word."""
ROTA = tuple(_TOOK)
"""Everybody who is paged; what a command shows of them, the demo lets it show."""
BEFORE_THE_DRILLS: tuple[Said, ...] = (
    Said(
        "ownership", OWNER,
        "I own flight-delay. I know what it is for, that it was trained on January and February "
        "only, and how it fails in summer; I answer for its reliability, cost and compliance.",
    ),
    Said(
        "knowledge", OWNER,
        "This is what I know of flight-delay without looking it up, said to Tomas on 19 July.",
        knowledge=OwnerKnowledge(
            purpose="It tells a passenger, at the scheduled departure, whether the flight will "
            "arrive more than 15 minutes late; the desk may always say otherwise.",
            training="A logistic regression on the schedule and the weather of January and "
            "February 2013, checked on days that it had not seen.",
            failure_modes=(
                "storm-called-clear", "season-never-seen", "bad-release", "weather-gone",
                "service-down", "one-airport-wrong", "replicas-without-end",
            ),
        ),
    ),
    Said(
        "decisions", OWNER,
        "These are the rights as they are lived: whoever is paged goes back, fails over and "
        "switches off without asking me.",
    ),
    Said(
        "claims", OWNER,
        "I have read every file of flight-delay with the people who wrote them, and each says "
        "what is so today.",
    ),
    Said(
        "handoff", OUTGOING,
        "I have handed the deputy's seat to Tomas, with all seven items gone through.",
        handoff="deputy-to-tomas",
    ),
    Said(
        "handoff", DEPUTY,
        "I have taken over as deputy from Kenji; I have used the runbook, and lead the drill.",
        handoff="deputy-to-tomas",
    ),
    Said(
        "handoff", OWNER,
        "Kenji has handed over to Tomas as deputy, and I accept it; Kenji keeps reliability.",
        handoff="deputy-to-tomas",
    ),
    *(
        Said(
            "access", person,
            f"With my own account I did this in the place of rehearsal: {what}.",
            action=action, seconds=seconds,
        )
        for person, took in _TOOK.items()
        for (action, what), seconds in zip(_DONE, took, strict=True)
    ),
)  # fmt: skip
AFTER_THE_DRILLS: tuple[Said, ...] = tuple(
    Said(
        "attendance", person,
        "I was there when Tomas went back to v1, and have said each step before he took it.",
    )
    for person in ("kenji-watts", "ines-varga", "lea-brandt")
)  # fmt: skip
"""About the rollback drill on record."""


def at_the_game_day(scenario: str) -> tuple[Said, ...]:
    """What those say who were there when a scenario was walked through.

    Tomas has the pager on that Saturday, Mara decides what is promised, and Nadia speaks to
    whoever stands at a desk.
    """
    return tuple(
        Said("attendance", person, f"{scenario}: {text}", scenario=scenario)
        for person, text in (
            (
                DEPUTY,
                "I was there, and have said what I would do before I read what stands there.",
            ),
            (OWNER, "I was there to its end, and know which of its answers are mine to give."),
            ("nadia-petrov", "I was there, and have read aloud what my desks would say by then."),
        )
    )
