-- Times are microseconds since 1970 (UTC), so that they compare and round alike
-- on both engines. Positions are places in the log; a column that has one and is
-- null says that it has not happened.

-- +goose Up

CREATE TABLE users (
    id              bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email           text,
    email_key       text    COLLATE "C" UNIQUE, -- equal for addresses that differ in case alone
    display_name    text    NOT NULL,
    presence_hidden boolean NOT NULL,
    password_hash   text    NOT NULL,
    created_at      bigint  NOT NULL
);

-- The folded rest of each name from the beginning of each of its words on: what
-- a search is compared with. "C" orders by code point, as SQLite does.
CREATE TABLE user_start (
    start   text   COLLATE "C" NOT NULL,
    user_id bigint NOT NULL REFERENCES users (id),
    PRIMARY KEY (start, user_id)
);
CREATE INDEX user_start_user ON user_start (user_id);

CREATE TABLE session (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users (id),
    user_agent text   NOT NULL,
    created_at bigint NOT NULL,
    ended_at   bigint
);
CREATE INDEX session_of_user ON session (user_id);

CREATE TABLE chat_room (
    id               bigint       GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type             text         NOT NULL, -- direct, group or public
    name             varchar(255),
    direct_low       bigint       REFERENCES users (id), -- the two people of a direct room
    direct_high      bigint       REFERENCES users (id),
    people           integer      NOT NULL,
    version          integer      NOT NULL,
    created_at       bigint       NOT NULL,
    updated_at       bigint       NOT NULL,
    deleted_position bigint
);
CREATE UNIQUE INDEX chat_room_direct ON chat_room (direct_low, direct_high) WHERE direct_low IS NOT NULL;
CREATE INDEX chat_room_directory ON chat_room (id) WHERE type = 'public' AND deleted_position IS NULL;

CREATE TABLE room_start (
    start   text   COLLATE "C" NOT NULL,
    room_id bigint NOT NULL REFERENCES chat_room (id),
    PRIMARY KEY (start, room_id)
);
CREATE INDEX room_start_room ON room_start (room_id);

-- A row outlives the participation: it keeps the places that last began and
-- ended it, and whether an admin did.
CREATE TABLE chat_participant (
    room_id        bigint  NOT NULL REFERENCES chat_room (id),
    user_id        bigint  NOT NULL REFERENCES users (id),
    role           text    NOT NULL, -- member or admin
    joined_at      bigint  NOT NULL,
    read_sequence  bigint  NOT NULL,
    began_position bigint  NOT NULL,
    ended_position bigint,
    removed        boolean NOT NULL,
    PRIMARY KEY (room_id, user_id)
) WITH (fillfactor = 80);
CREATE INDEX chat_participant_user ON chat_participant (user_id, room_id);
CREATE INDEX chat_participant_began ON chat_participant (began_position);
CREATE INDEX chat_participant_eldest ON chat_participant (room_id, joined_at, user_id) WHERE ended_position IS NULL;
CREATE INDEX chat_participant_admin ON chat_participant (room_id) WHERE ended_position IS NULL AND role = 'admin';

CREATE TABLE message (
    id         bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id    bigint  NOT NULL REFERENCES chat_room (id),
    sequence   bigint  NOT NULL,
    author_id  bigint  NOT NULL REFERENCES users (id),
    content    text,    -- null once deleted
    client_key text    COLLATE "C",
    print      bytea,   -- keyed hash of the request; null once deleted
    reply_to   bigint,  -- refers to no row: it outlives the message it names
    created_at bigint  NOT NULL,
    edited_at  bigint,
    deleted_at bigint,
    version    integer NOT NULL
);
CREATE UNIQUE INDEX message_room_sequence ON message (room_id, sequence);
CREATE UNIQUE INDEX message_client_key ON message (author_id, client_key) WHERE client_key IS NOT NULL;
CREATE INDEX message_created ON message (created_at);

-- The log. Its first entry, at position 0, is written by the program, which
-- draws its mark.
CREATE TABLE log_entry (
    position   bigint   PRIMARY KEY,
    mark       bigint   NOT NULL,
    at         bigint   NOT NULL,
    kind       smallint NOT NULL,
    room_id    bigint,
    message_id bigint,
    subject_id bigint,
    actor_id   bigint,
    detail     text
);
CREATE INDEX log_entry_room ON log_entry (room_id, position) WHERE room_id IS NOT NULL;
CREATE INDEX log_entry_subject ON log_entry (subject_id, position) WHERE subject_id IS NOT NULL;

-- How far ahead of the steady pace somebody has talked.
CREATE TABLE message_pace (
    user_id bigint PRIMARY KEY REFERENCES users (id),
    state   bigint NOT NULL
) WITH (fillfactor = 50);

-- Which keys the database was used with.
CREATE TABLE key_fingerprint (
    name        text  PRIMARY KEY,
    fingerprint bytea NOT NULL
);
