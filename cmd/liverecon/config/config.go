// Package config reads liverecon.toml: every setting checked, every mistake with its line; and the credentials it
// points to.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/billing/accrual"
	"liverecon/batch/billing/contract"
	"liverecon/batch/billing/exchange"
	"liverecon/batch/list"
	"liverecon/batch/liveness"
	"liverecon/batch/rejects"
	"liverecon/batch/statement"
	"liverecon/report/findings"
	"liverecon/store/calendar"
)

// Config represents a configuration that makes sense: every value was checked, every path is absolute or relative to
// the working directory.
type Config struct {
	File     string
	Base     string // directory that relative paths of the file start from
	Lists    []string
	Database string
	Network  bool // the database may be on a file system that is not this machine's own
	Reports  string
	Zone     *time.Location

	Threshold float64
	Inclusive bool
	Clock     calendar.Clock // of risk reports
	Baseline  int            // nights that the findings of one night's risk report are claimed against
	Digest    bool           // a page for mail is written beside each workbook
	FocusTags []string       // what the rows of the focus report are parted by

	Columns       map[string][]string
	defaultRegion string
	idPattern     *regexp.Regexp
	caseMatters   bool
	kindsShare    bool
	Keep          []string // columns of the lists that the workbooks show
	Key           string   // the column that names a person or an account, for repeated attempts; "" for none

	Review Review

	Concurrency int
	Deadline    *ClockTime
	Caps        billing.Caps
	RetryBudget int64
	// MisplacedPerRun is how many IDs, absent where they were asked, lists may have asked elsewhere.
	MisplacedPerRun int64
	RejectRows      rejects.Limit

	RepeatInDoubt batch.RepeatInDoubt
	Bare429       batch.Bare429
	DoubtShare    float64 // of a run's IDs
	ResultType    string
	Timeout       time.Duration
	RecheckNights int
	OneCall       bool // every call has a connection of its own
	NoScoreNights int
	RepeatAfter   time.Duration
	Proxy         Proxy

	Codes       liveness.Codes
	Endpoints   []EndpointConfig
	Prices      *billing.Book
	former      []formerEndpoint // that prices name
	BillingZone *time.Location
	MonthStarts int // day of the month that billing months begin on
	Reconciling reconciling
	Statement   statement.Options
	Accounts    accrual.Chart // where journals post to
	Contracts   []contract.Contract
	Functional  exchange.Table // rates for memo columns

	Evidence evidenceConfig

	Retention retention
	Backup    Backups
	Notify    Notify
	Mail      Mail
	Deliver   []Delivery
	Export    Export
}

// EndpointConfig describes one endpoint that is asked.
type EndpointConfig struct {
	liveness.Endpoint
	Rate         float64
	Concurrency  int
	regions      []string
	AllowedHosts []string
	accessKey    string // file
	secretKey    string // file
}

// What holds where nothing is said.
const (
	DefaultConfig = "liverecon.toml" // the file that is read where none is named
	DefaultZone   = "Asia/Singapore" // the time zone of a configuration that names none
)

const maxConfig = 4 << 20 // bytes

// Default returns the configuration that is read where none is named: that of the variable LIVERECON_CONFIG, else the
// one of the working directory, else the one of the machine.
func Default() string {
	if file := os.Getenv("LIVERECON_CONFIG"); file != "" {
		return file
	}
	const machine = "/etc/liverecon/" + DefaultConfig
	if _, err := os.Stat(DefaultConfig); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(machine); err == nil {
			return machine
		}
	}
	return DefaultConfig
}

// Load reads a configuration file. Its error joins all mistakes, in the order of the file, and ends in exit code 10.
func Load(file string) (*Config, error) {
	text, err := readConfig(file)
	if err != nil {
		return nil, err
	}
	return Parse(file, filepath.Dir(file), text)
}

func readConfig(file string) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, Usage("`liverecon init` writes one; give another with --config FILE, or try liverecon "+
			"without any: liverecon run --simulate", "no configuration: %s is not there", file)
	case err == nil && info.Size() > maxConfig:
		return nil, Usage("", "%s: %d bytes are too many for a configuration", file, info.Size())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, &Error{batch.ExitInput, err, ""}
	}
	return text, nil
}

const syntaxHint = `a line is [a table], [[one of several]] or a setting: key = "text in quotes", a number, ` +
	`true, false, or a list ["of", "them"]; # begins a remark`

// Parse checks the text of a configuration whose relative paths start from base.
func Parse(file, base string, text []byte) (*Config, error) {
	root, err := ParseTOML(file, text)
	if err != nil {
		return nil, &Error{batch.ExitInput, err, syntaxHint}
	}
	c := &Config{File: file, Base: base}
	Read(c, root)
	problems := root.Doc.sorted()
	if len(problems) == 0 {
		return c, nil
	}
	all := make([]error, len(problems))
	for i, p := range problems {
		all[i] = p
	}
	return nil, &Error{batch.ExitInput, errors.Join(all...), ""}
}

// Read takes every setting from the file's tables. What is not asked for here does not exist.
func Read(c *Config, root *table) {
	c.Lists = root.texts("lists")
	named := root.text("database", "liverecon.db")
	c.Database = pathFrom(c.Base, named)
	c.Network = root.flag("database_on_network", false)
	c.Reports = pathFrom(c.Base, root.text("reports", "reports"))
	c.Zone = root.zone("time_zone", MustZone(DefaultZone))
	for _, name := range []string{"database", "reports"} {
		if root.has(name) && root.values[name] == "" {
			root.wrong(name, "is empty")
		}
	}
	if filepath.Base(c.Database) == ":memory:" {
		root.wrong("database", `is no file: SQLite keeps ":memory:" nowhere, and every night would buy all answers again`)
	} else if strings.HasPrefix(strings.ToLower(named), "file:") {
		root.wrong("database", "is a URI of SQLite: want the path of a file, such as liverecon.db; one of that name is ./%s", named)
	}
	readScore(c, root.table("score"))
	readInput(c, root.table("input"))
	readReport(c, root.table("report"))
	readFetch(c, root.table("fetch"))
	readReview(c, root.table("review"))
	readCodes(c, root.table("codes"))
	readEndpoints(c, root.byName("endpoint", "[endpoint.sg]"))
	readBilling(c, root)
	readStatement(c, root.table("statement"))
	readAccounts(c, root.table("accounts"))
	readContracts(c, root.tables("contract"))
	readFunctional(c, root.table("functional"))
	readLimits(c, root.table("limits"))
	readEvidence(c, root.table("evidence"))
	readRetention(c, root.table("retention"))
	readBackup(c, root.table("backup"))
	readNotify(c, root.table("notify"))
	readMail(c, root.table("mail"))
	readDeliver(c, root.byName("deliver", "[deliver.analysts]"))
	readExport(c, root.table("export"))
	root.refuseUnknown()
}

// pathFrom makes a path of the file one that this process can use.
func pathFrom(base, p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(base, p)
}

func readScore(c *Config, t *table) {
	c.Threshold = t.number("threshold", 50, 0, 100)
	c.Inclusive = t.flag("inclusive", true)
	t.refuseUnknown()
}

func readReport(c *Config, t *table) {
	c.Clock = calendar.Clock(t.text("clock", string(calendar.ByAnswer)))
	if c.Clock != calendar.ByAnswer && c.Clock != calendar.ByCapture {
		t.wrong("clock", "%.40q: want %s or %s", string(c.Clock), calendar.ByAnswer, calendar.ByCapture)
	}
	c.Baseline = int(t.count("baseline", findings.NightBaseline, 1, findings.LongNightBaseline))
	if c.Baseline != findings.NightBaseline && c.Baseline != findings.LongNightBaseline {
		t.wrong("baseline", "%d: want %d or %d nights", c.Baseline, findings.NightBaseline, findings.LongNightBaseline)
	}
	c.Digest = t.flag("digest", false)
	if c.FocusTags = t.texts("focus_tags"); len(c.FocusTags) > 1+mostKept {
		t.wrong("focus_tags", "%d tags: at most %d", len(c.FocusTags), 1+mostKept)
	}
	for i, name := range c.FocusTags {
		switch {
		case slices.Contains(c.FocusTags[:i], name):
			t.wrong("focus_tags", "%.40q stands there twice", name)
		case name != listTag && !slices.Contains(c.Keep, name):
			t.wrong("focus_tags", "%.40q is neither %q nor a column that input.keep names", name, listTag)
		}
	}
	t.refuseUnknown()
}

func readInput(c *Config, t *table) {
	c.Columns = list.DefaultColumns()
	columns := t.table("columns")
	stands := map[string]string{}
	for _, field := range []string{"livenessId", "signatureId", "region"} {
		if names := columns.texts(field); names != nil {
			c.Columns[field] = names
		}
		for _, name := range c.Columns[field] {
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
	c.caseMatters = t.flag("case_matters", false)
	c.kindsShare = t.flag("kinds_share", false)
	c.Keep, c.Key = t.texts("keep"), t.text("key", "")
	if len(c.Keep) > mostKept {
		t.wrong("keep", "%d columns: at most %d are shown", len(c.Keep), mostKept)
	}
	if text := t.text("id_pattern", ""); text != "" {
		pattern, err := regexp.Compile("^(?:" + text + ")$")
		if err != nil {
			t.wrong("id_pattern", "%.40q: %v", text, err)
		}
		c.idPattern = pattern
	}
	t.refuseUnknown()
}

// Review describes what looking at a suspicious check costs; what is 0 nobody has said.
type Review struct {
	Minutes  float64
	Cost     float64 // of an hour
	Currency string
	Hours    float64 // a day
}

func readReview(c *Config, t *table) {
	c.Review = Review{Minutes: t.number("minutes", 0, 0, 480), Cost: t.number("cost_per_hour", 0, 0, 1e6),
		Currency: t.text("currency", ""), Hours: t.number("hours_a_day", 0, 0, 10_000)}
	t.refuseUnknown()
}

// mostKept sets how many columns of the lists a workbook shows.
const mostKept = 5

// listTag names the list among the tags of costs.
const listTag = "list"

func readFetch(c *Config, t *table) {
	c.RepeatInDoubt = batch.RepeatInDoubt(t.text("repeat_in_doubt", string(batch.RepeatOnce)))
	switch c.RepeatInDoubt {
	case batch.RepeatOnce, batch.RepeatHold, batch.RepeatAlways:
	default:
		t.wrong("repeat_in_doubt", "%.40q: want once, hold or always", string(c.RepeatInDoubt))
	}
	c.Bare429 = batch.Bare429(t.text("bare_429", string(batch.Bare429Refused)))
	if c.Bare429 != batch.Bare429Refused && c.Bare429 != batch.Bare429InDoubt {
		t.wrong("bare_429", "%.40q: want refused or in_doubt", string(c.Bare429))
	}
	c.RepeatAfter = t.duration("repeat_after", time.Hour, 0, 30*24*time.Hour)
	c.DoubtShare = readShare(t, "doubt_budget", 0.005)
	c.ResultType = t.text("result_type", liveness.ImageURL)
	if c.ResultType != liveness.ImageURL && c.ResultType != liveness.ImageBase64 {
		t.wrong("result_type", "%.40q: want %s or %s", c.ResultType, liveness.ImageURL, liveness.ImageBase64)
	}
	c.Timeout = t.duration("timeout", 30*time.Second, time.Second, 10*time.Minute)
	c.RecheckNights = int(t.count("recheck_not_found_nights", 0, 0, 365))
	c.OneCall = readConnections(t)
	c.Proxy = readProxy(t)
	c.NoScoreNights = int(t.count("recheck_no_score_nights", 2, 0, 30))
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
	if n, _ := fmt.Sscanf(text, "%f%%%s", &percent, &rest); n != 1 || text[len(text)-1] != '%' ||
		!(percent >= 0 && percent <= 100) {
		t.wrong(name, `%.40q: want a share of 0 to 100 %%, such as "0.5%%"`, text)
		return otherwise
	}
	return percent / 100
}

func readCodes(c *Config, t *table) {
	c.Codes = liveness.Codes{}
	for code := range t.values {
		class, err := liveness.ParseClass(t.text(code, ""))
		switch {
		case err != nil:
			t.wrong(code, "%v", err)
		default:
			c.Codes[code] = class
		}
	}
}

// MustZone loads a time zone of the embedded database by a name that this program spells out.
func MustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}
