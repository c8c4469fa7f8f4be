-- Answers of mutating calls, kept for a day.
-- dry-run: run it on a copy of the database first; it only adds a table and an index.
-- guard: plain CREATE statements, so a second run stops at once and changes nothing.

CREATE TABLE idempotency_keys (
    subject TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (subject, key)
);

CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- VERIFY
-- SELECT count(*) = 1 FROM sqlite_master WHERE type = 'table' AND name = 'idempotency_keys';
-- SELECT count(*) = 1 FROM sqlite_master WHERE type = 'index' AND name = 'idempotency_keys_created_at';

-- OPERATIONS
-- duration: under 1 s, the table is new
-- impact: none, nothing reads the table yet
-- throttling: not needed, no rows are written
