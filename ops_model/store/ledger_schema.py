"""The ledger's tables and triggers, word for word.

The text is part of what is verified: a database whose own copy of it differs by one byte is not
the ledger that we made. The triggers are a rail, not a control: whoever owns the file can drop
them. What they stop is every statement, ours included, that would rewrite an entry by mistake.
"""

SCHEMA_VERSION = 1

EVENT_TABLE = """\
CREATE TABLE event (
  seq INTEGER PRIMARY KEY CHECK (seq >= 0),
  event_id TEXT NOT NULL UNIQUE,
  prev BLOB NOT NULL UNIQUE CHECK (length(prev) = 32),
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  body TEXT NOT NULL CHECK (json_valid(body) AND length(CAST(body AS BLOB)) <= 262144),
  type TEXT GENERATED ALWAYS AS (json_extract(body, '$.type')) VIRTUAL,
  subject TEXT GENERATED ALWAYS AS (json_extract(body, '$.subject')) VIRTUAL,
  CHECK (json_extract(body, '$.id') = event_id AND json_extract(body, '$.seq') = seq)
) STRICT"""

HEAD_TABLE = """\
CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  size INTEGER NOT NULL CHECK (size >= 0),
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT"""

BY_SUBJECT = "CREATE INDEX event_by_subject ON event (subject, seq)"

# REPLACE deletes the rows that stand in its way, and fires no delete trigger unless
# recursive_triggers is on, which each connection decides for itself. So the insert itself is
# refused unless it is the next entry and meets no other.
EVENT_INSERT = """\
CREATE TRIGGER event_only_behind_the_head BEFORE INSERT ON event
WHEN NOT EXISTS (SELECT 1 FROM head WHERE size = NEW.seq AND hash = NEW.prev)
  OR EXISTS (
    SELECT 1 FROM event
    WHERE event_id = NEW.event_id OR prev = NEW.prev OR hash = NEW.hash OR seq = NEW.seq
  )
BEGIN
  SELECT RAISE(ABORT, 'an entry goes behind the head, once');
END"""

EVENT_UPDATE = """\
CREATE TRIGGER event_never_updated BEFORE UPDATE ON event
BEGIN
  SELECT RAISE(ABORT, 'entries are never changed');
END"""

EVENT_DELETE = """\
CREATE TRIGGER event_never_deleted BEFORE DELETE ON event
BEGIN
  SELECT RAISE(ABORT, 'entries are never deleted');
END"""

HEAD_INSERT = """\
CREATE TRIGGER head_only_once BEFORE INSERT ON head
WHEN EXISTS (SELECT 1 FROM head) OR EXISTS (SELECT 1 FROM event)
BEGIN
  SELECT RAISE(ABORT, 'there is one head');
END"""

HEAD_UPDATE = """\
CREATE TRIGGER head_only_forward BEFORE UPDATE ON head
WHEN NEW.one IS NOT OLD.one OR NEW.size IS NOT OLD.size + 1 OR NOT EXISTS (
  SELECT 1 FROM event WHERE seq = OLD.size AND prev = OLD.hash AND hash = NEW.hash
)
BEGIN
  SELECT RAISE(ABORT, 'the head moves to the next entry only');
END"""

HEAD_DELETE = """\
CREATE TRIGGER head_never_deleted BEFORE DELETE ON head
BEGIN
  SELECT RAISE(ABORT, 'the head is never deleted');
END"""

DDL = (
    EVENT_TABLE, HEAD_TABLE, BY_SUBJECT, EVENT_INSERT, EVENT_UPDATE, EVENT_DELETE, HEAD_INSERT,
    HEAD_UPDATE, HEAD_DELETE,
)  # fmt: skip
