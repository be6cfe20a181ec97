"""Whether a PostgreSQL ledger's tables and triggers are still those that were made.

PostgreSQL keeps a trigger's function as the text that it was made with, and tables as facts in its
catalogue: so these are compared, and no rendering of them that another version might write
otherwise.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ops_model.store.ledger_backend import ask
from ops_model.store.ledger_postgres_schema import TRIGGERS

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TRIGGERS = """
SELECT t.tgname, c.relname, t.tgtype, t.tgenabled, t.tgqual IS NULL, p.prosrc,
p.pronamespace = n.oid
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE n.nspname = 'ops_model' AND NOT t.tgisinternal"""
_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'ops_model' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"""
_CONSTRAINTS = """
SELECT c.relname, k.contype, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'ops_model' AND k.contype IN ('p', 'u', 'c') AND k.convalidated"""
_RULES = """
SELECT c.relname, r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'ops_model' AND c.relkind <> 'v'"""

COLUMNS = frozenset({
    ("event", "seq", "bigint", True, ""), ("event", "event_id", "text", True, ""),
    ("event", "prev", "bytea", True, ""), ("event", "hash", "bytea", True, ""),
    ("event", "body", "text", True, ""), ("event", "type", "text", False, "s"),
    ("event", "subject", "text", False, "s"),
    ("head", "one", "integer", True, ""), ("head", "size", "bigint", True, ""),
    ("head", "hash", "bytea", True, ""), ("head", "frontier", "bytea", True, ""),
    ("head", "latest", "bigint", False, ""),
    ("payload", "commit_hash", "bytea", True, ""), ("payload", "salt", "bytea", True, ""),
    ("payload", "bytes", "bytea", True, ""), ("version", "version", "integer", True, ""),
})  # fmt: skip
CONSTRAINTS = frozenset({
    ("event", "p", "PRIMARY KEY (seq)"), ("event", "u", "UNIQUE (event_id)"),
    ("event", "u", "UNIQUE (prev)"), ("event", "u", "UNIQUE (hash)"),
    ("event", "c", "CHECK ((seq >= 0))"), ("event", "c", "CHECK ((octet_length(prev) = 32))"),
    ("event", "c", "CHECK ((octet_length(hash) = 32))"),
    ("event", "c", "CHECK ((octet_length(body) <= 262144))"),
    ("event", "c", "CHECK (((((body)::jsonb ->> 'id'::text) = event_id) AND "
                   "((((body)::jsonb ->> 'seq'::text))::bigint = seq)))"),
    ("head", "p", "PRIMARY KEY (one)"), ("head", "c", "CHECK ((one = 1))"),
    ("head", "c", "CHECK ((size >= 0))"), ("head", "c", "CHECK ((octet_length(hash) = 32))"),
    ("head", "c", "CHECK ((mod(octet_length(frontier), 40) = 0))"),
    ("head", "c", "CHECK (((latest IS NOT NULL) OR (size = 0)))"),
    ("payload", "p", "PRIMARY KEY (commit_hash)"),
    ("payload", "c", "CHECK ((octet_length(commit_hash) = 32))"),
    ("payload", "c", "CHECK ((octet_length(bytes) <= 262144))"),
    ("version", "p", "PRIMARY KEY (version)"),
})  # fmt: skip


def schema_problems(connection: "Connection") -> Iterator[str]:
    """Everything that is missing, changed, switched off, or not ours."""
    yield from _trigger_problems(connection)
    columns = {tuple(map(_text, row)) for row in ask(connection, _COLUMNS)}
    for table, column, *_ in sorted(COLUMNS - columns, key=str):
        yield f"the column {column} of {table} is not as made: missing or changed"
    known = {(table, column) for table, column, *_ in COLUMNS}
    for holder, other, *_ in sorted(columns, key=str):
        if (holder, other) not in known:
            yield f"holds a column that is not ours: {other} of {holder}"
    constraints = {tuple(map(_text, row)) for row in ask(connection, _CONSTRAINTS)}
    for table, _, said in sorted(CONSTRAINTS - constraints, key=str):
        yield f"{table} has lost a constraint: {said}"
    for holder, rule in sorted(map(tuple, ask(connection, _RULES))):
        yield f"holds a rule that is not ours: {rule} on {holder}"


def _trigger_problems(connection: "Connection") -> Iterator[str]:
    found = {row[0]: tuple(map(_text, row[1:])) for row in ask(connection, _TRIGGERS)}
    for trigger in TRIGGERS:
        name = f"the trigger {trigger.name} on {trigger.table}"
        seen = found.pop(trigger.name, None)
        if seen is None:
            yield f"{name} is missing"
        elif seen[2] != "A":
            yield f"{name} is switched off, or not always on"
        elif seen != (trigger.table, trigger.kind, "A", True, trigger.source, True):
            yield f"{name} is not as made"
    for other, (holder, *_) in sorted(found.items()):
        yield f"holds a trigger that is not ours: {other} on {holder}"


def _text(value: object) -> object:
    """A value of the catalogue; its one-byte type comes as bytes."""
    return value.decode() if isinstance(value, bytes) else value
