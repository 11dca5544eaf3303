package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch/liveness"
	"liverecon/batch/liveness/simulator"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/demo"
	"liverecon/cmd/liverecon/internal/early"
)

type simulateOptions struct {
	listen  string
	seed    uint64
	latency time.Duration
	rates   []string
	quotas  []string
	balance int
	faults  []string
	tokens  []string
	images  []string
	busy    string
	ledger  string
	billing string
	one     bool // transaction ID for all calls for an ID
	clock   time.Duration
}

func simulateVerb(out stream) *cobra.Command {
	var o simulateOptions
	cmd := &cobra.Command{
		Use: "simulate [flags]", Args: cobra.NoArgs,
		Long: `Serve the simulated vendor on this machine: all eight endpoints, tokens, hidden limits,
faults, and a ledger of what it charged. GET /meter shows the sums, GET
/statement?month=2026-11 an itemised statement as CSV. Ctrl-C or SIGTERM ends it.

Some faults befall a connection after an answer: copy, hang_up and those that begin with
copy_ or stray_. A moment can be named behind a plus sign: copy+4ms, copy+next (as the next
request comes in). Without one it is drawn.

It prints the configuration that a run against it needs.`,
		Example: `    liverecon simulate                                  # any free port
    liverecon simulate --listen 127.0.0.1:9000 --latency 50ms --rate 20 --rate th=5
    liverecon simulate --fault reset_after=0.01 --fault error=0.02 --ledger ledger.jsonl
    liverecon simulate --fault copy+0s=0.01 --fault stray_new=0.001 --token-fault copy=1`,
		RunE: func(cmd *cobra.Command, _ []string) error { return serveVendor(cmd.Context(), out, &o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "loopback `ADDRESS` to serve on; port 0 is any free one")
	f.Uint64Var(&o.seed, "seed", 1, "what all answers are drawn from, together with the IDs")
	f.DurationVar(&o.latency, "latency", 0, "of every answer")
	f.StringArrayVar(&o.rates, "rate", nil, "hidden limit of calls in any second: `[ENDPOINT=]N` (repeatable)")
	f.StringArrayVar(&o.quotas, "quota", nil, "hidden limit of calls a day: `[ENDPOINT=]N` (repeatable)")
	f.IntVar(&o.balance, "balance", 0, "charged calls until the account is empty (0: never)")
	f.StringArrayVar(&o.faults, "fault", nil, "`NAME=PROBABILITY` of a fault per call (repeatable): "+
		joinFaults(simulator.AllFaults()))
	f.StringArrayVar(&o.tokens, "token-fault", nil,
		"`NAME=PROBABILITY` of a fault per token request (repeatable), of the same names")
	f.StringArrayVar(&o.images, "image-fault", nil, "`NAME=PROBABILITY` of a fault per image (repeatable): "+
		joinFaults(simulator.AllImageFaults()))
	f.StringVar(&o.busy, "busy-style", "body", "how a limit is told: body (SERVICE_BUSY on HTTP 200), 429 or 429-bare")
	f.DurationVar(&o.clock, "clock", 0, "how far the vendor's clock is ahead of this machine's, such as -72h")
	f.StringVar(&o.ledger, "ledger", "", "`FILE` that the ledger is continued in")
	f.StringVar(&o.billing, "billing", "per-call", "what is charged: per-call or per-id")
	f.BoolVar(&o.one, "one-transaction", false, "one transaction ID for all calls for an ID")
	return cmd
}

func joinFaults(faults []simulator.Fault) string {
	var names []string
	for _, f := range faults {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// serveVendor serves the vendor until a signal comes.
func serveVendor(ctx context.Context, out stream, o *simulateOptions) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	signals := early.Take()
	go func() { <-signals; stop() }()
	cfg, err := o.vendor()
	if err != nil {
		return err
	}
	if o.ledger != "" {
		if cfg.Resume, err = demo.ReadLedger(o.ledger); err != nil {
			return err
		}
		ledger, err := os.OpenFile(o.ledger, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, ledger.Close()) }()
		cfg.Ledger = ledger
	}
	vendor, err := simulator.New(cfg)
	if err != nil {
		return config.Usage("", "%w", err)
	}
	imageFaults, err := parseFaults("--image-fault", knownImageFault, o.images)
	if err != nil {
		return err
	}
	if err := vendor.SetImageFaults(imageFaults); err != nil {
		return config.Usage("", "%w", err)
	}
	listener, err := listenOnLoopback(o.listen)
	if err != nil {
		return err
	}
	announce(out, "http://"+listener.Addr().String())
	return serve(ctx, listener, vendor)
}

// serve answers until ctx ends, and lets the answers under way finish for a moment.
func serve(ctx context.Context, listener net.Listener, vendor *simulator.Vendor) error {
	ended := make(chan error, 1)
	go func() { ended <- vendor.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	if err := listener.Close(); err != nil {
		return err
	}
	<-ended //nolint:errcheck // the listener was closed on purpose, and that is its error
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = vendor.Shutdown(patience) // what still hangs was meant to: a fault that never answers
	return nil
}

// listenOnLoopback refuses every address that others could reach: whoever can ask the simulator gets any answer.
func listenOnLoopback(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err == nil {
		ip, parseErr := netip.ParseAddr(host)
		if host != "localhost" && (parseErr != nil || !ip.IsLoopback()) {
			err = fmt.Errorf("%q is not a loopback address", host)
		}
	}
	if err != nil {
		return nil, config.Usage("such as --listen 127.0.0.1:9000", "--listen: %w", err)
	}
	return net.Listen("tcp", address)
}

// announce prints that the vendor is ready, and the configuration of a run against it.
func announce(out stream, url string) {
	out.printf("ready %s\n\n", url)
	out.printf("# paste what you need of this into liverecon.toml\n")
	for _, e := range liveness.Catalogue() {
		_, path, _ := strings.Cut(strings.TrimPrefix(e.ResultURL, "https://"), "/")
		_, tokenPath, _ := strings.Cut(strings.TrimPrefix(e.TokenURL, "https://"), "/")
		out.printf("[endpoint.%s]\nurl       = \"%s/%s/%s\"\ntoken_url = \"%s/%s/%s\"\n\n", e.Name, url, e.Name, path,
			url, e.Name, tokenPath)
	}
	out.printf("# and this into the shell\nexport LIVERECON_ACCESS_KEY=%s\nexport LIVERECON_SECRET_KEY=%s\n",
		simulator.DefaultCredential.AccessKey, simulator.DefaultCredential.SecretKey)
}

// vendor turns the flags into a vendor's description. The error joins all mistakes.
func (o *simulateOptions) vendor() (simulator.Config, error) {
	cfg := simulator.Config{Seed: o.seed, OneTransaction: o.one, Latency: o.latency, Balance: o.balance,
		Billing: simulator.Basis(o.billing), ClockSkew: o.clock}
	styles := map[string]simulator.BusyStyle{"body": simulator.BusyBody200, "429": simulator.Busy429Envelope,
		"429-bare": simulator.Busy429Bare}
	style, ok := styles[o.busy]
	if !ok {
		return cfg, config.Usage("want body, 429 or 429-bare", "--busy-style: there is no style %.20q", o.busy)
	}
	cfg.BusyStyle = style
	var rateErr, quotaErr, faultErr, tokenErr error
	cfg.Rate, rateErr = parseLimits("--rate", o.rates)
	cfg.DailyQuota, quotaErr = parseLimits("--quota", o.quotas)
	cfg.Faults.Probability, faultErr = parseFaults("--fault", simulator.Fault.Known, o.faults)
	cfg.Faults.TokenProbability, tokenErr = parseFaults("--token-fault", simulator.Fault.Known, o.tokens)
	return cfg, errors.Join(rateErr, quotaErr, faultErr, tokenErr)
}

func knownImageFault(f simulator.Fault) bool { return slices.Contains(simulator.AllImageFaults(), f) }

// parseLimits reads "20" (for every endpoint) and "th=5".
func parseLimits(flag string, texts []string) (map[string]int, error) {
	limits := map[string]int{}
	for _, text := range texts {
		endpoint, number, named := strings.Cut(text, "=")
		if !named {
			endpoint, number = "", text
		}
		n, err := strconv.Atoi(number)
		_, known := liveness.Lookup(endpoint)
		if err != nil || n < 0 || named && !known {
			return nil, config.Usage("such as "+flag+" 20, or "+flag+" th=5 for one endpoint of "+
				strings.Join(config.CatalogueNames(), ", "), "%s: %.40q is no limit", flag, text)
		}
		limits[endpoint] = n
	}
	return limits, nil
}

// parseFaults reads "reset_after=0.01".
func parseFaults(flag string, known func(simulator.Fault) bool, texts []string) (map[simulator.Fault]float64, error) {
	faults := map[simulator.Fault]float64{}
	for _, text := range texts {
		name, number, _ := strings.Cut(text, "=")
		probability, err := strconv.ParseFloat(number, 64)
		if err != nil || !(probability >= 0 && probability <= 1) || !known(simulator.Fault(name)) {
			return nil, config.Usage("such as "+flag+" reset_after=0.01; `liverecon simulate -h` lists the faults",
				"%s: %.40q is no fault with a probability", flag, text)
		}
		faults[simulator.Fault(name)] += probability
	}
	var sum float64
	for _, f := range slices.Sorted(maps.Keys(faults)) {
		sum += faults[f]
	}
	if sum > 1 {
		return nil, config.Usage("", "%s: probabilities sum to %v: more than 1", flag, sum)
	}
	return faults, nil
}
