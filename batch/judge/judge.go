// Package judge compares the simulated vendor's ledger with our books. It is the one judge of every test that makes
// calls, in a bubble or with the real binary: it knows nothing of how the job works, only what was promised.
package judge

import (
	"context"
	"errors"

	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// Books holds our side of the story, as the database tells it.
type Books struct {
	Calls    []store.CallRecord
	Answers  []store.AnswerRecord
	Suspects map[int64]bool // calls whose answer may be another's, as the database lists them
}

// Read reads the books from a store.
func Read(ctx context.Context, s *store.Store) (Books, error) {
	b := Books{Suspects: map[int64]bool{}}
	err := s.Calls().Each(ctx, func(c store.CallRecord) error {
		b.Calls = append(b.Calls, c)
		return nil
	})
	if err != nil {
		return b, err
	}
	err = s.Calls().EachSuspect(ctx, func(id int64) error {
		b.Suspects[id] = true
		return nil
	})
	if err != nil {
		return b, err
	}
	err = s.Calls().EachAnswer(ctx, func(a store.AnswerRecord) error {
		b.Answers = append(b.Answers, a)
		return nil
	})
	return b, err
}

// Open returns how many calls have no outcome: those in flight when a process was killed.
func (b Books) Open() int {
	n := 0
	for _, c := range b.Calls {
		if c.Outcome == "" {
			n++
		}
	}
	return n
}

// Case holds what a judgement rests on.
type Case struct {
	Entries []simulator.Entry // the vendor's ledger
	Unasked []simulator.Sent  // what the vendor sent without being asked
	Books   Books
	PerID   bool // the vendor charges an ID once
	Caps    map[store.Reason]Cap
	Loss    Loss
}

// Cap bounds the repeats made for one reason; a zero sets no bound, below zero none are allowed.
type Cap struct {
	PerID  int // of one ID in its life
	PerRun int // of all IDs in one run
}

// Check judges a vendor that sends only what it is asked for, without looking at caps.
func Check(entries []simulator.Entry, b Books, perID bool) error {
	return Case{Entries: entries, Books: b, PerID: perID}.Check()
}

// Check returns every promise that is broken:
//
//   - PAY <= charged <= PAY + in doubt, by ID, by endpoint and in all. A call without an outcome counts as in doubt, a
//     suspect as either;
//   - every request served has one intent, and what we call unsent was never served;
//   - one transaction is one call, or calls for one ID that are at most one charge;
//   - what is stored for an ID is what the vendor said for that ID: transaction, code and tag of the call, score,
//     attack type and capture time of the answer; where it said two things in one answer, that it said neither, and that
//     nobody waits for the score. The one exception is a call on a connection over which a new
//     envelope came unasked: it must be listed as suspect, unless the vendor ended the connection by itself or before it
//     had carried all the answers that it owed, so that nobody can know. Nothing is suspect at an endpoint that sent
//     nothing unasked;
//   - no ID is asked again after a whole final answer but under a named reason and within its cap;
//   - no lost answer is repeated unless the call says so, and once a run;
//   - no ID is asked again that may have been asked for in a time that the books lack, unless it was released, and what
//     was charged then is counted as paid at most once, however often older copies went on, in whatever order; of calls
//     that only other copies have, as many are said to be lost as there are.
func (c Case) Check() error {
	t := newTrial(c)
	for _, k := range c.Books.Calls {
		t.count(k)
		t.oneCheck(k)
		t.repeat(k)
		if k.Outcome == store.Answered {
			t.answered(k)
		}
		t.keep(k)
	}
	t.lost()
	t.standing()
	t.caps()
	t.bounds()
	return errors.Join(t.errs...)
}
