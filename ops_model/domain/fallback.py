"""What happens when the thing the system depends on is down."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ops_model.domain.evidence import Measured, Record
from ops_model.domain.rollback import Command, DrillStep, Environment
from ops_model.domain.scalars import Flag, SampleValue, Share, Slug, Text
from ops_model.domain.system import DataClass
from ops_model.domain.values import ClaimFile, Value

FallbackKind = Literal[
    "second_provider", "smaller_model", "rules", "cache", "human_queue", "off_gracefully", "wait"
]


class UserNotice(Value):
    """What users are told, where, and how soon."""

    text: Text
    channel: Text
    within_seconds: Annotated[int, Field(gt=0)]
    languages: tuple[Text, ...] = ()


class OutageTarget(Value):
    """A server to rehearse an outage against; as `HttpTarget`, with a switch for the outage."""

    environment: Environment
    start: Command
    predict_path: str = "/predict"
    outage_path: str = "/admin/outage"
    sample: Mapping[str, SampleValue]
    requests_per_second: Annotated[float, Field(gt=0, le=200)] = 20
    notice_field: str = "notice"
    degraded_field: str = "degraded"


class FallbackPath(Value):
    """One way on when `replaces` is down. `wait` can be written down, and FBK-01 fails it.

    `provider` is the dependency that takes over, where one does, and `data_sent` the classes of
    data that it then gets. `shares_failure_domain_with` names dependencies that go down together
    with this path.
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


class FallbackPlan(ClaimFile):
    """The file `fallback.yaml`; paths in the order in which they are tried."""

    paths: tuple[FallbackPath, ...]


class FaultResult(Value):
    """How the system did under one fault."""

    fault: str
    served_share: Measured
    p95_seconds: Measured


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
