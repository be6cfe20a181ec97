"""The verb of a notebook that lists what was measured last, the worst first."""

from ops_model.workflow.open import Book
from ops_model.workflow.show import nothing
from ops_model.workflow.shown import Shown


def standing(book: Book) -> Shown:
    """Every objective, rule, contract and comparison as last recorded, what is wrong first."""
    from ops_model.check.current import latest_of_each
    from ops_model.site.standing import MEASURED, standing_card

    found = [f.record for f in latest_of_each(book.evidence) if isinstance(f.record, MEASURED)]
    if not found:
        return nothing(
            f"Nothing that was measured of {book.system.id} is on record yet: run "
            f"`ops-model run 05_drift_quality {book.system.id}`."
        )
    return Shown(None, standing_card(found))
