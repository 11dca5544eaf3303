package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/doctor"
)

func doctorVerb(out stream) *cobra.Command {
	var o source
	var asJSON, ask bool
	cmd := &cobra.Command{
		Use: "doctor [flags]", Args: cobra.NoArgs,
		Long: `Check what a night needs, one line each: configuration, lists, limits, database and its
books, time zone and deadline, backups, disks, permissions, metrics and monitor, and each
endpoint's keys, address and clock by asking for a token, which is free. No paid call is
made, and the monitor is not told.

--ask also calls the result URL of each endpoint once, without an ID, which the vendor
should refuse for free. The call is noted in the database (v_probes) before it is sent; one
whose answer is lost, or not tagged FREE, may be charged, and status and doctor name it.

Exit code 0 when all is well or only WARN is said, 10 when the configuration or a list is
not, 12 when the vendor refuses an account, else 1.`,
		Example: `    liverecon doctor
    liverecon doctor --ask
    liverecon doctor --config /etc/liverecon.toml --json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return examine(cmd.Context(), out, &o, ask, asJSON) },
	}
	o.flags(cmd, "check the simulated vendor")
	cmd.Flags().BoolVar(&ask, "ask", false, "call each result URL once, without an ID")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return cmd
}

func examine(ctx context.Context, out stream, o *source, ask, asJSON bool) error {
	keys, err := config.TakeKeyring()
	if err != nil {
		return err
	}
	var f doctor.Findings
	if c, err := o.settings(); err != nil {
		f = doctor.Unusable(err)
	} else {
		f = doctor.Examine(ctx, c, o.simulate, ask, keys)
	}
	if asJSON {
		out.json(f)
	} else {
		printFindings(out, f)
	}
	if code := f.ExitCode(); code != 0 {
		return &config.Error{Code: code, Err: config.ErrSilent, Hint: ""}
	}
	return nil
}

func printFindings(out stream, f doctor.Findings) {
	for _, one := range f {
		out.wrap(fmt.Sprintf("%-4s  %-14s  ", strings.ToUpper(one.Level), one.What), one.Text)
		if one.Hint != "" {
			out.printf("      %-14s  hint: %s\n", "", one.Hint) // in one piece: it may be a command
		}
	}
}
