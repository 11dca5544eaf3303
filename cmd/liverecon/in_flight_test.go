package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"liverecon/batch/liveness/simulator"
)

// TestCallsInFlightAreCounted: while a run goes on, whoever asks what was spent is told of the calls that it has begun
// and that have no outcome yet: each may be charged, and is before its answer is here. Once it was killed they are in
// doubt.
func TestCallsInFlightAreCounted(t *testing.T) {
	t.Parallel()
	const rows, answered, flying = 12, 2, 10 // one endpoint's first call is answered before its others are made
	c := newSite(t, t.TempDir(), rows, simulator.Config{Seed: 2, Latency: 15 * time.Second, Balance: -1})
	config, err := os.ReadFile(filepath.Join(c.dir, "liverecon.toml"))
	if err != nil {
		t.Fatal(err)
	}
	prices := "[billing]\nedge = \"0s\"\n"
	for _, name := range []string{"ph", "th"} {
		prices += fmt.Sprintf("[[price]]\nendpoint = %q\nfrom = \"2020-01-01\"\ncurrency = \"USD\"\nunit = \"0.03\"\n", name)
	}
	c.write("liverecon.toml", strings.Replace(string(config), "timeout = \"5s\"", "timeout = \"60s\"", 1)+prices)

	run, _ := c.start("")
	defer func() {
		_ = run.Process.Kill()
		_ = run.Wait() // killed: that is its end
	}()
	c.waitServed(rows + 2) // two tokens
	id := fmt.Sprintf("e%015x", rows-1)
	const says = "a run is going on: 10 calls are in flight, counted as paid for at most once each"
	for _, verb := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"status"}, []string{says, "today USD 0.06-0.36 12 "}},
		{[]string{"plan"}, []string{says}},
		{[]string{"explain", id}, []string{"in flight, of a run that is going on perhaps USD 0.03", "state pending: is being asked, by a run that is going on"}},
	} {
		code, text := c.code(verb.args...)
		for _, want := range verb.wants {
			if flat := strings.Join(strings.Fields(text), " "); code != 0 || !strings.Contains(flat, want) {
				t.Errorf("%v: exit %d, does not say %q:\n%s", verb.args, code, want, text)
			}
		}
	}
	if got := c.inFlight(); got != flying {
		t.Errorf("status: %d calls in flight, want %d", got, flying)
	}
	code, text := c.code("report", "finance", "--json")
	var made struct{ Files []string }
	if err := json.Unmarshal([]byte(text), &made); code != 0 || err != nil || len(made.Files) != 1 {
		t.Fatalf("report finance: exit %d, %v\n%s", code, err, text)
	}
	if code, text := c.code("verify", made.Files[0]); code != 0 {
		t.Errorf("verify: exit %d\n%s", code, text)
	}
	if shown := summaryText(t, filepath.Join(c.dir, made.Files[0])); !strings.Contains(shown, "By our records alone 2 to 12 calls are to pay for "+
		"(10 in doubt, of them 10 in flight of a run that is going on): USD 0.06–0.36") {
		t.Errorf("the workbook does not count them: %.2000s", shown)
	}
	charged := 0
	for _, e := range c.vendor.Entries() {
		if e.Charged {
			charged++
		}
	}
	if charged < answered || charged > rows {
		t.Errorf("the vendor has charged %d", charged)
	}

	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = run.Wait() // killed
	code, text = c.code("status")
	if flat := strings.Join(strings.Fields(text), " "); code != 0 || strings.Contains(text, "a run is going on") ||
		!strings.Contains(flat, "10 calls in doubt, in all runs") || !strings.Contains(flat, "today USD 0.06-0.36 12 ") {
		t.Errorf("after the kill: exit %d\n%s", code, text)
	}
	if got := c.inFlight(); got != 0 {
		t.Errorf("after the kill %d calls are in flight", got)
	}
	if _, text := c.code("status", "--json"); !strings.Contains(text, `"exit_code": null`) {
		t.Errorf("a run that was cut short has an exit code:\n%s", text)
	}
}

// summaryText returns the first page of a workbook.
func summaryText(t *testing.T, file string) string {
	x, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close() //nolint:errcheck // read only
	rows, err := x.GetRows(x.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(rows)
}

// inFlight is how many calls are in flight, by status.
func (c *crashSite) inFlight() int {
	var status struct {
		Flying int `json:"calls_in_flight"`
	}
	_, text := c.code("status", "--json")
	if err := json.Unmarshal([]byte(text), &status); err != nil {
		c.t.Fatalf("%v\n%s", err, text)
	}
	return status.Flying
}
