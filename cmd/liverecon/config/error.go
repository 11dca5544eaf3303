package config

import (
	"errors"
	"fmt"
	"strings"

	"liverecon/batch"
)

// Error represents an error as its user needs it: what is wrong, what to type, and the exit code it ends in.
type Error struct {
	Code int
	Err  error
	Hint string
}

func (f *Error) Error() string { return f.Err.Error() }

func (f *Error) Unwrap() error { return f.Err }

// Usage returns a command line that cannot be carried out. Nothing was sent.
func Usage(hint, format string, args ...any) error {
	return &Error{batch.ExitInput, fmt.Errorf(format, args...), hint}
}

// ExitCode returns the code an error ends the process with. A run that said all in its verdict, and was followed by
// something that went wrong (giving back the lock), has failed.
func ExitCode(err error) int {
	var f *Error
	switch {
	case err == nil:
		return batch.ExitDone
	case !errors.As(err, &f):
		return batch.ExitFailed
	//nolint:errorlint // the bare mark, not what bears it
	case f.Err == ErrSilent && strings.TrimSpace(err.Error()) != "":
		return batch.Stronger(f.Code, batch.ExitFailed)
	}
	return f.Code
}

// ErrSilent reports the error of a run whose verdict has said everything.
var ErrSilent = errors.New("")

// Flatten takes joined errors apart, so that every mistake gets a line and a hint of its own. What is only wrapped
// around several is dropped: lists and configuration name file and line themselves.
func Flatten(err error) []error {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // this level alone is asked
		parts := many.Unwrap()
		if len(parts) == 2 && parts[0] == batch.ErrInput { //nolint:errorlint // the bare mark, not what bears it
			return Flatten(parts[1])
		}
		if texts := texts(parts); err.Error() == strings.Join(texts, "\n") {
			var all []error
			for _, e := range parts {
				all = append(all, Flatten(e)...)
			}
			return all
		}
	}
	inner := errors.Unwrap(err)
	f, ok := err.(*Error) //nolint:errorlint // this level alone is asked
	switch {
	case inner == nil, inner == batch.ErrInput: //nolint:errorlint // as above
		return []error{err}
	case ok && f.Hint == "", strings.Contains(err.Error(), "\n"), errors.Is(err, batch.ErrInput):
		return Flatten(inner)
	}
	return []error{err}
}

func texts(errs []error) []string {
	all := make([]string, len(errs))
	for i, e := range errs {
		all[i] = e.Error()
	}
	return all
}
