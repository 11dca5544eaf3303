package database

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"liverecon/store"
)

// What is put off until a later start is not told as a loss.
func TestToLog(t *testing.T) {
	for err, want := range map[error]string{
		errors.New("record cannot be read"):        "a loss may go unnoticed",
		fmt.Errorf("erased: %w", store.ErrSpilled): "not all is taken out that was erased",
		fmt.Errorf("erased: %w", store.ErrInUse):   "not all is taken out that was erased",
	} {
		var out bytes.Buffer
		ToLog(slog.New(slog.NewTextHandler(&out, nil))).Warn(err)
		if !strings.Contains(out.String(), want) || !strings.Contains(out.String(), err.Error()) {
			t.Errorf("%v is told as %s", err, out.String())
		}
	}
}
