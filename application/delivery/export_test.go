package delivery

// CatchingUp is how many readers read the store at the same moment.
const CatchingUp = catchingUp

// Remember makes a tail remember few edits and deletions beyond those that are in
// memory.
func Remember(t *Tail, most int) { t.revised.most = most }

// Footprint is how many bytes an event that is held is counted as.
var Footprint = footprint
