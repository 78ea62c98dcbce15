-- +goose Up

-- What is too old is pruned. A room's last message leaves its row, so that its
-- number is never given again: pruned says that nothing else of it is there.
ALTER TABLE message ADD COLUMN pruned boolean NOT NULL DEFAULT FALSE;
CREATE INDEX message_pruned ON message (room_id) WHERE pruned = TRUE;

-- Who was in a deleted room is forgotten once the entry that deleted it was
-- pruned; forgotten says that nobody is left.
ALTER TABLE chat_room ADD COLUMN forgotten boolean NOT NULL DEFAULT FALSE;
CREATE INDEX chat_room_unforgotten ON chat_room (deleted_position) WHERE deleted_position IS NOT NULL AND forgotten = FALSE;
