package list

import (
	"fmt"
	"path"
	"path/filepath"

	"github.com/biter777/countries"
)

// A default region is used for rows of which nothing says where they belong. Where something beside the file's name
// seems to say it after all, or the table names each region once for several rows, somebody is told.

// mostGroups bounds how many regions a column may name once each.
const mostGroups = 300

// regionGroups finds out whether a column of regions names each of them once, above rows that have none.
type regionGroups struct {
	met     map[string]bool
	repeats bool // one comes again
	below   int  // rows without a region, below others that have one
}

// take notes where a row goes, by its own region or without one.
func (g *regionGroups) take(to listDestination) {
	switch {
	case to.from != fromColumn:
		if len(g.met) > 0 {
			g.below++
		}
	case g.met[to.region], len(g.met) == mostGroups:
		g.repeats = true
	default:
		if g.met == nil {
			g.met = map[string]bool{}
		}
		g.met[to.region] = true
	}
}

// named reports whether each region stands once, and more rows follow than there are regions.
func (g *regionGroups) named() bool {
	return !g.repeats && len(g.met) > 1 && g.below >= len(g.met)
}

// likelyNotes tells of a list whose rows have its default region what seems to say another one.
func likelyNotes(r *listReader) (notes []string) {
	if r.groups.named() && r.fileRegion.Region != "" {
		notes = append(notes, fmt.Sprintf("column %q names each region once, as a table of groups does, and %d rows below "+
			"that give none go to %s: fill it in where they belong to the region above", r.seen.column, r.groups.below,
			r.fileRegion))
	}
	if r.seen.rows[fromDefault] == 0 {
		return notes
	}
	places := []struct{ what, name string }{{"directory", filepath.Base(filepath.Dir(r.path))}}
	if r.text.name != "" {
		places = append(places, struct{ what, name string }{"directory in it", path.Base(path.Dir(r.text.name))})
	}
	if r.text.sheet != nil {
		places = append(places, struct{ what, name string }{"sheet", r.text.sheet.name})
	}
	for _, place := range places {
		if of := regionOf(r.options, place.name); of != "" && of != r.fileRegion.Region {
			notes = append(notes, fmt.Sprintf("its %s %q gives no region, and its rows go to %s; if they are of %s, say so in a "+
				"column, in the file's name, or by {region} in the pattern under lists", place.what, place.name, r.fileRegion,
				countries.ByName(of)))
		}
	}
	return notes
}

// regionOf returns the one country that words of a name seem to be meant for, "" for none or several.
func regionOf(o Options, name string) string {
	var codes []string
	for _, word := range nameWords(name) {
		code, sure := regionWord(word, "")
		if code == "" || !sure || !o.meant(word, code, false) {
			code = o.likeRegion(word)
		}
		codes = append(codes, code)
	}
	return only(codes)
}

// only returns the one code that there is, "" for none or several.
func only(codes []string) (one string) {
	for _, code := range codes {
		switch {
		case code == "" || code == one:
		case one != "":
			return ""
		default:
			one = code
		}
	}
	return one
}
