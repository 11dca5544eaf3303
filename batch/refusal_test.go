package batch_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"liverecon/batch"
)

// oldRefusal trimmed the mark off the text of an error, as the verdict of a failed run was worded.
func oldRefusal(err error) string {
	return strings.TrimPrefix(err.Error(), batch.ErrInput.Error()+": ")
}

func TestRefusalAsBefore(t *testing.T) {
	for n := range 10_000 {
		err := fmt.Errorf("no price %d", rand.IntN(100))
		for range rand.IntN(3) {
			switch rand.IntN(3) {
			case 0:
				err = fmt.Errorf("list: %w", err)
			case 1:
				err = errors.Join(err, errors.New("disk full"))
			case 2:
				err = fmt.Errorf("%w, since %w", err, errors.New("of a cap"))
			}
		}
		if rand.IntN(2) == 0 {
			err = fmt.Errorf("%w: %w", batch.ErrInput, err)
		}
		if got, want := batch.Refusal(err).Error(), oldRefusal(err); got != want {
			t.Fatalf("%d: %q, want %q", n, got, want)
		}
	}
}
