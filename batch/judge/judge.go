// Package judge compares the simulated vendor's ledger with our books. It is the one judge of every test that makes calls,
// in a bubble or with the real binary: it knows nothing of how the job works, only what was promised.
package judge

import (
	"context"
	"errors"
	"fmt"

	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// Books is our side of the story, as the database tells it.
type Books struct {
	Calls []store.CallRecord
}

// Read reads the books from a store.
func Read(ctx context.Context, s *store.Store) (Books, error) {
	var b Books
	err := s.EachCall(ctx, func(c store.CallRecord) error {
		b.Calls = append(b.Calls, c)
		return nil
	})
	return b, err
}

// Open is how many calls have no outcome: those in flight when a process was killed.
func (b Books) Open() int {
	n := 0
	for _, c := range b.Calls {
		if c.Outcome == "" {
			n++
		}
	}
	return n
}

// counts is what one side counts about one ID, one endpoint or everything.
type counts struct {
	intents, answered, unanswered, unsent, pay, doubt int // ours
	served, charged                                   int // the vendor's
}

func (c *counts) addCall(k store.CallRecord) {
	c.intents++
	switch k.Outcome {
	case store.Answered:
		c.answered++
	case store.Unanswered, "": // without an outcome it may have been sent
		c.unanswered++
	case store.Unsent:
		c.unsent++
	}
	switch k.Tag {
	case store.TagPay:
		c.pay++
	case store.TagUnknown, "":
		c.doubt++
	}
}

// Check returns every promise that is broken: PAY <= charged <= PAY + in doubt, by ID, by endpoint and in all; every
// request served has one intent; unsent was never served; an answer is the vendor's own, word for word; no ID with a final
// answer is asked again; no lost answer is repeated unless the call says so. A call without an outcome counts as in doubt.
// perID says that the vendor charges an ID once.
func Check(entries []simulator.Entry, b Books, perID bool) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	byID, byEndpoint, total := map[string]*counts{}, map[string]*counts{}, &counts{}
	at := func(m map[string]*counts, key string) *counts {
		if m[key] == nil {
			m[key] = &counts{}
		}
		return m[key]
	}
	served := map[string]simulator.Entry{} // by transaction
	for _, e := range entries {
		if e.Token {
			continue
		}
		served[e.TransactionID] = e
		for _, c := range []*counts{total, at(byID, e.Kind+" "+e.ID), at(byEndpoint, e.Endpoint)} {
			c.served++
			if e.Charged {
				c.charged++
			}
		}
	}
	final := map[int64]store.CallRecord{} // the answer after which a check is not asked again
	last := map[int64]store.CallRecord{}
	checkOf := map[string]int64{}
	for _, k := range b.Calls {
		if c, ok := checkOf[k.Kind+" "+k.Text]; ok && c != k.CheckID {
			bad("ID %s is two checks, %d and %d", k.Text, c, k.CheckID)
		}
		checkOf[k.Kind+" "+k.Text] = k.CheckID
		if err := repeatIsNamed(last[k.CheckID], k); err != nil {
			bad("check %d: %w", k.CheckID, err)
		}
		last[k.CheckID] = k
		for _, c := range []*counts{total, at(byID, k.Kind+" "+k.Text), at(byEndpoint, k.Endpoint)} {
			c.addCall(k)
		}
		if f, ok := final[k.CheckID]; ok && k.Reason != store.ReasonRecheck && k.Reason != store.ReasonForced {
			bad("check %d asked again by call %d (%s) after call %d answered %s %s", k.CheckID, k.CallID, k.Reason, f.CallID, f.Code, f.Pricing)
		}
		if k.Outcome == store.Answered {
			e, ok := served[k.TransactionID]
			switch {
			case !ok:
				bad("call %d answered by transaction %s, which the vendor never served", k.CallID, k.TransactionID)
			case e.ID != k.Text || e.Kind != k.Kind || e.Endpoint != k.Endpoint:
				bad("call %d for %s got the answer of %s", k.CallID, k.Text, e.ID)
			case e.Code != k.Code:
				bad("call %d has code %s, the vendor says %s", k.CallID, k.Code, e.Code)
			}
			delete(served, k.TransactionID) // a second call with the same transaction finds none
			if isFinal(k.Code) || k.Tag == store.TagPay {
				final[k.CheckID] = k
			}
		}
	}
	for key, c := range byID {
		if err := c.judge(perID); err != nil {
			bad("ID %s: %w", key, err)
		}
	}
	for key, c := range byEndpoint {
		if err := c.judge(perID); err != nil {
			bad("endpoint %s: %w", key, err)
		}
	}
	if err := total.judge(perID); err != nil {
		bad("in all: %w", err)
	}
	return errors.Join(errs...)
}

// repeatIsNamed asserts that a call after a lost answer says that it may pay twice, and is made once a run.
func repeatIsNamed(before, k store.CallRecord) error {
	switch {
	case before.CallID == 0 || before.Outcome == store.Answered || before.Outcome == store.Unsent:
		return nil
	case k.Reason != store.ReasonDoubt && k.Reason != store.ReasonForced:
		return fmt.Errorf("call %d (%s) repeats the lost answer of call %d without saying so", k.CallID, k.Reason, before.CallID)
	case before.Reason == store.ReasonDoubt && before.RunID == k.RunID:
		return fmt.Errorf("call %d repeats a doubt of the same run a second time", k.CallID)
	}
	return nil
}

// isFinal says whether a code ends the questions about an ID.
func isFinal(code string) bool {
	switch code {
	case "SUCCESS", "LIVENESS_ID_NOT_EXISTED", "RESULT_NOT_FOUND", "PARAMETER_ERROR", "EMPTY_PARAMETER_ERROR":
		return true
	}
	return false
}

// judge asserts PAY <= charged <= PAY + in doubt, that nothing was served without an intent, and that what we call unsent
// was never served. A vendor that charges an ID once charges less than its tags say when we asked twice.
func (c *counts) judge(perID bool) error {
	var errs []error
	if c.charged > c.pay+c.doubt {
		errs = append(errs, fmt.Errorf("charged %d > PAY %d + in doubt %d", c.charged, c.pay, c.doubt))
	}
	if c.charged < c.pay && !perID {
		errs = append(errs, fmt.Errorf("charged %d < PAY %d", c.charged, c.pay))
	}
	if c.served > c.intents {
		errs = append(errs, fmt.Errorf("served %d > intents %d", c.served, c.intents))
	}
	if c.served > c.answered+c.unanswered {
		errs = append(errs, fmt.Errorf("served %d > answered %d + unanswered %d: an unsent call was served", c.served, c.answered, c.unanswered))
	}
	if c.served < c.answered {
		errs = append(errs, fmt.Errorf("served %d < answered %d", c.served, c.answered))
	}
	return errors.Join(errs...)
}
