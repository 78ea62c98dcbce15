-- +goose Up

-- Up to where the log was handed on to a hub of somebody else's. Each turn to do so
-- counts the fence up, and keeps a place only while it is still its own.
CREATE TABLE relay (
  hub      text PRIMARY KEY,
  fence    bigint NOT NULL,
  position bigint NOT NULL,
  mark     bigint NOT NULL
) WITH (fillfactor = 50);
