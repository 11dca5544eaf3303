package night

import (
	"fmt"
	"net/http"

	"liverecon/batch"
	"liverecon/batch/evidence"
	"liverecon/cmd/liverecon/config"
)

// OpenEvidence makes ready what a run needs to keep images; nil when none are kept. The second client shares nothing
// with the one that has the token. transport stands for sockets in a simulated run; nil: sockets. leave ends the use of
// the directory.
func OpenEvidence(c *config.Config, transport http.RoundTripper) (e *batch.Evidence, leave func() error, err error) {
	leave = func() error { return nil }
	s := c.Evidence
	if s.Download == batch.DownloadNone {
		return nil, leave, nil
	}
	client, err := evidence.NewClient(evidence.Options{MaxBytes: s.MaxBytes, Timeout: s.Timeout, AllowedHosts: s.Hosts,
		UserAgent: "liverecon/" + config.Version(), Transport: transport})
	if err != nil {
		return nil, leave, &config.Error{Code: batch.ExitInput, Err: fmt.Errorf("evidence: %w", err), Hint: ""}
	}
	archive, err := evidence.OpenArchive(s.Dir, s.Recipients)
	if err != nil {
		return nil, leave, &config.Error{Code: batch.ExitInput, Err: fmt.Errorf("evidence: %w", err),
			Hint: "is evidence.dir right, and may this user write there?"}
	}
	return &batch.Evidence{Download: s.Download, Client: client, Archive: archive, Workers: s.Concurrency, Rate: s.Rate,
		Linger: s.Linger}, archive.Close, nil
}
