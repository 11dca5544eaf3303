// Package memory keeps a run small that has little to do, and one that holds much to little more than that. Most nights
// of a machine whose lists come by the hour bring nothing new; the collector would let such a run grow to twice of what
// it needs, and keep what it freed for a while. Reconciling holds a month's calls: twice of that is much.
package memory

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// spared bounds all that the runtime may use, in bytes: heap, stacks and its own books, not the caches of SQLite
	// and not the program itself.
	spared = 26 << 20
	// roomy bounds how much of the heap may be in use, in bytes, before the limit goes: near it every allocation would
	// be paid for with a collection.
	roomy = 16 << 20
	// lean sets the percentage of what is in use by which the heap of a run that holds much may grow before it is
	// collected. What reconciling holds has next to no pointers, so that collecting it costs little.
	lean = 25
)

// Spare holds the runtime to little memory, until what is in use of the heap after a collection needs more. A limit
// that was set from outside (GOMEMLIMIT) stays.
func Spare() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(spared)
		watch()
	}
}

// watch looks after the next collection whether the limit can stay.
func watch() {
	runtime.AddCleanup(new([16]byte), func(int) {
		if inUse() > roomy {
			debug.SetMemoryLimit(math.MaxInt64)
			return
		}
		watch()
	}, 0)
}

// Lean lets the heap grow by little more than what is in use, as soon as that is much. A percentage that was set from
// outside (GOGC) stays.
func Lean() {
	const usual = 100
	if before := debug.SetGCPercent(usual); before != usual {
		debug.SetGCPercent(before)
		return
	}
	follow(false)
}

// follow sets after each collection by how much the heap may grow until the next.
func follow(much bool) {
	runtime.AddCleanup(new([16]byte), func(int) {
		live := inUse() > roomy
		switch {
		case live && !much:
			debug.SetGCPercent(lean)
		case much && !live:
			debug.SetGCPercent(100)
		}
		follow(live)
	}, 0)
}

// inUse returns what the last collection left of the heap, in bytes.
func inUse() uint64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}
