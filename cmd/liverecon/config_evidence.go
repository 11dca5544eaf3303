package main

import (
	"fmt"
	"net/http"
	"time"

	"liverecon/batch"
	"liverecon/batch/evidence"
)

// evidenceConfig says which images are kept, and where.
type evidenceConfig struct {
	download    batch.Download
	dir         string
	recipients  []string // public keys of age; none: files are not encrypted
	maxBytes    int64    // of one image
	concurrency int
	rate        float64 // images a second
	timeout     time.Duration
	linger      time.Duration // after the last answer
	hosts       []string      // that may be asked; none: every public one
}

func (c *config) readEvidence(t *table) {
	e := &c.evidence
	switch e.download = batch.Download(t.text("download", string(batch.DownloadNone))); e.download {
	case batch.DownloadNone, batch.DownloadManualCheck, batch.DownloadAll:
	default:
		t.wrong("download", "%.40q: want none, manual-check or all", string(e.download))
	}
	e.dir = c.path(t.text("dir", "evidence"))
	if t.has("dir") && t.values["dir"] == "" {
		t.wrong("dir", "is empty")
	}
	e.recipients = t.texts("recipients")
	for i, key := range e.recipients {
		if _, err := evidence.ParseRecipient(key); err != nil {
			t.wrong("recipients", "number %d %v", i+1, err)
		}
	}
	e.maxBytes = t.count("max_bytes", 10<<20, 1<<10, 1<<30)
	e.concurrency = int(t.count("concurrency", 4, 1, 64))
	e.rate = t.number("rate", 10, 0.1, 1000)
	e.timeout = t.duration("timeout", 30*time.Second, time.Second, 10*time.Minute)
	e.linger = t.duration("linger", 10*time.Minute, 0, 12*time.Hour)
	e.hosts = t.texts("allowed_hosts")
	for _, host := range e.hosts {
		if err := evidence.CheckHost(host); err != nil {
			t.wrong("allowed_hosts", "%v", err)
		}
	}
	t.refuseUnknown()
}

// openEvidence makes ready what a run needs to keep images; nil when none are kept. The second client shares nothing with
// the one that has the token. transport stands for sockets in a simulated run; nil: sockets. leave ends the use of the
// directory.
func (c *config) openEvidence(transport http.RoundTripper) (e *batch.Evidence, leave func() error, err error) {
	leave = func() error { return nil }
	s := c.evidence
	if s.download == batch.DownloadNone {
		return nil, leave, nil
	}
	client, err := evidence.NewClient(evidence.Options{MaxBytes: s.maxBytes, Timeout: s.timeout, AllowedHosts: s.hosts,
		UserAgent: "liverecon/" + version(), Transport: transport})
	if err != nil {
		return nil, leave, &fault{batch.ExitInput, fmt.Errorf("evidence: %w", err), ""}
	}
	archive, err := evidence.OpenArchive(s.dir, s.recipients)
	if err != nil {
		return nil, leave, &fault{batch.ExitInput, fmt.Errorf("evidence: %w", err), "is evidence.dir right, and may this user write there?"}
	}
	return &batch.Evidence{Download: s.download, Client: client, Archive: archive, Workers: s.concurrency, Rate: s.rate, Linger: s.linger}, archive.Close, nil
}
