package batch

import (
	"testing"

	"liverecon/batch/liveness"
	"liverecon/store"
)

// TestLostConnection: a call that its connection kept from leaving is asked again at once and is nobody's failure, unless
// the next connection is no better.
func TestLostConnection(t *testing.T) {
	p := Policy{}.withDefaults()
	for cause, lost := range map[string]bool{
		liveness.CauseUnasked: true, liveness.CauseClosed: true, liveness.CauseRefused: false, liveness.CauseTimeout: false,
	} {
		task := &task{check: store.Check{State: store.Pending, Attempts: 1}, tries: 1}
		unsent := liveness.Reply{Delivery: liveness.Unsent, Cause: cause}
		first := p.decide(task, unsent)
		task.lostConnection = first.again == againAtOnce
		second := p.decide(task, unsent)
		if atOnce := first.again == againAtOnce && first.effect == neutral; atOnce != lost || first.state != store.Pending {
			t.Errorf("%s: %+v", cause, first)
		}
		if second.again != againLater || second.effect != failing {
			t.Errorf("%s twice: %+v", cause, second)
		}
		if d := p.decide(task, liveness.Reply{Delivery: liveness.Unanswered, Cause: cause}); d.state != store.InDoubt {
			t.Errorf("%s of a call that left: %+v", cause, d)
		}
	}
}
