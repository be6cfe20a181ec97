"""What somebody who can write the ledger's file may do to it, with all the formulas at hand.

Each attack takes the path of a ledger of `ENTRIES` entries and changes it. `SEEN` says what finds
it: the ledger alone, a checkpoint over all entries, or an old one over the first `OLD` only.
"""

import json
import sqlite3
from contextlib import closing
from datetime import datetime

from ops_model.domain.values import canonical_bytes
from ops_model.store.ledger import Ledger
from ops_model.store.ledger_append import microseconds
from ops_model.store.ledger_chain import GENESIS
from ops_model.store.merkle import Frontier, leaf_hash
from tests.store.ledger_events import a_ledger, an_event, as_owner, chain_hash

ENTRIES, OLD, VICTIM = 100, 80, 42


def a_ledger_to_attack(path):
    """A ledger of `ENTRIES` entries, and its roots by size: at its end and at `OLD`."""
    a_ledger(path)
    with Ledger.open(path) as ledger:
        ledger.append_all([an_event(f"event/{n}", data={"number": n}) for n in range(ENTRIES)])
        return {size: ledger.root_at(size) for size in (OLD, ENTRIES)}


def bodies_of(path):
    with closing(sqlite3.connect(path)) as raw:
        return [json.loads(body) for (body,) in raw.execute("SELECT body FROM event ORDER BY seq")]


def written_anew(path, bodies):
    """Put these entries in the place of all others, chained, with a head that fits."""
    tree, link, latest, rows = Frontier(), GENESIS, None, []
    for seq, content in enumerate(bodies):
        body = canonical_bytes({**content, "seq": seq})
        prev, link = link, chain_hash(link, body)
        tree.append(leaf_hash(body))
        at = microseconds(datetime.fromisoformat(content["recorded_at"]))
        latest = at if latest is None else max(latest, at)
        rows.append((seq, content["id"], prev, link, body.decode()))
    insert = "INSERT INTO event (seq, event_id, prev, hash, body) VALUES (?, ?, ?, ?, ?)"
    head = "UPDATE head SET size = ?, hash = ?, frontier = ?, latest = ?"
    as_owner(
        path, "DELETE FROM event", *((insert, row) for row in rows),
        (head, (len(rows), link, tree.to_bytes(), latest)),
    )  # fmt: skip


def edit(path):
    as_owner(path, """UPDATE event SET body = replace(body, '"number":42', '"number":43')
                      WHERE seq = 42""")  # fmt: skip


def edit_and_rehash(path):
    bodies = bodies_of(path)
    bodies[VICTIM]["data"] = {"number": 43}
    written_anew(path, bodies)


def delete_and_rehash(path):
    bodies = bodies_of(path)
    del bodies[VICTIM]
    written_anew(path, bodies)


def insert_back_dated_and_rehash(path):
    bodies = bodies_of(path)
    bodies.insert(VICTIM, {**bodies[VICTIM], "id": "never/happened"})
    written_anew(path, bodies)


def swap(path):
    as_owner(
        path,
        "PRAGMA ignore_check_constraints = ON",
        "UPDATE event SET seq = 1000 WHERE seq = 42",
        "UPDATE event SET seq = 42 WHERE seq = 43",
        "UPDATE event SET seq = 43 WHERE seq = 1000",
    )


def delete(path):
    as_owner(path, "DELETE FROM event WHERE seq = 42")


def cut_the_tail(path):
    as_owner(path, "DELETE FROM event WHERE seq >= 90")


def put_an_older_copy_back(path):
    written_anew(path, bodies_of(path)[:90])


def cut_the_tail_and_append_another(path):
    bodies = bodies_of(path)
    others = [{**body, "id": f"{body['id']}/another"} for body in bodies[90:]]
    written_anew(path, [*bodies[:90], *others])


def empty_and_start_anew(path):
    written_anew(path, [])


ALONE, CURRENT, PAST = "the ledger alone", "a current checkpoint", "an old checkpoint"
SEEN = {
    edit: {ALONE, CURRENT, PAST},
    swap: {ALONE, CURRENT, PAST},
    delete: {ALONE, CURRENT, PAST},
    cut_the_tail: {ALONE, CURRENT, PAST},
    edit_and_rehash: {CURRENT, PAST},
    delete_and_rehash: {CURRENT, PAST},
    insert_back_dated_and_rehash: {CURRENT, PAST},
    empty_and_start_anew: {CURRENT, PAST},
    put_an_older_copy_back: {CURRENT},
    cut_the_tail_and_append_another: {CURRENT},
}
"""The ten. The last two leave what an old checkpoint covers as it was, and it misses them."""
