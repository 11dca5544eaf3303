package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
)

// setup holds what init writes: the configuration with every setting, and what starts a run every night.
//
//go:embed setup
var setup embed.FS

// installation is what the files of setup need to know.
type installation struct {
	Dir     string
	Config  string
	Program string
	Home    string // of systemd's ProtectHome
	Success string // exit codes beside 0 that systemd takes for success
}

func (p *program) initVerb() *cobra.Command {
	var asJSON, anew bool
	var o source
	cmd := &cobra.Command{
		Use: "init [flags] [DIR]", Args: cobra.MaximumNArgs(1),
		Long: `Write into DIR (default: here) a configuration with every setting there is, a line for
cron, and a hardened service and a timer for systemd; make directories for lists and
keys. Nothing that is there is overwritten.

With --new it writes none of these. It says that the configuration's database is meant to be
another one than records outside of it tell of: it gets a new identity; where there is none,
the next run may make one. What a new database does not know is asked, and paid, again.`,
		Example: `    liverecon init /var/lib/liverecon
    liverecon init
    liverecon init --new --config /etc/liverecon.toml   # begin with another database`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if anew {
				return p.initNew(cmd.Context(), &o, args, asJSON)
			}
			if o.file != "" || o.simulate || o.out != "out" {
				return config.Usage("liverecon init --new --config FILE, or liverecon init DIR", "--config, --simulate and --out go with --new")
			}
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return p.init(dir, asJSON)
		},
	}
	cmd.Flags().BoolVar(&anew, "new", false, "give the configuration's database a new identity, instead of writing files")
	o.flags(cmd, "with --new: the database of the simulated run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

func (p *program) init(dir string, asJSON bool) error {
	i, err := newInstallation(dir)
	if err != nil {
		return err
	}
	contents, err := i.contents()
	if err != nil {
		return err
	}
	files, err := i.write(contents)
	if err != nil {
		return err
	}
	if asJSON {
		p.printJSON(map[string]any{"directory": i.Dir, "files": files})
		return nil
	}
	for _, file := range files {
		say(p.out, "wrote %s\n", file)
	}
	return i.next(p)
}

// plainPath has only characters that a shell, cron and systemd take as they are.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._+,@=-]+$`)

func newInstallation(dir string) (installation, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return installation{}, err
	}
	program, err := os.Executable()
	if err != nil {
		return installation{}, err
	}
	for _, path := range []string{dir, program} {
		if !plainPath.MatchString(path) {
			return installation{}, config.Usage("choose a path of letters, digits and / . _ + , @ = -", "%q: cron and systemd each read some of its characters in their own way", path)
		}
	}
	i := installation{Dir: dir, Config: filepath.Join(dir, config.DefaultConfig), Program: program, Home: "yes", Success: successStatus()}
	for _, home := range []string{"/home/", "/root/", "/run/user/"} {
		if strings.HasPrefix(dir+"/", home) || strings.HasPrefix(program, home) {
			i.Home = "read-only" // what is in there would not be visible at all
		}
	}
	return i, nil
}

// successStatus names the exit codes of a good night for systemd, which knows of 0 by itself.
func successStatus() string {
	var codes []string
	for _, code := range batch.Successes() {
		if code != batch.ExitDone {
			codes = append(codes, strconv.Itoa(code))
		}
	}
	return strings.Join(codes, " ")
}

// setupFile is a file that init writes.
type setupFile struct {
	name string
	text []byte
	mode fs.FileMode
}

// contents fills in the files. The configuration is taken as it is, and for its owner alone: a monitor's URL is a secret.
func (i installation) contents() ([]setupFile, error) {
	all, err := template.ParseFS(setup, "setup/liverecon.*")
	if err != nil {
		return nil, err
	}
	files := []setupFile{{name: config.DefaultConfig, mode: 0o600}, {name: "liverecon.crontab", mode: 0o644}, {name: "liverecon.service", mode: 0o644}, {name: "liverecon.timer", mode: 0o644}}
	for n := range files {
		var text bytes.Buffer
		if err := all.ExecuteTemplate(&text, files[n].name, i); err != nil {
			return nil, err
		}
		files[n].text = text.Bytes()
	}
	return files, nil
}

// write writes all files or none, and makes the directories.
func (i installation) write(files []setupFile) (written []string, err error) {
	for _, f := range files {
		path := filepath.Join(i.Dir, f.name)
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			if err == nil {
				err = config.Usage("name another directory, or move that file away", "%s is there already: nothing was written", path)
			}
			return nil, err
		}
	}
	for dir, mode := range map[string]fs.FileMode{"": 0o750, "lists": 0o750, "keys": 0o700} {
		if err := makeDirectory(filepath.Join(i.Dir, dir), mode); err != nil {
			return nil, err
		}
	}
	defer func() {
		for _, path := range written {
			if err != nil {
				err = errors.Join(err, os.Remove(path))
			}
		}
	}()
	for _, f := range files {
		path := filepath.Join(i.Dir, f.name)
		if err := writeNew(path, f.text, f.mode); err != nil {
			return written, err
		}
		written = append(written, path)
	}
	return written, nil
}

// makeDirectory makes a directory where there is none.
func makeDirectory(dir string, mode fs.FileMode) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return &config.Error{Code: batch.ExitFailed, Err: err, Hint: "make it as a user who may, and give it to the user who is to run the job"}
	}
	return os.Chmod(dir, mode)
}

// writeNew writes a file whole or not at all, and never over another one.
func writeNew(path string, text []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Link(f.Name(), path)
}

// next says what remains to be done.
func (i installation) next(p *program) error {
	var said strings.Builder
	text, err := template.ParseFS(setup, "setup/next.txt")
	if err == nil {
		err = text.Execute(&said, i)
	}
	say(p.out, "%s", lines(said.String()))
	return err
}
