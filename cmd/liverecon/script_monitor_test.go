package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// What stands in a script's configuration for wherever its monitors listen: one that answers, and one that never does.
const (
	monitorPlaceholder = "http://127.0.0.1:9001"
	hangingPlaceholder = "http://127.0.0.1:9002"
)

// startMonitors is `monitor`: it serves both until the script ends. What they are told is in the file told/pings.
func startMonitors(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(os.MkdirAll(ts.MkAbs("told"), 0o755))
	done := make(chan struct{})
	answers := httptest.NewServer(pingRecorder(ts.MkAbs("told/pings"), nil))
	hangs := httptest.NewServer(pingRecorder(ts.MkAbs("told/pings"), done))
	ts.Defer(func() {
		close(done)
		answers.Close()
		hangs.Close()
	})
	files, err := filepath.Glob(ts.MkAbs("*.toml"))
	ts.Check(err)
	for _, name := range files {
		text, err := os.ReadFile(name)
		ts.Check(err)
		text = bytes.ReplaceAll(text, []byte(monitorPlaceholder), []byte(answers.URL))
		ts.Check(os.WriteFile(name, bytes.ReplaceAll(text, []byte(hangingPlaceholder), []byte(hangs.URL)), 0o600))
	}
}

// pingRecorder writes a line a ping, and answers once until is closed. A line that cannot be written fails the script that
// looks for it.
func pingRecorder(name string, until <-chan struct{}) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		mu.Lock()
		if file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
			_, _ = fmt.Fprintf(file, "%s %s\n", r.URL.Path, body)
			_ = file.Close()
		}
		mu.Unlock()
		if until != nil {
			<-until
		}
	})
}
