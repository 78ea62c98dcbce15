-- Times are microseconds since 1970 (UTC), so that they compare and round alike
-- on both engines. Positions are places in the log; a column that has one and is
-- null says that it has not happened.

-- +goose Up

CREATE TABLE users (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    email           TEXT,
    email_key       TEXT    UNIQUE, -- equal for addresses that differ in case alone
    display_name    TEXT    NOT NULL,
    presence_hidden INTEGER NOT NULL,
    password_hash   TEXT    NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;

-- The folded rest of each name from the beginning of each of its words on: what
-- a search is compared with.
CREATE TABLE user_start (
    start   TEXT    NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (start, user_id)
) STRICT;
CREATE INDEX user_start_user ON user_start (user_id);

CREATE TABLE session (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    user_agent TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER
) STRICT;
CREATE INDEX session_of_user ON session (user_id);

CREATE TABLE chat_room (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    type             TEXT    NOT NULL, -- direct, group or public
    name             TEXT    CHECK (length(name) <= 255),
    direct_low       INTEGER REFERENCES users (id), -- the two people of a direct room
    direct_high      INTEGER REFERENCES users (id),
    people           INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_position INTEGER
) STRICT;
CREATE UNIQUE INDEX chat_room_direct ON chat_room (direct_low, direct_high) WHERE direct_low IS NOT NULL;
CREATE INDEX chat_room_directory ON chat_room (id) WHERE type = 'public' AND deleted_position IS NULL;

CREATE TABLE room_start (
    start   TEXT    NOT NULL,
    room_id INTEGER NOT NULL REFERENCES chat_room (id),
    PRIMARY KEY (start, room_id)
) STRICT;
CREATE INDEX room_start_room ON room_start (room_id);

-- A row outlives the participation: it keeps the places that last began and
-- ended it, and whether an admin did.
CREATE TABLE chat_participant (
    room_id        INTEGER NOT NULL REFERENCES chat_room (id),
    user_id        INTEGER NOT NULL REFERENCES users (id),
    role           TEXT    NOT NULL, -- member or admin
    joined_at      INTEGER NOT NULL,
    read_sequence  INTEGER NOT NULL,
    began_position INTEGER NOT NULL,
    ended_position INTEGER,
    removed        INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT;
CREATE INDEX chat_participant_user ON chat_participant (user_id, room_id);
CREATE INDEX chat_participant_began ON chat_participant (began_position);
CREATE INDEX chat_participant_eldest ON chat_participant (room_id, joined_at, user_id) WHERE ended_position IS NULL;
CREATE INDEX chat_participant_admin ON chat_participant (room_id) WHERE ended_position IS NULL AND role = 'admin';

CREATE TABLE message (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id    INTEGER NOT NULL REFERENCES chat_room (id),
    sequence   INTEGER NOT NULL,
    author_id  INTEGER NOT NULL REFERENCES users (id),
    content    TEXT,    -- null once deleted
    client_key TEXT,
    print      BLOB,    -- keyed hash of the request; null once deleted
    reply_to   INTEGER, -- refers to no row: it outlives the message it names
    created_at INTEGER NOT NULL,
    edited_at  INTEGER,
    deleted_at INTEGER,
    version    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX message_room_sequence ON message (room_id, sequence);
CREATE UNIQUE INDEX message_client_key ON message (author_id, client_key) WHERE client_key IS NOT NULL;
CREATE INDEX message_created ON message (created_at);

-- The log. Its first entry, at position 0, is written by the program, which
-- draws its mark.
CREATE TABLE log_entry (
    position   INTEGER PRIMARY KEY,
    mark       INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    room_id    INTEGER,
    message_id INTEGER,
    subject_id INTEGER,
    actor_id   INTEGER,
    detail     TEXT
) STRICT;
CREATE INDEX log_entry_room ON log_entry (room_id, position) WHERE room_id IS NOT NULL;
CREATE INDEX log_entry_subject ON log_entry (subject_id, position) WHERE subject_id IS NOT NULL;

-- How far ahead of the steady pace somebody has talked.
CREATE TABLE message_pace (
    user_id INTEGER PRIMARY KEY REFERENCES users (id),
    state   INTEGER NOT NULL
) STRICT;

-- Which keys the database was used with.
CREATE TABLE key_fingerprint (
    name        TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL
) STRICT;
