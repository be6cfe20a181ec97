"""What a system depends on, as other files than the list of its dependencies give away.

An empty list of dependencies is no proof that nothing outside can go down: a feed, a price per
token or a failure of a vendor's kind shows that something can.
"""

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.system import AISystem, FailureMode

FROM_OUTSIDE = frozenset({"unavailable", "stale_data", "provider_change"})
"""The kinds of failure that come from outside, where a way on is the answer to them."""


def calls_a_model(identity: AISystem) -> bool:
    """True for the kinds of system that call a model and train none."""
    return identity.kind != "predictive"


def calls_nobody(identity: AISystem) -> bool:
    """True for a kind that calls a model, where nobody is named who serves it."""
    served = any(dependency.kind == "model_provider" for dependency in identity.dependencies)
    return calls_a_model(identity) and not served


def pinned_model(identity: AISystem, dependency_id: str) -> str | None:
    """The model that is agreed with a provider; None where nobody wrote it.

    Where there is one provider, the model that the version names is its.
    """
    providers = [d for d in identity.dependencies if d.kind == "model_provider"]
    found = next((d for d in providers if d.id == dependency_id), None)
    if found is None:
        return None
    return found.pinned_id or (identity.version.provider_model_id if len(providers) == 1 else None)


def signs_of_dependencies(system: SystemClaims) -> tuple[str, ...]:
    """What says that the system depends on something outside, a clause each, its list aside."""
    return (*_of_the_system(system.identity), *_of_other_files(system))


def _of_the_system(identity: AISystem) -> list[str]:
    version = identity.version
    modes = [mode.id for mode in identity.failure_modes if _answered_by_a_way_on(mode)]
    signs = {
        f"system.yaml says kind {identity.kind}, which calls a model": calls_a_model(identity),
        f"version {version.label} names the provider's model {version.provider_model_id}": (
            version.provider_model_id is not None
        ),
        f"a fallback answers {', '.join(modes)} in system.yaml": bool(modes),
    }
    return [sign for sign, there in signs.items() if there]


def _of_other_files(system: SystemClaims) -> list[str]:
    cost, plan, signals = system.cost, system.fallback, system.signals
    feeds = [feed.id for feed in signals.feeds] if signals else []
    capped = cost is not None and any(ceiling.scope == "provider" for ceiling in cost.ceilings)
    signs = {
        f"signals.yaml has feed {', '.join(feeds)}": bool(feeds),
        "cost.yaml has prices per token": cost is not None and bool(cost.token_prices),
        "cost.yaml has a ceiling for a provider": capped,
        "fallback.yaml has paths": plan is not None and bool(plan.paths),
    }
    return [sign for sign, there in signs.items() if there]


def _answered_by_a_way_on(mode: FailureMode) -> bool:
    return mode.kind in FROM_OUTSIDE and "fallback" in mode.respond_by
