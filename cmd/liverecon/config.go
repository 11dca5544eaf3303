package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/list"
	"liverecon/batch/liveness"
	"liverecon/batch/statement"
	"liverecon/store"
)

// config is a configuration that makes sense: every value was checked, every path is absolute or relative to the working
// directory.
type config struct {
	file     string
	base     string // directory that relative paths of the file start from
	lists    []string
	database string
	network  bool // the database may be on a file system that is not this machine's own
	reports  string
	zone     *time.Location

	threshold float64
	inclusive bool
	clock     store.Clock // of risk reports

	columns       map[string][]string
	defaultRegion string

	concurrency int
	deadline    *clockTime
	caps        billing.Caps
	retryBudget int64
	rejectRows  batch.RowLimit

	repeatInDoubt batch.RepeatInDoubt
	doubtShare    float64 // of a run's IDs
	resultType    string
	timeout       time.Duration
	recheckNights int
	oneCall       bool // every call has a connection of its own
	noScoreNights int

	codes       liveness.Codes
	endpoints   []endpointConfig
	prices      *billing.Book
	former      []formerEndpoint // that prices name
	billingZone *time.Location
	reconciling reconciling
	statement   statement.Options

	evidence evidenceConfig

	retention retention
	backup    backups
	notify    notify
}

// endpointConfig is one endpoint that is asked.
type endpointConfig struct {
	liveness.Endpoint
	rate         float64
	concurrency  int
	regions      []string
	allowedHosts []string
	accessKey    string // file
	secretKey    string // file
}

// clockTime is a time of day.
type clockTime struct{ hour, minute int }

const (
	defaultConfig = "liverecon.toml"
	defaultZone   = "Asia/Singapore"
	maxConfig     = 4 << 20 // bytes
)

// loadConfig reads a configuration file. Its error joins all mistakes, in the order of the file, and ends in exit code 10.
func loadConfig(file string) (*config, error) {
	text, err := readConfig(file)
	if err != nil {
		return nil, err
	}
	return parseConfig(file, filepath.Dir(file), text)
}

func readConfig(file string) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage("`liverecon init` writes one; give another with --config FILE, or try liverecon without any: liverecon run --simulate", "no configuration: %s is not there", file)
	case err == nil && info.Size() > maxConfig:
		return nil, usage("", "%s: %d bytes are too many for a configuration", file, info.Size())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, &fault{batch.ExitInput, err, ""}
	}
	return text, nil
}

// parseConfig checks the text of a configuration whose relative paths start from base.
func parseConfig(file, base string, text []byte) (*config, error) {
	root, err := parseTOML(file, text)
	if err != nil {
		return nil, &fault{batch.ExitInput, err, ""}
	}
	c := &config{file: file, base: base}
	c.read(root)
	problems := root.doc.sorted()
	if len(problems) == 0 {
		return c, nil
	}
	all := make([]error, len(problems))
	for i, p := range problems {
		all[i] = p
	}
	return nil, &fault{batch.ExitInput, errors.Join(all...), ""}
}

// read takes every setting from the file's tables. What is not asked for here does not exist.
func (c *config) read(root *table) {
	c.lists = root.texts("lists")
	c.database = c.path(root.text("database", "liverecon.db"))
	c.network = root.flag("database_on_network", false)
	c.reports = c.path(root.text("reports", "reports"))
	c.zone = root.zone("time_zone", mustZone(defaultZone))
	for _, name := range []string{"database", "reports"} {
		if root.has(name) && root.values[name] == "" {
			root.wrong(name, "is empty")
		}
	}
	c.readScore(root.table("score"))
	c.readReport(root.table("report"))
	c.readInput(root.table("input"))
	c.readFetch(root.table("fetch"))
	c.readCodes(root.table("codes"))
	c.readEndpoints(root.table("endpoint"))
	c.readBilling(root)
	c.readStatement(root.table("statement"))
	c.readLimits(root.table("limits"))
	c.readEvidence(root.table("evidence"))
	c.readRetention(root.table("retention"))
	c.readBackup(root.table("backup"))
	c.readNotify(root.table("notify"))
	root.refuseUnknown()
}

// path makes a path of the file one that this process can use.
func (c *config) path(p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(c.base, p)
}

func (c *config) readScore(t *table) {
	c.threshold = t.number("threshold", 50, 0, 100)
	c.inclusive = t.flag("inclusive", true)
	t.refuseUnknown()
}

func (c *config) readReport(t *table) {
	c.clock = store.Clock(t.text("clock", string(store.ByAnswer)))
	if c.clock != store.ByAnswer && c.clock != store.ByCapture {
		t.wrong("clock", "%.40q: want %s or %s", string(c.clock), store.ByAnswer, store.ByCapture)
	}
	t.refuseUnknown()
}

func (c *config) readInput(t *table) {
	c.columns = list.DefaultColumns()
	columns := t.table("columns")
	stands := map[string]string{}
	for _, field := range []string{"livenessId", "signatureId", "region"} {
		if names := columns.texts(field); names != nil {
			c.columns[field] = names
		}
		for _, name := range c.columns[field] {
			folded := foldHeader(name)
			switch other, taken := stands[folded]; {
			case folded == "":
				columns.wrong(field, "a column's name is empty")
			case taken && other != field:
				columns.wrong(field, "%q stands for %s already", name, other)
			}
			stands[folded] = field
		}
	}
	columns.refuseUnknown()
	if text := t.text("default_region", ""); text != "" {
		region, ok := list.ParseRegion(text)
		if !ok {
			t.wrong("default_region", "%.40q is no country", text)
		}
		c.defaultRegion = region
	}
	t.refuseUnknown()
}

func (c *config) readFetch(t *table) {
	c.repeatInDoubt = batch.RepeatInDoubt(t.text("repeat_in_doubt", string(batch.RepeatOnce)))
	switch c.repeatInDoubt {
	case batch.RepeatOnce, batch.RepeatHold, batch.RepeatAlways:
	default:
		t.wrong("repeat_in_doubt", "%.40q: want once, hold or always", string(c.repeatInDoubt))
	}
	c.doubtShare = readShare(t, "doubt_budget", 0.005)
	c.resultType = t.text("result_type", liveness.ImageURL)
	if c.resultType != liveness.ImageURL && c.resultType != liveness.ImageBase64 {
		t.wrong("result_type", "%.40q: want %s or %s", c.resultType, liveness.ImageURL, liveness.ImageBase64)
	}
	c.timeout = t.duration("timeout", 30*time.Second, time.Second, 10*time.Minute)
	c.recheckNights = int(t.count("recheck_not_found_nights", 0, 0, 365))
	c.oneCall = readConnections(t)
	c.noScoreNights = int(t.count("recheck_no_score_nights", 2, 0, 30))
	t.refuseUnknown()
}

// readConnections reads whether a connection is used for one call only.
func readConnections(t *table) (oneCall bool) {
	const kept, single = "kept", "one-call"
	text := t.text("connections", kept)
	if text != kept && text != single {
		t.wrong("connections", "%.40q: want %s or %s", text, kept, single)
	}
	return text == single
}

// readShare reads a percentage such as "0.5%".
func readShare(t *table, name string, otherwise float64) float64 {
	text, ok := as[string](t, name, `a share such as "0.5%"`)
	if !ok {
		return otherwise
	}
	var percent float64
	var rest string
	if n, _ := fmt.Sscanf(text, "%f%%%s", &percent, &rest); n != 1 || text[len(text)-1] != '%' || !(percent >= 0 && percent <= 100) {
		t.wrong(name, `%.40q: want a share of 0 to 100 %%, such as "0.5%%"`, text)
		return otherwise
	}
	return percent / 100
}

func (c *config) readCodes(t *table) {
	c.codes = liveness.Codes{}
	for code := range t.values {
		class, err := liveness.ParseClass(t.text(code, ""))
		switch {
		case err != nil:
			t.wrong(code, "%v", err)
		default:
			c.codes[code] = class
		}
	}
}

// mustZone loads a time zone of the embedded database by a name that stands in this program.
func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}
