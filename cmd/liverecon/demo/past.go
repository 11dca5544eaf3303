package demo

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator/history"
	"liverecon/cmd/liverecon/config"
	"liverecon/store"
	"liverecon/store/disk"
	"liverecon/testdata"
)

const storyFile = "vendor-story.json"

func readStory(dir string) (told story, err error) {
	file := filepath.Join(dir, storyFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return story{Made: true}, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &told)
	}
	startOver := "remove the simulated run's directory and start over"
	switch {
	case err != nil:
		return told, config.Usage(startOver, "%s: %w", file, err)
	case !told.Made:
		return told, config.Usage(startOver, "%s: the run that made the months before it was stopped while it did", file)
	}
	return told, nil
}

func (s *Simulation) tell(told story) error {
	text, err := json.MarshalIndent(told, "", "  ")
	if err != nil {
		return err
	}
	return disk.Replace(filepath.Join(s.dir, storyFile), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// Unpack writes the lists that the program carries to where the built-in configuration looks for them, unless there are
// some.
func Unpack(c *config.Config) error {
	if c.File != builtIn {
		return nil
	}
	dir := filepath.Join(c.Base, c.Lists[0])
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	lists, err := fs.Sub(testdata.Lists, "lists")
	if err == nil {
		err = os.CopyFS(dir, lists)
	}
	return err
}

// Remember makes the months before a first simulated run, if it runs by the built-in configuration: nights with a story
// in them, in a database without any, and the vendor's ledger of them. It returns the last month that is over, with the
// file of its statement; "" where no months were made.
func (s *Simulation) Remember(
	ctx context.Context, c *config.Config, db *store.Store, log *slog.Logger,
) (month, statement string, err error) {
	if c.File != builtIn || s.Vendor.Served() > 0 {
		return "", "", nil
	}
	began := time.Now()
	plan := history.NewPlan(simulatedSeed, history.Today(began, c.Zone))
	log.Info("making the months before this night", "from", plan.First.Format(time.DateOnly))
	if err := s.tell(story{Chapters: plan.Story}); err != nil {
		return "", "", err
	}
	routes := c.Routes()
	entries, err := history.Make(ctx, history.Past{Plan: plan, Store: db, Ledger: s.ledger, Seed: simulatedSeed,
		Version: config.Version(), Zone: c.Zone, Clock: c.Clock,
		Policy: batch.Policy{Codes: c.Codes, RepeatInDoubt: c.RepeatInDoubt, Bare429: c.Bare429,
			NoScoreNights: c.NoScoreNights, RepeatAfter: c.RepeatAfter},
		Routes: func(region string) string {
			if name, ok := routes[region]; ok {
				return name
			}
			return routes["*"]
		},
		Suspicious: func(score float64) bool {
			return score < c.Threshold || score == c.Threshold && !c.Inclusive
		}})
	if err == nil {
		err = s.Vendor.Continue(entries, plan.Story)
	}
	if err != nil {
		return "", "", err
	}
	if statement, err = s.statement(plan.Closed()); err != nil {
		return "", "", err
	}
	log.Info("made the months before this night", "calls", len(entries),
		"took", time.Since(began).Round(time.Millisecond).String())
	return plan.Closed(), statement, s.tell(story{Made: true, Chapters: plan.Story})
}
