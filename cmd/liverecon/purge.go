package main

import (
	"context"
	"regexp"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/personal"
	"liverecon/cmd/liverecon/reports"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

type purgeOptions struct {
	source
	olderThan string
	images    bool
	yes, json bool
}

func purgeVerb(p *program) *cobra.Command {
	var o purgeOptions
	cmd := &cobra.Command{
		Use: "purge [flags] --older-than DAYS", Args: cobra.NoArgs,
		Long: `Take out what names persons, of lists read before so many days ago: IDs, the other columns
of their rows, answers as received, rejected rows, stored images; then the database file
is rebuilt, and the risk workbooks of periods that ended before then are written again.
What money and statistics rest on stays: states, scores, calls, prices. IDs that still wait
for an answer are kept until they have one.

Without --yes it only says what it would do. [retention] in the configuration does the same
at the end of every run, without rebuilding the file; where one night would take out more
than a tenth of all IDs, or what is 90 days beyond the last purge, it leaves that to this
verb, since the clock may be wrong.`,
		Example: `    liverecon purge --older-than 400d
    liverecon purge --older-than 400d --yes`,
		RunE: func(cmd *cobra.Command, _ []string) error { return purgeLists(cmd.Context(), p, &o) },
	}
	o.flags(cmd, "purge the simulated run")
	cmd.Flags().StringVar(&o.olderThan, "older-than", "", "age in `DAYS`, such as 400d")
	cmd.Flags().BoolVar(&o.images, "images", false, "images only")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do it, instead of saying what would be done")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

var daysForm = regexp.MustCompile(`^([0-9]{1,5})d?$`)

// parseDays reads an age such as 400d.
func parseDays(text string) (int64, error) {
	m := daysForm.FindStringSubmatch(text)
	if m == nil {
		return 0, config.Usage("such as --older-than 400d", "--older-than %.40q: want a number of days", text)
	}
	return strconv.ParseInt(m[1], 10, 64)
}

func purgeLists(ctx context.Context, p *program, o *purgeOptions) error {
	days, err := parseDays(o.olderThan)
	if err != nil {
		return err
	}
	if !o.yes {
		return o.read(ctx, func(c *config.Config, s *store.Store) error {
			preview := personal.PreviewPurge
			if o.images {
				preview = personal.PreviewImages
			}
			found, err := preview(ctx, c, s, days)
			if err == nil {
				printPurging(p.out, c, found, o.json)
			}
			return err
		})
	}
	return personal.WithHint(o.write(ctx, p, "purge", func(c *config.Config, s *store.Store) error {
		if o.images {
			done, err := personal.PurgeImages(ctx, c, s, days)
			if err == nil {
				printPurging(p.out, c, done, o.json)
			}
			return err
		}
		done, err := personal.PurgeLists(ctx, c, s, reports.New(c, s, config.Version(), reportWarner(p.err)), days)
		if err == nil {
			printPurging(p.out, c, done, o.json)
		}
		return err
	}))
}

func printPurging(out stream, c *config.Config, done personal.Purge, asJSON bool) {
	if asJSON {
		out.json(done)
		return
	}
	verb := "would be taken out"
	if done.Done {
		verb = "taken out"
	}
	out.printf("before %s: %s of %s %s, %s as received, %s\n", done.Before.In(c.Zone).Format(time.DateOnly),
		words.Plural(done.Checks, "ID", "IDs"),
		words.Plural(done.Lists, "list", "lists"), verb, words.Plural(done.Answers, "answer", "answers"),
		words.Plural(done.Rejects, "rejected row", "rejected rows"))
	if done.Images > 0 {
		out.printf("%s %s\n", words.Plural(done.Images, "image", "images"), verb)
	}
	printFiles(out, "report", "written again", done.Reports)
	if !done.Done {
		out.printf("nothing was changed; add --yes to do it\n")
	}
	if done.Clock != "" {
		out.printf("is this machine's clock right? %s\n", done.Clock)
	}
}
