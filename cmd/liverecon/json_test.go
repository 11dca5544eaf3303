package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"liverecon/cmd/liverecon/doctor"
	"liverecon/cmd/liverecon/story"
)

// What --json prints is a contract: scripts read it. A key may be added; one that goes or is renamed breaks somebody's night.
func TestJSONKeys(t *testing.T) {
	var text strings.Builder
	for _, verb := range []struct {
		name   string
		result any
	}{{"run", runResult{}}, {"plan", planResult{}}, {"status", statusResult{}}, {"explain", []story.Story{}}, {"doctor", doctor.Findings{}}} {
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
