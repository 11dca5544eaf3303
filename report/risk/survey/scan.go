package survey

import (
	"context"
	"slices"

	"liverecon/store/calendar"
	"liverecon/store/rollup"
	"liverecon/store/snapshot"
)

// Sink counts the answers of a period, which come in no order.
type Sink struct {
	Period calendar.Period
	Add    func(*rollup.Scores)
}

// Scan reads the answers of all sinks' periods once, however the periods overlap.
func Scan(ctx context.Context, snap *snapshot.Snapshot, sinks ...Sink) error {
	for _, span := range spans(sinks) {
		err := snap.Scores().Each(ctx, span.Zone, span.From, span.To, func(s *rollup.Scores) error {
			for _, to := range sinks {
				if !s.Day.Before(to.Period.From) && s.Day.Before(to.Period.To) {
					to.Add(s)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// spans returns the stretches of time that some sink wants, without overlap, oldest first.
func spans(sinks []Sink) []calendar.Period {
	var wanted []calendar.Period
	for _, s := range sinks {
		wanted = append(wanted, s.Period)
	}
	slices.SortFunc(wanted, func(a, b calendar.Period) int { return a.From.Compare(b.From) })
	var all []calendar.Period
	for _, p := range wanted {
		if last := len(all) - 1; last >= 0 && !p.From.After(all[last].To) {
			if p.To.After(all[last].To) {
				all[last].To = p.To
			}
			continue
		}
		all = append(all, p)
	}
	return all
}
