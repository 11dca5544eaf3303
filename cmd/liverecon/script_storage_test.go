package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"liverecon/cmd/liverecon/internal/objects/objectstest"
)

// storagePlaceholder stands in a script's configuration for the port where its storage listens.
const storagePlaceholder = "9026"

// scriptStorage is the storage of one script.
type scriptStorage struct{ *objectstest.Server }

// startStorage is `storage BUCKET...`: it speaks the protocol of S3 until the script ends. Its keys are in the files
// access and secret.
func startStorage(ts *testscript.TestScript, _ bool, buckets []string) {
	server, err := objectstest.Start(false, buckets...)
	ts.Check(err)
	ts.Defer(server.Close)
	ts.Value(scriptStorage{}).(*scriptStorage).Server = server
	_, err = server.Place(ts.MkAbs("."), buckets[0])
	ts.Check(err)
	port := server.URL[strings.LastIndexByte(server.URL, ':')+1:]
	files, err := filepath.Glob(ts.MkAbs("*.toml"))
	ts.Check(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		ts.Check(err)
		ts.Check(os.WriteFile(file, bytes.ReplaceAll(text, []byte(storagePlaceholder), []byte(port)), 0o600))
	}
}

// listStorage is `stored BUCKET`: it prints the names that are in a bucket.
func listStorage(ts *testscript.TestScript, _ bool, args []string) {
	all, err := ts.Value(scriptStorage{}).(*scriptStorage).Objects(args[0])
	ts.Check(err)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		_, err := fmt.Fprintln(ts.Stdout(), name)
		ts.Check(err)
	}
}
