package prospect

import (
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"liverecon/store"
)

// refusedFirst answers that refuse their ID, and none of another kind before them, mean that the configuration is wrong
// (a region, a reseller's URL), not the IDs.
const refusedFirst = 5

// Yield counts what the answers of an endpoint's night bring. Where hardly any brings a result, not the IDs are at
// fault but the configuration, or the vendor has changed its answers; and what brings none may have to be paid for.
// Absent IDs are a [Scout]'s. The zero Yield begins a night.
type Yield struct {
	results, refused, useless int64
	opened                    bool // an answer of another kind than a refusal came, or has been there
}

// Count takes in an answer that leaves its ID in a state: why says of what kind, stands that it is the ID's result, and
// healthy that the vendor worked.
func (y *Yield) Count(state store.State, why string, stands, healthy bool) {
	switch {
	case stands:
		y.results++
	case state == store.Refused:
		y.refused++
	case state == store.GivenUp && (why == store.WhyEmpty || why == store.WhyPaidFailure):
		y.useless++
	}
	y.opened = y.opened || healthy && state != store.Refused
}

// Sentence words that the endpoint brings hardly any result, as the first answers or the night's show; "" where it does.
// refused reports that all that is amiss are refusals, which cost nothing.
func (y *Yield) Sentence(endpoint string) (text string, refused bool) {
	none := y.refused + y.useless
	switch refused = y.useless == 0; {
	case refused && !y.opened && y.refused >= refusedFirst:
		return fmt.Sprintf("%s refused the first %d IDs", endpoint, refusedFirst), true
	case !Mostly(none, none+y.results):
		return "", false
	case refused:
		return fmt.Sprintf("%s refused %s of %s IDs", endpoint, humanize.Comma(none),
			humanize.Comma(none+y.results)), true
	}
	return fmt.Sprintf("%s gave %s for %s IDs", endpoint, english.Plural(int(y.results), "result", ""),
		humanize.Comma(none+y.results)), false
}

// Mostly reports whether so many of all are enough to tell, and a share that no good night has.
func Mostly(n, all int64) bool {
	return all >= TellingAnswers && float64(n) > absentAlways*float64(all)
}
