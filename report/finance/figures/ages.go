package figures

import "time"

// AgeBuckets holds the number of spans of age.
const AgeBuckets = 5

// AgeFrom returns the first day of a span.
func AgeFrom(bucket int) int64 { return [AgeBuckets]int64{0, 8, 31, 61, 91}[bucket] }

// AgeNames returns the spans in words.
func AgeNames() [AgeBuckets]string {
	return [AgeBuckets]string{"up to 7 days", "8 to 30 days", "31 to 60 days", "61 to 90 days", "more than 90 days"}
}

func ageBucket(days int64) int {
	for i := AgeBuckets - 1; i > 0; i-- {
		if days >= AgeFrom(i) {
			return i
		}
	}
	return 0
}

// AgeDays counts the whole days that have passed, none for the zero time.
func AgeDays(at, now time.Time) int64 {
	if at.IsZero() || now.Before(at) {
		return 0
	}
	return int64(now.Sub(at).Hours() / 24)
}
