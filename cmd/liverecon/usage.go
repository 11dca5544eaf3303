package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"liverecon/cmd/liverecon/clean"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/setup/manual"
	"liverecon/cmd/liverecon/words"
)

// adviceOn returns what was probably meant by a command line that was not understood.
func adviceOn(root *cobra.Command, args []string, why error) string {
	if c, _, err := root.Find(args); err == nil && c != root {
		mistyped, ok := strings.CutPrefix(why.Error(), "unknown flag: --")
		if strings.HasPrefix(why.Error(), "unknown shorthand flag: 'n'") {
			mistyped, ok = "dry-run", true
		}
		if ok {
			if near := nearestFlag(c, mistyped); near != "" {
				return near
			}
		}
		return fmt.Sprintf("%s; `%s -h` tells more", c.UseLine(), c.CommandPath())
	}
	if len(args) > 0 {
		if near := root.SuggestionsFor(args[0]); len(near) > 0 {
			return fmt.Sprintf("is it `liverecon %s`? `liverecon -h` lists the verbs", near[0])
		}
	}
	return "`liverecon -h` lists the verbs"
}

// nearestFlag describes what is there in place of a flag that is not, "" where nothing is like it.
func nearestFlag(c *cobra.Command, mistyped string) string {
	const far = 3 // letters
	bare := strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(mistyped))
	dry := slices.Contains([]string{"dryrun", "whatif", "noop", "pretend"}, bare)
	switch {
	case dry && c.Name() == "run":
		return "`liverecon plan` says what run would do and cost; nobody is called"
	case dry && c.Flags().Lookup("yes") != nil:
		return fmt.Sprintf("`%s` without --yes only says what it would do", c.CommandPath())
	}
	nearest, distance := "", far
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if d := config.EditDistance(mistyped, f.Name); d < distance && !f.Hidden {
			nearest, distance = f.Name, d
		}
	})
	if nearest == "" {
		return ""
	}
	return fmt.Sprintf("is it --%s? `%s -h` tells more", nearest, c.CommandPath())
}

// nearestTopic describes the verb or the page of the manual that was probably meant.
func nearestTopic(root *cobra.Command, args []string) string {
	const all = "`liverecon -h` lists the verbs, and the pages of the manual"
	if len(args) != 1 {
		return all
	}
	nearest, distance := "", 3 // letters
	names := manual.Topics()
	for _, verb := range root.Commands() {
		names = append(names, verb.Name())
	}
	for _, name := range names {
		if d := config.EditDistance(args[0], name); d < distance {
			nearest, distance = name, d
		}
	}
	if nearest == "" {
		return all
	}
	return fmt.Sprintf("is it `liverecon help %s`? %s", nearest, all)
}

// naming makes a verb's complaint about its arguments name what it wants.
func naming(verb *cobra.Command) cobra.PositionalArgs {
	check := verb.Args
	if check == nil {
		return nil
	}
	return func(c *cobra.Command, args []string) error {
		err := check(c, args)
		if err == nil {
			return nil
		}
		wanted := operands(verb.Use)
		switch {
		case wanted == "":
			return fmt.Errorf("%s takes no arguments, and was given %.40q", c.CommandPath(), args[0])
		case len(args) == 0:
			return fmt.Errorf("%s wants %s, and was given nothing", c.CommandPath(), wanted)
		case len(args) == 1:
			return fmt.Errorf("%s wants %s, not %.40q", c.CommandPath(), wanted, args[0])
		}
		return fmt.Errorf("%s wants %s, and was given %s", c.CommandPath(), wanted,
			words.Plural(int64(len(args)), "argument", "arguments"))
	}
}

// operands returns what a usage names behind verb and flags.
func operands(use string) string {
	_, rest, _ := strings.Cut(use, " ")
	rest = strings.TrimSpace(strings.TrimPrefix(rest, "[flags]"))
	for strings.HasPrefix(rest, "--") { // a flag with its value
		parts := strings.SplitN(rest, " ", 3)
		rest = ""
		if len(parts) == 3 {
			rest = parts[2]
		}
	}
	return rest
}

func completionVerb(p *program) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use: "completion bash|zsh|fish|powershell", ValidArgs: shells,
		Args: cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		Long: `Print what makes a shell complete verbs and flags. A package installs it where the shell looks.`,
		Example: `    liverecon completion bash > /etc/bash_completion.d/liverecon
    source <(liverecon completion zsh)`,
		RunE: func(cmd *cobra.Command, args []string) error {
			out, root := noting{p.out.raw, p.out.failed}, cmd.Root()
			switch args[0] {
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return root.GenBashCompletionV2(out, true)
		},
	}
}

// logOptions describes how much is logged, and where else than on standard error.
type logOptions struct {
	level          string
	verbose, quiet bool
	file           string
}

func (o *logOptions) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.level, "log-level", "info", "`LEVEL` of the log: debug, info, warn or error")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "log all there is: --log-level debug")
	cmd.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "log what is wrong alone: --log-level warn")
	cmd.Flags().StringVar(&o.file, "log-file", "", "also write the log, as JSON, at the end of `FILE`")
}

// parsed returns the level.
func (o *logOptions) parsed() (slog.Level, error) {
	switch {
	case o.verbose && o.quiet:
		return 0, config.Usage("give one of them", "--verbose goes without --quiet")
	case o.verbose:
		return slog.LevelDebug, nil
	case o.quiet:
		return slog.LevelWarn, nil
	}
	return parseLevel(o.level)
}

// also returns a log that goes to the file, too, where there is one, and what ends that. See database.OpenLog.
func (o *logOptions) also(log *slog.Logger, level slog.Level) (*slog.Logger, func() error, error) {
	if o.file == "" {
		return log, func() error { return nil }, nil
	}
	file, err := database.OpenLog(o.file)
	if err != nil {
		return log, func() error { return nil }, err
	}
	return slog.New(slog.NewMultiHandler(log.Handler(), slog.NewJSONHandler(clean.Writer(file),
		&slog.HandlerOptions{Level: level}))), file.Close, nil
}
