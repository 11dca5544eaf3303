package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/store"
)

func (p *program) backupVerb() *cobra.Command {
	var o source
	var asJSON bool
	cmd := &cobra.Command{
		Use: "backup [flags] FILE", Args: cobra.ExactArgs(1),
		Long: `Copy the database to a new file, whole and checked, while runs and reports may go on. The
copy holds the same IDs: keep it as safe as the original.`,
		Example: `    liverecon backup /var/backups/liverecon-2026-11-22.db`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.read(cmd.Context(), func(_ *config, s *store.Store) error { return p.backup(cmd.Context(), s, args[0], asJSON) })
		},
	}
	o.flags(cmd, "back up the simulated run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

func (p *program) backup(ctx context.Context, s *store.Store, file string, asJSON bool) error {
	if err := s.Backup(ctx, file); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return &fault{batch.ExitInput, err, "a backup is not written over another one: give a new name"}
		}
		return err
	}
	size, err := verifyBackup(ctx, file)
	if err != nil {
		return errors.Join(err, os.Remove(file))
	}
	if asJSON {
		p.printJSON(map[string]any{"file": file, "bytes": size})
		return nil
	}
	say(p.out, "wrote %s, %s bytes, checked\n", file, comma(size))
	return nil
}

// verifyBackup reads the copy as a restore would.
func verifyBackup(ctx context.Context, file string) (size int64, err error) {
	s, err := store.OpenReader(ctx, file)
	if err != nil {
		return 0, err
	}
	return s.Size(), errors.Join(s.QuickCheck(ctx), s.Close())
}
