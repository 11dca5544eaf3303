package finance

import "time"

// ageBuckets is how many spans of age open items are counted in.
const ageBuckets = 5

// ageFrom is the first day of a span.
func ageFrom(bucket int) int64 { return [ageBuckets]int64{0, 8, 31, 61, 91}[bucket] }

func ageNames() [ageBuckets]string {
	return [ageBuckets]string{"up to 7 days", "8 to 30 days", "31 to 60 days", "61 to 90 days", "more than 90 days"}
}

func ageBucket(days int64) int {
	for i := ageBuckets - 1; i > 0; i-- {
		if days >= ageFrom(i) {
			return i
		}
	}
	return 0
}

// ageDays is how many whole days have passed; what has no time has no age.
func ageDays(at, now time.Time) int64 {
	if at.IsZero() || now.Before(at) {
		return 0
	}
	return int64(now.Sub(at).Hours() / 24)
}
