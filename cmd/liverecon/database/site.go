package database

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/store/dbfile"
)

// checkSite refuses a database on a file system that is not this machine's own, unless it was said to be fit.
func checkSite(c *config.Config) error {
	site, err := dbfile.Locate(c.Database)
	if errors.Is(err, fs.ErrNotExist) { // nor is its directory, which is for others to say
		return nil
	}
	if err == nil {
		err = Fits(c, site)
	}
	return WithCode(err)
}

// Fits refuses a site by the kind of its file system.
func Fits(c *config.Config, site dbfile.Site) error {
	if c.Network {
		return nil
	}
	return site.CheckLocal()
}

// File returns the path of the database, with symbolic links followed: its other files are beside it.
func File(c *config.Config) string {
	if site, err := dbfile.Locate(c.Database); err == nil {
		return site.Path
	}
	return c.Database
}

// RequireDirectory refuses to make the directory of a database: one that is missing is rather a slip in the path or a
// disk that is not mounted, and an empty database in its place would buy every answer again.
func RequireDirectory(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a directory", dir)
	}
	if err != nil {
		return &config.Error{Code: batch.ExitInput, Err: fmt.Errorf("directory of the database: %w", err),
			Hint: "is the path right and the disk mounted? Make it yourself if it is new: mkdir -p " + dir}
	}
	return nil
}
