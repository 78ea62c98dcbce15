-- What a session is renewed with: the turn of the renewal that is good now, and
-- the random seed that all of them are made from, under a key that is not here.
-- Without a seed a session is not renewed, and was last used when it was begun.

-- +goose Up

ALTER TABLE session ADD COLUMN last_used_at INTEGER;
ALTER TABLE session ADD COLUMN seed BLOB;
ALTER TABLE session ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;

CREATE INDEX session_living ON session (user_id) WHERE ended_at IS NULL;
