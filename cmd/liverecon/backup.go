package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch/clock"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

func backupVerb(p *program) *cobra.Command {
	var o source
	var asJSON bool
	cmd := &cobra.Command{
		Use: "backup [flags] [FILE]", Args: cobra.MaximumNArgs(1),
		Long: `Copy the database to a new file, whole and checked, while runs and reports may go on. The
copy holds the same IDs: keep it as safe as the original.

Without FILE the copy goes to the directory of backups that the configuration names, under
a name with the time, and the oldest ones beyond backup.keep are removed. Every run does
that, too, when it has ended.`,
		Example: `    liverecon backup /var/backups/liverecon-2026-11-22.db
    liverecon backup`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.read(cmd.Context(), func(c *config.Config, s *store.Store) error {
				return backUp(cmd.Context(), p, c, s, args, asJSON)
			})
		},
	}
	o.flags(cmd, "back up the simulated run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

func backUp(ctx context.Context, p *program, c *config.Config, s *store.Store, args []string, asJSON bool) error {
	file, err := "", error(nil)
	switch {
	case len(args) == 1:
		warnBehind(ctx, p.err, c, s)
		file = args[0]
		err = database.WriteBackup(ctx, s, file)
	case c.Backup.Directory == "":
		err = config.Usage("such as liverecon backup /var/backups/liverecon.db, or set backup.directory",
			"no file is given, and the configuration names no directory of backups")
	default: // a copy of what is behind would push out a better one
		if err = database.RefuseBehind(ctx, c, s); err == nil {
			var doubt string
			if doubt, err = clock.Doubt(ctx, s, time.Now()); err == nil {
				file, err = database.KeepBackup(ctx, c, s, time.Now(), doubt == "")
			}
		}
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if asJSON {
		p.out.json(map[string]any{"file": file, "bytes": info.Size()})
		return nil
	}
	p.out.printf("wrote %s, %s bytes, checked\n", file, words.Comma(info.Size()))
	return nil
}
