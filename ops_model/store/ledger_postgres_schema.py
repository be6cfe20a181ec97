"""The ledger's tables, triggers and rights in PostgreSQL, word for word.

They are made by an owner whom no command of ours connects as afterwards. The role that appends may
insert and select, and no more; triggers are `ENABLE ALWAYS`, so that no replication role passes
them. They are a rail, not a control: the owner can drop them. Checkpoints are the control.
"""

from dataclasses import dataclass

SCHEMA = "ops_model"
LOCK = 0x6F70736D
"""The advisory lock that a writer takes first: `opsm` in ASCII, as a number."""

TABLES = (
    "CREATE SCHEMA ops_model",
    """\
CREATE TABLE ops_model.event (
  seq bigint PRIMARY KEY CHECK (seq >= 0),
  event_id text NOT NULL UNIQUE,
  prev bytea NOT NULL UNIQUE CHECK (octet_length(prev) = 32),
  hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  body text NOT NULL CHECK (octet_length(body) <= 262144),
  type text GENERATED ALWAYS AS (body::jsonb ->> 'type') STORED,
  subject text GENERATED ALWAYS AS (body::jsonb ->> 'subject') STORED,
  CHECK (body::jsonb ->> 'id' = event_id AND (body::jsonb ->> 'seq')::bigint = seq)
)""",
    "CREATE INDEX event_by_subject ON ops_model.event (subject, seq)",
    """\
CREATE TABLE ops_model.head (
  one integer PRIMARY KEY CHECK (one = 1),
  size bigint NOT NULL CHECK (size >= 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  frontier bytea NOT NULL CHECK (mod(octet_length(frontier), 40) = 0),
  latest bigint CHECK (latest IS NOT NULL OR size = 0)
)""",
    """\
CREATE TABLE ops_model.payload (
  commit_hash bytea PRIMARY KEY CHECK (octet_length(commit_hash) = 32),
  salt bytea NOT NULL,
  bytes bytea NOT NULL CHECK (octet_length(bytes) <= 262144)
)""",
    "CREATE TABLE ops_model.version (version integer PRIMARY KEY)",
)


@dataclass(frozen=True)
class Trigger:
    """One trigger: its table, when it fires, and the body of its function.

    `kind` is `pg_trigger.tgtype`, in which PostgreSQL keeps level, moment and events as bits.
    """

    name: str
    table: str
    when: str
    kind: int
    source: str


_ROW, _BEFORE, _INSERT, _DELETE, _UPDATE, _TRUNCATE = 1, 2, 4, 8, 16, 32


def _refusing(why: str) -> str:
    return f"\nBEGIN\n  RAISE EXCEPTION '{why}' USING ERRCODE = '23000';\nEND"


TRIGGERS = (
    Trigger(
        "event_only_behind_the_head", "event", "BEFORE INSERT", _ROW | _BEFORE | _INSERT,
        """
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ops_model.head WHERE size = NEW.seq AND hash = NEW.prev) THEN
    RAISE EXCEPTION 'an entry goes behind the head, once' USING ERRCODE = '23000';
  END IF;
  RETURN NEW;
END""",
    ),
    Trigger(
        "event_never_changed", "event", "BEFORE UPDATE OR DELETE",
        _ROW | _BEFORE | _DELETE | _UPDATE, _refusing("entries are never changed or deleted"),
    ),
    Trigger(
        "event_never_emptied", "event", "BEFORE TRUNCATE", _BEFORE | _TRUNCATE,
        _refusing("entries are never deleted"),
    ),
    Trigger(
        "head_only_once", "head", "BEFORE INSERT", _ROW | _BEFORE | _INSERT,
        """
BEGIN
  IF EXISTS (SELECT 1 FROM ops_model.head) OR EXISTS (SELECT 1 FROM ops_model.event) THEN
    RAISE EXCEPTION 'there is one head' USING ERRCODE = '23000';
  END IF;
  RETURN NEW;
END""",
    ),
    Trigger(
        "head_only_forward", "head", "BEFORE UPDATE", _ROW | _BEFORE | _UPDATE,
        """
BEGIN
  IF NEW.one <> OLD.one OR NEW.size <> OLD.size + 1 OR NEW.latest < OLD.latest OR NOT EXISTS (
    SELECT 1 FROM ops_model.event WHERE seq = OLD.size AND prev = OLD.hash AND hash = NEW.hash
  ) THEN
    RAISE EXCEPTION 'the head moves to the next entry only' USING ERRCODE = '23000';
  END IF;
  RETURN NEW;
END""",
    ),
    Trigger(
        "head_never_deleted", "head", "BEFORE DELETE", _ROW | _BEFORE | _DELETE,
        _refusing("the head is never deleted"),
    ),
    Trigger(
        "head_never_emptied", "head", "BEFORE TRUNCATE", _BEFORE | _TRUNCATE,
        _refusing("the head is never deleted"),
    ),
)  # fmt: skip


def trigger_statements() -> tuple[str, ...]:
    """What makes the triggers, each enabled always."""
    made: list[str] = []
    for trigger in TRIGGERS:
        table, function = f"{SCHEMA}.{trigger.table}", f"{SCHEMA}.{trigger.name}()"
        level = "ROW" if trigger.kind & _ROW else "STATEMENT"
        made += [
            f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql "
            f"SET search_path = {SCHEMA}, pg_temp AS $${trigger.source}$$",
            f"CREATE TRIGGER {trigger.name} {trigger.when} ON {table} FOR EACH {level} "
            f"EXECUTE FUNCTION {function}",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger.name}",
        ]
    return tuple(made)


def grant_statements(writer: str, auditor: str | None = None) -> tuple[str, ...]:
    """What lets `writer` append and `auditor` read; both are quoted identifiers already."""
    made = [
        "REVOKE ALL ON SCHEMA ops_model FROM PUBLIC",
        "REVOKE ALL ON ALL TABLES IN SCHEMA ops_model FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA ops_model TO {writer}",
        f"GRANT SELECT, INSERT ON ops_model.event TO {writer}",
        f"GRANT SELECT, UPDATE (size, hash, frontier, latest) ON ops_model.head TO {writer}",
        f"GRANT SELECT, INSERT, DELETE ON ops_model.payload TO {writer}",
        f"GRANT SELECT ON ops_model.version TO {writer}",
    ]
    if auditor is not None:
        made += [
            f"GRANT USAGE ON SCHEMA ops_model TO {auditor}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA ops_model TO {auditor}",
        ]
    return tuple(made)
