-- +goose Up

-- A deleted room is a mark; its messages are swept away later. swept says that
-- nothing is left of them.
ALTER TABLE chat_room ADD COLUMN swept INTEGER NOT NULL DEFAULT 0;
CREATE INDEX chat_room_unswept ON chat_room (id) WHERE deleted_position IS NOT NULL AND swept = FALSE;
