package pace

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// writes are the moments between which each write of a test happened.
type writes struct{ begun, ended []time.Time }

// goThrough sends n calls through the gate from many goroutines. stall is how long a call is stopped before its write
// and within it.
func goThrough(p *Pace, n int, stall func(call int) (before, within time.Duration)) writes {
	var w writes
	var all sync.WaitGroup
	next := make(chan int)
	for range 32 {
		all.Go(func() {
			for call := range next {
				turn := p.Turn()
				if turn.Take(context.Background()) != nil {
					continue
				}
				before, within := stall(call)
				time.Sleep(before)
				w.begun = append(w.begun, time.Now()) // one at a time: the race detector would tell
				time.Sleep(within)
				w.ended = append(w.ended, time.Now())
				turn.Sent(time.Now())
			}
		})
	}
	for call := range n {
		next <- call
	}
	close(next)
	all.Wait()
	return w
}

// TestGate: whatever is stopped where, no second begins in which more writes may have arrived than the rate allows.
func TestGate(t *testing.T) {
	for _, perSecond := range []float64{0.1, 0.5, 1, 2.5, 3, 50, 1000} {
		t.Run(fmt.Sprint(perSecond), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				allowed, window := max(1, int(perSecond)), time.Second
				if perSecond < 1 {
					window = time.Duration(float64(time.Second) / perSecond)
				}
				rng := rand.New(rand.NewPCG(1, uint64(perSecond*10)))
				w := goThrough(New(perSecond, 0, time.Time{}), 4*allowed+20, func(call int) (before, within time.Duration) {
					switch rng.IntN(10) {
					case 0:
						return time.Duration(rng.Int64N(int64(2 * window))), 0
					case 1:
						return 0, time.Duration(rng.Int64N(int64(window)))
					}
					return 0, 0
				})
				for i := range w.ended[:len(w.ended)-allowed] {
					// The i-th arrived before its write returned, the other one after its own began.
					if apart := w.begun[i+allowed].Sub(w.ended[i]); apart <= window {
						t.Fatalf("writes %d and %d may have arrived within %v of each other", i, i+allowed, apart)
					}
				}
			})
		})
	}
}

// TestGateIsUsed: an undisturbed lane uses 95 % of its rate, also where every sleep is late.
func TestGateIsUsed(t *testing.T) {
	for _, perSecond := range []float64{0.5, 1, 3, 10, 50, 120, 1000, 5000} {
		for _, late := range []time.Duration{0, 500 * time.Microsecond} {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				n := int(20*perSecond) + 1
				w := goThrough(New(perSecond, 0, time.Time{}), n, func(int) (before, within time.Duration) { return late, 0 })
				used := float64(n) / time.Since(start).Seconds()
				if late > 0 && time.Duration(float64(time.Second)/perSecond) < 2*late {
					return // the writes alone take longer than the rate allows for
				}
				if used < 0.95*perSecond || len(w.ended) != n {
					t.Errorf("rate %g, each %v late: %.2f a second", perSecond, late, used)
				}
			})
		}
	}
}

// TestGateLetsGo: who gives up waiting, or has nothing to send after all, holds up nobody and is not counted.
func TestGateLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(1, 0, time.Time{})
		first := p.Turn()
		if err := first.Take(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		waiting := p.Turn()
		if err := waiting.Take(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the gate let two in: %v", err)
		}
		first.GiveBack() // it was not written
		first.GiveBack()
		next := p.Turn()
		began := time.Now()
		if err := next.Take(t.Context()); err != nil || time.Since(began) > 100*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		next.Sent(time.Now())
		next.Sent(time.Now()) // told twice
		began = time.Now()
		last := p.Turn()
		if err := last.Take(t.Context()); err != nil || time.Since(began) <= time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// TestGateBehindAnotherRun: calls of a run that has just ended, or was killed, count in the second in which the next one
// begins.
func TestGateBehindAnotherRun(t *testing.T) {
	for _, perSecond := range []float64{0.5, 1, 5, 50} {
		synctest.Test(t, func(t *testing.T) {
			still := func(int) (before, within time.Duration) { return 0, 0 }
			first := goThrough(New(perSecond, 0, time.Time{}), int(perSecond)+3, still)
			last := first.ended[len(first.ended)-1]
			second := goThrough(New(perSecond, 0, last), int(perSecond)+3, still)
			span := max(time.Second, time.Duration(float64(time.Second)/perSecond))
			if apart := second.begun[0].Sub(last); apart <= span || apart > span+time.Second {
				t.Errorf("rate %g: the next run begins %v after the last call", perSecond, apart)
			}
			third := New(perSecond, 0, time.Now().Add(time.Hour)) // the clock was set back
			if waits := time.Until(third.paused); waits > span+time.Second {
				t.Errorf("rate %g: it waits %v for a clock that was set back", perSecond, waits)
			}
		})
	}
}
