-- +goose Up

-- What is listened for on each node, so that all nodes can tell of it. A node's
-- version moves on with each of its reports; complete is up to where ended
-- streams were forgotten.
CREATE TABLE hub_node (
  name     text   PRIMARY KEY,
  version  bigint NOT NULL,
  complete bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE hub_stream (
  node       text    NOT NULL REFERENCES hub_node (name) ON DELETE CASCADE,
  subscriber text    NOT NULL,
  version    bigint  NOT NULL,
  ended      boolean NOT NULL,
  told       text    NOT NULL,
  PRIMARY KEY (node, subscriber)
);
CREATE INDEX hub_stream_version ON hub_stream (node, version);
