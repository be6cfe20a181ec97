"""Reads and sets one alias of an MLflow registry, in a process of its own.

`python -m ops_model.drill.alias_worker REGISTRY MODEL ALIAS` answers each line of standard input
with one line, both JSON:

| asked | answered |
|---|---|
| `{}` | `{"version": ...}`, that of the alias |
| `{"known": [...]}` | `{"version": ...}` too, if the registry has each of these versions |
| `{"set": ..., "from": [...]}` | the same, after the alias was set, if it stood at one of `from` |

or with `{"error": ...}`; `{"missing": true}` says that MLflow is not installed. It ends with
standard input, so it never outlives whoever asked. The process is its own because MLflow reads a
lot of its environment, and a drill's has no secret in it.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient


def main(arguments: list[str]) -> int:
    """Answer until standard input ends; 0."""
    registry, model, alias = arguments
    answer = _own_output()
    try:
        from mlflow.tracking import MlflowClient
    except ImportError:
        answer({"missing": True})
        return 0
    address = f"sqlite:///{registry}"
    client: MlflowClient | None = None
    for line in sys.stdin:
        try:
            # Opening the database is the first thing that can fail, so it is part of an answer.
            client = client or MlflowClient(tracking_uri=address, registry_uri=address)
            answer({"version": _carry_out(client, model, alias, json.loads(line))})
        except Exception as error:  # noqa: BLE001 - whatever it was, whoever asked is told of it
            first = str(error).strip().splitlines() or [type(error).__name__]
            answer({"error": first[0][:300]})
    return 0


def _own_output() -> Callable[[Mapping[str, Any]], None]:
    """Writes answers where nothing else can write: what libraries print goes to standard error."""
    ours = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def answer(told: Mapping[str, Any]) -> None:
        ours.write(json.dumps(told) + "\n")
        ours.flush()

    return answer


def _carry_out(client: "MlflowClient", model: str, alias: str, asked: Mapping[str, Any]) -> str:
    for version in asked.get("known", ()):
        client.get_model_version(model, version)
    stands = str(client.get_model_version_by_alias(model, alias).version)
    if "set" not in asked:
        return stands
    if stands not in asked["from"]:
        msg = f"the alias {alias} of {model} stands at {stands}, where somebody else put it"
        raise ValueError(msg)
    client.set_registered_model_alias(model, alias, asked["set"])
    return str(client.get_model_version_by_alias(model, alias).version)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
