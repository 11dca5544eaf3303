package batch

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"liverecon/batch/evidence"
	"liverecon/batch/liveness"
	"liverecon/store"
	"liverecon/store/dbfile"
	"liverecon/store/images"
)

// Download names which checks' images are kept.
type Download string

// The settings of evidence.download.
const (
	DownloadNone        Download = "none"
	DownloadManualCheck Download = "manual-check" // scores below the threshold
	DownloadAll         Download = "all"
)

// Evidence describes which images a run keeps, and how. They are collected beside fetching, because links die within 24
// hours of their answer and a night may be long, but with workers, connections and a limit of their own. What goes
// wrong with them is told and changes nothing else.
type Evidence struct {
	Download Download
	Client   *evidence.Client
	Archive  *evidence.Archive
	Workers  int           // images at a time
	Rate     float64       // most images begun in a second
	Linger   time.Duration // most time spent on them after the last answer
	Deadline time.Time     // nothing is fetched after it; zero: none
}

const (
	linkLife = 24 * time.Hour // of the vendor's links, from the answer on
	maxLink  = 2048           // bytes: a signed link of an object store has 500 to 1,500

	// recordTries sets how often the queue asks for the database, ten seconds each time, when calls keep it busy: they go
	// first.
	recordTries = 6
)

// imagesOf lists the images of an answer that are to be kept: none unless the run keeps them, the answer is its check's
// result, and the check is one of those.
func imagesOf(job *Job, in store.Intent, r *store.Result, e *liveness.Envelope) []images.Image {
	if job.Evidence == nil || e == nil || e.Detection == nil || !r.Answer.Current || !keepsImages(job, e.Detection) {
		return nil
	}
	d := e.Detection
	folder := in.Region + "/" + r.EndedAt.In(job.Zone).Format(time.DateOnly)
	var wanted []images.Image
	add := func(kind images.Kind, text string, inside bool) {
		if text == "" {
			return
		}
		image := images.Image{Kind: kind, Folder: folder, ExpiresAt: r.EndedAt.Add(linkLife)}
		if inside {
			image.Data, image.Refused = imageData(text)
		} else if image.Refused = linkTrouble(text); image.Refused == "" {
			image.URL = text
		}
		wanted = append(wanted, image)
	}
	add(images.Result, d.ResultImage, job.ResultType == liveness.ImageBase64 &&
		!strings.Contains(d.ResultImage, ":/"))
	add(images.Near, d.NearImageURL, false)
	add(images.Far, d.FarImageURL, false)
	add(images.Audit, d.AuditImageURL, false)
	return wanted
}

// keepsImages reports whether the images of a check with this result are wanted. Without a score there is no verdict,
// and so no manual check.
func keepsImages(job *Job, d *liveness.Detection) bool {
	switch job.Evidence.Download {
	case DownloadAll:
		return true
	case DownloadManualCheck:
		return d.Score != nil && (*d.Score < job.Threshold || *d.Score == job.Threshold && !job.Inclusive)
	}
	return false
}

// linkTrouble describes why a text is not even kept as a link. What may stand in a URL is in RFC 3986, section 2.
func linkTrouble(text string) string {
	const punctuation = "-._~:/?#[]@!$&'()*+,;=%"
	foreign := func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(punctuation, r)
	}
	switch {
	case len(text) > maxLink:
		return "link_too_long"
	case strings.ContainsFunc(text, foreign) || !strings.Contains(text, "://"):
		return "not_a_link"
	}
	return ""
}

// imageData reads an image that stands in the answer itself, with or without a data URL's head and padding.
func imageData(text string) (data []byte, refused string) {
	if head, rest, found := strings.Cut(text, ","); found && strings.HasPrefix(head, "data:") {
		text = rest
	}
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil || len(data) == 0 {
		return nil, "not_base64"
	}
	return data, ""
}

// imageQueue represents the store's queue as the collector sees it.
type imageQueue struct {
	store    *store.Store
	progress *Progress
	refused  map[string]int64 // images by reason, of the collector's one goroutine
}

// All returns every queued image.
func (q imageQueue) All(ctx context.Context) ([]evidence.Item, error) {
	all, err := q.store.Images().AllQueued(ctx)
	return itemsOf(all), err
}

// Due returns the queued images that may be tried.
func (q imageQueue) Due(ctx context.Context, now time.Time, limit int) ([]evidence.Item, time.Time, error) {
	due, next, err := q.store.Images().Queued(ctx, now, limit)
	return itemsOf(due), next, err
}

// Data returns an image that is in the queue itself.
func (q imageQueue) Data(ctx context.Context, id int64) ([]byte, error) {
	return q.store.Images().Data(ctx, id)
}

func itemsOf(queued []images.Waiting) []evidence.Item {
	items := make([]evidence.Item, len(queued))
	for i, m := range queued {
		ref := evidence.Ref{Folder: m.Folder, Call: m.CallID, Kind: evidence.Kind(m.Kind)}
		items[i] = evidence.Item{Ref: ref, ID: m.ID, Link: m.URL, ExpiresAt: m.ExpiresAt, Tries: m.Tries}
	}
	return items
}

// Record keeps what became of images.
func (q imageQueue) Record(ctx context.Context, settled []evidence.Outcome) error {
	states := map[evidence.Fate]images.State{evidence.Stored: images.Stored,
		evidence.Again: images.Queued, evidence.Expired: images.Expired, evidence.Refused: images.Refused}
	tried := make([]images.Tried, len(settled))
	var gone int64 // from the queue
	for i, s := range settled {
		if s.Fate != evidence.Again {
			gone++
		}
		if s.Fate == evidence.Refused {
			q.refused[s.Reason]++
		}
		tried[i] = images.Tried{ID: s.ID, State: states[s.Fate], Reason: s.Reason, At: s.At, Retry: s.Retry}
		if s.Fate == evidence.Stored {
			tried[i].Path, tried[i].SHA256, tried[i].Bytes = s.File.Path, s.File.SHA256[:], s.File.Bytes
		}
	}
	err := q.store.Images().Record(ctx, tried)
	for try := 1; dbfile.IsBusy(err) && try < recordTries; try++ {
		err = q.store.Images().Record(ctx, tried)
	}
	if err == nil {
		q.progress.imagesSettled(gone)
	}
	return err
}

// Images holds what a run did about images.
type Images struct {
	evidence.Tally
	Queued  int64  // that are left for the next run
	Trouble string // why collecting ended before its work did
}

// gathering collects images beside fetching.
type gathering struct {
	job    *Job
	filled chan struct{} // closed when no answer comes any more
	stop   context.CancelFunc
	done   chan struct{} // closed when the rest is set
	tally  evidence.Tally
	reason map[string]int64 // refused images by reason
	err    error
}

// gather begins to collect images: first those that an earlier run left, then those of this one.
func gather(ctx context.Context, job *Job) (*gathering, error) {
	g := &gathering{job: job, filled: make(chan struct{}), done: make(chan struct{}), reason: map[string]int64{},
		stop: func() {}}
	if job.Evidence == nil {
		close(g.done)
		n, err := job.Store.Images().DropQueue(context.WithoutCancel(ctx), "switched_off", time.Now())
		g.tally.Refused = n
		return g, err
	}
	ctx, stopDeadline := withDeadline(ctx, job.Evidence.Deadline, time.Now)
	ctx, cancel := context.WithCancel(ctx)
	g.stop = func() { cancel(); stopDeadline() }
	go g.run(ctx)
	return g, nil
}

func (g *gathering) run(ctx context.Context) {
	defer close(g.done)
	defer func() {
		if p := recover(); p != nil {
			g.err = fmt.Errorf("panic: %v", p)
		}
	}()
	e := g.job.Evidence
	c := &evidence.Collector{Queue: imageQueue{g.job.Store, g.job.Progress, g.reason}, Client: e.Client,
		Archive: e.Archive, Workers: e.Workers, Rate: e.Rate}
	g.tally, g.err = c.Collect(ctx, g.filled)
}

// finish gives collecting its time after the last answer, and says what it came to.
func (g *gathering) finish(ctx context.Context) Images {
	defer g.stop()
	close(g.filled)
	if g.job.Evidence != nil {
		// shown alone: what fails here fails below, too
		if n, err := g.job.Store.Images().CountQueued(ctx); err == nil {
			g.job.Progress.imagesLeft(n)
		}
		linger := time.AfterFunc(g.job.Evidence.Linger, g.stop)
		defer linger.Stop()
	}
	<-g.done
	g.warnRefused()
	images := Images{Tally: g.tally}
	left, err := g.job.Store.Images().CountQueued(ctx)
	images.Queued = left
	if err = errors.Join(g.err, err); err != nil {
		images.Trouble = "images: " + err.Error()
		g.job.Log.Warn("images could not be collected", "error", err)
	}
	return images
}

// warnRefused logs why images were refused, while their links may still be alive.
func (g *gathering) warnRefused() {
	var reasons []any
	for _, reason := range slices.Sorted(maps.Keys(g.reason)) {
		reasons = append(reasons, reason, g.reason[reason])
	}
	if reasons != nil {
		g.job.Log.Warn("images refused", reasons...)
	}
}

// sentence returns the verdict's part on images, "" when there were none.
func (i *Images) sentence() string {
	var parts []string
	add := func(n int64, one, many string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one)
		case n > 1:
			parts = append(parts, humanize.Comma(n)+" "+many)
		}
	}
	add(i.Stored, "image stored", "images stored")
	add(i.Expired, "image link expired", "image links expired")
	add(i.Refused, "image refused", "images refused")
	add(i.Queued, "image still queued", "images still queued")
	if i.Trouble != "" {
		parts = append(parts, i.Trouble)
	}
	return strings.Join(parts, ", ")
}
