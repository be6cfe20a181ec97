"""What happens when the thing the system depends on is down."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from ops_model.domain.evidence import Measured, Record
from ops_model.domain.rollback import Command, DrillStep, Environment
from ops_model.domain.scalars import Flag, SampleValue, Share, Slug, Text
from ops_model.domain.system import DataClass
from ops_model.domain.values import Claim, ClaimFile, Value

FallbackKind = Literal[
    "second_provider", "smaller_model", "rules", "cache", "human_queue", "off_gracefully", "wait"
]

READY = frozenset({"cache", "rules"})
"""The ways on whose answers nobody has to be asked for."""


class UserNotice(Claim):
    """What users are told, where, and how soon."""

    text: Text
    channel: Text
    within_seconds: Annotated[int, Field(gt=0)]
    languages: tuple[Text, ...] = ()


class OutageTarget(Claim):
    """A server to rehearse an outage against; as `HttpTarget`, with a switch for the outage."""

    environment: Environment
    start: Command
    predict_path: str = "/predict"
    outage_path: str = "/admin/outage"
    sample: Mapping[str, SampleValue]
    requests_per_second: Annotated[float, Field(gt=0, le=200)] = 20
    notice_field: str = "notice"
    degraded_field: str = "degraded"


Fault = Literal[
    "unavailable", "rate_limited", "hang", "slow_drip", "html", "empty", "error_body", "reset",
    "broken_stream", "model_swap",
]  # fmt: skip
FAULTS: tuple[Fault, ...] = (
    "unavailable", "rate_limited", "hang", "slow_drip", "html", "empty", "error_body", "reset",
    "broken_stream", "model_swap",
)  # fmt: skip
"""How a vendor's stand-in fails: 503; 429 with Retry-After; silence; a byte now and then; a page
of HTML, nothing, or an error, each with status 200; a connection that is reset; an answer that
breaks off; a good answer from another model than was asked for."""
FAULT_WORDS: Mapping[str, str] = {
    "unavailable": "answers 503",
    "rate_limited": "answers 429",
    "hang": "says nothing",
    "slow_drip": "sends byte by byte",
    "html": "sends a page of HTML",
    "empty": "answers without a word",
    "error_body": "answers with an error",
    "reset": "resets connections",
    "broken_stream": "breaks off its answers",
    "model_swap": "swaps the model",
}
"""What the vendor does under each fault, as a sentence goes on."""


class VendorTarget(Claim):
    """The user's own client, to be rehearsed against a stand-in of its model vendor.

    The stand-in listens twice on this machine, as the vendor (`primary`) and as the one that takes
    over (`backup`), and speaks the chat completions of OpenAI. The client is one of:

    - `client`: `module:function`, imported from the workbook's folder and called as
      `function(question, primary=URL, backup=URL, model=ID)`, async or not; both are base URLs
      that end in `/v1`. It returns the answer as a text, or a mapping with the fields below;
    - `start`: an argument list of a server; `{primary}`, `{backup}` and `{model}` in it stand for
      the two addresses and the model. It prints its own address as `HttpTarget.start` does;
    - `url`: a server that runs already on this machine and was pointed at `ports` beforehand.

    A server gets `POST ask_path {"request_id": .., "model": .., "question": ..}` with `messages`
    beside it as OpenAI has them. The fields are paths with dots into its JSON answer.

    The question carries a reference that the stand-in repeats: an answer is the vendor's or the
    backup's, and one to this question, only where it holds that. A `cache` or `rules` may answer
    in words of its own, which hold `own_words`.
    """

    environment: Environment
    client: Text | None = None
    start: tuple[str, ...] = ()
    url: Text | None = None
    ports: tuple[int, int] | None = None
    model: Text
    ask_path: str = "/ask"
    question: Text = "Where is my order?"
    answer_field: Text = "answer"
    notice_field: Text = "notice"
    model_field: Text = "model"
    own_words: Text | None = None
    faults: Annotated[tuple[Fault, ...], Field(min_length=1)] = FAULTS
    requests: Annotated[int, Field(ge=5, le=500)] = 20
    requests_per_second: Annotated[float, Field(gt=0, le=50)] = 8
    patience_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    return_within_seconds: Annotated[float, Field(gt=0, le=120)] = 10

    @model_validator(mode="after")
    def _one_client(self) -> Self:
        given = [self.client is not None, bool(self.start), self.url is not None]
        if sum(given) != 1:
            msg = "expected one of client, start and url: whose answers are watched"
            raise ValueError(msg)
        if (self.url is not None) != (self.ports is not None):
            msg = (
                "expected url and ports together: a running client knows where its vendor listens"
            )
            raise ValueError(msg)
        return self


class FallbackPath(Claim):
    """One way on when `replaces` is down. `wait` can be written down, and FBK-01 fails it.

    `provider` is the dependency that takes over, where one does, and `data_sent` the classes of
    data that it then gets. `shares_failure_domain_with` names dependencies that go down together
    with this path. It is rehearsed against `target`, a server of one's own with a switch for the
    outage, or against `vendor`, a stand-in of the model vendor that fails in each known way.
    """

    id: Slug
    replaces: Slug
    provider: Slug | None = None
    trigger: Text
    kind: FallbackKind
    text: Text
    capacity_share: Share | None = None
    expected_quality_delta: Annotated[float, Field(ge=-1, le=1)] | None = None
    max_hours: Annotated[int, Field(gt=0)] | None = None
    data_allowed: Flag = True
    data_sent: tuple[DataClass, ...] = ()
    shares_failure_domain_with: tuple[Slug, ...] = ()
    user_notice: UserNotice | None = None
    target: OutageTarget | None = None
    vendor: VendorTarget | None = None

    @model_validator(mode="after")
    def _one_rehearsal(self) -> Self:
        if self.target is not None and self.vendor is not None:
            msg = "expected one of target and vendor, not both"
            raise ValueError(msg)
        if self.vendor is not None and self.vendor.own_words and self.kind not in READY:
            msg = (
                f"own_words are of a cache or rules; by {self.kind} somebody else answers, or none"
            )
            raise ValueError(msg)
        return self

    @property
    def rehearsable(self) -> bool:
        """True when it names something to rehearse against."""
        return self.target is not None or self.vendor is not None


class FallbackPlan(ClaimFile):
    """The file `fallback.yaml`; paths in the order in which they are tried."""

    paths: tuple[FallbackPath, ...]


class FaultResult(Value):
    """How the system did under one fault.

    `served_share` is of the requests, `degraded_share` of the served, `notice_share` of the
    degraded. An answer to another request or words that were ready serve nobody, unless a cache or
    rules gave them; with a notice they are a notice. `switch_seconds` runs from the fault to the
    first answer that did not need the vendor, `return_seconds` from its end to the first of the
    vendor's own again. `errors` counts what came instead of an answer, `models` the models that
    answered by name. `silent_swaps` are answers of another model than was asked for that reached a
    user without a word.
    """

    fault: str
    served_share: Measured
    p95_seconds: Measured
    requests: int | None = None
    p50_seconds: Measured | None = None
    max_seconds: Measured | None = None
    degraded_share: Measured | None = None
    notice_share: Measured | None = None
    lost: int | None = None
    switch_seconds: Measured | None = None
    return_seconds: Measured | None = None
    hits_primary: int | None = None
    hits_backup: int | None = None
    errors: Mapping[str, int] = {}
    models: Mapping[str, int] = {}
    silent_swaps: int | None = None
    problems: tuple[str, ...] = ()


class FallbackDrill(Record):
    """What users got while a dependency was gone, timed by the tool.

    `seconds` runs from the injected outage to the first degraded answer, or to the first notice
    where the path gives no answers. `served_share` is of the requests during the outage,
    `degraded_share` of the served ones. `lost` are requests that got neither an answer nor a
    notice.
    """

    kind: Literal["fallback_drill"] = "fallback_drill"
    environment: Environment
    path: Slug
    performed_by: Slug | None = None
    done_at: AwareDatetime
    seconds: Measured
    requests: int
    served_share: Measured
    degraded_share: Measured
    notice_seen: bool
    notice_seconds: Measured | None = None
    notice_digest: str | None = None
    notice_matches_plan: bool = False
    lost: int
    swap_noticed: bool | None = None
    returned: bool
    faults: tuple[FaultResult, ...] = ()
    steps: tuple[DrillStep, ...] = ()
    problems: tuple[str, ...] = ()
    passed: bool
