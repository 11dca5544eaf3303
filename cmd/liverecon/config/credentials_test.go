package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liverecon/batch"
	"liverecon/batch/liveness"
)

func TestKeyring(t *testing.T) {
	t.Setenv("LIVERECON_ACCESS_KEY", "for-all")
	t.Setenv("LIVERECON_SECRET_KEY", "secret-for-all")
	t.Setenv("LIVERECON_MY_RESELLER_ACCESS_KEY", " own \n")
	t.Setenv("LIVERECON_HOME", "stays")
	keys, err := TakeKeyring()
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range os.Environ() {
		if strings.HasPrefix(pair, "LIVERECON_") && pair != "LIVERECON_HOME=stays" {
			t.Errorf("%s is still in the environment", pair)
		}
	}
	for name, want := range map[string]string{"id": "for-all", "my-reseller": "own"} {
		pair, err := keys.Of(EndpointConfig{Endpoint: liveness.Endpoint{Name: name}})
		if err != nil || pair.AccessKey != want || pair.SecretKey != "secret-for-all" {
			t.Errorf("%s has access key %q, %v", name, pair.AccessKey, err)
		}
	}
}

func TestKeyFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode fs.FileMode) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	if key, err := readKey(write("good", "key\n", 0o600), onlyOwner); key.text != "key" || err != nil {
		t.Errorf("key %q, %v", key.text, err)
	}
	if key, err := readKey(write("systemd", "key", 0o440), notOthers); key.text != "key" || err != nil {
		t.Errorf("key %q, %v", key.text, err)
	}
	if key, err := readKey(write("careless", "key", 0o444), notOthers); key.text != "" || ExitCode(err) != batch.ExitInput {
		t.Errorf("readable for all: key %q, %v", key.text, err)
	}
	for name, file := range map[string]string{
		"readable for a group": write("group", "key", 0o640),
		"empty":                write("empty", " \n", 0o600),
		"too long":             write("long", strings.Repeat("k", maxKey+1), 0o600),
		"missing":              filepath.Join(dir, "missing"),
	} {
		key, err := readKey(file, onlyOwner)
		if key.text != "" || ExitCode(err) != batch.ExitInput {
			t.Errorf("%s: key %q, %v", name, key.text, err)
		}
	}
	if _, err := readKey(filepath.Join(dir, "missing"), onlyOwner); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}
