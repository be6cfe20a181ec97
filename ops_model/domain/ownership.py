"""Who is accountable for a system once it is live."""

from ops_model.domain.values import Slug, Value


class Domains(Value):
    """Who answers for reliability, cost and compliance of one system."""

    reliability: Slug | None = None
    cost: Slug | None = None
    compliance: Slug | None = None


class Ownership(Value):
    """The file `ownership.yaml`. An owner may be written as a team id; OWN-01 then fails."""

    accountable: Slug
    deputy: Slug | None = None
    domains: Domains = Domains()
