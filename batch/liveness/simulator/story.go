package simulator

import (
	"time"

	"liverecon/batch/liveness/simulator/internal/dice"
)

// Chapter represents a piece of a vendor's story: for some days it finds something else in a region's photos.
type Chapter struct {
	Note   string `json:"note"`   // what happens, for people
	Region string `json:"region"` // ISO 3166-1 alpha-2
	// It is about IDs first asked for within [From, To): an ID's photo never changes.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	IDs  string    `json:"ids,omitempty"` // what they begin with; "": all
	// Market holds what the vendor finds in each region.
	Market Market `json:"market"`
	// Minutes are the first and the last but one of the day, UTC, between which the photos are taken; both zero: at any
	// time of the day.
	Minutes [2]int `json:"minutes"`
}

// taken returns when the photo of an ID was taken: on the day before it was first asked for.
func (s *Chapter) taken(seed uint64, id string, first time.Time) time.Time {
	d := dice.Throw(seed, "taken", id, 0)
	day := time.Unix((dayOf(first)-1)*24*60*60, 0)
	from, to := 0, 24*60
	if s != nil && s.Minutes[1] > s.Minutes[0] {
		from, to = s.Minutes[0], s.Minutes[1]
	}
	return day.Add(time.Duration(from)*time.Minute + time.Duration(d.Below((to-from)*60*1000))*time.Millisecond)
}
