package main

import (
	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/setup"
	"liverecon/cmd/liverecon/setup/pack"
)

func initVerb(p *program) *cobra.Command {
	var asJSON, anew bool
	var packaged string
	var o source
	cmd := &cobra.Command{
		Use: "init [flags] [DIR]", Args: cobra.MaximumNArgs(1),
		Long: `Write into DIR (default: here) a configuration with every setting there is, a line for
cron, and a hardened service and a timer for systemd; make directories for lists and
keys. Nothing that is there is overwritten.

With --new it writes none of these. It says that the configuration's database is meant to be
another one than records outside of it tell of: it gets a new identity; where there is none,
the next run may make one. What a new database does not know is asked, and paid, again.

With --package it writes what a package of this program holds beside the binary, below a
directory: units, account and directories for systemd, man pages, completion, alert rules,
the dashboard, the manual.`,
		Example: `    liverecon init /var/lib/liverecon
    liverecon init
    liverecon init --new --config /etc/liverecon.toml   # begin with another database
    liverecon init --package root                       # root/usr/share/man/man1/liverecon.1 ...`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if anew {
				return initNew(cmd.Context(), p, &o, args, asJSON)
			}
			if packaged != "" {
				return initPackage(p.out, cmd.Root(), packaged, args, asJSON)
			}
			if o.file != "" || o.simulate || o.out != "out" {
				return config.Usage("liverecon init --new --config FILE, or liverecon init DIR",
					"--config, --simulate and --out go with --new")
			}
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return initDirectory(p.out, dir, asJSON)
		},
	}
	cmd.Flags().BoolVar(&anew, "new", false,
		"give the configuration's database a new identity, instead of writing files")
	cmd.Flags().StringVar(&packaged, "package", "", "write a package's files below `DIR`, and nothing else")
	o.flags(cmd, "with --new: the database of the simulated run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

// initPackage writes what a package holds.
func initPackage(out stream, root *cobra.Command, dir string, args []string, asJSON bool) error {
	if len(args) > 0 {
		return config.Usage("liverecon init --package DIR", "--package goes without another directory")
	}
	files, err := pack.Write(dir, root, rootHelp)
	if err == nil {
		printWritten(out, dir, files, asJSON)
	}
	return err
}

func initDirectory(out stream, dir string, asJSON bool) error {
	i, err := setup.New(dir)
	if err != nil {
		return err
	}
	files, err := i.Write()
	if err != nil {
		return err
	}
	printWritten(out, i.Dir, files, asJSON)
	if asJSON {
		return nil
	}
	next, err := i.Next()
	out.printf("%s", lines(next))
	return err
}

// printWritten names the files that were written.
func printWritten(out stream, dir string, files []string, asJSON bool) {
	if asJSON {
		out.json(map[string]any{"directory": dir, "files": files})
		return
	}
	for _, file := range files {
		out.printf("wrote %s\n", file)
	}
}
