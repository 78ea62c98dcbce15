package stage

import "sync"

// Visits notes on which nodes people speak and listen.
type Visits struct {
	mu    sync.Mutex
	said  map[visit]bool
	heard map[visit]bool
}

type visit struct{ who, node string }

// Apart reports whether one of two people listened while the other one spoke, at
// some time in the story, and whether they were on different nodes then.
func (v *Visits) Apart(one, other string) (met, apart bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for said := range v.said {
		for heard := range v.heard {
			if said.who == one && heard.who == other || said.who == other && heard.who == one {
				met = true
				apart = apart || said.node != heard.node
			}
		}
	}
	return met, apart
}

// speaks notes that somebody speaks. Nil visits are not noted.
func (v *Visits) speaks(who, node string) {
	if v != nil {
		v.note(&v.said, visit{who, node})
	}
}

// listens notes that somebody listens.
func (v *Visits) listens(who, node string) {
	if v != nil {
		v.note(&v.heard, visit{who, node})
	}
}

func (v *Visits) note(in *map[visit]bool, one visit) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if *in == nil {
		*in = make(map[visit]bool)
	}
	(*in)[one] = true
}
