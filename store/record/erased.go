package record

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"
)

// Erased holds what was taken out of a database: an ID, by its hash, or what was too old, as [PurgedBefore] has it.
type Erased [16]byte

// purgedMark begins what was too old. That the hash of an ID begins with it is as likely as one in 2^64.
const purgedMark = "purged\x00\x00"

// PurgedBefore returns what a purge has taken out: all that was older than a time, in milliseconds.
func PurgedBefore(cutoff time.Time) (e Erased) {
	copy(e[:], purgedMark)
	binary.BigEndian.PutUint64(e[len(purgedMark):], uint64(cutoff.UnixMilli()))
	return e
}

// Cutoff returns the time of a purge; ok is false for the hash of an ID.
func (e Erased) Cutoff() (cutoff time.Time, ok bool) {
	if !bytes.HasPrefix(e[:], []byte(purgedMark)) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(e[len(purgedMark):]))), true
}

// erasedSize counts the bytes of a line behind the slots of a record: the CRC-32 of a hash in hex, a space, the
// hash in hex and a line end. Such lines are only added, so that an older copy of the database is told what to take out
// again.
const erasedSize = 8 + 1 + 2*len(Erased{}) + 1

func (e Erased) line() []byte {
	return fmt.Appendf(nil, "%08x %x\n", crc32.ChecksumIEEE(e[:]), e[:])
}

// ReadErased returns what a record keeps as taken out, the oldest first. A line that is damaged costs itself alone. A
// record that is not there has none.
func ReadErased(path string) ([]Erased, error) {
	a, err := readAddition(path)
	return a.erased, err
}

// AddErased keeps what the record lacks of what was taken out, and waits until they are on the disk.
func (f *File) AddErased(hashes []Erased) error {
	a, err := readAddition(f.Path())
	if err != nil {
		return err
	}
	has := map[Erased]bool{}
	for _, e := range a.erased {
		has[e] = true
	}
	var lines []byte
	for _, e := range hashes {
		if !has[e] {
			has[e] = true
			lines = append(lines, e.line()...)
		}
	}
	if lines == nil {
		return nil
	}
	return f.add(lines, a.end)
}
