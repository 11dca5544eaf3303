package config

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness"
	"liverecon/batch/rejects"
	"liverecon/cmd/liverecon/internal/cmdtest"
	"liverecon/cmd/liverecon/setup/manual"
)

func TestDefaults(t *testing.T) {
	c, err := Parse("liverecon.toml", "/etc", []byte("lists = \"in/*.csv\"\n[endpoint.sg]\n[endpoint.id]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Database != "/etc/liverecon.db" || c.Reports != "/etc/reports" || c.Zone.String() != "Asia/Singapore" || c.BillingZone != c.Zone {
		t.Errorf("database %s, reports %s, zones %s and %s", c.Database, c.Reports, c.Zone, c.BillingZone)
	}
	if c.Threshold != 50 || !c.Inclusive || c.Timeout != 30*time.Second || c.RepeatInDoubt != batch.RepeatOnce || c.DoubtShare != 0.005 || c.ResultType != liveness.ImageURL {
		t.Errorf("score %v %v, fetch %v %v %v %v", c.Threshold, c.Inclusive, c.Timeout, c.RepeatInDoubt, c.DoubtShare, c.ResultType)
	}
	if len(c.Endpoints) != 2 || c.Endpoints[0].Name != "sg" || c.Endpoints[1].Name != "id" {
		t.Fatalf("endpoints %v, want sg and id, in the order of the file", c.Endpoints)
	}
	sg := c.Endpoints[0]
	if sg.Rate != defaultRate || sg.Concurrency != 32 || !slices.Equal(sg.regions, []string{"SG"}) || !sg.RegionRequired || !strings.Contains(sg.ResultURL, "sg-api") {
		t.Errorf("sg is %+v", sg)
	}
	if name, ok := c.route("VN"); ok {
		t.Errorf("VN goes to %s, though none lists it", name)
	}
}

func TestFullConfiguration(t *testing.T) {
	c, err := Parse("liverecon.toml", ".", []byte(fullConfig))
	if err != nil {
		t.Fatal(err)
	}
	if c.Baseline != 84 {
		t.Errorf("the findings of a night are claimed against %d nights", c.Baseline)
	}
	if c.Deadline == nil || *c.Deadline != (ClockTime{6, 0}) || c.Caps.Run.Name != "spend_per_run or calls_per_run" || c.Caps.Day.Limit.String() != "USD 900.00" || c.Caps.Month.Calls != 100000 {
		t.Errorf("deadline %v, caps %+v", c.Deadline, c.Caps)
	}
	if got := c.Codes.Classify("NEW_CODE"); got != liveness.Retry {
		t.Errorf("NEW_CODE is %v", got)
	}
	if name, _ := c.route("VN"); name != "sg" {
		t.Errorf("VN goes to %s, want sg by its *", name)
	}
	if e := c.Endpoints[1]; e.Name != "reseller" || e.accessKey != "keys/access" || !e.RegionRequired || e.Concurrency != 48 {
		t.Errorf("reseller is %+v", e)
	}
	price, ok := c.Prices.Lookup("sg", "VN", time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if !ok || price.Cost(1101).String() != "28.035" || price.FreeQuota != 100 {
		t.Errorf("price %+v", price)
	}
}

// fullConfig has every setting there is.
const fullConfig = `
lists     = ["lists/*.csv", "more"]
database  = "liverecon.db"
reports   = "reports"
time_zone = "Asia/Manila"

[score]
threshold = 45.5
inclusive = false

[report]
baseline   = 84
focus_tags = ["list", "campaign"]

[input]
keep           = ["campaign"]
columns        = { livenessId = ["liveness id"], signatureId = ["sig"], region = "land" }
default_region = "Indonesia"

[limits]
concurrency     = 64
deadline        = "06:00"
spend_per_run   = ["500 USD"]
spend_per_day   = "900 USD"
spend_per_month = "9,000.00 USD"
calls_per_run   = 50000
calls_per_day   = 60000
calls_per_month = 100000
retry_budget    = 500
misplaced_ids   = 20
rejected_rows   = "7.5%"

[fetch]
repeat_in_doubt          = "always"
doubt_budget             = "1%"
result_type              = "IMAGE_BASE64"
timeout                  = "20s"
recheck_not_found_nights = 2
connections              = "one-call"
recheck_no_score_nights  = 3

[codes]
NEW_CODE = "retry"

[endpoint.sg]
rate        = 20
concurrency = 16
regions     = ["SGP", "*"]

[endpoint.reseller]
url             = "https://reseller.example/detect"
token_url       = "https://reseller.example/token"
allowed_hosts   = ["reseller.example"]
regions         = ["ID"]
rate            = 5.5
access_key_file = "keys/access"
secret_key_file = "keys/secret"

[[price]]
endpoint   = "sg"
region     = "*"
from       = 2026-01-01
to         = "2027-01-01"
currency   = "usd"
free_quota = 100
minimum    = "10"
tier_kind  = "graduated"
tiers      = [{ up_to = 1, unit = "0.035" }, { unit = "0.028" }]

[[price]]
endpoint = "reseller"
from     = 2026-01-01
currency = "USD"
unit     = "0.03"

[billing]
time_zone     = "Asia/Singapore"
tolerance_abs = "1.00"

[accounts]
expense     = "6150"
accrual     = "2190"
disputed    = "1490"
cost_centre = "100"
tax_code    = "V0"

[[accounts.rule]]
endpoint    = "sg"
region      = "Viet Nam"
expense     = "6151"
accrual     = "2191"
disputed    = "1491"
cost_centre = "210"
tax_code    = "V1"

[[contract]]
number          = "LIV-2026-017"
account         = "SG-0042"
endpoints       = ["id", "th"]
from            = "2026-01-01"
to              = "2027-01-01"
committed_calls = 1_200_000
dispute_days    = 60
answer_days     = 30

[functional]
currency     = "USD"
max_age_days = 31

[[functional.rate]]
currency = "IDR"
date     = "2026-11-30"
rate     = "0.0000612"
`

var tableKey = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")

// Every setting there is stands in the manual's reference, and nothing else does.
func TestManualNamesEverySetting(t *testing.T) {
	root, err := ParseTOML("full", []byte(fullConfig+statementConfig+deliverConfig))
	if err != nil {
		t.Fatal(err)
	}
	Read(new(Config), root)
	settings := map[string]bool{}
	for key := range root.Doc.Asked {
		settings[cmdtest.Generic(key)] = true
	}
	for key := range settings { // the tables that hold them are none themselves
		for end := strings.LastIndexByte(key, '.'); end > 0; end = strings.LastIndexByte(key[:end], '.') {
			delete(settings, key[:end])
		}
	}
	settings["price.tiers"] = true // a setting that is made of others
	reference, _ := manual.Page("configuration")
	for _, m := range tableKey.FindAllStringSubmatch(string(reference), -1) {
		if !settings[m[1]] {
			t.Errorf("the manual describes %s, which is no setting", m[1])
		}
		delete(settings, m[1])
	}
	for key := range settings {
		t.Errorf("the manual does not describe %s", key)
	}
}

// Whatever a configuration holds, reading it ends, and every complaint has a text and a line within the file.
func FuzzConfig(f *testing.F) {
	f.Add(fullConfig)
	f.Add(statementConfig)
	simulated, err := os.ReadFile("../demo/simulated.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(simulated))
	f.Add("[[price]]\ntiers = [1, { unit = [] }]\n[endpoint]\nx = 1\n[endpoint.id]\nregions = [\"*\", \"*\"]\n[codes]\nA = {}")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("f", ".", []byte(text))
		if (c == nil) == (err == nil) {
			t.Fatalf("configuration %v, error %v", c, err)
		}
		lines := strings.Count(text, "\n") + 1
		for _, e := range Flatten(err) {
			p, ok := e.(*problem) //nolint:errorlint // apart gives them bare
			if !ok || p.text == "" || p.line < 0 || p.line > lines {
				t.Fatalf("complaint %#v", e)
			}
		}
		if err != nil && ExitCode(err) != batch.ExitInput {
			t.Fatalf("exit code %d for %v", ExitCode(err), err)
		}
	})
}

// TestEndpointName: a wrong name is said once, where it stands.
func TestEndpointName(t *testing.T) {
	_, err := Parse("t", ".", []byte("[endpoint.SG]\nurl = \"https://a.example/x\"\ntoken_url = \"https://a.example/y\"\nregions = [\"SG\"]\n"))
	if err == nil || err.Error() != "t:1: endpoint.SG: an endpoint's name has small letters, digits, - and _, and begins with a letter" {
		t.Errorf("%v", err)
	}
}

// TestByteOrderMark reads what an editor on Windows saves.
func TestByteOrderMark(t *testing.T) {
	c, err := Parse("t", ".", []byte("\ufefflists = \"in\"\r\n[endpoint.sg]\r\n"))
	if err != nil || !slices.Equal(c.Lists, []string{"in"}) {
		t.Errorf("%v, %v", c, err)
	}
	if _, err := Parse("t", ".", []byte("\ufefflists = \"in\"\n[endpoint.sg]\nrat = 1\n")); err == nil || !strings.HasPrefix(err.Error(), "t:3: endpoint.sg.rat: ") {
		t.Errorf("%v, want the line as an editor counts it", err)
	}
}

func TestDeadline(t *testing.T) {
	zone := MustZone("Europe/Berlin") // clocks change on 2026-03-29 at 02:00 and on 2026-10-25 at 03:00
	for _, c := range []struct{ now, want string }{
		{"2026-06-01T01:00:00+02:00", "2026-06-01T06:00:00+02:00"},
		{"2026-06-01T06:00:00+02:00", "2026-06-02T06:00:00+02:00"},
		{"2026-06-01T23:00:00+02:00", "2026-06-02T06:00:00+02:00"},
		{"2026-03-28T23:00:00+01:00", "2026-03-29T06:00:00+02:00"},
		{"2026-10-24T23:00:00+02:00", "2026-10-25T06:00:00+01:00"},
		{"2026-12-31T23:00:00+01:00", "2027-01-01T06:00:00+01:00"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := (ClockTime{6, 0}).Next(now, zone).Format(time.RFC3339); got != c.want {
			t.Errorf("after %s: %s, want %s", c.now, got, c.want)
		}
	}
	// The last call leaves time for its answer and the workbooks.
	cfg := &Config{Deadline: &ClockTime{6, 0}, Zone: zone, Timeout: 20 * time.Second}
	now := time.Date(2026, 6, 1, 1, 0, 0, 0, zone)
	for took, want := range map[time.Duration]time.Time{0: time.Date(2026, 6, 1, 5, 59, 10, 0, zone), time.Minute: time.Date(2026, 6, 1, 5, 57, 40, 0, zone)} {
		if got := cfg.LastCall(now, took); !got.Equal(want) {
			t.Errorf("with workbooks of %v the last call is %v, want %v", took, got, want)
		}
	}
}

// TestRejectedRows: a share or a number, and nothing else.
func TestRejectedRows(t *testing.T) {
	for text, want := range map[string]rejects.Limit{``: {Share: 0.05}, `"5%"`: {Share: 0.05}, `"0%"`: {}, `"100%"`: {Share: 1}, `0`: {}, `20`: {Rows: 20}} {
		if text != "" {
			text = "rejected_rows = " + text
		}
		if c, err := Parse("t", ".", []byte("[limits]\n"+text)); err != nil || c.RejectRows != want {
			t.Errorf("%s: %+v, %v, want %+v", text, c, err, want)
		}
	}
	for text, want := range map[string]string{
		`"5"`:    `t:2: limits.rejected_rows: "5": want a share of 0 to 100 %, such as "0.5%"`,
		`"101%"`: `t:2: limits.rejected_rows: "101%": want a share of 0 to 100 %, such as "0.5%"`,
		`-1`:     `t:2: limits.rejected_rows: -1: want 0 to 1000000000`,
		`0.05`:   `t:2: limits.rejected_rows: want a share such as "5%" or a number of rows, not 0.05`,
		`[1]`:    `t:2: limits.rejected_rows: want a share such as "5%" or a number of rows, not a list`,
	} {
		if _, err := Parse("t", ".", []byte("[limits]\nrejected_rows = "+text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// TestDatabaseInMemory: SQLite has a name for no file at all, wherever a configuration puts it, and URIs that say more than a path.
func TestDatabaseInMemory(t *testing.T) {
	for text, refused := range map[string]bool{":memory:": true, "data/:memory:": true, "memory": false, "memory.db": false, "": true,
		"file:liverecon.db": true, "FILE::memory:?cache=shared": true, "./file:liverecon.db": false, "files/liverecon.db": false} {
		_, err := Parse("t", ".", []byte("database = \""+text+"\"\n[endpoint.ph]\n"))
		if (err != nil) != refused || err != nil && !strings.HasPrefix(err.Error(), "t:1: database: is ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestShareConcurrency(t *testing.T) {
	for _, c := range []struct {
		total int64
		set   []int
		want  []int
	}{
		{64, []int{0, 0, 0}, []int{21, 21, 22}},
		{64, []int{16, 0, 0}, []int{16, 24, 24}},
		{3, []int{1, 1, 0}, []int{1, 1, 1}},
		{20, []int{10, 10}, []int{10, 10}},
	} {
		cfg := &Config{Concurrency: int(c.total)}
		for _, n := range c.set {
			cfg.Endpoints = append(cfg.Endpoints, EndpointConfig{Concurrency: n})
		}
		doc := &document{Asked: map[string]bool{}}
		shareConcurrency(cfg, &table{Doc: doc})
		var got []int
		for _, e := range cfg.Endpoints {
			got = append(got, e.Concurrency)
		}
		if !slices.Equal(got, c.want) || len(doc.problems) > 0 {
			t.Errorf("%d over %v: %v %v, want %v", c.total, c.set, got, doc.problems, c.want)
		}
	}
}

// TestContract: what the contract says of rounding and of taxes, kept with what was reconciled; unset, nothing is.
func TestContract(t *testing.T) {
	for text, want := range map[string]string{
		"":                            `"tolerance_rel":"","prices"`,
		`rounding = "line:4:half-up"`: `"rounding":"line:4:half-up","prices"`,
		`rounding = "total:2"`:        `"rounding":"total:2","prices"`,
		`tax_base = "gross"`:          `"tax_gross":true,"prices"`,
		`tax_base = "net"`:            `"tolerance_rel":"","prices"`,
	} {
		c, err := Parse("t", ".", []byte("[statement]\n"+text))
		if err != nil || !strings.Contains(c.BillingSettings(c.Prices), want) || c.Reconciling.TaxGross != strings.Contains(text, "gross") {
			t.Errorf("%q: %s, %v; want %s", text, c.BillingSettings(c.Prices), err, want)
		}
	}
	for text, want := range map[string]string{
		`rounding = "line"`: `t:2: statement.rounding: rounding "line": want a level, decimals and a mode, such as "line:4:half-up"`,
		`tax_base = "all"`:  `t:2: statement.tax_base: "all": want net or gross`,
	} {
		if _, err := Parse("t", ".", []byte("[statement]\n"+text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
