package snapshot

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"liverecon/store"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/rollup"
)

// PaidReader counts what was paid for once, however often it was asked.
type PaidReader struct{ *view }

// paidCall represents a PAY call in the terms of usage.
type paidCall struct {
	store.Usage
	call, at      int64
	transactionID string
}

// Checks counts the checks that were tagged PAY for the first time by a call sent in [from, to). Its cost depends on
// how many calls repeat others.
func (p PaidReader) Checks(ctx context.Context, from, to time.Time) ([]store.Usage, error) {
	again, err := p.checksAgain(ctx, from, to)
	if err != nil {
		return nil, fmt.Errorf("count paid checks: %w", err)
	}
	return p.less(ctx, from, to, again)
}

// ChecksAgain returns the calls tagged PAY that Checks leaves out.
func (p PaidReader) ChecksAgain(ctx context.Context, from, to time.Time) ([]int64, error) {
	again, err := p.checksAgain(ctx, from, to)
	return numbers(again), err
}

// TransactionsAgain returns the calls tagged PAY that Transactions leaves out.
func (p PaidReader) TransactionsAgain(ctx context.Context, from, to time.Time) ([]int64, error) {
	again, err := p.transactionsAgain(ctx, from, to)
	return numbers(again), err
}

func numbers(calls []paidCall) (all []int64) {
	for _, c := range calls {
		all = append(all, c.call)
	}
	return all
}

// checksAgain reads the calls tagged PAY for checks that an earlier call had paid for.
func (p PaidReader) checksAgain(ctx context.Context, from, to time.Time) ([]paidCall, error) {
	first, last, err := p.callRange(ctx, from, to)
	if err != nil {
		return nil, err
	}
	return p.calls(ctx, `calls k INDEXED BY calls_repeated CROSS JOIN outcomes o USING (call_id)
		WHERE k.attempt > 1 AND k.call_id BETWEEN ?1 AND ?2 AND o.tag = 'pay'
		AND EXISTS (SELECT 1 FROM calls e JOIN outcomes eo USING (call_id) WHERE e.check_id = k.check_id
		AND e.attempt < k.attempt AND eo.tag = 'pay')`, first, last)
}

// Transactions counts the transaction IDs of the calls sent in [from, to) and tagged PAY, each once, at the first. A
// call without a transaction ID counts for itself.
func (p PaidReader) Transactions(ctx context.Context, from, to time.Time) ([]store.Usage, error) {
	again, err := p.transactionsAgain(ctx, from, to)
	if err != nil {
		return nil, fmt.Errorf("count paid transactions: %w", err)
	}
	return p.less(ctx, from, to, again)
}

// transactionsAgain reads the calls tagged PAY whose transaction ID an earlier one had.
func (p PaidReader) transactionsAgain(ctx context.Context, from, to time.Time) ([]paidCall, error) {
	first, last, err := p.callRange(ctx, from, to)
	if err != nil {
		return nil, err
	}
	alike, err := rollup.Alike(ctx, p.tx, first, last, from, to)
	if err != nil {
		return nil, err
	}
	seen := map[string]paidCall{}
	var again []paidCall
	for _, call := range alike {
		found, err := p.calls(ctx, "calls k CROSS JOIN outcomes o USING (call_id) WHERE k.call_id = ?1", call)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if c.at < sqlrow.Millis(from) || c.at >= sqlrow.Millis(to) {
				continue
			}
			before, known := seen[c.transactionID]
			if known && cmp.Or(cmp.Compare(before.at, c.at), cmp.Compare(before.call, c.call)) < 0 {
				before, c = c, before
			}
			seen[c.transactionID] = c
			if known {
				again = append(again, before)
			}
		}
	}
	return again, nil
}

func (p PaidReader) calls(ctx context.Context, from string, args ...any) ([]paidCall, error) {
	rows, err := p.tx.QueryContext(ctx, "SELECT k.call_id, coalesce(o.sent_at, k.intended_at), k.endpoint, "+
		"k.region, o.code, o.pricing, o.transaction_id FROM "+from, args...)
	return sqlrow.Collect(rows, err, "read paid calls", func(c *paidCall) error {
		err := rows.Scan(&c.call, &c.at, &c.Endpoint, &c.Region, &c.Code, &c.Pricing, &c.transactionID)
		c.Quarter, c.Outcome, c.Tag = time.Unix(c.at/900_000*900, 0).UTC(), store.Answered, store.TagPay
		return err
	})
}

// less returns the usage tagged PAY in [from, to) without some calls.
func (p PaidReader) less(ctx context.Context, from, to time.Time, without []paidCall) ([]store.Usage, error) {
	less := map[store.Usage]int64{}
	for _, c := range without {
		less[c.Usage]++
	}
	all, err := CallReader(p).Usage(ctx, from, to)
	var paid []store.Usage
	for _, u := range all {
		if u.Tag != store.TagPay {
			continue
		}
		key := u
		key.Calls = 0
		if u.Calls -= less[key]; u.Calls > 0 {
			paid = append(paid, u)
		}
	}
	return paid, err
}
