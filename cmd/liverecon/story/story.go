// Package story tells one ID's story: its state, what counts it, and in order of time what happened to it.
package story

import (
	"liverecon/cmd/liverecon/config"
	"liverecon/store"
)

// Story represents an ID's story as it is printed.
type Story struct {
	Kind       string   `json:"kind"`
	ID         string   `json:"id"`
	OtherID    string   `json:"other_id,omitempty"`
	OtherAsked bool     `json:"-"` // the other ID is a check of its own as well
	Reference  string   `json:"reference,omitempty"`
	Region     string   `json:"region"`
	Endpoint   string   `json:"endpoint"`
	State      string   `json:"state"`
	Meaning    string   `json:"meaning"`
	Score      *float64 `json:"score"`
	Verdict    string   `json:"verdict,omitempty"`
	Attack     string   `json:"attack_type,omitempty"`
	Suspect    bool     `json:"suspect"` // may hold another ID's answer
	Counted    []string `json:"counted_in"`
	Events     []Event  `json:"events"`
}

// New tells the story of an ID from what is stored of it and from what was decided about months. running: a run goes
// on.
func New(c *config.Config, f store.Story, months Months, running bool) Story {
	s := Story{Kind: f.Kind, ID: f.Text, OtherID: f.OtherID, OtherAsked: f.OtherAsked, Reference: f.Reference,
		Region:   f.Region,
		Endpoint: f.Endpoint,
		State:    string(f.State), Meaning: meaning(c, f, running), Score: f.Score, Suspect: f.Suspect}
	if f.Score != nil {
		s.Verdict = "manual_check"
		if *f.Score > c.Threshold || *f.Score == c.Threshold && c.Inclusive {
			s.Verdict = "pass"
		}
		s.Attack = attackName(f.Attack, s.Verdict == "pass")
	}
	s.Counted, s.Events = append([]string{}, countedIn(c, f)...), timeline(c, f, months)
	return s
}

// attackName returns the attack type as the database's views and the workbooks name it.
func attackName(received string, passed bool) string {
	switch {
	case received == "1":
		return "presentation"
	case received == "2":
		return "injection"
	case received == "3":
		return "unsure"
	case received != "":
		return "other"
	case passed:
		return "none"
	}
	return "unclassified"
}
