package panics_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"liverecon/store/panics"
)

// A panic becomes the error of the function that defers Into, with the stack; without one its own error stays.
func TestInto(t *testing.T) {
	run := func(do func() error) (err error) {
		defer panics.Into(&err)
		return do()
	}
	if err := run(func() error { return nil }); err != nil {
		t.Errorf("no panic: %v", err)
	}
	if err := run(func() error { return io.EOF }); !errors.Is(err, io.EOF) || errors.As(err, new(*panics.Error)) {
		t.Errorf("an error: %v", err)
	}
	for _, c := range []struct {
		panics func() error
		want   string
	}{
		{func() error { panic("out of luck") }, "internal error: out of luck"},
		{func() error { var none *strings.Builder; return errors.New(none.String()[3:]) }, "internal error: runtime error: "},
		{func() error { panic(io.EOF) }, "internal error: EOF"},
	} {
		err := run(c.panics)
		var caught *panics.Error
		if !errors.As(err, &caught) || !strings.HasPrefix(err.Error(), c.want) {
			t.Fatalf("%v, want %s", err, c.want)
		}
		if !strings.Contains(string(caught.Stack), "TestInto") {
			t.Errorf("%v: the stack does not tell where:\n%s", err, caught.Stack)
		}
		if errors.Is(err, io.EOF) {
			t.Errorf("%v passes for an error that somebody may expect", err)
		}
	}
}
