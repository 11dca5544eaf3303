package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"liverecon/batch"
	"liverecon/batch/liveness"
	"liverecon/store"
)

func (p *program) doctorVerb() *cobra.Command {
	var o source
	var asJSON bool
	cmd := &cobra.Command{
		Use: "doctor [flags]", Args: cobra.NoArgs,
		Long: `Check what a night needs, one line each: configuration, lists, database and its books, disk,
permissions, and each endpoint's credentials and clock by asking for a token, which is
free. No paid call is made.

Exit code 0 when all is well, 10 when the configuration is not, 12 when the vendor
refuses an account, else 1.`,
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
	What string `json:"check"`
	OK   bool   `json:"ok"`
	Text string `json:"finding"`
	Hint string `json:"hint,omitempty"`
	code int
}

// findings collects what doctor finds.
type findings []finding

func (f *findings) good(what, format string, args ...any) {
	*f = append(*f, finding{What: what, OK: true, Text: fmt.Sprintf(format, args...)})
}

// bad notes every part of an error.
func (f *findings) bad(what string, code int, err error) {
	for _, e := range apart(err) {
		*f = append(*f, finding{What: what, Text: strings.ReplaceAll(e.Error(), "\n", "; "), Hint: hintFor(e), code: code})
	}
}

func (p *program) doctor(ctx context.Context, o *source, asJSON bool) error {
	keys, err := takeKeyring()
	if err != nil {
		return err
	}
	var f findings
	if c, err := o.settings(); err != nil {
		f.bad("configuration", batch.ExitInput, err)
	} else {
		f.good("configuration", "%s: %s", c.file, plural(int64(len(c.endpoints)), "endpoint", "endpoints"))
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
	return &fault{code, errSilent, ""}
}

func (p *program) printFindings(f findings) {
	for _, one := range f {
		word := "FAIL"
		if one.OK {
			word = "OK"
		}
		say(p.out, "%-4s  %-14s  %s\n", word, one.What, one.Text)
		if one.Hint != "" {
			say(p.out, "      %-14s  hint: %s\n", "", one.Hint)
		}
	}
}

func (f *findings) examine(ctx context.Context, c *config, simulated bool, keys *keyring) {
	f.lists(c)
	f.database(ctx, c, simulated)
	f.directories(c)
	f.endpoints(ctx, c, simulated, keys)
}

func (f *findings) lists(c *config) {
	if len(c.lists) == 0 {
		f.bad("lists", batch.ExitInput, usage(`set lists = ["lists/*.csv"]`, "none are configured"))
		return
	}
	lists, err := batch.ExpandLists(c.lists, c.base)
	if err != nil {
		f.bad("lists", batch.ExitInput, usage("is the path right?", "%w", err))
		return
	}
	f.good("lists", "%s", plural(int64(len(lists)), "list", "lists"))
}

func (f *findings) database(ctx context.Context, c *config, simulated bool) {
	if holder, ok := store.CurrentHolder(c.database); ok {
		f.good("lock", "%s has it, process %d on %s", holder.Verb, holder.PID, holder.Host)
	} else {
		f.good("lock", "free")
	}
	s, closeStore, err := openToRead(ctx, c)
	if err != nil {
		f.bad("database", max(exitCode(err), batch.ExitFailed), err)
		return
	}
	if s == nil {
		f.good("database", "%s is not there yet: the first run makes it", c.database)
		return
	}
	defer closeStore() //nolint:errcheck // opened for reading
	if err := refuseMixing(ctx, s, simulated); err != nil {
		f.bad("database", exitCode(err), err)
	}
	if err := s.QuickCheck(ctx); err != nil {
		f.bad("database", batch.ExitFailed, err)
		return
	}
	f.good("database", "%s: %s, structure sound", c.database, humanize.IBytes(uint64(s.Size())))
	if err := s.AuditBooks(ctx); err != nil {
		f.bad("books", batch.ExitFailed, err)
		return
	}
	f.good("books", "every conservation law holds")
}

// leastRoom is what a disk should have left for a night: database, its log, spill file and workbooks.
const leastRoom = 512 << 20

func (f *findings) directories(c *config) {
	dirs := map[string]string{"disk": filepath.Dir(c.database), "reports": c.reports}
	for _, what := range []string{"disk", "reports"} {
		dir := existing(dirs[what])
		var disk unix.Statfs_t
		if err := unix.Statfs(dir, &disk); err != nil {
			f.bad(what, batch.ExitFailed, fmt.Errorf("%s: %w", dir, err))
			continue
		}
		free := disk.Bavail * uint64(disk.Bsize)
		switch {
		case unix.Access(dir, unix.W_OK) != nil:
			f.bad(what, batch.ExitFailed, &fault{batch.ExitFailed, fmt.Errorf("%s: may not be written by this user", dir), "run as the user who owns it, or change its owner"})
		case free < leastRoom:
			f.bad(what, batch.ExitFailed, &fault{batch.ExitFailed, fmt.Errorf("%s: %s are free", dir, humanize.IBytes(free)), "free some space: a full disk stops a run"})
		default:
			f.good(what, "%s: %s free", dir, humanize.IBytes(free))
		}
	}
	if info, err := os.Stat(c.database); err == nil && info.Mode().Perm()&0o077 != 0 {
		f.bad("permissions", batch.ExitFailed, &fault{batch.ExitFailed, fmt.Errorf("%s: others than its owner may read it (mode %04o)", c.database, info.Mode().Perm()), "chmod 600 " + c.database})
	}
}

// existing is the nearest directory that is there: reports is made by the first run.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// endpoints asks every endpoint for a token.
func (f *findings) endpoints(ctx context.Context, c *config, simulated bool, keys *keyring) {
	find, transport := keys.of, func(endpointConfig) http.RoundTripper { return liveness.NewTransport(1) }
	if simulated {
		vendor, err := simulatedVendor(nil, nil)
		if err != nil {
			f.bad("endpoints", batch.ExitFailed, err)
			return
		}
		find, transport = simulatedKeys, func(endpointConfig) http.RoundTripper { return vendor.Transport() }
	}
	all := c.endpoints
	for _, e := range all {
		c.endpoints = []endpointConfig{e}
		lanes, err := c.lanes(find, transport)
		if err != nil {
			f.bad("endpoint "+e.Name, batch.ExitInput, err)
			continue
		}
		f.token(ctx, lanes[0].Client)
	}
	c.endpoints = all
}

// clockTolerance is how far this clock may be off. The vendor refuses tokens at about 300 s.
const clockTolerance = time.Minute

func (f *findings) token(ctx context.Context, client *liveness.Client) {
	what := "endpoint " + client.Endpoint().Name
	token, err := client.Token(ctx)
	var refused *liveness.TokenError
	switch {
	case errors.As(err, &refused) && refused.ClockSkew != 0:
		f.bad(what, batch.ExitRefused, &fault{batch.ExitRefused, err, "set this machine's clock: timedatectl set-ntp true"})
	case errors.As(err, &refused) && (refused.Class == liveness.Configuration || refused.Class == liveness.Account):
		f.bad(what, batch.ExitRefused, &fault{batch.ExitRefused, err, "are the keys this account's, and is it valid for this endpoint's country?"})
	case err != nil:
		f.bad(what, batch.ExitFailed, &fault{batch.ExitFailed, err, "is the URL right and the network there?"})
	case token.ClockSkew().Abs() > clockTolerance:
		f.bad(what, batch.ExitFailed, &fault{batch.ExitFailed, fmt.Errorf("a token was given, but this clock is off by %v", token.ClockSkew()), "set this machine's clock: timedatectl set-ntp true"})
	default:
		f.good(what, "gives a token; this clock is off by %v", token.ClockSkew())
	}
}
