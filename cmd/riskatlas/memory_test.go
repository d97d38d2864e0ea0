package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestHeadroomIsFixedAndAPart(t *testing.T) {
	for _, c := range []struct {
		room headroom
		live uint64
		want int
	}{
		{loadingRoom, 0, 6433}, {loadingRoom, 128 << 20, 233}, {loadingRoom, 160 << 20, 700}, {loadingRoom, 640 << 20, 100}, {loadingRoom, 3 << 30, 41}, {servingRoom, 64 << 20, 119}, {servingRoom, 1 << 30, 26}, {servingRoom, 1 << 40, 20},
		{headroom{0, 100, 0}, 1 << 30, 5},
	} {
		if got := c.room.percent(c.live); got != c.want {
			t.Errorf("%+v beside %d bytes: %d %%, want %d", c.room, c.live, got, c.want)
		}
	}
}

// The target follows what is alive, and goes back at the end.
func TestCollectorFollowsTheHeap(t *testing.T) {
	t.Setenv("GOGC", "")
	percent := func() int {
		p := debug.SetGCPercent(100)
		debug.SetGCPercent(p)
		return p
	}
	before := percent()
	c := newCollector()
	defer c.end()
	first := percent()
	held := make([]byte, 256<<20)
	runtime.GC()
	for deadline := time.Now().Add(20 * time.Second); ; runtime.Gosched() {
		if p := percent(); p < first && p <= loadingRoom.percent(256<<20) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d %% beside 256 MB, %d %% at first", percent(), first)
		}
	}
	runtime.KeepAlive(held)
	c.serving()
	if p := percent(); p > servingRoom.percent(0) {
		t.Errorf("%d %% while serving", p)
	}
	c.end()
	if p := percent(); p != before {
		t.Errorf("%d %% at the end, %d before", p, before)
	}
}

func TestCollectorLeavesTheOperatorsOwn(t *testing.T) {
	t.Setenv("GOGC", "77")
	before := debug.SetGCPercent(77)
	defer debug.SetGCPercent(before)
	c := newCollector()
	runtime.GC()
	c.serving()
	c.end()
	if p := debug.SetGCPercent(77); p != 77 {
		t.Errorf("%d %%, want the operator's 77", p)
	}
}
