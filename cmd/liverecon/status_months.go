package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"liverecon/cmd/liverecon/monthend"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
	"liverecon/store/accounts"
)

// shownMonths sets how many of the last reconciled months status shows.
const shownMonths = 12

// statusBill represents the reconciliation of one month.
type statusBill struct {
	Month      string    `json:"month"`
	Reconciled time.Time `json:"reconciled"`
	Statements []string  `json:"statements"`    // names of their files
	Due        []string  `json:"due,omitempty"` // the days by which its invoices are to be paid, as far as known
	Within     bool      `json:"within_tolerance"`
	Verdict    string    `json:"verdict"`

	Worked *monthend.State `json:"worked"`
}

func statusBills(ctx context.Context, s *store.Store) ([]statusBill, error) {
	bills := []statusBill{}
	all, err := s.Statements().LatestReconciliations(ctx, shownMonths)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		scopes, err := s.Statements().Scopes(ctx, r.Month)
		if err != nil {
			return nil, err
		}
		state, err := monthend.ReadState(ctx, s, r.Month)
		if err != nil {
			return nil, err
		}
		bills = append(bills, statusBill{r.Month, r.MadeAt, statementNames(r, scopes), dueDays(r, scopes), r.Within, r.Verdict, state})
	}
	return bills, nil
}

// statementNames names the files that a reconciliation was made with.
func statementNames(r accounts.Reconciliation, scopes []accounts.StatementScope) []string {
	names := []string{}
	for _, c := range scopes {
		if name := filepath.Base(c.Path); slices.Contains(r.Statements, c.StatementID) &&
			!slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// dueDays returns the days by which the invoices of a reconciliation are to be paid, the earliest first.
func dueDays(r accounts.Reconciliation, scopes []accounts.StatementScope) (days []string) {
	for _, c := range scopes {
		if c.Invoice.Due != "" && slices.Contains(r.Statements, c.StatementID) {
			days = append(days, c.Invoice.Due)
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// statusClosures lists the closures for status.
func statusClosures(ctx context.Context, s *store.Store) ([]monthend.Closure, error) {
	all, err := s.Months().Closures(ctx)
	list := []monthend.Closure{}
	for _, c := range all {
		list = append(list, monthend.NewClosure(c, nil))
	}
	return list, err
}

// printMonths prints the verdicts of reconciled months, and the closures.
func printMonths(out stream, r statusResult, zone *time.Location) {
	for _, b := range r.Bills {
		out.printf("%s\n", b.Verdict)
		out.wrap("    ", "reconciled on "+words.Moment(b.Reconciled, zone)+" with "+strings.Join(b.Statements, ", "))
		if len(b.Due) > 0 {
			out.wrap("    ", "to be paid by "+strings.Join(b.Due, ", "))
		}
		for _, text := range b.Worked.Sentences() {
			out.wrap("    ", text)
		}
	}
	for _, c := range r.Closed {
		out.printf("%s\n", c.Sentence(zone))
	}
	if len(r.Bills)+len(r.Closed) > 0 {
		out.printf("\n")
	}
}
