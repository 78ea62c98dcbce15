-- +goose Up

-- What third parties publish: the words of the entries of the log that are
-- updates. Without its row an update is gone, and its entry says nothing.
CREATE TABLE hub_update (
    position INTEGER PRIMARY KEY, -- of its entry
    topics   TEXT    NOT NULL,    -- a list in JSON, the canonical one first
    data     BLOB    NOT NULL,    -- UTF-8, in which this text may have any character, even NUL
    private  INTEGER NOT NULL,
    own_id   TEXT,                -- that its publisher gave it
    id_print BLOB,                -- SHA-256 of that: an ID may be longer than what an index takes
    type     TEXT,
    retry    INTEGER NOT NULL,    -- its 64 bits have no sign
    bytes    INTEGER NOT NULL     -- of its topics and data, so that no reading has too many
) STRICT;
CREATE INDEX hub_update_named ON hub_update (id_print, position) WHERE id_print IS NOT NULL;

-- Up to where updates were pruned, in one row. It is never before the beginning
-- of the log.
CREATE TABLE hub_start (
    single   INTEGER PRIMARY KEY CHECK (single = 1),
    position INTEGER NOT NULL
) STRICT;
INSERT INTO hub_start (single, position) SELECT 1, COALESCE(min(position), 0) FROM log_entry;
