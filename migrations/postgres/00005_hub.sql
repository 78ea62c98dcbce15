-- +goose Up

-- What third parties publish: the words of the entries of the log that are
-- updates. Without its row an update is gone, and its entry says nothing.
CREATE TABLE hub_update (
    position bigint  PRIMARY KEY, -- of its entry
    topics   text    NOT NULL,    -- a list in JSON, the canonical one first
    data     bytea   NOT NULL,    -- UTF-8, in which this text may have any character, even NUL
    private  boolean NOT NULL,
    own_id   text    COLLATE "C", -- that its publisher gave it
    id_print bytea,               -- SHA-256 of that: an ID may be longer than what an index takes
    type     text,
    retry    bigint  NOT NULL,    -- its 64 bits have no sign
    bytes    bigint  NOT NULL     -- of its topics and data, so that no reading has too many
);
CREATE INDEX hub_update_named ON hub_update (id_print, position) WHERE id_print IS NOT NULL;

-- Up to where updates were pruned, in one row. It is never before the beginning
-- of the log.
CREATE TABLE hub_start (
    single   boolean PRIMARY KEY CHECK (single),
    position bigint  NOT NULL
) WITH (fillfactor = 50);
INSERT INTO hub_start (single, position) SELECT TRUE, COALESCE(min(position), 0) FROM log_entry;
