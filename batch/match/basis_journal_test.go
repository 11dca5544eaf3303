package match

import (
	"fmt"
	"testing"
	"time"
)

// A transaction ID comes back as it was, whatever its form, and no two become one.
func TestTransactionIDsAreKept(t *testing.T) {
	j := newJournal(mustBook(t, time.UTC), billedMonth)
	seen := map[transaction]string{}
	for _, id := range []string{
		"", "0000000000000000", "0123456789abcdef", "ffffffffffffffff", "0123456789ABCDEF", "0123456789abcdeg", "ggggggggggggggzz", "0123456789abcde",
		"0123456789abcdef0", "00000000", "T-1", "\xff\xfe", " 0123456789abcdef",
	} {
		key := j.transactionOf(id)
		if other, known := seen[key]; known || j.transactionOf(id) != key {
			t.Errorf("%q is %+v, as %q is", id, key, other)
		}
		seen[key] = id
		if got := j.textOf(key); got != id {
			t.Errorf("%q comes back as %q", id, got)
		}
		j.add(&Call{TransactionID: id})
		if r := j.record(uint32(j.len() - 1)); r.transactionID() != key {
			t.Errorf("%q is kept as %+v, want %+v", id, r.transactionID(), key)
		}
	}
}

// More calls than one chunk holds, fed backwards, are visited by time.
func TestJournalIsVisitedByTime(t *testing.T) {
	j := newJournal(mustBook(t, time.UTC), billedMonth)
	const n = 2*chunkSize + 3
	start := time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC)
	for i := range n {
		j.add(&Call{ID: int64(n - i), SentAt: start.Add(time.Duration(n-i) / 2 * time.Millisecond), Pricing: fmt.Sprint(i % 3)})
	}
	next := int64(1)
	j.each(func(i uint32, r *record) {
		if r.id != next || j.record(i) != r {
			t.Fatalf("call %d comes when %d should", r.id, next)
		}
		next++
	})
	if next != n+1 || j.len() != n {
		t.Errorf("%d of %d calls visited", next-1, n)
	}
}
