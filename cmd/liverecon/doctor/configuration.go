package doctor

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/list"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/night"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

func checkConfiguration(f *Findings, c *config.Config) {
	if err := c.RefuseWritable(); err != nil {
		f.bad("configuration", batch.ExitFailed, err)
		return
	}
	if problem, hint := c.OpenDatabase(); problem != "" {
		f.warn("database", hint, "%s", problem)
	}
	info, err := os.Stat(c.File)
	if err == nil && info.Mode().Perm()&0o004 != 0 && (c.Notify.PingURL != "" || c.Notify.PingFailure != "") {
		f.warn("configuration", "chmod 600 "+shellescape.Quote(c.File),
			"%s: everybody may read it (mode %04o), and a monitor's URL is a secret", c.File, info.Mode().Perm())
		return
	}
	f.good("configuration", "%s: %s", c.File, words.Plural(int64(len(c.Endpoints)), "endpoint", "endpoints"))
}

func checkLists(ctx context.Context, f *Findings, c *config.Config) {
	if len(c.Lists) == 0 {
		f.bad("lists", batch.ExitInput, config.Usage(`set lists = ["lists/*.csv"]`, "none are configured"))
		return
	}
	found, missing, err := night.ExpandLists(c, c.Lists, c.Base)
	lists := found.Lists
	options := c.ListOptions()
	options.Placed, options.Unplaced = found.Placed, found.Unplaced
	wrong := []error{err, missing.CheckIn(ctx, c, lists)}
	for _, source := range lists {
		wrong = append(wrong, readList(ctx, f, source, options))
	}
	refused := errors.Join(wrong...)
	if refused != nil {
		f.bad("lists", batch.ExitInput, refused)
	}
	for _, one := range missing {
		if len(lists) == 0 && refused != nil {
			break // it is refused
		}
		f.warn("lists", "", "%v; others are read, and what is open of earlier ones is asked", one)
	}
	night.NameNotTaken(found.NotTaken, func(path, why string) { f.warn("lists", "", "not taken: %s: %s", path, why) })
	if len(lists) > 0 && refused == nil {
		f.good("lists", "%s", words.Plural(int64(len(lists)), "list", "lists"))
	}
}

// readList reads a list as plan does, and warns of one of which no row would be taken.
func readList(ctx context.Context, f *Findings, path string, o list.Options) error {
	var first list.Reject
	info, err := list.Read(ctx, path, o, func(list.Row) error { return nil }, func(r list.Reject) error {
		if first.Line == 0 {
			first = r
		}
		return nil
	})
	if err == nil && info.Rows > 0 && info.Rejected == info.Rows {
		f.warn("lists", "", "%s: each of %s would be rejected; line %d: %s", path,
			words.Plural(int64(info.Rows), "row", "rows"), first.Line, first.Detail)
	}
	return err
}

// checkLimits lists the caps that keep a mistake in a list from being paid for.
func checkLimits(f *Findings, c *config.Config) {
	var set []string
	for _, limit := range []struct {
		scope string
		cap   billing.Cap
	}{{"run", c.Caps.Run}, {"day", c.Caps.Day}, {"month", c.Caps.Month}} {
		if text := words.Cap(limit.cap); text != "" {
			set = append(set, text+" a "+limit.scope)
		}
	}
	if len(set) == 0 {
		f.warn("limits", `set limits.spend_per_run, or limits.calls_per_run`,
			"no cap is set: a wrong list would be paid for as a whole")
		return
	}
	f.good("limits", "%s", strings.Join(set, ", "))
}

// checkPrices looks for what prices are for and what they leave out.
func checkPrices(ctx context.Context, f *Findings, c *config.Config, s *store.Store, now time.Time) {
	if err := c.CheckPrices(ctx, s); err != nil {
		f.bad("prices", batch.ExitInput, err)
	}
	if len(c.Prices.Rows()) == 0 {
		return
	}
	checkPricesToday(f, c, now)
	if s == nil {
		return
	}
	meter, err := night.Meter(ctx, c, s, now)
	if err != nil {
		f.bad("prices", batch.ExitFailed, err)
		return
	}
	month := meter.Month()
	if text := month.Amount(); month.Unpriced > 0 {
		f.warn("prices", "give them a [[price]]; `liverecon run` says which is missing where a cap on money is set",
			"this month comes to %s", text)
	}
}

// checkPricesToday looks for endpoints that have prices, but none today: a run with a cap on money refuses their IDs.
func checkPricesToday(f *Findings, c *config.Config, now time.Time) {
	const inForce = "add a [[price]] that is in force today: a cap on money refuses IDs without one"
	for _, e := range c.Endpoints {
		var next *billing.Price
		today, priced := false, false
		for _, p := range c.Prices.Rows() {
			if p.Endpoint != e.Name {
				continue
			}
			priced = true
			today = today || !p.From.After(now) && (p.To.IsZero() || p.To.After(now))
			if p.From.After(now) && (next == nil || p.From.Before(next.From)) {
				next = p
			}
		}
		switch {
		case !priced || today:
		case next == nil:
			f.warn("prices", inForce,
				"the last price of %s has ended", e.Name)
		default:
			f.warn("prices", inForce,
				"no price of %s is in force today: the next, on line %d, begins on %s",
				e.Name, next.Line, next.From.In(c.BillingZone).Format(time.DateOnly))
		}
	}
}

// checkMonitors looks at what is told of a run, without telling anything.
func checkMonitors(f *Findings, c *config.Config) {
	if file := c.Notify.MetricsFile; file != "" {
		checkWritable(f, "metrics", file)
	}
	for _, text := range []string{c.Notify.PingURL, c.Notify.PingFailure} {
		if text == "" {
			continue
		}
		if u, err := url.Parse(text); err == nil { // as the configuration made sure of
			f.good("monitor", "%s is told; it was not asked now", u.Host)
		}
	}
}
