// Package pack writes what a package of the program holds beside its binary: units, man pages, completion, alerts.
package pack

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/setup"
	"liverecon/cmd/liverecon/setup/manual"
)

// users names the account of the service, as systemd-sysusers reads it.
const users = "u liverecon - \"liverecon, nightly liveness checks\" " + setup.PackagedState + " /usr/sbin/nologin\n"

// directories names what is made for the service, as systemd-tmpfiles reads it. Keys are root's alone: the unit hands
// them to the service.
const directories = "d " + setup.PackagedState + " 0750 liverecon liverecon -\n" +
	"d " + setup.PackagedState + "/lists 0750 liverecon liverecon -\n" +
	"d " + setup.PackagedState + "/keys 0700 root root -\n"

// Contents returns the files of a package by their paths below its root, which are the same whoever makes them, where
// and when. The verbs are those of command, overview the text that lists them.
func Contents(command *cobra.Command, overview string) (map[string][]byte, error) {
	files := map[string][]byte{
		"usr/lib/sysusers.d/liverecon.conf": []byte(users),
		"usr/lib/tmpfiles.d/liverecon.conf": []byte(directories),
	}
	i := setup.Installation{Dir: setup.PackagedState, Config: path.Join(setup.PackagedState, config.DefaultConfig),
		Program: setup.PackagedProgram, Home: "yes", Success: setup.SuccessStatus()}
	written, err := i.Contents()
	if err != nil {
		return nil, err
	}
	for name, text := range written {
		switch path.Ext(name) {
		case ".service", ".timer":
			files[setup.PackagedUnits[1:]+"/"+name] = text
		default:
			files["usr/share/doc/liverecon/"+name] = text
		}
	}
	if err := completion(command, files); err != nil {
		return nil, err
	}
	for name, page := range manPages(command, overview) {
		files["usr/share/man/"+name] = page
	}
	for _, topic := range manual.Topics() {
		text, _ := manual.Page(topic)
		files["usr/share/doc/liverecon/manual/"+topic+".md"] = text
	}
	return files, nil
}

// completion adds what shells read where they look for it.
func completion(command *cobra.Command, files map[string][]byte) error {
	var bash, zsh, fish bytes.Buffer
	err := errors.Join(command.GenBashCompletionV2(&bash, true), command.GenZshCompletion(&zsh),
		command.GenFishCompletion(&fish, true))
	files["usr/share/bash-completion/completions/liverecon"] = bash.Bytes()
	files["usr/share/zsh/vendor-completions/_liverecon"] = zsh.Bytes()
	files["usr/share/fish/vendor_completions.d/liverecon.fish"] = fish.Bytes()
	return err
}

// Write writes the files below root, which it makes, and returns their paths. A file that is there is an error.
func Write(root string, command *cobra.Command, overview string) ([]string, error) {
	files, err := Contents(command, overview)
	if err != nil {
		return nil, err
	}
	var written []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		to := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return written, err
		}
		if err := create(to, files[name]); err != nil {
			return written, err
		}
		written = append(written, to)
	}
	return written, nil
}

// create writes a new file that everybody may read.
func create(to string, text []byte) error {
	if _, err := os.Lstat(to); err == nil {
		return config.Usage("name an empty directory", "%s is there already", to)
	}
	return os.WriteFile(to, text, fs.FileMode(0o644))
}

// summary returns what the overview says of a verb: the rest of its line.
func summary(overview, verb string) string {
	for line := range strings.Lines(overview) {
		if name, rest, _ := strings.Cut(strings.TrimPrefix(line, "    "), " "); name == verb {
			return strings.TrimSpace(rest)
		}
	}
	return "a verb of liverecon"
}
