-- +goose Up

-- What is listened for on each node, so that all nodes can tell of it. A node's
-- version moves on with each of its reports; complete is up to where ended
-- streams were forgotten.
CREATE TABLE hub_node (
  name     TEXT    PRIMARY KEY,
  version  INTEGER NOT NULL,
  complete INTEGER NOT NULL
) STRICT;

CREATE TABLE hub_stream (
  node       TEXT    NOT NULL REFERENCES hub_node (name) ON DELETE CASCADE,
  subscriber TEXT    NOT NULL,
  version    INTEGER NOT NULL,
  ended      INTEGER NOT NULL,
  told       TEXT    NOT NULL,
  PRIMARY KEY (node, subscriber)
) STRICT;
CREATE INDEX hub_stream_version ON hub_stream (node, version);
