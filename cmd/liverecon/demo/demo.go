// Package demo runs the job against the simulated vendor: its configuration, its faults, its ledger.
package demo

import (
	_ "embed"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness"
	"liverecon/batch/liveness/simulator"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/night"
	"liverecon/store/disk"
)

//go:embed simulated.toml
var simulatedConfig []byte

// builtIn holds the name of the configuration that the program carries.
const builtIn = "built-in configuration"

// simulatedSeed makes every demonstration the same.
const simulatedSeed = 20261121

// story holds what the simulated vendor was told to find, as it stands beside its ledger.
type story struct {
	Made     bool                `json:"made"` // the past that it tells is there
	Chapters []simulator.Chapter `json:"chapters"`
}

// NewVendor returns a vendor worth watching: answers take a moment, Thailand bears a little less than the rate it is
// set to, and about one call in five hundred goes wrong in a way that must not matter, some of them with the answer
// lost.
func NewVendor(
	ledger io.Writer, resume []simulator.Entry, story []simulator.Chapter,
) (*simulator.Vendor, error) {
	return simulator.New(simulator.Config{
		Story: story,
		Seed:  simulatedSeed, Latency: 90 * time.Millisecond, LatencyJitter: 80 * time.Millisecond,
		TokenLatency: 40 * time.Millisecond, Rate: map[string]int{"th": 60}, Ledger: ledger, Resume: resume,
		Faults: simulator.Faults{Probability: map[simulator.Fault]float64{
			simulator.ResetAfter: 0.0004, simulator.Truncated: 0.0002, simulator.HTML502: 0.0002,
			simulator.ErrorFree: 0.0004, simulator.Processing: 0.0004, simulator.Refused: 0.0004,
		}},
	})
}

// Simulation represents the vendor of a simulated run, with the ledger it goes on writing.
type Simulation struct {
	Vendor *simulator.Vendor
	dir    string
	began  time.Time
	ledger *os.File
}

// Open starts the simulated vendor where the ledger in dir ends, so that a second run meets the same vendor.
func Open(dir string) (*Simulation, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "vendor-ledger.jsonl")
	entries, err := ReadLedger(file)
	if err != nil {
		return nil, err
	}
	ledger, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	told, err := readStory(dir)
	if err != nil {
		return nil, errors.Join(err, ledger.Close())
	}
	vendor, err := NewVendor(ledger, entries, told.Chapters)
	if err != nil {
		return nil, errors.Join(err, ledger.Close())
	}
	return &Simulation{vendor, dir, time.Now(), ledger}, nil
}

// Leave ends the simulated vendor. It leaves what a vendor would send later: an itemised statement of each month in
// which it served this run.
func (s *Simulation) Leave(log *slog.Logger) error {
	months := map[string]bool{}
	for _, e := range s.Vendor.Entries() {
		if !e.At.Before(s.began) {
			months[e.At.In(config.MustZone(config.DefaultZone)).Format("2006-01")] = true
		}
	}
	for month := range months {
		file, err := s.statement(month)
		if err != nil {
			return errors.Join(err, s.ledger.Close())
		}
		log.Info("the simulated vendor left its statement", "file", file)
	}
	return s.ledger.Close()
}

// statement writes the vendor's statement of a month.
func (s *Simulation) statement(month string) (file string, err error) {
	client := &http.Client{Transport: s.Vendor.Transport()}
	file = filepath.Join(s.dir, "vendor-statement-"+month+".csv")
	return file, disk.Replace(file, func(w io.Writer) (err error) {
		answer, err := client.Get("https://vendor.invalid/statement?month=" + month)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, answer.Body.Close()) }()
		_, err = io.Copy(w, answer.Body)
		return err
	})
}

// ReadLedger reads the entries of a ledger file; none where there is no file.
func ReadLedger(file string) ([]simulator.Entry, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	entries, err := simulator.LoadLedger(f)
	if err != nil {
		return nil, config.Usage("remove the simulated run's directory and start over", "%s: %w", file, err)
	}
	return entries, nil
}

// Endpoints gives every endpoint a client of the simulated vendor. Nothing leaves the process.
func (s *Simulation) Endpoints(c *config.Config) ([]batch.Endpoint, error) {
	return night.Endpoints(c, Keys, func(config.EndpointConfig) http.RoundTripper { return s.Vendor.Transport() })
}

// Keys returns the keys that the simulated vendor knows.
func Keys(config.EndpointConfig) (liveness.Credentials, error) {
	known := simulator.DefaultCredential
	return liveness.Credentials{AccessKey: known.AccessKey, SecretKey: known.SecretKey}, nil
}

// Settings returns the configuration of a simulated run: the built-in one, whose lists are in out, or file's with the
// vendor's own URLs. Whatever it says, database and reports are in out, and no monitor is told.
func Settings(file, out string) (*config.Config, error) {
	c, err := config.Parse(builtIn, out, simulatedConfig)
	if file != "" {
		c, err = config.Load(file)
	}
	if err != nil {
		return nil, err
	}
	for i := range c.Endpoints {
		e := &c.Endpoints[i]
		known, ok := liveness.Lookup(e.Name)
		if !ok {
			return nil, config.Usage("leave it out of the configuration of a simulated run",
				"%s: the simulated vendor has no endpoint %s", file, e.Name)
		}
		e.Endpoint = known
	}
	c.Network = true           // nothing in it was paid for
	c.Notify = config.Notify{} // a monitor watches the real nights
	c.Evidence.Dir = filepath.Join(out, "evidence")
	c.Database, c.Reports = filepath.Join(out, "liverecon.db"), filepath.Join(out, "reports")
	return c, nil
}
