package outcome

import (
	"liverecon/batch/list"
	"liverecon/batch/rejects"
	"liverecon/store"
)

// List represents a list that was read, as JSON.
type List struct {
	Path      string   `json:"path"`
	Rows      int64    `json:"rows"`
	Rejected  int64    `json:"rejected"`
	Duplicate int64    `json:"duplicate"`
	Known     int64    `json:"known"`
	New       int64    `json:"new"`
	Region    string   `json:"region_from"` // where the regions of its rows come from
	Notes     []string `json:"notes,omitempty"`
}

// Lists returns lists that were read, each with what was said of it.
func Lists(read []store.List, said []rejects.Word) []List {
	told := map[string]rejects.Word{}
	for _, w := range said {
		told[w.Path] = w
	}
	all := []List{}
	for _, l := range read {
		w := told[l.Path]
		all = append(all, List{l.Path, l.Rows, l.Rejected, l.Duplicate, l.Known, l.New, w.Region, w.Notes})
	}
	return all
}

// Aside represents a list that could not be taken.
type Aside struct {
	List string `json:"list"`
	Line int    `json:"line,omitempty"`
	Why  string `json:"why"`
	Hint string `json:"hint,omitempty"`
}

// SetAside returns lists that could not be taken.
func SetAside(lists []*list.Error) []Aside {
	all := []Aside{}
	for _, l := range lists {
		all = append(all, Aside{l.File, l.Line, l.Problem, l.Hint})
	}
	return all
}

// NotTaken represents a file beside the lists.
type NotTaken struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

// Beside returns files beside the lists.
func Beside(files []list.NotTaken) []NotTaken {
	all := []NotTaken{}
	for _, n := range files {
		all = append(all, NotTaken{n.Path, n.Why})
	}
	return all
}
