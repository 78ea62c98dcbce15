package matching

import (
	"strconv"
	"testing"
)

func TestWhatIsUsedIsKeptAndTheRestIsBounded(t *testing.T) {
	const bound = 100
	r := newRecent[int](bound)
	r.put("used", 7, 10)
	for i := range 10_000 {
		r.put(strconv.Itoa(i), i, 1+i%20)
		if value, ok := r.get("used"); !ok || value != 7 {
			t.Fatalf("what is in use is gone after %d others", i)
		}
		if weight := heaviness(r.young) + heaviness(r.old); weight > 2*bound || r.weight != heaviness(r.young) {
			t.Fatalf("after %d it weighs %d, of which %d are young", i, weight, r.weight)
		}
	}
	if _, ok := r.get("0"); ok {
		t.Error("what is not used is kept")
	}
	if r.put("huge", 1, bound+1); heaviness(r.old) == 0 {
		t.Error("what does not fit has driven out the rest")
	}
	if _, ok := r.get("huge"); ok {
		t.Error("what does not fit is kept")
	}
}

func heaviness(half map[string]weighed[int]) (sum int) {
	for _, entry := range half {
		sum += entry.weight
	}
	return sum
}
