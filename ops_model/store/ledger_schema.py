"""The tables and triggers of a ledger in a SQLite file, word for word.

The text is part of what is verified: a database whose own copy of it differs by one byte is not
the ledger that we made. The triggers are a rail, not a control: whoever owns the file can drop
them. What they stop is every statement, ours included, that would rewrite an entry by mistake.
"""

SCHEMA_VERSION = 2
"""Which tables there are; a ledger of another version is not read by accident."""

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

# `frontier` are the peaks of the Merkle tree, `latest` is the largest recorded_at of all entries
# in microseconds since 1970.
HEAD_TABLE = """\
CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  size INTEGER NOT NULL CHECK (size >= 0),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  frontier BLOB NOT NULL CHECK (length(frontier) % 40 = 0),
  latest INTEGER CHECK (latest IS NOT NULL OR size = 0)
) STRICT"""

# Words of people, each with the salt of its commitment; the only thing that can be forgotten.
PAYLOAD_TABLE = """\
CREATE TABLE payload (
  commit_hash BLOB PRIMARY KEY NOT NULL CHECK (length(commit_hash) = 32),
  salt BLOB NOT NULL,
  bytes BLOB NOT NULL CHECK (length(bytes) <= 262144)
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
WHEN NEW.one IS NOT OLD.one OR NEW.size IS NOT OLD.size + 1 OR NEW.latest < OLD.latest
  OR NOT EXISTS (
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

PAYLOAD_INSERT = """\
CREATE TRIGGER payload_only_once BEFORE INSERT ON payload
WHEN EXISTS (SELECT 1 FROM payload WHERE commit_hash = NEW.commit_hash)
BEGIN
  SELECT RAISE(ABORT, 'words are kept once');
END"""

PAYLOAD_UPDATE = """\
CREATE TRIGGER payload_never_updated BEFORE UPDATE ON payload
BEGIN
  SELECT RAISE(ABORT, 'words are never changed, only erased');
END"""

DDL = (
    EVENT_TABLE, HEAD_TABLE, PAYLOAD_TABLE, BY_SUBJECT, EVENT_INSERT, EVENT_UPDATE, EVENT_DELETE,
    HEAD_INSERT, HEAD_UPDATE, HEAD_DELETE, PAYLOAD_INSERT, PAYLOAD_UPDATE,
)  # fmt: skip
