package apichange

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"liverecon/store"
)

// tellingScores sets how many scores of one night tell that the vendor has changed what it sends.
const tellingScores = 20

// scoreShapes lists the shapes of nights that no crowd of people makes.
var scoreShapes = []struct {
	has  func(store.EndpointNight) bool
	says string
}{
	{func(n store.EndpointNight) bool { return n.Highest == 0 && n.Lowest == 0 }, "are all 0"},
	{func(n store.EndpointNight) bool { return n.Lowest == 100 && n.Highest == 100 }, "are all 100"},
	{func(n store.EndpointNight) bool { return n.Lowest >= 0 && n.Highest <= 1 }, "all lie within 0 and 1"},
}

// OddScores reports that a night's scores have a shape that those of an earlier night, among the last ones, did not
// have; "" where they have not, or where too few tell. It names a night without any such shape where there is one. What
// is seen is said, not why: twenty attacks have nothing but low scores, too.
func OddScores(n store.EndpointNight, before []store.EndpointNight) string {
	at := shapeOf(n)
	if n.Scores < tellingScores || at < 0 {
		return ""
	}
	var other *store.EndpointNight
	for _, earlier := range before {
		if earlier.Scores < tellingScores || scoreShapes[at].has(earlier) {
			continue
		}
		if usual := shapeOf(earlier) < 0; other == nil || usual {
			other = &earlier
			if usual {
				break
			}
		}
	}
	if other == nil {
		return ""
	}
	span := fmt.Sprintf("scores from %.4g to %.4g", other.Lowest, other.Highest)
	if other.Lowest == other.Highest {
		span = fmt.Sprintf("nothing but %.4g", other.Lowest)
	}
	return fmt.Sprintf("%s's %s scores %s, after a night of %s: it looks as if the vendor has changed its API",
		n.Endpoint, humanize.Comma(n.Scores), scoreShapes[at].says, span)
}

// shapeOf returns the place of a night's shape, -1 where it has none.
func shapeOf(n store.EndpointNight) int {
	for i, shape := range scoreShapes {
		if shape.has(n) {
			return i
		}
	}
	return -1
}
