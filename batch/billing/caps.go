package billing

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/shopspring/decimal"
)

// Cap represents a limit on what one scope may spend, named as its setting is. Spending
// exactly the limit is allowed.
type Cap struct {
	Name  string
	Limit Amounts // empty: no limit on money
	Calls int64   // most calls that may be billed; 0: no limit on calls
}

// Caps holds the limits of a run. The zero Caps limits nothing.
type Caps struct {
	Run, Day, Month Cap
	Basis           Basis // what the contract bills; "": PayTag
}

// ParseCap reads the money limits of a cap, one for each currency in use. Each
// must be above zero: a cap of nothing would say neither "none" nor "unlimited".
func ParseCap(name string, limits ...string) (Cap, error) {
	c := Cap{Name: name, Limit: Amounts{}}
	for _, text := range limits {
		m, err := ParseMoney(text)
		if err != nil {
			return Cap{}, fmt.Errorf("%s: %w", name, err)
		}
		if _, twice := c.Limit[m.Currency]; twice {
			return Cap{}, fmt.Errorf("%s: two limits in %s", name, m.Currency)
		}
		c.Limit[m.Currency] = m.Amount
	}
	return c, c.check()
}

// Check reports whether every call that the caps are about can be counted by them:
// a cap on money needs a limit in every currency of the book, and a price for
// each of the endpoints in use. The error joins all problems.
func (c Caps) Check(book *Book, endpoints []string) error {
	var problems []error
	for _, limit := range []Cap{c.Run, c.Day, c.Month} {
		problems = append(problems, limit.check())
		if len(limit.Limit) == 0 {
			continue
		}
		for _, p := range book.Prices {
			if _, ok := limit.Limit[p.Currency]; !ok {
				problems = append(problems, fmt.Errorf("%s: no limit in %s, the currency of %s", limit.Name, p.Currency,
					p.label()))
			}
		}
		for _, endpoint := range endpoints {
			if !slices.ContainsFunc(book.Prices, func(p *Price) bool { return p.Endpoint == endpoint }) {
				problems = append(problems, fmt.Errorf("%s: endpoint %s has no price, so its calls can't be counted",
					limit.Name, endpoint))
			}
		}
	}
	return errors.Join(problems...)
}

func (c Cap) check() error {
	var problems []error
	for currency, amount := range c.Limit {
		if !amount.IsPositive() {
			problems = append(problems, fmt.Errorf("%s: %v: a cap must be above zero", c.Name, Money{amount, currency}))
		}
	}
	if c.Calls < 0 {
		problems = append(problems, fmt.Errorf("%s: %d calls: a cap must be above zero", c.Name, c.Calls))
	}
	return errors.Join(problems...)
}

// CapError refuses a call that could take the spend of a scope over its cap.
type CapError struct {
	Cap    string // name of the cap
	Limit  Money
	Spent  Money // at most, counting every doubtful call and every call in flight as paid
	Next   Money // what the refused call could add
	Calls  int64 // the limit where it is one on calls; then there is no money
	Tagged bool  // by the contract's reading alone the call would pass: calls that the vendor tagged PAY refuse it
	Made   bool  // at the book's prices the call would pass: only those that calls were made under refuse it
}

// Reached names the cap with its limit.
func (e *CapError) Reached() string {
	switch {
	case e.Calls == 1:
		return e.Cap + " of 1 call"
	case e.Calls > 0:
		return e.Cap + " of " + humanize.Comma(e.Calls) + " calls"
	}
	return e.Cap + " of " + e.Limit.String()
}

func (e *CapError) Error() string {
	if e.Calls > 0 {
		return fmt.Sprintf("%s: limit of %s calls reached", e.Cap, humanize.Comma(e.Calls))
	}
	return fmt.Sprintf("%s: limit of %v reached: up to %v spent, next call %v", e.Cap, e.Limit, e.Spent, e.Next)
}

// UnpricedError refuses a call that a cap on money cannot count, as the price
// book has no price for it.
type UnpricedError struct {
	Cap              string // name of the cap
	Endpoint, Region string
	At               time.Time
}

func (e *UnpricedError) Error() string {
	return fmt.Sprintf("%s: %s has no price for region %s at %s", e.Cap, e.Endpoint, e.Region,
		e.At.Format(time.RFC3339))
}

// UnpricedCalls holds calls of earlier runs that a cap on money is about and cannot
// count: nobody knows what they cost.
type UnpricedCalls struct {
	Cap              string // name of the cap
	Endpoint, Region string
	Calls            int64     // at most, counting every doubt
	Since            time.Time // when the first of them was made
}

// onMoney names a cap that limits money, "" where none does.
func (c Caps) onMoney() string {
	for _, limit := range []Cap{c.Run, c.Day, c.Month} {
		if len(limit.Limit) > 0 {
			return limit.Name
		}
	}
	return ""
}

// limits reports if a cap limits money of a currency.
func (c Caps) limits(currency string) bool {
	for _, limit := range []Cap{c.Run, c.Day, c.Month} {
		if _, ok := limit.Limit[currency]; ok {
			return true
		}
	}
	return false
}

// passed names what keeps r from staying under the cap; before is r without the
// call in question.
func (c Cap) passed(r Range, before func() Range) *CapError {
	if c.Calls > 0 && r.CeilingCalls > c.Calls {
		return &CapError{Cap: c.Name, Calls: c.Calls}
	}
	currency, over := r.Ceiling.Over(c.Limit)
	if !over {
		return nil
	}
	spent := before().Ceiling[currency]
	return &CapError{
		Cap:   c.Name,
		Limit: Money{c.Limit[currency], currency},
		Spent: Money{spent, currency},
		Next:  Money{r.Ceiling[currency].Sub(spent), currency},
	}
}

// room returns how many more calls are sure to stay under the cap after r, where no
// call adds more than the steepest amount of its currency.
func (c Cap) room(r Range, steepest Amounts, most int64) int64 {
	if c.Calls > 0 {
		most = min(most, c.Calls-r.CeilingCalls)
	}
	for currency, limit := range c.Limit {
		if step := steepest[currency]; step.IsPositive() {
			calls, _ := limit.Sub(r.Ceiling[currency]).QuoRem(step, 0)
			if calls.LessThan(decimal.NewFromInt(most)) {
				most = calls.IntPart()
			}
		}
	}
	return most
}
