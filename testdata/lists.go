// Package testdata has the lists of the demonstration, which the program carries with it.
package testdata

import "embed"

// Lists lists the files of the directory lists.
//
//go:embed lists
var Lists embed.FS
