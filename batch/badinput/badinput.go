// Package badinput marks the errors of input that is refused, and finds what was refused behind the mark.
package badinput

import "errors"

// Err marks a configuration that does not fit what is open, or a statement that is refused.
var Err = errors.New("bad input")

// Cause returns the error that Err marks, without the mark and what was wrapped around it; an unmarked one as it is.
func Cause(err error) error {
	for e := err; e != nil; {
		many, ok := e.(interface{ Unwrap() []error }) //nolint:errorlint // this level alone is asked
		if !ok {
			e = errors.Unwrap(e)
			continue
		}
		parts := many.Unwrap()
		if len(parts) == 2 && parts[0] == Err { //nolint:errorlint // the bare mark
			return parts[1]
		}
		e = parts[0]
	}
	return err
}
