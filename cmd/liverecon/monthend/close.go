package monthend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/usage"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/reports"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/publish"
	"liverecon/report/worked"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// Options names which month is closed, by whom, and in spite of what.
type Options struct {
	Month            string // YYYY-MM
	By               string
	Reason           string // why, though something is open or not signed; "" where nothing may be
	WithoutStatement bool
	Warn             func(warning, hint string)
}

// Close freezes a month: what it rests on first, what was worked and signed among it, then the workbooks that say so.
func Close(ctx context.Context, c *config.Config, s *store.Store, o Options) (r Closure, err error) {
	month, err := billing.ParsePeriod(o.Month)
	if err != nil {
		return r, err
	}
	digest, err := mayClose(ctx, c, s, month, o)
	if err != nil {
		return r, err
	}
	prices, err := reports.PricesOf(ctx, c, s, month)
	if err != nil {
		return r, err
	}
	from, to := c.Prices.Months().Bounds(month)
	closure, err := s.Months().Begin(ctx, accounts.Closure{Month: o.Month, ClosedAt: time.Now(), ClosedBy: o.By,
		Version: config.Version(), Settings: c.BillingSettings(prices), Worked: digest, InSpite: o.Reason}, from, to)
	if err != nil {
		return r, closeError(err, o.Month)
	}
	out := reports.New(c, s, config.Version(), o.Warn)
	files, err := publish.Close(ctx, out, o.Month)
	if err == nil {
		err = s.Months().Seal(ctx, closure.ID, time.Now(), files)
	}
	if err != nil {
		return r, errors.Join(err, s.Months().DropUnsealed(context.WithoutCancel(ctx)))
	}
	r = NewClosure(closure, out.Files())
	r.Unpriced, err = usage.Unpriced(ctx, s, prices, c.Reconciling.Basis, from, to)
	return r, err
}

// mayClose returns the digest of what was worked of a month, nil without a statement, and an error if the month cannot
// be closed: it is not over, was not reconciled, or is not signed.
func mayClose(
	ctx context.Context, c *config.Config, s *store.Store, month billing.Period, o Options,
) (digest []byte, err error) {
	period, err := calendar.Months{Zone: c.Zone, Starts: c.MonthStarts}.Parse(month.String())
	if err != nil {
		return nil, err
	}
	_, ends := c.Prices.Months().Bounds(month)
	if period.To.After(ends) {
		ends = period.To
	}
	if time.Now().Before(ends) {
		return nil, config.Usage("close it from then on", "%s is not over: it ends on %s", month,
			words.Moment(ends, c.BillingZone))
	}
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	if closure, err := snap.Months().Closure(ctx, month.String()); err != nil || closure != nil {
		if closure != nil {
			err = closeError(&accounts.ClosedError{Closure: *closure}, month.String())
		}
		return nil, err
	}
	m, err := worked.Load(ctx, snap, month.String())
	if err != nil {
		return nil, err
	}
	if m == nil {
		if !o.WithoutStatement {
			err = config.Usage("import the statement: `liverecon reconcile --statement FILE`; or close all the same: "+
				"--without-statement", "%s was not reconciled with a statement", month)
		}
		return nil, err
	}
	if m.Late > 0 {
		return nil, closeError(&accounts.LateError{Month: month.String(), Calls: m.Late}, month.String())
	}
	if missing := m.Missing(); len(missing) > 0 && strings.TrimSpace(o.Reason) == "" {
		return nil, config.Usage(fmt.Sprintf("work and sign finance_%[1]s.xlsx, then `liverecon decisions FILE`; "+
			"or say why it is closed all the same, which is kept: "+
			"`liverecon close --month %[1]s --reason \"why\"`", month),
			"%s is not ready to be closed: %s", month, strings.Join(missing, "; "))
	}
	sum := m.Digest()
	return sum[:], nil
}

// closeError gives a refusal to close a month its hint.
func closeError(err error, month string) error {
	var closed *accounts.ClosedError
	var late *accounts.LateError
	switch {
	case errors.As(err, &closed):
		return config.Usage(fmt.Sprintf(`to open it again: liverecon close --month %s --reopen "why" --by NAME`, month),
			"%w", closed)
	case errors.As(err, &late):
		return config.Usage(fmt.Sprintf("`liverecon reconcile --month %s`: no month would bear these calls", month),
			"close %s: %w", month, late)
	case errors.Is(err, accounts.ErrRunning):
		return config.Usage("let `liverecon run` finish first: it brings the calls of an earlier end in order",
			"close %s: %w", month, accounts.ErrRunning)
	}
	return err
}

// Closure represents a closure as it is printed.
type Closure struct {
	Month      string     `json:"month"`
	ClosedAt   time.Time  `json:"closed_at"`
	ClosedBy   string     `json:"closed_by"`
	Reconciled bool       `json:"reconciled"`
	Content    string     `json:"content_sha256"`
	Worked     string     `json:"worked_sha256,omitempty"` // what signatures are for, as it was closed
	InSpite    string     `json:"closed_in_spite,omitempty"`
	Unpriced   int64      `json:"calls_without_price,omitempty"` // that its amounts leave out, as it is closed
	ReopenedAt *time.Time `json:"reopened_at,omitempty"`
	ReopenedBy string     `json:"reopened_by,omitempty"`
	Reason     string     `json:"reason,omitempty"`
	Files      []string   `json:"files,omitempty"`
}

// NewClosure describes a closure; files are the workbooks that were written.
func NewClosure(c accounts.Closure, files []string) Closure {
	r := Closure{Month: c.Month, ClosedAt: c.ClosedAt, ClosedBy: c.ClosedBy, Reconciled: c.ReconciliationID != 0,
		Content: fmt.Sprintf("%x", c.ContentSHA256), Worked: fmt.Sprintf("%x", c.Worked), InSpite: c.InSpite,
		ReopenedBy: c.ReopenedBy, Reason: c.Reason, Files: files}
	if !c.ReopenedAt.IsZero() {
		r.ReopenedAt = &c.ReopenedAt
	}
	return r
}

// Sentence describes the closure, and whether the month was opened again.
func (r Closure) Sentence(zone *time.Location) string {
	text := fmt.Sprintf("%s closed by %s on %s", r.Month, r.ClosedBy, words.Moment(r.ClosedAt, zone))
	if !r.Reconciled {
		text += ", without a statement"
	}
	if r.InSpite != "" {
		text += ", though it was not ready: " + r.InSpite
	}
	if r.ReopenedAt != nil {
		text += fmt.Sprintf("; opened again by %s on %s: %s", r.ReopenedBy, words.Moment(*r.ReopenedAt, zone), r.Reason)
	}
	return text
}

// Lines describes what was just done.
func (r Closure) Lines() (all []string) {
	for _, file := range r.Files {
		all = append(all, "wrote "+file)
	}
	if r.ReopenedAt != nil {
		return append(all, fmt.Sprintf("%s is open again, by %s: %s", r.Month, r.ReopenedBy, r.Reason))
	}
	text := fmt.Sprintf("%s is closed by %s", r.Month, r.ClosedBy)
	if r.InSpite != "" {
		text += ", though it was not ready: " + r.InSpite
	}
	if r.Unpriced > 0 {
		text += "; not in its amounts: " + billing.WithoutPrice(r.Unpriced)
	}
	return append(all, text+"; content "+cmp.Or(r.Content, "none"))
}
