"""The trial that February's request asked for: v1 against v2 on the flights of February.

Neither answers for a day that it has seen. v1 was trained on January alone. v2 has seen February,
so its answers are those of the models that its recipe gives without the day that they score; each
of them has seen days after that day too, as no model in service has.
"""

from typing import TYPE_CHECKING

from ops_model.example.model import FlightModel
from ops_model.example.train import FEBRUARY

if TYPE_CHECKING:
    import pandas as pd


def trial_results(out_of_fold: "pd.DataFrame", champion: FlightModel) -> "pd.DataFrame":
    """One row a flight of February and arm: whether `late` was predicted rightly.

    Args:
        out_of_fold: the rows that v2 was trained on, each predicted without its day.
        champion: v1.
    """
    import pandas as pd

    rows = out_of_fold[out_of_fold["timestamp"] >= FEBRUARY].reset_index(drop=True)
    arms = {
        champion.version: champion.predict_many(rows) >= champion.threshold,
        str(rows["version"].iloc[0]): rows["prediction"].to_numpy(bool),
    }
    late = rows["late"].to_numpy(bool)
    # The weather of a day hits all of its flights, so that a day is what varies.
    day = rows["timestamp"].dt.tz_convert("America/New_York").dt.strftime("%Y-%m-%d")
    asked = {"case_id": rows["request_id"], "cluster_id": day, "origin": rows["origin"]}
    answered = [
        pd.DataFrame({**asked, "arm": arm, "passed": predicted == late})
        for arm, predicted in arms.items()
    ]
    return pd.concat(answered, ignore_index=True)
