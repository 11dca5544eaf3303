package export

// Result holds what an export came to, as JSON.
type Result struct {
	Places []Place `json:"places"`
}

// Place holds what was written to one place.
type Place struct {
	To     string  `json:"to"`
	Months []Month `json:"months"`
}

// Month holds what is there of one month; Kept: from before, since it was closed; Restored: files of it that were missing
// or changed, and have been written again as they were.
type Month struct {
	Month string `json:"month"`
	State string `json:"state"`
	Kept  bool   `json:"kept"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
	Files int    `json:"files"`

	Restored []string `json:"restored"`
}

// ResultOf makes it of what was done at each place.
func ResultOf(all []Done) Result {
	r := Result{[]Place{}}
	for _, done := range all {
		months := []Month{}
		for _, w := range done.Months {
			months = append(months, Month{w.Month, w.State, w.Kept, w.Rows, w.Bytes, w.Files,
				append([]string{}, w.Restored...)})
		}
		r.Places = append(r.Places, Place{done.To, months})
	}
	return r
}
