package pace

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A lead has as many places as the rate lets out while a call gets ready, and always one.
func TestLead(t *testing.T) {
	const perSecond = 100
	l := NewLead(16)
	places := func() (n int) {
		for len(l.places) > 0 {
			<-l.places
			n++
		}
		for range n {
			l.places <- struct{}{}
		}
		return n
	}
	for _, c := range []struct {
		took    time.Duration
		perHour int // of calls that took as long
		want    int
	}{
		{time.Millisecond, 1, 1}, {35 * time.Millisecond, 1, 4}, {time.Second, 1, 16}, // at once, up to the most
		{time.Millisecond, 30, 16}, {time.Millisecond, 300, 1}, // little by little
	} {
		for range c.perHour {
			if err := l.Take(t.Context()); err != nil {
				t.Fatal(err)
			}
			l.Ready(c.took, perSecond)
			l.GiveBack(perSecond)
		}
		if n := places(); n != c.want {
			t.Errorf("after %d calls that were ready in %v: %d places, want %d", c.perHour, c.took, n, c.want)
		}
	}
	if err := l.Take(t.Context()); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if l.Take(ended) == nil {
		t.Error("a place was taken that is not there")
	}
}

// However long calls take to get ready, the gate has one whenever it opens: the rate is used.
func TestLeadKeepsTheRate(t *testing.T) {
	for _, ready := range []time.Duration{0, 3 * time.Millisecond, 40 * time.Millisecond, 300 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			const perSecond, calls = 50, 3000
			p, l := New(perSecond, 0, time.Time{}), NewLead(64)
			var most, armed int
			began := time.Now()
			done := make(chan struct{}, calls)
			for range calls {
				if l.Take(t.Context()) != nil {
					t.Fatal("ended")
				}
				go func() {
					time.Sleep(ready)
					l.Ready(ready, p.Rate())
					turn := p.Turn()
					if turn.Take(t.Context()) == nil {
						l.GiveBack(p.Rate())
						turn.Sent(time.Now())
					}
					done <- struct{}{}
				}()
				armed = l.all - len(l.places)
				most = max(most, armed)
			}
			for range calls {
				<-done
			}
			if used := calls / time.Since(began).Seconds() / perSecond; used < 0.95 {
				t.Errorf("ready in %v: %.3f of the rate is used", ready, used)
			}
			if bound := 1 + int(perSecond*ready.Seconds()); most > bound {
				t.Errorf("ready in %v: %d calls were committed to and not sent, want %d at most", ready, most, bound)
			}
		})
	}
}
