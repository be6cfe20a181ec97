"""What `ops-model drill rollback` prints beyond the stopwatch and the records."""

from collections.abc import Iterator, Mapping
from typing import Any

_FEATURES = {
    "same": "both versions read the same features",
    "changes_with_it": "the features changed with the version, to its own",
    "differs": "it was served with other features than its own",
    "unknown": "which features it was served with is not known",
}


def more_of_rollback(answer: Mapping[str, Any]) -> Iterator[str]:
    """What the drills so far show, until when one could stop, and what answered.

    Args:
        answer: the JSON of the command.
    """
    from ops_model.domain.proven import Bound

    point, broke = answer["abort_point"], answer["broke_off_at"]
    yield f"  {Bound.model_validate(answer['bound']).told}"
    if point is not None:
        yield f"  one could still stop until {point['step']}, after {point['seconds']:.2f} s"
    if broke is not None:
        yield f"  broke off at: {broke}"
    if answer["rests_on"] == "word":
        yield (
            f"  that {answer['to_version']} answered is the server's own word, which RBK-02 and "
            "RBK-04 do not take: the target declares no `reference`"
        )
    model = answer["served_digest"]
    yield f"  {_FEATURES[answer['feature_spec']]}" + (f"; answered by {model}" if model else "")
