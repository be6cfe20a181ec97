"""A real MLflow registry with three versions of a model; slow to make, so made once and copied."""

import os
import subprocess
import sys

MAKE = """
import sys
from mlflow.tracking import MlflowClient

address = "sqlite:///" + sys.argv[1]
client = MlflowClient(tracking_uri=address, registry_uri=address)
client.create_registered_model("flight")
for version in ("v1", "v2", "v3"):
    client.create_model_version("flight", source=sys.argv[2] + "/" + version + ".json")
client.set_registered_model_alias("flight", "champion", "2")
"""


def make_registry(path, models):
    """Version 1 is v1, 2 is v2, 3 is none of ours, and the alias `champion` stands at 2."""
    quiet = {"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}
    subprocess.run(
        [sys.executable, "-c", MAKE, str(path), str(models)], check=True, capture_output=True,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **quiet},
    )  # fmt: skip
