package token //nolint:testpackage // what is remembered cannot be seen from outside

import (
	"crypto/ed25519"
	"strconv"
	"testing"
	"time"
)

func TestTheMemoryOfSignaturesIsBounded(t *testing.T) {
	s := newSignatures(100)
	for i := range 1000 {
		s.add(strconv.Itoa(i))
		if s.len() > 100 {
			t.Fatalf("%d are remembered, want at most 100", s.len())
		}
	}
	if !s.has("999") {
		t.Error("the last one is forgotten")
	}
	if s.has("0") {
		t.Error("the first one is not forgotten")
	}
}

func TestASignatureInUseIsNotForgotten(t *testing.T) {
	s := newSignatures(100)
	s.add("mine")
	for i := range 1000 {
		s.add(strconv.Itoa(i))
		if !s.has("mine") {
			t.Fatalf("forgotten after %d others, although asked for each time", i+1)
		}
	}
}

func TestBadSignaturesAreNotRemembered(t *testing.T) {
	tokens, err := New([]Signing{{Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}}, "x", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if tokens.signed((*tokens.keys.Load())[0], "a.b.AAAA", "a.b") || tokens.good.len() != 0 {
		t.Error("a bad signature takes a place in the memory")
	}
}
