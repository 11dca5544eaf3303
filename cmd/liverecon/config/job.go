package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"al.essio.dev/pkg/shellescape"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/batch/liveness"
	"liverecon/cmd/liverecon/owner"
	"liverecon/store"
)

// ListOptions returns the options for reading lists.
func (c *Config) ListOptions() list.Options {
	return list.Options{Columns: c.Columns, DefaultRegion: c.defaultRegion, Route: c.route, Named: c.names,
		IDPattern: c.idPattern, CaseMatters: c.caseMatters, KindsShare: c.kindsShare}
}

// route finds the endpoint of a region.
func (c *Config) route(region string) (endpoint string, ok bool) {
	routes := c.Routes()
	if endpoint, ok = routes[region]; !ok {
		endpoint, ok = routes["*"]
	}
	return endpoint, ok
}

// names reports whether an endpoint has a region by its code.
func (c *Config) names(region string) bool {
	_, ok := c.Routes()[region]
	return ok
}

// Routes maps each region, and "*", to its endpoint.
func (c *Config) Routes() map[string]string {
	routes := map[string]string{}
	for _, e := range c.Endpoints {
		for _, r := range e.regions {
			routes[r] = e.Name
		}
	}
	return routes
}

// Knows reports if there is, or was, an endpoint to be priced or billed: a configured one, one of the catalogue, or one
// that a price names.
func (c *Config) Knows(endpoint string) bool {
	_, ok := liveness.Lookup(endpoint)
	return ok || slices.ContainsFunc(c.Endpoints, func(e EndpointConfig) bool { return e.Name == endpoint }) ||
		slices.ContainsFunc(c.former, func(f formerEndpoint) bool { return f.name == endpoint })
}

// SendsRegion reports if requests to an endpoint name the region.
func (c *Config) SendsRegion(endpoint string) bool {
	for _, e := range c.Endpoints {
		if e.Name == endpoint {
			return e.RegionRequired
		}
	}
	e, known := liveness.Lookup(endpoint)
	return !known || e.RegionRequired
}

// LastCall returns when the last call of a run begun at now may start, so that its answer and the workbooks, which
// lately took so long, are there at the deadline; the zero time where there is none.
func (c *Config) LastCall(now time.Time, workbooks time.Duration) time.Time {
	if c.Deadline == nil {
		return time.Time{}
	}
	return c.Deadline.Next(now, c.Zone).Add(-c.Timeout - max(drainTime, reportShare*workbooks))
}

// LastCallAfter returns LastCall, knowing how long the database knows the workbooks took; s is nil before the first
// run.
func (c *Config) LastCallAfter(ctx context.Context, s *store.Store, now time.Time) (time.Time, error) {
	if c.Deadline == nil || s == nil {
		return c.LastCall(now, 0), nil
	}
	took, err := s.Runs().LongestPublishing(ctx, reportRuns)
	return c.LastCall(now, took), err
}

const (
	// drainTime holds the least that is left between the last call's answer and the deadline, for the outcomes to be
	// committed and the workbooks written; reportShare times what the workbooks took lately, where that is more:
	// tonight's may be the largest so far.
	drainTime   = 30 * time.Second
	reportShare = 2
	// reportRuns sets how many runs back that is looked for.
	reportRuns = 14
)

// RefuseWritable refuses a configuration that others than its owner may change, or put another one in the place of: they
// could send the keys elsewhere.
func (c *Config) RefuseWritable() error {
	info, err := os.Stat(c.File)
	if err != nil { // the built-in configuration is no file
		return nil
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return &Error{batch.ExitInput, fmt.Errorf("%s: others than its owner may change it (mode %04o)", c.File, mode),
			"chmod go-w " + shellescape.Quote(c.File)}
	}
	return refuseReplaceable(c.File)
}

// OpenDatabase reports that everybody may put another database in the place of this one, with what to type; "" where
// they may not. It refuses nothing: volumes of containers are open to all, and nobody else is in there.
func (c *Config) OpenDatabase() (problem, hint string) {
	var open *Error
	if errors.As(refuseReplaceable(c.Database), &open) {
		return open.Error(), open.Hint
	}
	return "", ""
}

// refuseReplaceable refuses a file in the place of which everybody may put another one, such as a key of somebody else.
func refuseReplaceable(file string) error {
	dir := filepath.Dir(file)
	if file == "" || !owner.Replaceable(dir) {
		return nil
	}
	return &Error{batch.ExitInput, fmt.Errorf("%s: everybody may put another one in its place, since the directory %s "+
		"is open to all", file, dir), "chmod o-w " + shellescape.Quote(dir)}
}
