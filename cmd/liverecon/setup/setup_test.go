package setup

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/cmdtest"
	"liverecon/cmd/liverecon/setup/manual"
)

// commented is a setting, or the head of a table, that a # keeps from its work.
var commented = regexp.MustCompile(`(?m)^#([A-Za-z\[])`)

// atWork returns init's configuration with every # removed from a setting.
func atWork(t *testing.T) (asWritten, everything []byte) {
	t.Helper()
	text, err := templates.ReadFile("liverecon.toml")
	if err != nil {
		t.Fatal(err)
	}
	return text, commented.ReplaceAll(text, []byte("$1"))
}

// What init writes is a configuration, and remains one when every setting in it is put to work.
func TestInitWritesAConfiguration(t *testing.T) {
	asWritten, everything := atWork(t)
	c, err := config.Parse("liverecon.toml", "/etc", asWritten)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Endpoints) != 1 || c.Endpoints[0].Name != "sg" || c.Deadline == nil || len(c.Caps.Run.Limit) > 0 || c.Notify != (config.Notify{}) {
		t.Errorf("as written: %+v", c)
	}
	full, err := config.Parse("liverecon.toml", "/etc", everything)
	if err != nil {
		t.Fatal(err)
	}
	if len(full.Endpoints) != 2 || full.Caps.Month.Calls == 0 || full.Notify.PingURL == "" {
		t.Errorf("with every setting: %+v", full)
	}
}

// Every setting that the program knows stands in what init writes.
func TestInitNamesEverySetting(t *testing.T) {
	_, everything := atWork(t)
	root, err := config.ParseTOML("liverecon.toml", everything)
	if err != nil {
		t.Fatal(err)
	}
	config.Read(new(config.Config), root)
	written := map[string]bool{}
	for key := range root.Doc.Lines {
		written[cmdtest.Generic(key)] = true
	}
	known := 0
	for key := range root.Doc.Asked {
		known++
		if name := cmdtest.Generic(key); !written[name] && !strings.HasSuffix(name, ".access_key") && !strings.HasSuffix(name, ".secret_key") {
			t.Errorf("init does not write %s", name)
		}
	}
	if known < 60 {
		t.Errorf("only %d settings are known", known)
	}
}

// A value shown as a default is the default.
func TestInitShowsDefaults(t *testing.T) {
	asWritten, everything := atWork(t)
	bare, err := config.Parse("liverecon.toml", "/etc", asWritten)
	if err != nil {
		t.Fatal(err)
	}
	full, err := config.Parse("liverecon.toml", "/etc", everything)
	if err != nil {
		t.Fatal(err)
	}
	if bare.Database != full.Database || bare.Reports != full.Reports || bare.Threshold != full.Threshold || bare.Inclusive != full.Inclusive ||
		bare.Concurrency != full.Concurrency || bare.RepeatInDoubt != full.RepeatInDoubt || bare.DoubtShare != full.DoubtShare || bare.ResultType != full.ResultType ||
		bare.Timeout != full.Timeout || bare.RecheckNights != full.RecheckNights || bare.NoScoreNights != full.NoScoreNights || bare.BillingZone.String() != full.BillingZone.String() || bare.Backup.Keep != full.Backup.Keep ||
		bare.Evidence.Download != full.Evidence.Download || bare.Evidence.Dir != full.Evidence.Dir || bare.Evidence.MaxBytes != full.Evidence.MaxBytes ||
		bare.Evidence.Concurrency != full.Evidence.Concurrency || bare.Evidence.Rate != full.Evidence.Rate || bare.Evidence.Linger != full.Evidence.Linger {
		t.Errorf("a value is shown as a default that is none:\n%+v\n%+v", bare, full)
	}
	for field, names := range bare.Columns {
		if !slices.Equal(names, full.Columns[field]) {
			t.Errorf("column %s: %v shown, the default is %v", field, full.Columns[field], names)
		}
	}
}

func TestInitRefusesOddPaths(t *testing.T) {
	for _, dir := range []string{"/srv/with space", "/srv/50%", "/srv/$HOME", "/srv/a;b", "/srv/a\nb", `/srv/"`} {
		if _, err := New(dir); err == nil {
			t.Errorf("%q was taken", dir)
		}
	}
	for dir, want := range map[string]string{"/home/ann/liverecon": "read-only", "/root": "read-only"} {
		if i, err := New(dir); err != nil || i.Home != want {
			t.Errorf("%s: ProtectHome=%s, %v, want %s", dir, i.Home, err, want)
		}
	}
}

// The units are such that systemd understands every line and finds little to better, where it can be asked.
func TestUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	i := Installation{Dir: "/var/lib/liverecon", Config: "/var/lib/liverecon/liverecon.toml", Program: "/usr/bin/env", Home: "yes"}
	files, contentsErr := i.contents()
	if contentsErr != nil {
		t.Fatal(contentsErr)
	}
	dir := t.TempDir()
	for _, f := range files {
		if bytes.Contains(f.text, []byte("{{")) && f.name != "liverecon.dashboard.json" || bytes.Contains(f.text, []byte("<no value>")) {
			t.Errorf("%s is not filled in", f.name)
		}
		if err := os.WriteFile(filepath.Join(dir, f.name), f.text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	service := string(files[2].text)
	for _, line := range []string{"NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=liverecon", "UMask=0077", "LoadCredential=access_key:/var/lib/liverecon/keys/access_key",
		"ExecStart=/usr/bin/env run --config /var/lib/liverecon/liverecon.toml"} {
		if !strings.Contains(service, "\n"+line+"\n") {
			t.Errorf("the service lacks %s", line)
		}
	}
	if timer := string(files[3].text); !strings.Contains(timer, "\nPersistent=true\n") {
		t.Error("the timer forgets nights on which the machine was off")
	}
	if err != nil {
		return // no systemd here
	}
	unit := filepath.Join(dir, "liverecon.service")
	if out, err := exec.Command(analyze, "verify", "--man=no", unit, filepath.Join(dir, "liverecon.timer")).CombinedOutput(); err != nil || strings.Contains(string(out), "liverecon") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	// The threshold is in tenths: an exposure above 2.0 of 10 is an error.
	if out, err := exec.Command(analyze, "security", "--offline=yes", "--threshold=20", "--no-pager", unit).CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}

// The rules that init writes are the alerts of the manual, and Prometheus takes them, where it can be asked.
func TestRules(t *testing.T) {
	i := Installation{Dir: "/var/lib/liverecon", Config: "/var/lib/liverecon/liverecon.toml", Program: "/usr/bin/env", Home: "yes"}
	files, err := i.contents()
	if err != nil {
		t.Fatal(err)
	}
	rules := files[slices.IndexFunc(files, func(f file) bool { return f.name == "liverecon.rules.yml" })]
	page, _ := manual.Page("metrics")
	alerts := regexp.MustCompile("(?m)\\| `([^`|]+)`(?: for two days)? \\|$").FindAllStringSubmatch(string(page), -1)
	if len(alerts) < 8 || len(alerts) != strings.Count(string(rules.text), "- alert:") {
		t.Errorf("%d alerts in the manual, %d in the rules", len(alerts), strings.Count(string(rules.text), "- alert:"))
	}
	for _, a := range alerts {
		if !strings.Contains(string(rules.text), "expr: "+a[1]+"\n") {
			t.Errorf("no rule has %s", a[1])
		}
	}
}

// Every metric of the dashboard is one of the manual, and those with an alert are shown.
func TestDashboard(t *testing.T) {
	var shown struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(dashboard, &shown); err != nil {
		t.Fatal(err)
	}
	page, _ := manual.Page("metrics")
	known := map[string]bool{}
	for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllSubmatch(page, -1) {
		known[string(name[1])] = true
	}
	var all strings.Builder
	for _, panel := range shown.Panels {
		for _, target := range panel.Targets {
			all.WriteString(target.Expr + "\n")
			for _, name := range regexp.MustCompile(`liverecon_([a-z_]+)`).FindAllStringSubmatch(target.Expr, -1) {
				if !known[name[1]] {
					t.Errorf("%s: the manual does not know %s", panel.Title, name[1])
				}
			}
		}
	}
	rules, err := templates.ReadFile("liverecon.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	alerts := regexp.MustCompile(`(?m)expr: .*$`).FindAll(rules, -1)
	if len(alerts) == 0 {
		t.Fatal("no rule has an expression")
	}
	for _, expr := range alerts {
		for _, name := range regexp.MustCompile(`liverecon_[a-z_]+`).FindAll(expr, -1) {
			if !strings.Contains(all.String(), string(name)) {
				t.Errorf("%s has an alert, and no panel", name)
			}
		}
	}
}
