// Package night describes the job that a configuration asks for: its lists, its endpoints, its limits.
package night

import (
	"errors"
	"log/slog"
	"net/http"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/batch/liveness"
	"liverecon/cmd/liverecon/config"
)

// New turns a configuration into the job it describes. given are lists that stand for those of the configuration; they
// are relative to the working directory, and have to be there; of the configured ones it returns apart which are not.
func New(
	c *config.Config, given []string, endpoints []batch.Endpoint, log *slog.Logger,
) (*batch.Job, MissingLists, []list.NotTaken, error) {
	if len(c.Endpoints) == 0 {
		return nil, nil, nil, config.Usage("add one, such as [endpoint.sg]", "%s: there is no endpoint to ask", c.File)
	}
	patterns, base := c.Lists, c.Base
	if len(given) > 0 {
		patterns, base = given, "."
	}
	if len(patterns) == 0 {
		return nil, nil, nil, config.Usage(`set lists = ["lists/*.csv"] there, or give them with --lists`,
			"%s: there are no lists to read", c.File)
	}
	found, missing, err := ExpandLists(c, patterns, base)
	if err == nil && len(given) > 0 {
		err = missing.Refused()
	}
	if err != nil {
		return nil, nil, nil, err
	}
	return Job(c, found, endpoints, log), missing, found.NotTaken, nil
}

// Job returns the job that the configuration describes, for lists that are there.
func Job(c *config.Config, found list.Found, endpoints []batch.Endpoint, log *slog.Logger) *batch.Job {
	options := c.ListOptions()
	options.Placed, options.Unplaced = found.Placed, found.Unplaced
	return &batch.Job{
		Version: config.Version(), Lists: found.Lists, Endpoints: endpoints, Routes: c.Routes(), Log: log,
		Progress: batch.NewProgress(), ListOptions: options, RejectRows: c.RejectRows,
		Policy: batch.Policy{
			Codes: c.Codes, RepeatInDoubt: c.RepeatInDoubt, Bare429: c.Bare429, NoScoreNights: c.NoScoreNights,
			RepeatAfter: c.RepeatAfter,
		},
		ResultType: c.ResultType, Zone: c.Zone, Clock: c.Clock, Threshold: c.Threshold, Inclusive: c.Inclusive,
		Prices: c.Prices, Caps: c.Caps, BillingZone: c.BillingZone, RetryBudget: c.RetryBudget,
		MisplacedPerRun: c.MisplacedPerRun,
		DoubtBudgetMin:  config.DoubtMinimum, DoubtBudgetShare: c.DoubtShare, RecheckNotFoundNights: c.RecheckNights,
	}
}

// RealEndpoints gives every endpoint its client. The error joins what is missing for all of them.
func RealEndpoints(c *config.Config, keys *config.Keyring) ([]batch.Endpoint, error) {
	return Endpoints(c, keys.Of, func(e config.EndpointConfig) http.RoundTripper {
		return liveness.NewTransport(liveness.TransportOptions{MaxConns: e.Concurrency, OneCall: c.OneCall,
			Proxy: c.Proxy.Of()})
	})
}

// SilentEndpoints gives every endpoint a client that cannot send, for verbs that only plan.
func SilentEndpoints(c *config.Config) ([]batch.Endpoint, error) {
	nobody := func(config.EndpointConfig) (liveness.Credentials, error) {
		return liveness.Credentials{AccessKey: "none", SecretKey: "none"}, nil
	}
	return Endpoints(c, nobody, func(config.EndpointConfig) http.RoundTripper { return silence{} })
}

// silence represents a transport that sends nothing.
type silence struct{}

func (silence) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("requests are disabled: this command only plans")
}

// Endpoints gives every endpoint a client with its keys and its transport. The error joins what is wrong with all of
// them.
func Endpoints(
	c *config.Config, keys func(config.EndpointConfig) (liveness.Credentials, error),
	transport func(config.EndpointConfig) http.RoundTripper,
) ([]batch.Endpoint, error) {
	var endpoints []batch.Endpoint
	var problems []error
	for _, e := range c.Endpoints {
		pair, err := keys(e)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		client, err := liveness.NewClient(e.Endpoint, pair, liveness.Options{
			Transport: transport(e), Timeout: c.Timeout, UserAgent: "liverecon/" + config.Version(),
			AllowedHosts: e.AllowedHosts, ResultType: c.ResultType,
		})
		if err != nil {
			problems = append(problems, &config.Error{Code: batch.ExitInput, Err: err, Hint: ""})
			continue
		}
		endpoints = append(endpoints, batch.Endpoint{Client: client, Rate: e.Rate, Concurrency: e.Concurrency})
	}
	return endpoints, errors.Join(problems...)
}
