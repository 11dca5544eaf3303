package config

import (
	"time"

	"liverecon/batch"
	"liverecon/batch/evidence"
)

// evidenceConfig describes which images are kept, and where.
type evidenceConfig struct {
	Download    batch.Download
	Dir         string
	Recipients  []string // public keys of age; none: files are not encrypted
	MaxBytes    int64    // of one image
	Concurrency int
	Rate        float64 // images a second
	Timeout     time.Duration
	Linger      time.Duration // after the last answer
	Hosts       []string      // that may be asked; none: every public one
}

func readEvidence(c *Config, t *table) {
	e := &c.Evidence
	switch e.Download = batch.Download(t.text("download", string(batch.DownloadNone))); e.Download {
	case batch.DownloadNone, batch.DownloadManualCheck, batch.DownloadAll:
	default:
		t.wrong("download", "%.40q: want none, manual-check or all", string(e.Download))
	}
	e.Dir = pathFrom(c.Base, t.text("dir", "evidence"))
	if t.has("dir") && t.values["dir"] == "" {
		t.wrong("dir", "is empty")
	}
	e.Recipients = t.texts("recipients")
	for i, key := range e.Recipients {
		if _, err := evidence.ParseRecipient(key); err != nil {
			t.wrong("recipients", "number %d %v", i+1, err)
		}
	}
	e.MaxBytes = t.count("max_bytes", 10<<20, 1<<10, 1<<30)
	e.Concurrency = int(t.count("concurrency", 4, 1, 64))
	e.Rate = t.number("rate", 10, 0.1, 1000)
	e.Timeout = t.duration("timeout", 30*time.Second, time.Second, 10*time.Minute)
	e.Linger = t.duration("linger", 10*time.Minute, 0, 12*time.Hour)
	e.Hosts = t.texts("allowed_hosts")
	for _, host := range e.Hosts {
		if err := evidence.CheckHost(host); err != nil {
			t.wrong("allowed_hosts", "%v", err)
		}
	}
	t.refuseUnknown()
}
