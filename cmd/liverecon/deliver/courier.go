// Package deliver sends what a run has to say to the people who read it: by mail, to a webhook, into a directory, to a
// command.
//
// What is to be sent is written down first, in the database, when the run's own books are closed; then it is sent,
// within a time. What was not sent is owed: the next run tries again, or the verb deliver does, for a week. Pages are
// made from the database when they are sent. Nothing here can fail a run.
package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/clean"
	"liverecon/cmd/liverecon/config"
	"liverecon/report/digest"
	"liverecon/report/publish"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/deliveries"
)

const (
	// sendPatience holds the longest that one message may take.
	sendPatience = 30 * time.Second
	// runPatience holds the longest that a run sends, after all else.
	runPatience = 2 * time.Minute
	// oweFor sets how long a page may be late. After that its news is old.
	oweFor = 7 * 24 * time.Hour
)

// Courier sends what the configuration says.
type Courier struct {
	Config *config.Config
	Store  *store.Store
	// Page makes the first page of a workbook, "finance" or "risk", of a period.
	Page    func(ctx context.Context, kind string, f publish.RiskFile) (digest.Page, error)
	Version string

	made map[string]digest.Page // pages by kind and period
}

// Run represents a run that has ended.
type Run struct {
	ID      int64
	Started time.Time
	Good    bool
	Verdict string
}

// Outcome holds what became of one page for one recipient.
type Outcome struct {
	Recipient string `json:"recipient"`
	Channel   string `json:"channel"`
	Run       int64  `json:"run,omitempty"`
	Page      string `json:"page"`
	Period    string `json:"period,omitempty"`
	State     string `json:"state"` // Sent, Owed, GivenUp
	Error     string `json:"error,omitempty"`
}

// The states of an outcome: of a page, and of a test.
const (
	Sent    = "sent"
	Owed    = "owed" // tried again by the next run
	GivenUp = "given up"
	NotSent = "not sent" // a test
)

// AfterRun writes down what is to be sent of a run that has ended, and sends it with what earlier runs owe. When ctx
// has ended, all of it is owed.
func (c *Courier) AfterRun(ctx context.Context, r Run) ([]Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, runPatience)
	defer cancel()
	err := c.owe(ctx, r, nil)
	if ctx.Err() != nil {
		return nil, err
	}
	outcomes, sendErr := c.SendOwed(ctx, nil)
	return outcomes, errors.Join(err, sendErr)
}

// Know refuses names that the configuration does not have.
func (c *Courier) Know(names []string) error {
	for _, name := range names {
		if c.find(name) == nil {
			return config.Usage("without a name all recipients are meant", "there is no [deliver.%s]", name)
		}
	}
	return nil
}

func (c *Courier) find(name string) *config.Delivery {
	for i := range c.Config.Deliver {
		if c.Config.Deliver[i].Name == name {
			return &c.Config.Deliver[i]
		}
	}
	return nil
}

// OweAgain makes the pages of a run owed once more, whatever became of them; of the newest run with 0, and of that also
// what the configuration has named since. Without names it is those of all recipients.
func (c *Courier) OweAgain(ctx context.Context, run int64, names []string) error {
	latest, err := c.Store.Runs().Latest(ctx, 1)
	if err != nil {
		return err
	}
	if len(latest) > 0 && (run == 0 || run == latest[0].ID) {
		of := latest[0]
		run = of.ID
		if err := c.owe(ctx, Run{ID: of.ID, Started: of.StartedAt, Good: batch.Succeeded(of.ExitCode),
			Verdict: of.Verdict}, names); err != nil {
			return err
		}
	}
	n, err := c.Store.Runs().Deliveries().OweAgain(ctx, run, names)
	if err == nil && n == 0 {
		return config.Usage("`liverecon status` shows the last runs", "nothing was to be sent of run %d", run)
	}
	return err
}

// owe writes down what is to be sent of a run.
func (c *Courier) owe(ctx context.Context, r Run, names []string) error {
	var errs []error
	for _, d := range c.Config.Deliver {
		if len(names) == 0 || slices.Contains(names, d.Name) {
			errs = append(errs, c.Store.Runs().Deliveries().Owe(context.WithoutCancel(ctx), r.ID, time.Now(), c.due(ctx, d, r)))
		}
	}
	return errors.Join(errs...)
}

// due returns what a recipient is to get of a run. A page that cannot be made now is due: it is told then.
func (c *Courier) due(ctx context.Context, d config.Delivery, r Run) (all []deliveries.Delivery) {
	if d.When == config.WhenFailure && r.Good {
		return nil
	}
	for _, name := range d.Pages {
		x := deliveries.Delivery{Run: r.ID, Recipient: d.Name, Page: name, Period: c.periodOf(name, r.Started)}
		if d.When == config.WhenFindings {
			page, err := c.page(ctx, x, r)
			if err == nil && page.Findings == 0 {
				continue
			}
		}
		all = append(all, x)
	}
	return all
}

// periodOf names the period of a page of a run that began then.
func (c *Courier) periodOf(page string, started time.Time) string {
	switch page {
	case config.PageRisk:
		return calendar.BusinessDay(started, c.Config.Zone).Label
	case config.PageRiskMonth:
		return calendar.MonthToDate(started, c.Config.Zone).Label
	case config.PageFinance:
		return c.Config.BillingMonths().Of(started).Label
	}
	return ""
}

// SendOwed sends what is owed, the oldest first; with names, to these recipients. One that could not be reached is not
// tried twice.
func (c *Courier) SendOwed(ctx context.Context, names []string) (outcomes []Outcome, err error) {
	owed, err := c.Store.Runs().Deliveries().Owed(ctx)
	if err != nil {
		return nil, err
	}
	unreached := map[string]string{} // recipient, why
	var errs []error
	for _, x := range owed {
		if ctx.Err() != nil {
			break
		}
		if len(names) > 0 && !slices.Contains(names, x.Recipient) {
			continue
		}
		o := Outcome{Recipient: x.Recipient, Run: x.Run, Page: x.Page, Period: x.Period, State: Owed}
		d := c.find(x.Recipient)
		switch {
		case d == nil:
			o.State, o.Error = GivenUp, "the configuration has no [deliver."+x.Recipient+"] any more"
		case time.Since(x.OwedAt) > oweFor && x.Tries > 0:
			o.State, o.Error = GivenUp, "not taken for a week: "+x.Error
		case unreached[x.Recipient] != "":
			o.Error = unreached[x.Recipient]
		default:
			o = c.deliver(ctx, *d, x, o)
			if o.State == Owed {
				unreached[x.Recipient] = o.Error
			}
		}
		errs = append(errs, c.note(ctx, x, o))
		outcomes = append(outcomes, o)
	}
	return outcomes, errors.Join(errs...)
}

// note keeps what became of a page. What was sent is noted even when the time is up.
func (c *Courier) note(ctx context.Context, x deliveries.Delivery, o Outcome) error {
	ctx, log, now := context.WithoutCancel(ctx), c.Store.Runs().Deliveries(), time.Now()
	switch o.State {
	case Sent:
		return log.Sent(ctx, x.ID, now)
	case GivenUp:
		return log.GiveUp(ctx, x.ID, now, o.Error)
	}
	return log.Failed(ctx, x.ID, now, o.Error)
}

// deliver makes one page and sends it.
func (c *Courier) deliver(ctx context.Context, d config.Delivery, x deliveries.Delivery, o Outcome) Outcome {
	via := channelOf(c.Config, d, c.Version)
	o.Channel = via.String()
	run := Run{ID: x.Run, Started: x.Started, Good: batch.Succeeded(x.ExitCode), Verdict: x.Verdict}
	page, err := c.page(ctx, x, run)
	if err == nil {
		err = c.send(ctx, d, via, newMessage(x, run, page))
	}
	if err != nil {
		o.Error = said(err, via.secrets())
		return o
	}
	o.State = Sent
	return o
}

// send sends one message with its files.
func (c *Courier) send(ctx context.Context, d config.Delivery, via channel, m message) error {
	ctx, cancel := context.WithTimeout(ctx, sendPatience)
	defer cancel()
	if err := m.addWorkbook(c.Config.Reports, d); err != nil {
		return err
	}
	return via.send(ctx, m)
}

// Test sends a page that says that it is one of a test to each recipient, or to those named.
func (c *Courier) Test(ctx context.Context, names []string) (outcomes []Outcome) {
	for _, d := range c.Config.Deliver {
		if len(names) > 0 && !slices.Contains(names, d.Name) {
			continue
		}
		via := channelOf(c.Config, d, c.Version)
		o := Outcome{Recipient: d.Name, Channel: via.String(), Page: "test", State: Sent}
		m := newMessage(deliveries.Delivery{Page: "test", Recipient: d.Name, OwedAt: time.Now()},
			Run{Started: time.Now(), Good: true}, testPage(d))
		if err := c.send(ctx, d, via, m); err != nil {
			o.State, o.Error = NotSent, said(err, via.secrets())
		}
		outcomes = append(outcomes, o)
	}
	return outcomes
}

func testPage(d config.Delivery) digest.Page {
	return digest.Page{Audience: d.Name, Title: "A test of liverecon's delivery",
		Headline: "This is how its pages will look here. Nothing is wrong, and nothing has to be done.",
		Subtitle: "sends " + strings.Join(d.Pages, ", ") + " · " + d.When,
		Tiles:    []digest.Tile{{Label: "A figure", Value: "1,234", Note: "and what it is of"}},
		Sections: []digest.Section{{Title: "A chart of table cells", Bars: []digest.Bar{
			{Name: "Up", Value: 2, Text: "+2.00 pp", Tone: digest.Alert},
			{Name: "Down", Value: -1, Text: "−1.00 pp", Tone: digest.Quiet}}}},
		Foot: "Sent by liverecon deliver --test."}
}

// page makes a page, once.
func (c *Courier) page(ctx context.Context, x deliveries.Delivery, r Run) (digest.Page, error) {
	if x.Page == config.PageVerdict {
		return verdictPage(r, c.Config.Zone), nil
	}
	key := x.Page + " " + x.Period
	if p, ok := c.made[key]; ok {
		return p, nil
	}
	kind, months := "risk", calendar.Months{Zone: c.Config.Zone}
	parse := func(text string) (calendar.Period, error) { return calendar.ParsePeriod(text, months.Zone) }
	if x.Page == config.PageFinance {
		kind, months = "finance", c.Config.BillingMonths()
		parse = months.Parse
	}
	period, err := parse(x.Period)
	if err != nil {
		return digest.Page{}, err
	}
	if now := time.Now(); period.IsMonth() && !period.From.After(now) && now.Before(period.To) {
		period = months.ToDate(now)
	}
	p, err := c.Page(ctx, kind, publish.RiskFile{Period: period})
	if err != nil {
		return digest.Page{}, fmt.Errorf("make its page: %w", err)
	}
	if c.made == nil {
		c.made = map[string]digest.Page{}
	}
	c.made[key] = p
	return p, nil
}

func verdictPage(r Run, zone *time.Location) digest.Page {
	return digest.Page{Audience: "operators", Title: fmt.Sprintf("liverecon, run %d", r.ID),
		Subtitle: "began " + r.Started.In(zone).Format("2006-01-02 15:04") + " (" + zone.String() + ")",
		Headline: clean.Text(r.Verdict), Foot: "`liverecon status` tells more."}
}

// said returns an error in one line, without what is secret in it.
func said(err error, secrets []string) string {
	text := clean.Text(strings.Join(strings.Fields(err.Error()), " "))
	for _, s := range secrets {
		if len(s) > 3 {
			text = strings.ReplaceAll(text, s, "...")
		}
	}
	const most = 300
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	return text
}
