package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// misnamed represents a key that no setting has, in the table where it stands.
type misnamed struct {
	path, name string
	problem    *problem
}

// refuseUnknown notes every key of the table that nothing has asked for.
func (t *table) refuseUnknown() {
	for _, name := range slices.Sorted(maps.Keys(t.values)) {
		if !t.Doc.Asked[t.key(name)] {
			t.wrong(name, "no such setting")
			t.Doc.misnamed = append(t.Doc.misnamed, misnamed{t.path, name, t.Doc.problems[len(t.Doc.problems)-1]})
		}
	}
}

// nameMisnamed adds to each key that no setting has what was probably meant: it is known once all was asked for.
func (d *document) nameMisnamed() {
	for _, m := range d.misnamed {
		if places := d.places(m.name); len(places) == 1 || len(places) == 2 {
			m.problem.text += "; it stands " + strings.Join(places, " or ")
		} else if near := d.similar(m.path, m.name); near != "" {
			m.problem.text += fmt.Sprintf("; is it %q?", near)
		}
	}
	d.misnamed = nil
}

// places describes where settings of that name stand.
func (d *document) places(name string) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(d.Asked)) {
		parent, last := splitKey(key)
		if last != name || strings.HasSuffix(parent, ".columns") { // which holds the names of columns
			continue
		}
		place := ""
		switch table, of := splitKey(parent); {
		case d.listed[key]:
			place = "apart, as [[" + withoutIndex(key) + "]]"
		case parent == "":
			place = "before the first table"
		case strings.HasSuffix(parent, "]"):
			place = "in [[" + withoutIndex(parent) + "]]"
		case of != "" && (table == "endpoint" || table == "deliver"):
			place = "in [" + table + ".NAME]"
		default:
			place = "in [" + withoutIndex(parent) + "]"
		}
		if !slices.Contains(all, place) {
			all = append(all, place)
		}
	}
	return all
}

// similar returns the key of a table that was probably meant, "" for none.
func (d *document) similar(path, name string) string {
	best, distance := "", 3
	for _, key := range slices.Sorted(maps.Keys(d.Asked)) {
		parent, last := splitKey(key)
		if n := EditDistance(name, last); parent == path && n < distance {
			best, distance = last, n
		}
	}
	return best
}

// splitKey takes a dotted key apart before its last name.
func splitKey(key string) (parent, last string) {
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		return key[:i], key[i+1:]
	}
	return "", key
}
