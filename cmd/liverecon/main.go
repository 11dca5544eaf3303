// Command liverecon reconciles liveness checks with the vendor that made them: it asks the vendor, night after night,
// for the result of every listed ID, keeps an account of every call that may cost money, and writes risk and finance
// workbooks from its database.
//
// Output policy. Standard output is the result: what the verb was asked for, and nothing else; with --json it is one
// JSON value. The last line of `run` is its verdict. Standard error is everything else: log, progress, errors and
// hints. The log is text on a terminal and JSON elsewhere; bars are drawn on a terminal that can move its cursor,
// elsewhere a line every few seconds tells how far the run is. No colour is used, so there is none to switch off.
// Nothing secret is printed anywhere, and no clear ID at level info or above; `explain` shows the ID it was given.
//
// This package is the only code that prints, reads the environment or exits.
package main

import (
	"context"
	_ "embed"
	"errors"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	_ "time/tzdata" // a static binary has its own time zones

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/cmd/liverecon/asjson"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/setup/manual"
	"liverecon/store/panics"
)

func main() {
	keepPrivate()
	p := &program{}
	p.out = stream{os.Stdout, &p.config, &p.unprinted, &p.answered}
	p.err = stream{os.Stderr, &p.config, nil, nil}
	log.SetFlags(0)
	log.SetOutput(&p.libraries) // no library writes to our streams by itself
	os.Exit(guarded(p.err.raw, func() int { return p.main(os.Args[1:]) }))
}

// guarded makes a panic a failure like others, with exit code 1: Go's own 2 is never used.
func guarded(stderr io.Writer, main func() int) int {
	code, err := func() (code int, err error) {
		defer panics.Into(&err)
		return main(), nil
	}()
	if err != nil {
		printError(stderr, err)
		return batch.ExitFailed
	}
	return code
}

// program describes one execution: where it prints, and what is known of its command line.
type program struct {
	out, err  stream
	libraries libraries
	parsed    bool   // the command line was understood
	config    string // that was given on it
	unprinted error  // why a result could not be written to standard output
	json      bool   // the result is asked for as JSON
	answered  bool   // a JSON value was printed
}

// main runs one command line and returns the exit code.
func (p *program) main(args []string) int {
	root := newRoot(p)
	root.SetArgs(args)
	err := root.ExecuteContext(context.Background())
	if err != nil && !p.parsed {
		err = config.Usage(adviceOn(root, args, err), "%w", err)
	}
	printError(typedTo(p.err.raw, p.err.config), err)
	if err != nil && (p.json || !p.parsed && slices.Contains(args, "--json")) && !p.answered {
		p.out.json(asjson.NewFailure(err))
	}
	return p.withUnprinted(config.ExitCode(err))
}

// withUnprinted makes an exit code that of a failure where the result could not be written to standard output, and says
// so: whoever reads it has half of it, or nothing.
func (p *program) withUnprinted(code int) int {
	if p.unprinted == nil || code == batch.ExitLocked || batch.Stronger(code, batch.ExitFailed) == code {
		return code
	}
	p.err.printf("liverecon: error: %v\n", p.unprinted)
	return batch.ExitFailed
}

// rootHelp fits on one screen.
//
//go:embed help.txt
var rootHelp string

const verbHelp = `{{.Long}}

Usage:
    {{.UseLine}}

Example:
{{.Example}}

Flags:
{{.LocalFlags.FlagUsagesWrapped 96}}`

// newRoot returns the command line. Mistakes in it are errors of this program's form, not cobra's.
func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use: "liverecon VERB", Version: config.Version(), SilenceErrors: true, SilenceUsage: true,
		CompletionOptions:  cobra.CompletionOptions{DisableDefaultCmd: true},
		DisableSuggestions: true, SuggestionsMinimumDistance: 2, // they are the hint's
		PersistentPreRun: func(cmd *cobra.Command, _ []string) {
			p.parsed = true
			if given := cmd.Flag("config"); given != nil {
				p.config = given.Value.String()
			}
			if given := cmd.Flag("json"); given != nil {
				p.json = given.Value.String() == "true"
			}
		},
		RunE: func(*cobra.Command, []string) error {
			p.err.printf("%s", lines(rootHelp))
			return &config.Error{Code: batch.ExitInput, Err: errors.New(""), Hint: ""}
		},
	}
	root.SetOut(noting{p.out.raw, p.out.failed})
	root.SetErr(p.err.raw)
	root.SetHelpTemplate(rootHelp)
	root.SetVersionTemplate("liverecon {{.Version}}\n")
	root.SetHelpCommand(&cobra.Command{Use: "help [VERB|TOPIC]", Short: "help about a verb, or a page of the manual",
		Hidden: true, RunE: func(_ *cobra.Command, args []string) error { return p.help(root, args) }})
	for _, verb := range verbs(p) {
		verb.Long = strings.TrimSpace(verb.Long)
		verb.DisableFlagsInUseLine = true
		verb.Args = naming(verb)
		verb.SetHelpTemplate(verbHelp)
		verb.Flags().SortFlags = false
		root.AddCommand(verb)
	}
	return root
}

// help prints what a verb does, or a page of the manual.
func (p *program) help(root *cobra.Command, args []string) error {
	if len(args) == 1 {
		if page, isPage := manual.Page(args[0]); isPage {
			p.out.printf("%s", lines(manual.ForTerminal(page, p.out.pageWidth())))
			return nil
		}
	}
	c, _, err := root.Find(args)
	if err != nil {
		return config.Usage(nearestTopic(root, args), "%w", err)
	}
	return c.Help()
}

func verbs(p *program) []*cobra.Command {
	return []*cobra.Command{
		runVerb(p), planVerb(p), statusVerb(p.out), reportVerb(p), decisionsVerb(p), verifyVerb(p), explainVerb(p),
		reconcileVerb(p), disputeVerb(p), closeVerb(p), backupVerb(p), restoredVerb(p), purgeVerb(p), eraseVerb(p),
		rerouteVerb(p), deliverVerb(p), exportVerb(p),
		doctorVerb(p.out), initVerb(p), simulateVerb(p.out), completionVerb(p), versionVerb(p.out),
	}
}

func versionVerb(out stream) *cobra.Command {
	return &cobra.Command{
		Use: "version", Long: "Print the version of this program.", Example: "    liverecon version",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			out.printf("liverecon %s\n", config.Version())
			return nil
		},
	}
}
