package xlsx

import "io"

// behindBytes sets how much changes hands at once between the goroutine that makes a sheet and the one that compresses
// it.
const behindBytes = 1 << 16

// behind represents a writer whose output another goroutine writes: compressing costs about as much as making what is
// compressed.
type behind struct {
	full, empty chan []byte
	done        chan struct{}
	failed      error // set before done is closed
}

// writeBehind begins to write to out. Nothing else may write to it until the behind was closed.
func writeBehind(out io.Writer) *behind {
	b := &behind{full: make(chan []byte, 2), empty: make(chan []byte, 4), done: make(chan struct{})}
	for range cap(b.empty) {
		b.empty <- make([]byte, 0, behindBytes)
	}
	go b.loop(out)
	return b
}

func (b *behind) loop(out io.Writer) {
	var failed error
	for text := range b.full {
		if failed == nil {
			_, failed = out.Write(text)
		}
		b.empty <- text[:0]
	}
	b.failed = failed
	close(b.done)
}

// Write takes a copy of text. What became of it is said by Close.
func (b *behind) Write(text []byte) (int, error) {
	b.full <- append(<-b.empty, text...)
	return len(text), nil
}

// Close waits until everything is written, and returns the first error.
func (b *behind) Close() error {
	close(b.full)
	<-b.done
	return b.failed
}
