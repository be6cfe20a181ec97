"""The verb of a notebook that shows every objective beside the others."""

from ops_model.domain.service_levels import Objective
from ops_model.errors import WarehouseError
from ops_model.workflow.empty_logs import no_rows
from ops_model.workflow.open import Book
from ops_model.workflow.show import nothing, recorded
from ops_model.workflow.shown import Shown


def service_levels(book: Book) -> Shown:
    """Each objective over its own window, what is left of its budget, and how that burns.

    All of them stand in one table first, so that a service that is up never passes for one whose
    answers are right.
    """
    levels = book.system.service_levels
    if levels is None or not levels.objectives:
        return nothing("service_levels.yaml declares no objective, so none was measured.")
    from ops_model.domain.values import zone
    from ops_model.site.level_cards import side_by_side
    from ops_model.workflow.measure_levels import lacking, levels_of

    empty: dict[str, str] = {}

    def told(objective: Objective, error: WarehouseError) -> bool:
        empty[objective.id] = no_rows(book, error)
        return bool(empty[objective.id])

    found = levels_of(book, zone=zone(book.model.settings.zone), told=told)
    unmeasured = {o.id: lacking(o) for o in levels.objectives if lacking(o)}
    head = Shown(None, side_by_side(levels.objectives, found, unmeasured | empty))
    lines = [
        nothing(f"Objective {name} was not measured: service_levels.yaml has to name {what}.")
        for name, what in unmeasured.items()
    ]
    lines += [nothing(f"Objective {name} is unknown: {why}.") for name, why in empty.items()]
    return Shown.of_many([head, *(recorded(record, book) for record in found), *lines])
