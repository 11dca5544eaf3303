// Package doctor checks what a night needs, and tells what to do about what is missing.
package doctor

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/demo"
	"liverecon/cmd/liverecon/hint"
)

// Finding describes one line of what doctor says.
type Finding struct {
	What  string `json:"check"`
	OK    bool   `json:"ok"`
	Level string `json:"level"` // ok, warn: a night will do, but; fail
	Text  string `json:"finding"`
	Hint  string `json:"hint,omitempty"`
	code  int
}

// Findings lists what doctor found, in the order of its checks.
type Findings []Finding

func (f *Findings) good(what, format string, args ...any) {
	*f = append(*f, Finding{What: what, OK: true, Level: "ok", Text: fmt.Sprintf(format, args...)})
}

// warn notes what a night can do without, and an operator should not.
func (f *Findings) warn(what, hint, format string, args ...any) {
	*f = append(*f, Finding{What: what, OK: true, Level: "warn", Text: fmt.Sprintf(format, args...), Hint: hint})
}

// toItself matches what a hint says of this very check.
var toItself = regexp.MustCompile(";? `liverecon doctor` checks .*$")

// bad notes every part of an error.
func (f *Findings) bad(what string, code int, err error) {
	for _, e := range config.Flatten(err) {
		*f = append(*f, Finding{What: what, Level: "fail", Text: strings.ReplaceAll(e.Error(), "\n", "; "),
			Hint: toItself.ReplaceAllString(hint.For(e), ""), code: code})
	}
}

// fail notes one thing that is wrong with this machine.
func (f *Findings) fail(what, hint, format string, args ...any) {
	f.bad(what, batch.ExitFailed, &config.Error{Code: batch.ExitFailed, Err: fmt.Errorf(format, args...), Hint: hint})
}

// failed reports whether one of the findings of a check is a failure.
func (f *Findings) failed(what string) bool {
	return slices.ContainsFunc(*f, func(one Finding) bool { return one.What == what && one.Level == "fail" })
}

// ExitCode returns the strongest code of all findings, 0 when a night will do.
func (f Findings) ExitCode() int {
	code := 0
	for _, one := range f {
		code = max(code, one.code)
	}
	return code
}

// Unusable returns what is to be found about a configuration that cannot be read.
func Unusable(err error) (f Findings) {
	f.bad("configuration", batch.ExitInput, err)
	return f
}

// Examine checks all that a night needs, and asks every endpoint for a token. No paid call is made; with ask the result
// URL of each endpoint is called once, without an ID, which should be free.
func Examine(ctx context.Context, c *config.Config, simulated, ask bool, keys *config.Keyring) (f Findings) {
	checkConfiguration(&f, c)
	if simulated {
		if err := demo.Unpack(c); err != nil {
			f.bad("lists", batch.ExitFailed, err)
		}
	}
	checkLists(ctx, &f, c)
	checkLimits(&f, c)
	s := checkDatabase(ctx, &f, c, simulated)
	checkPrices(ctx, &f, c, s, time.Now())
	checkTimes(ctx, &f, c, s, time.Now())
	if s != nil {
		checkLastRun(ctx, &f, s, time.Now())
		checkSuspects(ctx, &f, s)
		checkProbes(ctx, &f, s)
		if err := s.Close(); err != nil {
			f.bad("database", batch.ExitFailed, err)
		}
	}
	if !simulated {
		checkBackups(&f, c, time.Now())
	}
	checkDisks(&f, c)
	checkFiles(&f, c, time.Now())
	checkPermissions(&f, c)
	checkMonitors(&f, c)
	checkEndpoints(ctx, &f, c, simulated, ask, keys)
	if !ask {
		f.good("result URLs", "not checked: `liverecon doctor --ask` calls each once, without an ID")
	}
	return f
}
