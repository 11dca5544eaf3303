package database

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever the copies are called, the one just made stays, as many are left as are to be kept, and those of the past go
// in the order of their age, after those that are dated ahead.
func TestSurplus(t *testing.T) {
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var copies []string
		for i := range 1 + rng.IntN(20) {
			copies = append(copies, fmt.Sprintf("copy-%02d", i))
		}
		newest, keep := copies[rng.IntN(len(copies))], 1+rng.IntN(16)
		gone := surplus(copies, newest, keep)
		if slices.Contains(gone, newest) {
			t.Fatalf("of %v, %s just made, %d kept: %v go", copies, newest, keep, gone)
		}
		if left := len(copies) - len(gone); left != min(keep, len(copies)) {
			t.Fatalf("of %v %d are left, want %d", copies, left, keep)
		}
		past := slices.DeleteFunc(slices.Clone(gone), func(c string) bool { return c > newest })
		if len(past) > 0 && (!slices.Equal(past, copies[:len(past)]) || len(gone)-len(past) != len(copies)-1-slices.Index(copies, newest)) {
			t.Fatalf("of %v, %s just made, %d kept: %v go", copies, newest, keep, gone)
		}
	}
}
