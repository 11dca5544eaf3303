package badinput_test

import (
	"errors"
	"fmt"
	"testing"

	"liverecon/batch/badinput"
)

// A verdict words what was refused, whatever was wrapped around it, and names the mark of bad input nowhere.
func TestCause(t *testing.T) {
	price := errors.New("no price of sg")
	marked := fmt.Errorf("%w: %w", badinput.Err, price)
	for name, test := range map[string]struct{ err, want error }{
		"not marked": {price, price},
		"marked":     {marked, price},
		"wrapped":    {fmt.Errorf("plan: %w", marked), price},
		"joined":     {errors.Join(marked, errors.New("disk full")), price},
		"mark alone": {badinput.Err, badinput.Err},
		"a text that begins as the mark": {errors.New("bad input: of a pipe"),
			errors.New("bad input: of a pipe")},
	} {
		if got := badinput.Cause(test.err); got.Error() != test.want.Error() {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
