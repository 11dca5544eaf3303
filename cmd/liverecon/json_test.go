package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"liverecon/cmd/liverecon/asjson"
	"liverecon/cmd/liverecon/deliver"
	"liverecon/cmd/liverecon/doctor"
	"liverecon/cmd/liverecon/export"
	"liverecon/cmd/liverecon/monthend"
	"liverecon/cmd/liverecon/outcome"
	"liverecon/cmd/liverecon/personal"
	"liverecon/cmd/liverecon/reconciled"
	"liverecon/cmd/liverecon/reviewed"
	"liverecon/cmd/liverecon/setup/manual"
	"liverecon/cmd/liverecon/story"
	"liverecon/report/claims"
)

// What --json prints is a contract: scripts read it. A key may be added; one that goes or is renamed breaks somebody's night.
func TestJSONKeys(t *testing.T) {
	var text strings.Builder
	for _, verb := range []struct {
		name   string
		result any
	}{
		{"run", outcome.Run{}}, {"plan", planResult{}}, {"status", statusResult{}}, {"explain", []story.Story{}},
		{"doctor", doctor.Findings{}}, {"report", struct {
			Files  []string       `json:"files"`
			Period string         `json:"period"`
			Risk   *claims.Report `json:"risk"` // of `report risk`
		}{}}, {"decisions", reviewed.Result{}}, {"verify", verification{}}, {"reconcile", reconciled.Result{}},
		{"decisions (finance)", monthend.Work{}}, {"decisions (labels)", reviewed.Labels{}}, {"close", monthend.Closure{}}, {"deliver", struct {
			Deliveries []deliver.Outcome `json:"deliveries"`
		}{}}, {"export", export.Result{}}, {"restored", restoredResult{}}, {"restored --release", releaseResult{}}, {"reroute", rerouted{}},
		{"purge", personal.Purge{}}, {"erase", personal.Erasure{}}, {"erase --reviewer", personal.NameErasure{}},
		{"init --new", renewal{}}, {"errors", asjson.Failure{}},
	} {
		writeKeys(&text, verb.name, reflect.TypeOf(verb.result))
	}
	golden := filepath.Join("..", "..", "testdata", "golden", "json_keys.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	now := map[string]bool{}
	for line := range strings.Lines(text.String()) {
		now[line] = true
	}
	for line := range strings.Lines(string(want)) {
		if !now[line] {
			t.Errorf("no longer printed: %s", line)
		}
		delete(now, line)
	}
	for line := range now {
		t.Errorf("new, and not in %s (go test ./cmd/liverecon -run JSONKeys -args -update): %s", golden, line)
	}
}

// writeKeys writes a line for each value that JSON has: its path and what it is.
func writeKeys(text *strings.Builder, path string, of reflect.Type) {
	switch {
	case of == reflect.TypeFor[time.Time]():
		text.WriteString(path + " time\n")
	case of.Kind() == reflect.Pointer:
		writeKeys(text, path, of.Elem())
	case of.Kind() == reflect.Slice:
		writeKeys(text, path+"[]", of.Elem())
	case of.Kind() == reflect.Struct:
		for i := range of.NumField() {
			f := of.Field(i)
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); f.IsExported() && name != "-" {
				writeKeys(text, path+"."+name, f.Type)
			}
		}
	default:
		text.WriteString(path + " " + of.Kind().String() + "\n")
	}
}

// The manual has a row for each value that JSON has, with what it is, and no other: a table below a heading for each verb.
func TestJSONIsDocumented(t *testing.T) {
	golden, err := os.ReadFile(filepath.Join("..", "..", "testdata", "golden", "json_keys.txt"))
	if err != nil {
		t.Fatal(err)
	}
	page, _ := manual.Page("json")
	documented, verb := map[string]bool{}, ""
	for line := range strings.Lines(string(page)) {
		if heading, is := strings.CutPrefix(line, "## "); is {
			verb = strings.Trim(strings.TrimSpace(heading), "`")
		}
		cells := strings.Split(line, "|")
		if key := strings.TrimSpace(cells[min(1, len(cells)-1)]); len(cells) == 5 && strings.HasPrefix(key, "`") {
			documented[verb+" "+strings.Trim(key, "`")+" "+strings.TrimSpace(cells[2])] = true
		}
	}
	kinds := map[string]string{"string": "text", "int": "number", "int64": "number", "float64": "number", "bool": "truth",
		"time": "time", "map": "object"}
	for line := range strings.Lines(string(golden)) {
		at := strings.LastIndex(strings.TrimSpace(line), " ")
		path, kind := line[:at], kinds[strings.TrimSpace(line[at:])]
		verb, key, _ := strings.Cut(path, ".")
		if is := strings.HasSuffix(verb, "[]"); is {
			verb = strings.TrimSuffix(verb, "[]")
		}
		if row := verb + " " + key + " " + kind; !documented[row] {
			t.Errorf("the manual lacks | `%s` | %s | of %s", key, kind, verb)
		} else {
			delete(documented, row)
		}
	}
	for row := range documented {
		t.Errorf("the manual has what is not printed: %s", row)
	}
}
