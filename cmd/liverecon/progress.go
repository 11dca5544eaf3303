package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"liverecon/batch"
	"liverecon/cmd/liverecon/clean"
)

const (
	sampleEvery = 250 * time.Millisecond
	logEvery    = 5 * time.Second
	rateWindow  = 5 * time.Second // over which the shown rate is measured
)

// endpointView describes one endpoint's progress as it is shown.
type endpointView struct {
	batch.EndpointProgress
	rate float64 // IDs done a second, lately
}

// imageLine holds the name of the line of images that are still fetched after the last call. No endpoint may be called
// so.
const imageLine = "images:"

func (v endpointView) images() bool { return v.Endpoint == imageLine }

// eta returns how long the rest needs at the present rate; false when nothing moves.
func (v endpointView) eta() (time.Duration, bool) {
	if v.rate <= 0 {
		return 0, false
	}
	return time.Duration(float64(v.Total-v.Done) / v.rate * float64(time.Second)).Round(time.Second), true
}

// gauge measures the rates of all endpoints from samples of their progress.
type gauge struct {
	progress *batch.Progress
	samples  map[string][]sample
	final    map[string]float64 // over its whole time, of an endpoint that is through
}

func newGauge(p *batch.Progress) *gauge {
	return &gauge{progress: p, samples: map[string][]sample{}, final: map[string]float64{}}
}

type sample struct {
	at   time.Time
	done int64
}

// views takes a sample and returns every endpoint with its rate.
func (g *gauge) views(now time.Time) []endpointView {
	var views []endpointView
	for _, l := range g.endpoints() {
		s := g.samples[l.Endpoint]
		s = append(s, sample{now, l.Done})
		for len(s) > 2 && now.Sub(s[1].at) >= rateWindow {
			s = s[1:]
		}
		g.samples[l.Endpoint] = s
		views = append(views, endpointView{l, g.rate(l, s[0], now)})
	}
	return views
}

// endpoints returns how far the endpoints are, and after the last call the images.
func (g *gauge) endpoints() []batch.EndpointProgress {
	endpoints := g.progress.Endpoints()
	if i := g.progress.Images(); i.Total > 0 {
		endpoints = append(endpoints, batch.EndpointProgress{Endpoint: imageLine, Total: i.Total, Done: i.Done,
			Started: i.Started})
	}
	return endpoints
}

func (g *gauge) rate(l batch.EndpointProgress, first sample, now time.Time) float64 {
	if rate, ok := g.final[l.Endpoint]; ok {
		return rate
	}
	done, span := l.Done-first.done, now.Sub(first.at).Seconds()
	if l.Done >= l.Total {
		done, span = l.Done, now.Sub(l.Started).Seconds()
	}
	if span <= 0 {
		return 0
	}
	rate := float64(done) / span
	if l.Done >= l.Total {
		g.final[l.Endpoint] = rate
	}
	return rate
}

// watch shows how far a run is until the function it returns is called.
func (c *console) watch(progress *batch.Progress, log *slog.Logger) (stop func()) {
	g := newGauge(progress)
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		// A mistake in showing progress must not end a run that spends money.
		defer func() {
			if caught := recover(); caught != nil {
				c.writeAbove(nil)
				log.Warn("progress is no longer shown", "panic", caught)
			}
		}()
		if c.bars {
			c.draw(g, quit)
		} else {
			logProgress(g, log, quit)
		}
	}()
	return func() { close(quit); <-done }
}

// logProgress writes one line every few seconds.
func logProgress(g *gauge, log *slog.Logger, quit <-chan struct{}) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-quit:
			return
		case now := <-tick.C:
			views := g.views(now)
			if now.Sub(last) >= logEvery && len(views) > 0 {
				last = now
				log.Info("progress", progressAttrs(views)...)
			}
		}
	}
}

// progressAttrs returns the sums of all endpoints, and for each endpoint that is not simply working what it does.
func progressAttrs(views []endpointView) []any {
	var sum endpointView
	var states, images []any
	for _, v := range views {
		if v.images() {
			images = append(images, slog.Int64("fetched", v.Done), slog.Int64("waiting", v.Total-v.Done))
			continue
		}
		sum.Total += v.Total
		sum.Done += v.Done
		sum.Paid += v.Paid
		sum.InDoubt += v.InDoubt
		if v.Done < v.Total {
			sum.rate += v.rate
		}
		if v.State != "" && v.State != "done" {
			states = append(states, slog.String(v.Endpoint, v.State))
		}
	}
	attrs := []any{"done", sum.Done, "total", sum.Total, "per_second", int(sum.rate), "paid", sum.Paid, "in_doubt",
		sum.InDoubt}
	if eta, ok := sum.eta(); ok {
		attrs = append(attrs, "eta", eta.String())
	}
	if len(states) > 0 {
		attrs = append(attrs, slog.Group("states", states...))
	}
	if len(images) > 0 {
		attrs = append(attrs, slog.Group("images", images...))
	}
	return attrs
}

// draw keeps one line an endpoint at the bottom of the terminal.
func (c *console) draw(g *gauge, quit <-chan struct{}) {
	pool := mpb.New(mpb.WithOutput(c.raw), mpb.WithAutoRefresh(), mpb.WithRefreshRate(sampleEvery))
	c.writeAbove(pool)
	defer c.writeAbove(nil)
	lines := map[string]*barLine{}
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for running := true; running; {
		now := time.Now()
		select {
		case <-quit:
			running = false
		case now = <-tick.C:
		}
		for _, v := range g.views(now) {
			if lines[v.Endpoint] == nil {
				lines[v.Endpoint] = newBarLine(pool)
			}
			lines[v.Endpoint].show(v)
		}
	}
	for _, l := range lines {
		l.bar.Abort(false) // the endpoint has ended, however full its bar is
	}
	pool.Wait()
}

// barLine describes one endpoint's line on the terminal.
type barLine struct {
	bar   *mpb.Bar
	views chan endpointView // holds the newest
	last  endpointView      // of the drawing goroutine
}

func newBarLine(pool *mpb.Progress) *barLine {
	l := &barLine{views: make(chan endpointView, 1)}
	l.bar = pool.MustAdd(0, mpb.BarFillerFunc(l.fill), mpb.BarFillerTrim())
	return l
}

func (l *barLine) show(v endpointView) {
	select {
	case <-l.views:
	default:
	}
	l.views <- v
}

// fill draws the line. It is called by the library's goroutine.
func (l *barLine) fill(w io.Writer, s decor.Statistics) error {
	select {
	case l.last = <-l.views:
	default:
	}
	_, err := io.WriteString(w, drawEndpoint(l.last, s.AvailableWidth))
	return err
}

// The columns of an endpoint's line.
const (
	leastBar, mostBar = 6, 40
	tailColumns       = 20 // kept free behind the bar for what the endpoint does, so that the bar does not jump
)

// drawEndpoint draws an endpoint's progress in at most width columns. Where room is scarce what matters least goes
// first: the bar, the rate, what was paid, the calls in doubt if there are none. What the endpoint does stays, and the
// end of the line is cut last.
func drawEndpoint(v endpointView, width int) string {
	name := fmt.Sprintf("%-5s", v.Endpoint)
	count := fmt.Sprintf("%13s", humanize.Comma(v.Done)+"/"+humanize.Comma(v.Total))
	doubt := fmt.Sprintf("  doubt %-3d", v.InDoubt)
	paid := fmt.Sprintf("  paid %-6s", humanize.Comma(v.Paid))
	rate := fmt.Sprintf(" %6s", fmt.Sprintf("%.0f/s", v.rate))
	tail := endpointTail(v)
	if v.images() {
		paid, doubt = "", " "
	}
	space := " "
	if room := width - len(name+count+rate+paid+doubt+space) - tailColumns - len("[] "); room >= leastBar {
		return cut(name+drawBar(v.Done, v.Total, min(room, mostBar))+" "+count+rate+paid+doubt+space+tail, width)
	}
	line := name + count + rate + paid + doubt + space + tail
	for _, less := range []string{name + count + paid + doubt + space + tail, name + count + doubt + space + tail} {
		if len(line) > width {
			line = less
		}
	}
	if len(line) > width && v.InDoubt == 0 {
		line = name + count + "  " + tail
	}
	if len(line) > width {
		line = fmt.Sprintf("%s %s %s", v.Endpoint, strings.TrimSpace(count), tail)
	}
	return cut(line, width)
}

// cut keeps what fits into a width.
func cut(line string, width int) string {
	if runes := []rune(line); len(runes) > width {
		return string(runes[:max(width, 0)])
	}
	return line
}

func drawBar(done, total int64, width int) string {
	full := width
	if total > 0 {
		full = int(int64(width) * min(done, total) / total)
	}
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", width-full) + "]"
}

// endpointTail returns the end of the line: what the endpoint does, or when it will be through.
func endpointTail(v endpointView) string {
	if v.State != "" {
		return clean.Text(v.State)
	}
	if eta, ok := v.eta(); ok && v.Done < v.Total {
		return "ETA " + eta.String()
	}
	return ""
}
