package memory

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// limit returns the limit that is in force.
func limit() int64 { return debug.SetMemoryLimit(-1) }

// The limit holds while little of the heap is in use, however often it is collected, and goes for good when more is.
func TestSpare(t *testing.T) {
	before := debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	Spare()
	for range 20 {
		runtime.GC()
		if limit() != spared {
			t.Fatalf("limit %d with next to nothing in use, want %d", limit(), spared)
		}
	}
	much := make([]byte, 2*roomy)
	for range 1000 { // a cleanup runs at some time after the collection
		if runtime.GC(); limit() == math.MaxInt64 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if limit() != math.MaxInt64 {
		t.Errorf("limit %d with %d bytes in use, want none", limit(), len(much))
	}
	runtime.KeepAlive(much)
}

// A limit that was set from outside stays.
func TestSpareKeepsAnother(t *testing.T) {
	before := debug.SetMemoryLimit(1 << 40)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	if Spare(); limit() != 1<<40 {
		t.Errorf("limit %d, want what was set", limit())
	}
}

// percent returns the percentage that is in force.
func percent() int {
	p := debug.SetGCPercent(100)
	debug.SetGCPercent(p)
	return p
}

// The heap may grow by little while much of it is in use, and by as much as ever once little is.
func TestLean(t *testing.T) {
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	Lean()
	follows := func(want int) {
		t.Helper()
		for range 1000 { // a cleanup runs at some time after the collection
			if runtime.GC(); percent() == want {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Errorf("%d %%, want %d", percent(), want)
	}
	much := make([]byte, 2*roomy)
	follows(lean)
	runtime.KeepAlive(much)
	follows(100)
}

// A percentage that was set from outside stays.
func TestLeanKeepsAnother(t *testing.T) {
	before := debug.SetGCPercent(300)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	if Lean(); percent() != 300 {
		t.Errorf("%d %%, want what was set", percent())
	}
}
