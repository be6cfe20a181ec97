"""Watching and telling at an instant, with a box in place of channels."""

from datetime import timedelta
from itertools import count

from ops_model.store.workbook import read_workbook
from ops_model.workflow.alert_channels import Post
from ops_model.workflow.watch import tell, watch
from tests.workflow.spending import NOON, book, each_slot

MINUTE = timedelta(minutes=1)
WHERE = {"TEST_PAGE": "pager://", "TEST_MAIL": "mail://"}
DEAR = [*each_slot(1), (NOON - 60 * MINUTE, 100)]
"""172 of 144 by noon; the slot from 11:00 on crossed it."""


class Box:
    """Where messages land in place of a channel; `broken` are the addresses that take none."""

    def __init__(self, *broken):
        self.broken, self.sent = set(broken), []

    def __call__(self, address, message):
        if address in self.broken:
            return "the channel did not take it"
        self.sent.append((address, message))
        return ""

    @property
    def addresses(self):
        return [address for address, _ in self.sent]


def told(root, box, *, as_of=NOON, variables=WHERE, at=None):
    """Watch and tell at an instant; the wall clock says the same."""
    model = read_workbook(root)
    seen = watch(root, model, "answers", as_of=as_of)
    post = Post(model.settings.alert_routes, variables, box)
    codes = (f"CODE-{n}" for n in count())
    return tell(root, model, seen, post, recorded_at=at or as_of, new_code=lambda: next(codes))


def on_record(root, kind, *, as_of=NOON):
    return [e.record for e in book(root, as_of=as_of).evidence.all(kind)]
