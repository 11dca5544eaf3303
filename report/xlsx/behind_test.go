package xlsx

import (
	"bytes"
	"errors"
	"testing"
)

// failingWriter takes so many bytes and then no more.
type failingWriter struct {
	bytes.Buffer
	room int
}

var errNoRoom = errors.New("no room")

func (w *failingWriter) Write(text []byte) (int, error) {
	if w.Len()+len(text) > w.room {
		return 0, errNoRoom
	}
	return w.Buffer.Write(text)
}

// TestBehind: everything arrives in order, whatever its size; an error of the writer behind comes out at the end, and stops
// nobody before.
func TestBehind(t *testing.T) {
	for _, c := range []struct {
		pieces, room int
		want         error
	}{{0, 0, nil}, {1, 1 << 30, nil}, {300, 1 << 30, nil}, {300, 5000, errNoRoom}, {1, 0, errNoRoom}} {
		out, sent := failingWriter{room: c.room}, bytes.Buffer{}
		b := writeBehind(&out)
		for i := range c.pieces {
			piece := bytes.Repeat([]byte{byte(i)}, 1+i*997%(3*behindBytes))
			sent.Write(piece)
			if n, err := b.Write(piece); n != len(piece) || err != nil {
				t.Fatalf("wrote %d of %d bytes: %v", n, len(piece), err)
			}
		}
		if err := b.Close(); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
		if c.want == nil && !bytes.Equal(out.Bytes(), sent.Bytes()) || !bytes.HasPrefix(sent.Bytes(), out.Bytes()) {
			t.Errorf("%+v: %d bytes arrived of %d", c, out.Len(), sent.Len())
		}
	}
}
