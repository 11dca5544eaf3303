package judge

import (
	"errors"
	"fmt"

	"liverecon/store"
)

// counts holds what one side counts about one ID, one endpoint or everything.
type counts struct {
	intents, answered, unanswered, unsent, pay, doubt int // ours
	suspectPay, suspectFree                           int // of these, those whose tag may be another call's
	// of the answered, those whose own request may never have come in
	suspects        int
	served, charged int // the vendor's
}

func (c *counts) addCall(k store.CallRecord, suspect bool) {
	c.intents++
	switch k.Outcome {
	case store.Answered:
		c.answered++
		if suspect {
			c.suspects++
		}
	case store.Unanswered, "": // without an outcome it may have been sent
		c.unanswered++
	case store.Unsent:
		c.unsent++
	}
	switch k.Tag {
	case store.TagPay:
		c.pay++
		if suspect {
			c.suspectPay++
		}
	case store.TagUnknown, "":
		c.doubt++
	case store.TagFree:
		if suspect {
			c.suspectFree++
		}
	}
}

// bounds asserts the bounds of each sum.
func (t *trial) bounds() {
	for key, c := range t.byID {
		if err := c.judge(t.PerID); err != nil {
			t.bad("ID %s: %w", key, err)
		}
	}
	for key, c := range t.byEndpoint {
		if err := c.judge(t.PerID); err != nil {
			t.bad("endpoint %s: %w", key, err)
		}
	}
	if err := t.total.judge(t.PerID); err != nil {
		t.bad("in all: %w", err)
	}
}

// judge asserts PAY <= charged <= PAY + in doubt, that nothing was served without an intent, and that what we call
// unsent was never served. A vendor that charges an ID once charges less than its tags say when we asked twice.
func (c *counts) judge(perID bool) error {
	var errs []error
	if c.charged > c.pay+c.doubt+c.suspectFree {
		errs = append(errs, fmt.Errorf("charged %d > PAY %d + in doubt %d%s", c.charged, c.pay, c.doubt,
			plus(c.suspectFree)))
	}
	if c.charged < c.pay-c.suspectPay && !perID {
		errs = append(errs, fmt.Errorf("charged %d < PAY %d", c.charged, c.pay-c.suspectPay))
	}
	if c.served > c.intents {
		errs = append(errs, fmt.Errorf("served %d > intents %d", c.served, c.intents))
	}
	if c.served > c.answered+c.unanswered {
		errs = append(errs, fmt.Errorf("served %d > answered %d + unanswered %d: an unsent call was served",
			c.served, c.answered, c.unanswered))
	}
	if c.served < c.answered-c.suspects {
		errs = append(errs, fmt.Errorf("served %d < answered %d", c.served, c.answered-c.suspects))
	}
	return errors.Join(errs...)
}

func plus(suspects int) string {
	if suspects == 0 {
		return ""
	}
	return fmt.Sprintf(" + suspect %d", suspects)
}
