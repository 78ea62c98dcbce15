package delivery

import (
	"parley/application/port"
	"parley/domain/room"
)

// strand is a part of the log that is read by itself: what happens in a room, the
// updates of third parties, or all of it. The zero strand has nothing.
type strand struct {
	kind strandKind
	room room.ID
}

type strandKind int

const (
	ofRoom strandKind = iota + 1
	ofUpdates
	ofAll
)

func roomStrand(in room.ID) strand { return strand{kind: ofRoom, room: in} }

func updateStrand() strand { return strand{kind: ofUpdates} }

func wholeLog() strand { return strand{kind: ofAll} }

// strandOf is the part of the log, not all of it, that an entry is in: the zero
// strand, if nobody may be handed it.
func strandOf(e port.Entry) strand {
	switch {
	case e.Gone:
		return strand{}
	case e.Kind == port.UpdatePublished:
		return updateStrand()
	case !e.Room.IsZero():
		return roomStrand(e.Room)
	default:
		return strand{}
	}
}

// limit is how many entries are read of it at once. Those of third parties may be
// large.
func (s strand) limit() int {
	if s.kind == ofRoom {
		return pageLimit
	}
	return updatesLimit
}
