package match

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/match/internal/compact"
)

// journal holds the calls of a month, of its edge bands, and earlier ones of the same IDs. There may be millions of
// them, so each is kept in 48 bytes without a pointer: times are Unix milliseconds, texts are numbers in tables, and a
// transaction ID of 16 hexadecimal digits, as the vendor's are, is a number too.
type journal struct {
	book     *billing.Book
	from, to int64 // the month, half-open
	chunks   [][]record
	sorted   bool
	order    []uint32 // by time, once sorted; nil while the calls came in order

	routes  compact.Numbers[billing.Route]
	texts   compact.Numbers[string]
	foreign compact.Numbers[string] // transaction IDs of any other form
	prices  map[*billing.Price]uint16
}

const chunkSize = 1 << 13

type record struct {
	id, check   int64
	at          int64
	transaction uint64
	route       uint32
	pricing     uint32
	price       uint16 // 1 + index in the book's rows; 0: none
	slot        uint16 // of a charge of ours, by its time among ours alone, see Price.Slot
	due         uint16 // 1 + the slot that it takes among the calls the month owes; 0: it is none of them
	facts       fact
	charges     billing.Charges
}

// fact names something that a call either is or is not.
type fact uint8

const (
	isAnswered fact = 1 << iota
	isPay
	isFree
	isSuccess
	isBilled  // on another month's statement
	hasID     // transaction is set
	isForeign // transaction is a number in the table of foreign ones
	isUsed    // the call is in a row
)

func (r *record) is(f fact) bool { return r.facts&f != 0 }

func (r *record) set(f fact, on bool) {
	if on {
		r.facts |= f
	}
}

// isInDoubt reports whether the vendor may have charged a call without our knowing.
func (r *record) isInDoubt() bool { return !r.is(isAnswered) || !r.is(isPay) && !r.is(isFree) }

// isLost reports a call in doubt that only its time tells from others.
func (r *record) isLost() bool { return r.isInDoubt() && !r.is(hasID) }

func (r *record) tag() billing.Tag {
	switch {
	case r.is(isPay):
		return billing.Pay
	case r.is(isFree):
		return billing.Free
	default:
		return billing.Unknown
	}
}

func newJournal(book *billing.Book, month billing.Period) *journal {
	from, to := book.Months().Bounds(month)
	j := &journal{book: book, from: from.UnixMilli(), to: to.UnixMilli(), sorted: true,
		prices: map[*billing.Price]uint16{}}
	for i, p := range book.Prices {
		j.prices[p] = uint16(i + 1)
	}
	return j
}

func (j *journal) add(c *Call) {
	r := record{
		id:      c.ID,
		check:   c.CheckID,
		at:      c.SentAt.UnixMilli(),
		route:   j.routes.Of(billing.Route{Endpoint: c.Endpoint, Region: c.Region}),
		pricing: j.texts.Of(c.Pricing),
	}
	if p, ok := j.book.Lookup(c.Endpoint, c.Region, c.SentAt); ok {
		r.price = j.prices[p]
	}
	r.set(isAnswered, c.Outcome == Answered)
	r.set(isPay, c.Tag == billing.Pay)
	r.set(isFree, c.Tag == billing.Free)
	r.set(isSuccess, c.Success)
	r.set(isBilled, c.Billed)
	id := j.transactionOf(c.TransactionID)
	r.transaction = id.value
	r.set(hasID, id != transaction{})
	r.set(isForeign, id.form == foreignForm)

	if n := j.len(); n > 0 && before(&r, j.record(uint32(n-1))) {
		j.sorted = false
	}
	if last := len(j.chunks) - 1; last < 0 || len(j.chunks[last]) == chunkSize {
		j.chunks = append(j.chunks, make([]record, 0, chunkSize))
	}
	last := len(j.chunks) - 1
	j.chunks[last] = append(j.chunks[last], r)
}

func (j *journal) len() int {
	if len(j.chunks) == 0 {
		return 0
	}
	last := len(j.chunks) - 1
	return last*chunkSize + len(j.chunks[last])
}

func (j *journal) record(i uint32) *record { return &j.chunks[i/chunkSize][i%chunkSize] }

func before(r, s *record) bool { return cmp.Or(cmp.Compare(r.at, s.at), cmp.Compare(r.id, s.id)) < 0 }

// each visits the calls in the order of their times, and of their numbers where these are equal.
func (j *journal) each(visit func(i uint32, r *record)) {
	if !j.sorted && len(j.order) != j.len() {
		j.order = make([]uint32, j.len())
		for i := range j.order {
			j.order[i] = uint32(i)
		}
		slices.SortFunc(j.order, func(a, b uint32) int {
			r, s := j.record(a), j.record(b)
			return cmp.Or(cmp.Compare(r.at, s.at), cmp.Compare(r.id, s.id))
		})
	}
	for n := range uint32(j.len()) {
		i := n
		if !j.sorted {
			i = j.order[n]
		}
		visit(i, j.record(i))
	}
}

// inMonth reports whether a call belongs to the month that is reconciled.
func (j *journal) inMonth(r *record) bool { return j.from <= r.at && r.at < j.to }

func (j *journal) routeOf(r *record) billing.Route { return j.routes.Values[r.route] }

func (j *journal) priceOf(r *record) *billing.Price {
	if r.price == 0 {
		return nil
	}
	return j.book.Prices[r.price-1]
}

// transaction represents a transaction ID in few bytes; the zero transaction is none.
type transaction struct {
	value uint64
	form  uint8
}

const (
	plainForm   = 1 // value is what 16 hexadecimal digits say
	foreignForm = 2 // value is a number in the journal's table
)

func (j *journal) transactionOf(text string) transaction {
	if text == "" {
		return transaction{}
	}
	var number [8]byte
	if len(text) == 2*len(number) && isLowerHex(text) {
		_, _ = hex.Decode(number[:], []byte(text)) // cannot fail: the digits were looked at
		return transaction{binary.BigEndian.Uint64(number[:]), plainForm}
	}
	return transaction{uint64(j.foreign.Of(text)), foreignForm}
}

func isLowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func (r *record) transactionID() transaction {
	switch {
	case !r.is(hasID):
		return transaction{}
	case r.is(isForeign):
		return transaction{r.transaction, foreignForm}
	default:
		return transaction{r.transaction, plainForm}
	}
}

func (j *journal) textOf(t transaction) string {
	switch t.form {
	case plainForm:
		var number [8]byte
		binary.BigEndian.PutUint64(number[:], t.value)
		return hex.EncodeToString(number[:])
	case foreignForm:
		return j.foreign.Values[t.value]
	default:
		return ""
	}
}

func instantOf(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
