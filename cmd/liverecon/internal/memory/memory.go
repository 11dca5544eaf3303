// Package memory keeps a run small that has little to do. Most nights of a machine whose lists come by the hour bring
// nothing new; the collector would let such a run grow to twice of what it needs, and keep what it freed for a while.
package memory

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// spared is what the runtime may use altogether, in bytes: heap, stacks and its own books, not the caches of SQLite
	// and not the program itself.
	spared = 26 << 20
	// roomy is how much of the heap may be in use, in bytes, before the limit goes: near it every allocation would be
	// paid for with a collection.
	roomy = 16 << 20
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
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if live[0].Value.Uint64() > roomy {
			debug.SetMemoryLimit(math.MaxInt64)
			return
		}
		watch()
	}, 0)
}
