package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/hint"
)

func (p *program) doctorVerb() *cobra.Command {
	var o source
	var asJSON bool
	cmd := &cobra.Command{
		Use: "doctor [flags]", Args: cobra.NoArgs,
		Long: `Check what a night needs, one line each: configuration, lists, limits, database and its
books, time zone and deadline, backups, disks, permissions, metrics and monitor, and each
endpoint's keys, address and clock by asking for a token, which is free. No paid call is
made, and the monitor is not told.

Exit code 0 when all is well or only WARN is said, 10 when the configuration is not, 12
when the vendor refuses an account, else 1.`,
		Example: `    liverecon doctor
    liverecon doctor --config /etc/liverecon.toml --json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.doctor(cmd.Context(), &o, asJSON) },
	}
	o.flags(cmd, "check the simulated vendor")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return cmd
}

// finding is one line of doctor.
type finding struct {
	What  string `json:"check"`
	OK    bool   `json:"ok"`
	Level string `json:"level"` // ok, warn: a night will do, but; fail
	Text  string `json:"finding"`
	Hint  string `json:"hint,omitempty"`
	code  int
}

// findings collects what doctor finds.
type findings []finding

func (f *findings) good(what, format string, args ...any) {
	*f = append(*f, finding{What: what, OK: true, Level: "ok", Text: fmt.Sprintf(format, args...)})
}

// warn notes what a night can do without, and an operator should not.
func (f *findings) warn(what, hint, format string, args ...any) {
	*f = append(*f, finding{What: what, OK: true, Level: "warn", Text: fmt.Sprintf(format, args...), Hint: hint})
}

// bad notes every part of an error.
func (f *findings) bad(what string, code int, err error) {
	for _, e := range config.Apart(err) {
		*f = append(*f, finding{What: what, Level: "fail", Text: strings.ReplaceAll(e.Error(), "\n", "; "), Hint: hint.For(e), code: code})
	}
}

// fail notes one thing that is wrong with this machine.
func (f *findings) fail(what, hint, format string, args ...any) {
	f.bad(what, batch.ExitFailed, &config.Error{Code: batch.ExitFailed, Err: fmt.Errorf(format, args...), Hint: hint})
}

func (p *program) doctor(ctx context.Context, o *source, asJSON bool) error {
	keys, err := config.TakeKeyring()
	if err != nil {
		return err
	}
	var f findings
	if c, err := o.settings(); err != nil {
		f.bad("configuration", batch.ExitInput, err)
	} else {
		f.configuration(c)
		f.examine(ctx, c, o.simulate, keys)
	}
	if asJSON {
		p.printJSON(f)
	} else {
		p.printFindings(f)
	}
	code := 0
	for _, one := range f {
		code = max(code, one.code)
	}
	if code == 0 {
		return nil
	}
	return &config.Error{Code: code, Err: config.ErrSilent, Hint: ""}
}

func (p *program) printFindings(f findings) {
	for _, one := range f {
		p.hanging(fmt.Sprintf("%-4s  %-14s  ", strings.ToUpper(one.Level), one.What), one.Text)
		if one.Hint != "" {
			say(p.out, "      %-14s  hint: %s\n", "", one.Hint) // in one piece: it may be a command
		}
	}
}

func (f *findings) examine(ctx context.Context, c *config.Config, simulated bool, keys *config.Keyring) {
	f.lists(ctx, c)
	f.limits(c)
	s := f.database(ctx, c, simulated)
	f.prices(ctx, c, s, time.Now())
	f.times(ctx, c, s, time.Now())
	if s != nil {
		f.lastRun(ctx, s, time.Now())
		f.suspects(ctx, s)
		if err := s.Close(); err != nil {
			f.bad("database", batch.ExitFailed, err)
		}
	}
	if !simulated {
		f.backups(c, time.Now())
	}
	f.disks(c)
	f.permissions(c)
	f.monitors(c)
	f.endpoints(ctx, c, simulated, keys)
}
