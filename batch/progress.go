package batch

import (
	"slices"
	"sync"
	"time"

	"liverecon/store"
)

// EndpointProgress describes how far one endpoint is.
type EndpointProgress struct {
	Endpoint  string
	Total     int64 // IDs that were open when the run began
	Done      int64 // of them, those that need no further call
	Calls     int64
	Paid      int64 // calls tagged PAY
	GivenUp   int64 // of Done, those that a person must decide about
	Empty     int64 // of GivenUp, those whose answer was a SUCCESS with nothing in it
	Refused   int64 // of Done, those that the vendor refused to look for
	Kept      int64 // of Done, those asked once more whose new answer was lost or no better: they keep what they have
	KeptPaid  int64 // of Kept, those whose new answer is tagged PAY
	Scoreless int64 // of Done, those whose result has no score, and that had none before
	// of Done, those that were asked once more by hand since their result had no score, and have none either
	StillNoScore int64
	NoScore      int64  // answers without a score that may come again with one
	Blank        int64  // of NoScore, those in which every field is null
	InDoubt      int64  // calls that may have been charged without our knowing
	State        string // "" while it works, else such as "busy, waiting 10s"
	Started      time.Time
}

// Progress shows how far a run is, to whoever watches it from outside. All methods may be called from any goroutine.
type Progress struct {
	mu        sync.Mutex
	endpoints []*endpointMeter
	images    ImageProgress
}

// ImageProgress describes how far fetching images is once no answer comes any more. Total is 0 before that, and when
// none waits.
type ImageProgress struct {
	Total, Done int64
	Started     time.Time
}

// endpointMeter counts one endpoint.
type endpointMeter struct {
	mu     sync.Mutex
	at     EndpointProgress
	paused bool    // the state is that of a pause, in which calls may still end that were under way
	ended  []int64 // checks that were done without a score as the run began
}

// NewProgress returns a Progress without endpoints; the run adds them.
func NewProgress() *Progress { return &Progress{} }

// Endpoints returns a copy of how far every endpoint is, in the order of the plan.
func (p *Progress) Endpoints() []EndpointProgress {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]EndpointProgress, len(p.endpoints))
	for i, l := range p.endpoints {
		l.mu.Lock()
		all[i] = l.at
		l.mu.Unlock()
	}
	return all
}

// Images returns how far fetching images is.
func (p *Progress) Images() ImageProgress {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.images
}

func (p *Progress) imagesLeft(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.images = ImageProgress{Total: n, Started: time.Now()}
}

func (p *Progress) imagesSettled(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.images.Done = min(p.images.Done+n, p.images.Total)
}

func (p *Progress) begin(plan *Plan) {
	for _, l := range plan.Endpoints {
		if l.Open() > 0 {
			meter := p.endpoint(l.Endpoint)
			meter.at.Total, meter.ended = l.Open(), plan.ended
		}
	}
}

func (p *Progress) endpoint(endpoint string) *endpointMeter {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.endpoints {
		if l.at.Endpoint == endpoint {
			return l
		}
	}
	l := &endpointMeter{at: EndpointProgress{Endpoint: endpoint, Started: time.Now()}}
	p.endpoints = append(p.endpoints, l)
	return l
}

func (l *endpointMeter) state(s string) {
	l.mu.Lock()
	l.at.State, l.paused = s, false
	l.mu.Unlock()
}

// pause sets a state that stands until the next one, whatever calls come to.
func (l *endpointMeter) pause(s string) {
	l.mu.Lock()
	l.at.State, l.paused = s, true
	l.mu.Unlock()
}

// count counts a call.
func (l *endpointMeter) count(in store.Intent, r store.Result, d decision) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at.Calls++
	switch r.Tag {
	case store.TagPay:
		l.at.Paid++
	case store.TagUnknown:
		l.at.InDoubt++
	}
	if r.State != store.Pending && r.State != store.InDoubt && r.Again == "" {
		l.at.Done++
	}
	switch r.State {
	case in.From:
	case store.GivenUp:
		l.at.GivenUp++
	case store.Refused:
		l.at.Refused++
	}
	if d.kept {
		l.at.Kept++
		if r.Tag == store.TagPay {
			l.at.KeptPaid++
		}
	}
	switch bare := r.Answer != nil && r.Answer.Current && r.Answer.Score == nil; {
	case in.From == store.Done && (bare || d.kept && in.Reason == store.ReasonForced) && !slices.Contains(l.ended, in.CheckID):
		l.at.StillNoScore++
	case bare && in.From != store.Done: // else it was done so before
		l.at.Scoreless++
	}
	switch r.Why {
	case store.WhyEmpty:
		l.at.Empty++
	case store.WhyNoScore:
		l.at.NoScore++
		if d.blank {
			l.at.Blank++
		}
	}
	if r.Outcome == store.Answered && r.Class != "busy" && !l.paused {
		l.at.State = ""
	}
}
