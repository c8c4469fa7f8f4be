-- Users of the directory.
-- dry-run: run it on a copy of the database first; it only adds a table and an index.
-- guard: plain CREATE statements, so a second run stops at once and changes nothing.

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    created_at TEXT NOT NULL
);

CREATE UNIQUE INDEX users_email_key ON users (email);

-- VERIFY
-- SELECT count(*) = 1 FROM sqlite_master WHERE type = 'table' AND name = 'users';
-- SELECT count(*) = 1 FROM sqlite_master WHERE type = 'index' AND name = 'users_email_key';

-- OPERATIONS
-- duration: under 1 s, the table is new
-- impact: none, nothing reads the table yet
-- throttling: not needed, no rows are written
