-- +goose Up

-- A deleted room is a mark; its messages are swept away later. swept says that
-- nothing is left of them.
ALTER TABLE chat_room ADD COLUMN swept boolean NOT NULL DEFAULT FALSE;
CREATE INDEX chat_room_unswept ON chat_room (id) WHERE deleted_position IS NOT NULL AND swept = FALSE;
