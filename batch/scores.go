package batch

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"liverecon/store"
)

// tellingScores are how many scores of one night tell that the vendor has changed what it sends.
const tellingScores = 20

// scoreShapes are nights that no crowd of people makes.
var scoreShapes = []struct {
	has  func(store.EndpointNight) bool
	says string
}{
	{func(n store.EndpointNight) bool { return n.Highest == 0 && n.Lowest == 0 }, "are all 0"},
	{func(n store.EndpointNight) bool { return n.Lowest == 100 && n.Highest == 100 }, "are all 100"},
	{func(n store.EndpointNight) bool { return n.Lowest >= 0 && n.Highest <= 1 }, "all lie within 0 and 1"},
}

// oddScores says that a night's scores have a shape that those of an earlier night, among the last ones, did not have; ""
// where they have not, or where too few tell.
func oddScores(n store.EndpointNight, before []store.EndpointNight) string {
	if n.Scores < tellingScores {
		return ""
	}
	for _, shape := range scoreShapes {
		if !shape.has(n) {
			continue
		}
		for _, earlier := range before {
			if earlier.Scores >= tellingScores && !shape.has(earlier) {
				return fmt.Sprintf("%s's %s scores %s, after nights of %.4g to %.4g: the vendor has changed its API, this is no result",
					n.Endpoint, humanize.Comma(n.Scores), shape.says, earlier.Lowest, earlier.Highest)
			}
		}
		return ""
	}
	return ""
}
