package fault_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/domain/fault"
)

var (
	errFull  = fault.New(fault.Limited, "full", "It is full.")
	errEmpty = fault.Of("glass", fault.Limited, "full", "It is full.")
)

func TestAFaultIsItselfAndNoOther(t *testing.T) {
	wrapped := fmt.Errorf("pour: %w", errFull)
	if !errors.Is(wrapped, errFull) || errors.Is(wrapped, errEmpty) {
		t.Error("a wrapped fault is the one that was declared, and no other of the same code")
	}
	var found *fault.Fault
	if !errors.As(wrapped, &found) || found.Kind() != fault.Limited || found.Code() != "full" || found.Field() != "" {
		t.Errorf("found %+v", found)
	}
}

func TestAFaultWithAWaitIsTheSameFault(t *testing.T) {
	later := errEmpty.After(time.Second).After(time.Minute)
	if !errors.Is(later, errEmpty) || !errors.Is(errEmpty, later) || errors.Is(later, errFull) {
		t.Error("a wait makes another fault of it")
	}
	if later.Wait() != time.Minute || errEmpty.Wait() != 0 || later.Field() != "glass" || later.Error() != errEmpty.Error() {
		t.Errorf("%+v with a wait became %+v", errEmpty, later)
	}
}

func TestAFaultThatHidesIsTheSameFaultToWhomItIsTold(t *testing.T) {
	hiding := errEmpty.Hiding()
	if !errors.Is(hiding, errEmpty) || !errors.Is(hiding.After(time.Second), errEmpty) || errors.Is(hiding, errFull) {
		t.Error("what hides is another fault")
	}
	if !hiding.Hides() || errEmpty.Hides() || hiding.Code() != errEmpty.Code() || hiding.Error() != errEmpty.Error() || hiding.Kind() != errEmpty.Kind() {
		t.Errorf("%+v, hiding, became %+v", errEmpty, hiding)
	}
}

func TestAnErrorThatIsNoFaultIsNone(t *testing.T) {
	if errors.Is(errFull, errors.New("It is full.")) {
		t.Error("an error with the same words is a fault")
	}
}
