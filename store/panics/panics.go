// Package panics makes a panic an error, so that what a run owes when it fails is done after one, too.
package panics

import (
	"fmt"
	"runtime/debug"
)

// Error represents a panic that was caught.
type Error struct {
	Value any
	Stack []byte // of the goroutine that panicked
}

// Error reports that the program is at fault, in one line where the panic's value is one.
func (e *Error) Error() string { return fmt.Sprintf("internal error: %v", e.Value) }

// Into makes a panic the error of the function that defers it. It must be deferred itself, not called by what is.
func Into(err *error) {
	if caught := recover(); caught != nil {
		*err = &Error{Value: caught, Stack: debug.Stack()}
	}
}
