//go:build unix

package main

import "syscall"

// keepPrivate makes what is written from now on readable for its owner alone, where a file does not say otherwise: it
// holds IDs and money.
func keepPrivate() { syscall.Umask(0o077) }
