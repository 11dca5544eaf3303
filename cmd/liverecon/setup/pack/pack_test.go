package pack_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/setup/manual"
	"liverecon/cmd/liverecon/setup/pack"
)

const overview = `It reconciles.

The night:
    run        read lists, <ask> for what is new
`

// command is a command line with a verb whose texts have what Markdown would read as its own.
func command() *cobra.Command {
	root := &cobra.Command{Use: "liverecon VERB"}
	run := &cobra.Command{Use: "run [LIST ...]", Long: "Ask for *every* ID of <database>.record, a_b_c.",
		Example: "    liverecon run ids_*.csv", RunE: func(*cobra.Command, []string) error { return nil }}
	run.Flags().String("again", "", "ask again for so many IDs of a `STATE=N`")
	root.AddCommand(run, &cobra.Command{Use: "inner", Hidden: true, RunE: run.RunE})
	return root
}

// A package has a page for each verb that is shown and each topic, and what starts a run from the packaged program.
func TestContents(t *testing.T) {
	files, err := pack.Contents(command(), overview)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range manual.Topics() {
		for _, name := range []string{"man/man7/liverecon-" + topic + ".7", "doc/liverecon/manual/" + topic + ".md"} {
			name = "usr/share/" + name
			if len(files[name]) == 0 {
				t.Errorf("no %s", name)
			}
		}
	}
	for name, parts := range map[string][]string{
		"usr/share/man/man1/liverecon.1": {"reconcile liveness checks", "It reconciles."},
		"usr/share/man/man1/liverecon-run.1": {"read lists, <ask> for what is new", "STATE=N", `ids_*.csv`,
			"*every* ID of <database>.record, a_b_c."},
		"usr/lib/systemd/system/liverecon.service": {
			"ExecStart=/usr/bin/liverecon run --config /var/lib/liverecon/liverecon.toml\n", "SuccessExitStatus=3\n",
			"LoadCredential=access_key:/var/lib/liverecon/keys/access_key\n"},
		"usr/lib/systemd/system/liverecon.timer":             {"OnCalendar="},
		"usr/lib/sysusers.d/liverecon.conf":                  {"u liverecon -"},
		"usr/lib/tmpfiles.d/liverecon.conf":                  {"d /var/lib/liverecon/keys 0700 root root -\n"},
		"usr/share/bash-completion/completions/liverecon":    {"__liverecon_"},
		"usr/share/zsh/vendor-completions/_liverecon":        {"#compdef liverecon"},
		"usr/share/fish/vendor_completions.d/liverecon.fish": {"complete"},
		"usr/share/doc/liverecon/liverecon.rules.yml":        {"LivereconNoGoodNight"},
		"usr/share/doc/liverecon/liverecon.dashboard.json":   {"liverecon_last_run_exit_code"},
		"usr/share/doc/liverecon/liverecon.toml":             {"[endpoint.sg]"},
	} {
		text := strings.NewReplacer(`\-`, "-", `\_`, "_", `\*`, "*", `\&`, "", `\[`, "[").Replace(string(files[name]))
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q:\n%.1500s", name, part, text)
			}
		}
	}
	if name := "usr/share/man/man1/liverecon-inner.1"; files[name] != nil {
		t.Errorf("%s is of a verb that help does not show", name)
	}
	again, err := pack.Contents(command(), overview)
	if err != nil || !maps.EqualFunc(files, again, bytes.Equal) {
		t.Errorf("made twice, the files differ (%v)", err)
	}
}

// What is there is not overwritten.
func TestWrite(t *testing.T) {
	root := filepath.Join(t.TempDir(), "root")
	written, err := pack.Write(root, command(), overview)
	if err != nil || len(written) < 2*len(manual.Topics()) || !slices.IsSorted(written) {
		t.Fatalf("%d files, %v", len(written), err)
	}
	page := filepath.Join(root, "usr/share/man/man1/liverecon.1")
	if err := os.WriteFile(page, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := pack.Write(root, command(), overview); err == nil {
		t.Error("files were written over others")
	}
	if mandoc, err := exec.LookPath("mandoc"); err == nil { // where it is, it finds no error
		page := filepath.Join(root, "usr/share/man/man1/liverecon-run.1")
		if out, err := exec.Command(mandoc, "-Tlint", "-W", "error", page).CombinedOutput(); err != nil {
			t.Errorf("mandoc: %v\n%s", err, out)
		}
	}
	if text, err := os.ReadFile(page); err != nil || string(text) != "mine" {
		t.Errorf("%s: %q, %v", page, text, err)
	}
}
