package main

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"liverecon/store"
)

// TestCrashWithImages kills the real program at random moments while it stores images. In between, a file without a row
// is one of an image that is still queued; in the end every wanted image is stored once, no file is unknown, no part is
// left, and no call was made for an image's sake.
func TestCrashWithImages(t *testing.T) {
	t.Parallel()
	c := newCrashSite(t, t.TempDir(), uint64(time.Now().UnixNano()))
	c.listed = 0
	for range 2 {
		c.listImages(150)
		config, err := os.ReadFile(filepath.Join(c.dir, "liverecon.toml"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(config), "[evidence]") {
			vendor := regexp.MustCompile(`http://([^/]+)/`).FindSubmatch(config)[1]
			c.write("liverecon.toml", string(config)+"[evidence]\ndownload = \"all\"\nrate = 1000\nconcurrency = 8\nallowed_hosts = [\""+string(vendor)+"\"]\n")
		}
		for range 10 {
			if c.killed() {
				break
			}
			c.judge()
			c.judgeImages(false)
		}
	}
	c.finish()
	c.judge()
	c.judgeImages(true)
	c.nothingLeft()
}

// listImages makes the list longer by n rows.
func (c *crashSite) listImages(n int) {
	before := c.listed
	c.listed = before + n - c.rows
	c.grow()
}

// judgeImages compares files and rows.
func (c *crashSite) judgeImages(ended bool) {
	c.t.Helper()
	path := filepath.Join(c.dir, "liverecon.db")
	s, err := store.OpenReader(context.Background(), path)
	if errors.Is(err, os.ErrNotExist) {
		return // killed before the first schema was there
	}
	if err != nil {
		c.t.Fatal(err)
	}
	defer s.Close()
	stored, queued := imagesIn(c.t, path)
	dir := filepath.Join(c.dir, "evidence")
	files := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		name, err := filepath.Rel(dir, path)
		stem := stemOf(name)
		if !stored[name] && (ended || !queued[stem]) {
			c.t.Errorf("nobody knows of %s", name)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.t.Error(err)
	}
	c.t.Logf("%d images stored, %d queued, %d files", len(stored), len(queued), files)
	if ended && (len(queued) > 0 || files != len(stored) || files < 300) {
		c.t.Errorf("in the end %d images are stored, %d queued, in %d files", len(stored), len(queued), files)
	}
}

// stemOf is folder, call and kind of a file or a part.
func stemOf(name string) string {
	folder, file := filepath.Split(name)
	parts := strings.SplitN(strings.TrimPrefix(file, "."), "-", 3)
	return folder + parts[0] + "-" + strings.TrimSuffix(parts[1], ".part")
}

func imagesIn(t *testing.T, path string) (stored, queued map[string]bool) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT state, path, folder || '/' || call_id || '-' || kind FROM evidence WHERE state IN ('stored', 'queued')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	stored, queued = map[string]bool{}, map[string]bool{}
	for rows.Next() {
		var state, file, stem string
		if err := rows.Scan(&state, &file, &stem); err != nil {
			t.Fatal(err)
		}
		if state == "stored" {
			stored[file] = true
		} else {
			queued[stem] = true
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return stored, queued
}
