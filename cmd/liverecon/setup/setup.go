// Package setup writes a new installation: a configuration with every setting, and what starts a run every night.
package setup

import (
	"bytes"
	"embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/template"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/store/disk"
)

// templates holds what init writes: the configuration with every setting, and what starts a run every night.
//
//go:embed liverecon.* next.txt
var templates embed.FS

// dashboard shows the metrics in Grafana. Its legends have braces of their own: it is no template.
//
//go:embed dashboard.json
var dashboard []byte

// Installation holds the values that the templates are filled in with.
type Installation struct {
	Dir     string
	Config  string
	Program string
	Home    string // of systemd's ProtectHome
	Success string // exit codes beside 0 that systemd takes for success

	Packaged bool // account, directories and units are those of a package of the system
}

// Where a package of the system puts the program, its state and its units.
const (
	PackagedProgram = "/usr/bin/liverecon"
	PackagedState   = "/var/lib/liverecon"
	PackagedUnits   = "/usr/lib/systemd/system"
)

// plainPath matches paths of only characters that a shell, cron and systemd take as they are.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._+,@=-]+$`)

// New returns what is to be written into a directory, and refuses paths that cron or systemd would read otherwise.
func New(dir string) (Installation, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Installation{}, err
	}
	program, err := os.Executable()
	if err != nil {
		return Installation{}, err
	}
	for _, path := range []string{dir, program} {
		if !plainPath.MatchString(path) {
			return Installation{}, config.Usage("choose a path of letters, digits and / . _ + , @ = -",
				"%q: cron and systemd each read some of its characters in their own way", path)
		}
	}
	i := Installation{Dir: dir, Config: filepath.Join(dir, config.DefaultConfig), Program: program, Home: "yes",
		Success: SuccessStatus()}
	_, err = os.Stat(filepath.Join(PackagedUnits, "liverecon.timer"))
	i.Packaged = err == nil && program == PackagedProgram && dir == PackagedState
	for _, home := range []string{"/home/", "/root/", "/run/user/"} {
		if strings.HasPrefix(dir+"/", home) || strings.HasPrefix(program, home) {
			i.Home = "read-only" // what is in there would not be visible at all
		}
	}
	return i, nil
}

// SuccessStatus names the exit codes of a good night for systemd, which knows of 0 by itself.
func SuccessStatus() string {
	var codes []string
	for _, code := range batch.Successes() {
		if code != batch.ExitDone {
			codes = append(codes, strconv.Itoa(code))
		}
	}
	return strings.Join(codes, " ")
}

// file represents a file that init writes.
type file struct {
	name string
	text []byte
	mode fs.FileMode
}

// Contents returns the files that init writes by their names, filled in.
func (i Installation) Contents() (map[string][]byte, error) {
	files, err := i.contents()
	texts := map[string][]byte{}
	for _, f := range files {
		texts[f.name] = f.text
	}
	return texts, err
}

// contents fills in the files. The configuration is taken as it is, and for its owner alone: a monitor's URL is a
// secret.
func (i Installation) contents() ([]file, error) {
	all, err := template.ParseFS(templates, "liverecon.*")
	if err != nil {
		return nil, err
	}
	files := []file{{name: config.DefaultConfig, mode: 0o600}, {name: "liverecon.crontab", mode: 0o644},
		{name: "liverecon.service", mode: 0o644}, {name: "liverecon.timer", mode: 0o644},
		{name: "liverecon.rules.yml", mode: 0o644}}
	for n := range files {
		var text bytes.Buffer
		if err := all.ExecuteTemplate(&text, files[n].name, i); err != nil {
			return nil, err
		}
		files[n].text = text.Bytes()
	}
	return append(files, file{"liverecon.dashboard.json", dashboard, 0o644}), nil
}

// Write writes all files or none, and makes the directories. It returns the paths written.
func (i Installation) Write() (written []string, err error) {
	files, err := i.contents()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		path := filepath.Join(i.Dir, f.name)
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			if err == nil {
				err = config.Usage("name another directory, or move that file away",
					"%s is there already: nothing was written", path)
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
		if err := disk.Create(path, f.mode, func(w io.Writer) error {
			_, err := w.Write(f.text)
			return err
		}); err != nil {
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
		return &config.Error{Code: batch.ExitFailed, Err: err,
			Hint: "make it as a user who may, and give it to the user who is to run the job"}
	}
	return os.Chmod(dir, mode)
}

// Next tells the user what remains to be done.
func (i Installation) Next() (string, error) {
	var said strings.Builder
	text, err := template.ParseFS(templates, "next.txt")
	if err == nil {
		err = text.Execute(&said, i)
	}
	return said.String(), err
}
