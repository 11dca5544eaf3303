//go:build !unix

package parquet

import "os"

// lockFile opens a file. Where this system has no such locks, two exports at once are for the operator to avoid.
func lockFile(name string) (*os.File, error) { return os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o640) }
