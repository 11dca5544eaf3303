// Package compact keeps millions of values in little memory.
package compact

import "math/bits"

// Numbers gives equal values the same number, counting from 0.
type Numbers[T comparable] struct {
	numbers map[T]uint32
	Values  []T // by their numbers
}

// Of returns a value's number.
func (t *Numbers[T]) Of(value T) uint32 {
	n, known := t.numbers[value]
	if known {
		return n
	}
	if t.numbers == nil {
		t.numbers = map[T]uint32{}
	}
	n = uint32(len(t.Values))
	t.numbers[value] = n
	t.Values = append(t.Values, value)
	return n
}

// Sieve tells values that occur once from those that may occur again, so that only the latter need a set: of millions
// of calls few are to the same ID.
type Sieve[T comparable] struct {
	bits  []uint64
	shift int
	again map[T]struct{}
}

// NewSieve returns one for n values. At 16 bits for each about one in thirty that occur once is taken for one that
// occurs again.
func NewSieve[T comparable](n int) *Sieve[T] {
	width := bits.Len(uint(16*n)) + 1
	return &Sieve[T]{bits: make([]uint64, 1<<max(0, width-6)), shift: 64 - width, again: map[T]struct{}{}}
}

// Add counts a value; number must be the same for equal values. It is spread over the bits by Fibonacci hashing (Knuth,
// The Art of Computer Programming 3, 6.4).
func (s *Sieve[T]) Add(value T, number uint64) {
	i := number * 0x9e3779b97f4a7c15 >> s.shift
	if s.bits[i/64]&(1<<(i%64)) != 0 {
		s.again[value] = struct{}{}
	}
	s.bits[i/64] |= 1 << (i % 64)
}

// Holds reports whether a value may occur more than once.
func (s *Sieve[T]) Holds(value T) bool {
	_, again := s.again[value]
	return again
}
