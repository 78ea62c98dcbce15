package wire

// Poll is what a poll is answered with: what has happened, and from where to go
// on. The schema of data is that of everything a stream can say.
type Poll struct {
	Events []PolledEvent `json:"events" maxItems:"500"`
	Cursor string        `json:"cursor" example:"parley:8KcTzWnUyAq0cXn6mJmVdQ" doc:"Send it as after with the next poll."`
}

// PolledEvent is one event of a poll.
type PolledEvent struct {
	Cursor string  `json:"cursor" example:"parley:8KcTzWnUyAq0cXn6mJmVdQ" doc:"Going on from here is going on after this event."`
	Topic  *string `json:"topic" nullable:"true" example:"/chat/room/3" doc:"The concrete topic, whatever pattern asked for it; null of a control event."`
	Data   any     `json:"data"`
}
