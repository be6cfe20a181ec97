"""What `ops-model doctor` says of waivers: one of a system that is nowhere lets nobody off."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ops_model.check.remedies import near
from ops_model.workflow.doctor_lines import Line

if TYPE_CHECKING:
    from ops_model.store.sound_part import SoundPart


def waiver_lines(sound: "SoundPart") -> Iterator[Line]:
    """Whether each waiver names a system; one whose files cannot be read now is there too.

    No check can ask: one system's verdict depends on no other's, not even on there being another.
    Nor is it an error of the policy, which would stop every system where one was renamed.
    """
    policy = sound.model.policy
    known = {*(system.id for system in sound.model.systems), *sound.broken}
    lost = [waiver for waiver in policy.waivers if waiver.system not in known]
    for waiver in lost:
        meant = near(waiver.system, known)
        yield Line(
            "workbook", "waivers", "warning",
            f"{waiver.place_of('system')}: there is no system {waiver.system}, so that the waiver "
            f"of {waiver.check_id} counts for nothing",
            "write the id of a folder in systems/, or take the waiver out"
            + (f": {meant}" if meant else ""),
        )  # fmt: skip
    if policy.waivers and not lost:
        many = len(policy.waivers)
        said = f"all {many} name systems" if many > 1 else "the one there is names a system"
        yield Line("workbook", "waivers", "ok", f"{said} of the workbook")
