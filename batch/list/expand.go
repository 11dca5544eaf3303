package list

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/biter777/countries"
)

// Found holds what patterns name.
type Found struct {
	Lists    []string          // each once, in natural order (ids_2 before ids_10)
	Placed   map[string]string // by list: the region (alpha-2) that stands in the place of {region}
	Missing  []*NotFoundError  // patterns that name no list
	Unplaced map[string]string // by list that fits {region} with no country there, and no other pattern: why
	NotTaken []NotTaken        // what else lies where the lists are
	Beside   []NotTaken        // what looks like a list beside one that is named singly
}

// NotTaken represents a file or a directory that no pattern takes for a list.
type NotTaken struct{ Path, Why string }

// regionMark replaces, in a pattern, the region of a list's rows.
const regionMark = "{region}"

// Expand finds the lists that patterns name: files, globs as of [filepath.Match] in which {region} stands for a
// country, and directories, which stand for their *.csv, *.tsv and *.txt files, compressed (.gz) or not, workbooks
// (*.xlsx) and archives (*.zip). The case of what follows a name's first point does not matter. Relative patterns are
// taken from baseDir. Hidden files, a spreadsheet's lock files and the rejects_* files of earlier runs are no lists.
//
// What else lies in these directories, and beside directories that a pattern chooses among, is named as not taken; of
// hidden files those that may be lists, and of the configuration's own directory what looks like one. What looks like a
// list beside a file that is named singly is named apart.
//
// In the place of {region} a code counts in capitals, or as a directory's name, and a country's name in any case. A
// code that is a word as well, as in ids_to_check.csv, counts in capitals as a directory's name, or where an endpoint
// has the country by its code: see [Options.Named]. A file with a code that does not count so is refused as unplaced;
// one in a directory that is called after no country is not taken.
func Expand(patterns []string, baseDir string, named func(region string) bool) (Found, error) {
	e := expansion{baseDir: baseDir, named: named, places: map[string][]string{},
		singles: map[string][]string{}, unplaced: map[string]string{},
		found: Found{Placed: map[string]string{}, Unplaced: map[string]string{}}}
	for _, pattern := range patterns {
		before := len(e.found.Lists) + len(e.unplaced)
		if err := e.expand(pattern); err != nil {
			return Found{}, fmt.Errorf("lists %q: %w", pattern, err)
		}
		if len(e.found.Lists)+len(e.unplaced) == before {
			e.found.Missing = append(e.found.Missing, &NotFoundError{Pattern: pattern, baseDir: baseDir})
		}
	}
	for _, path := range e.found.Lists {
		delete(e.unplaced, path)
	}
	for path, why := range e.unplaced {
		e.found.Lists = append(e.found.Lists, path)
		e.found.Unplaced[path] = why
	}
	slices.SortFunc(e.found.Lists, compareNatural)
	e.found.Lists = slices.Compact(e.found.Lists)
	e.lookAround()
	for _, missing := range e.found.Missing {
		path, _ := locateLists(missing.Pattern, baseDir)
		for _, n := range e.found.NotTaken {
			if filepath.Dir(n.Path) == path && len(missing.beside) < 3 {
				missing.beside = append(missing.beside, filepath.Base(n.Path)+": "+n.Why)
			}
		}
	}
	return e.found, nil
}

// NotFoundError represents a pattern that names no list.
type NotFoundError struct {
	Pattern string // as it was given
	baseDir string
	beside  []string // the first files of a directory without lists, each with why it is none
}

// Error describes why there is none.
func (e *NotFoundError) Error() string {
	path, _ := locateLists(e.Pattern, e.baseDir)
	return fmt.Sprintf("lists %q: %s", e.Pattern, strings.Join(append([]string{nothingIn(path)}, e.beside...), "; "))
}

// Named reports whether the pattern would name a list at path, were it there. A
// relative path may be one from the working directory or from the pattern's
// base: which of them it was when the list was read is not known any more.
func (e *NotFoundError) Named(path string) bool {
	here, err := os.Getwd()
	if err != nil {
		return false
	}
	literal, glob := locateLists(strings.ReplaceAll(e.Pattern, regionMark, "*"), e.baseDir)
	literal, _ = locateLists(literal, here)
	_, glob = locateLists(glob, here)
	base, _ := locateLists(e.baseDir, here)
	for _, from := range []string{here, base} {
		list, _ := locateLists(path, from)
		fits, err := filepath.Match(glob, list)
		if err == nil && fits || list == literal || filepath.Dir(list) == literal {
			return true
		}
	}
	return false
}

// nothingIn describes why a path names no list.
func nothingIn(path string) string {
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		return "no list is in this directory"
	}
	return "no such list"
}

// locateLists takes a relative pattern from baseDir: as the name of a file or
// directory, and as a glob.
func locateLists(pattern, baseDir string) (path, glob string) {
	path = filepath.Clean(pattern)
	if filepath.IsAbs(path) {
		return path, path
	}
	return filepath.Join(baseDir, path), filepath.Join(escapeGlob(baseDir), path)
}

// expansion represents the state of finding lists.
type expansion struct {
	baseDir string
	named   func(region string) bool
	places  map[string][]string // by directory: the forms of names that are taken there
	singles map[string][]string // by directory: the names of lists that are named singly
	// by file whose name fits a pattern, but has no country in the place of {region}: why
	unplaced map[string]string
	found    Found
}

// anyList holds the form of the names that are taken from a directory.
const anyList = ""

func (e *expansion) expand(pattern string) error {
	path, glob := locateLists(strings.ReplaceAll(pattern, regionMark, "*"), e.baseDir)
	var regions *regexp.Regexp
	if strings.Contains(pattern, regionMark) {
		_, marked := locateLists(pattern, e.baseDir)
		regions = regionPlaces(marked)
		return e.glob(glob, regions)
	}
	stat, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return e.glob(glob, nil)
	case err != nil: // for whoever reads it to say
		e.found.Lists = append(e.found.Lists, path)
	case stat.IsDir():
		e.take(path, anyList, nil)
	case !isListName(filepath.Base(path)):
		return errors.New("a hidden file or a file of rejects, not a list")
	default:
		e.found.Lists = append(e.found.Lists, path)
		e.singles[filepath.Dir(path)] = append(e.singles[filepath.Dir(path)], filepath.Base(path))
	}
	return nil
}

// glob takes what a glob matches: files, and the lists in directories where regions are looked for.
func (e *expansion) glob(glob string, regions *regexp.Regexp) error {
	dir, form := filepath.Split(glob)
	dirs, err := filepath.Glob(filepath.Clean(dir))
	if err == nil {
		_, err = filepath.Match(form, "")
	}
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if stat, err := os.Stat(dir); err != nil || stat.IsDir() {
			e.take(dir, form, regions)
		}
	}
	return e.among(filepath.Clean(dir))
}

// among notes the directories in which a glob of directories chooses others.
func (e *expansion) among(dirs string) error {
	for strings.ContainsAny(dirs, "*?[") {
		form := filepath.Base(dirs)
		dirs = filepath.Dir(dirs)
		if !strings.ContainsAny(form, "*?[") {
			continue
		}
		parents, err := filepath.Glob(dirs)
		if err != nil {
			return err
		}
		for _, parent := range parents {
			e.places[parent] = append(e.places[parent], form+string(filepath.Separator))
		}
	}
	return nil
}

// take takes the lists of a directory whose names have a form: regular files, and with them what nothing can be known
// of, such as a link that leads nowhere.
func (e *expansion) take(dir, form string, regions *regexp.Regexp) {
	e.places[dir] = append(e.places[dir], form)
	entries, _ := os.ReadDir(dir) // one that cannot be read has no lists, and is said to have none
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		stat, err := os.Stat(path)
		switch {
		case !isListName(entry.Name()) || !hasForm(form, entry.Name()):
		case err != nil || stat.Mode().IsRegular():
			e.add(path, regions)
		case stat.IsDir() && regions != nil:
			e.take(path, anyList, regions)
		}
	}
}

func (e *expansion) add(path string, regions *regexp.Regexp) {
	if regions != nil {
		region, why, country := e.regionAt(regions, path)
		if why != "" {
			places := regions.FindStringSubmatchIndex(path)
			if !country && (places == nil || isWhole(path, places[2], places[3])) { // in a directory of something else
				e.found.NotTaken = append(e.found.NotTaken, NotTaken{path, why})
			} else {
				e.unplaced[path] = why
			}
			return
		}
		e.found.Placed[path] = region
	}
	e.found.Lists = append(e.found.Lists, path)
}

// hasForm reports whether a name fits a glob; the case of extensions does not matter.
func hasForm(form, name string) bool {
	if form == anyList {
		return hasListSuffix(name)
	}
	fits, _ := filepath.Match(form, name) // the form was tried
	if !fits {
		fits, _ = filepath.Match(lowerExtension(form), lowerExtension(name))
	}
	return fits
}

func lowerExtension(name string) string {
	stem, extension, _ := strings.Cut(name, ".")
	return strings.TrimSuffix(stem+"."+strings.ToLower(extension), ".")
}

// regionPlaces turns a glob with {region} into an expression whose groups are what stands there. What follows a glob
// that names directories is theirs.
func regionPlaces(glob string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("^(?i)")
	for glob != "" {
		switch rest, marked := strings.CutPrefix(glob, regionMark); {
		case marked:
			b.WriteString("([^/]+?)")
			glob = rest
			continue
		case glob[0] == '*':
			b.WriteString("[^/]*")
		case glob[0] == '?':
			b.WriteString("[^/]")
		case glob[0] == '[' && strings.Contains(glob, "]"):
			end := strings.IndexByte(glob, ']')
			b.WriteString(glob[:end+1])
			glob = glob[end:]
		case glob[0] == '\\' && len(glob) > 1:
			glob = glob[1:]
			fallthrough
		default:
			b.WriteString(regexp.QuoteMeta(glob[:1]))
		}
		glob = glob[1:]
	}
	places, err := regexp.Compile(b.String() + "(?:/[^/]*)?$")
	if err != nil { // a class that only a glob has: no list is taken by it
		return regexp.MustCompile("^$")
	}
	return places
}

// regionAt reads the region that stands in a path. Where none counts, it says why, and whether countries stand there.
func (e *expansion) regionAt(places *regexp.Regexp, path string) (region, why string, country bool) {
	groups := places.FindStringSubmatchIndex(path)
	if groups == nil {
		return "", "nothing stands in the place of " + regionMark, false
	}
	for i := 2; i < len(groups); i += 2 {
		from, to := groups[i], groups[i+1]
		text := path[from:to]
		directory := isWhole(path, from, to) && to < len(path)
		found, ok := ParseRegion(text)
		switch {
		case !ok:
			return "", fmt.Sprintf("%q in the place of %s is no country", text, regionMark), false
		case !e.counts(text, found, directory):
			return "", e.whyNoRegion(text, found, directory), true
		case region != "" && found != region:
			return "", fmt.Sprintf("two countries stand in the places of %s: %s and %s", regionMark, region, found), true
		}
		region = found
	}
	return region, "", false
}

// whyNoRegion describes why a country's code in the place of {region} does not count, and what to do.
func (e *expansion) whyNoRegion(text, region string, directory bool) string {
	doubt, more := "is a code, but not in capitals", ""
	if upper := strings.ToUpper(text); regionHomographs[upper] || tradeHomographs[upper] {
		doubt = "may be a word"
		if !directory && !(Options{Named: e.named}).named(region) {
			more = fmt.Sprintf(", and name %s in the regions of an endpoint", region)
		}
	}
	return fmt.Sprintf("%q in the place of %s %s: if it is %s, write it there as %s%s; or put the file where another "+
		"pattern takes it", text, regionMark, doubt, countries.ByName(region), region, more)
}

// isWhole reports whether a part of a path is the whole name of a file or a directory.
func isWhole(path string, from, to int) bool {
	return path[from-1] == filepath.Separator && (to == len(path) || path[to] == filepath.Separator)
}

// counts reports whether a text that reads as a country is meant for one in the place of {region}.
func (e *expansion) counts(text, region string, directory bool) bool {
	upper := strings.ToUpper(text)
	switch {
	case len(text) > len("PHL"):
		return true
	case regionHomographs[upper] || tradeHomographs[upper]:
		return text == region && (directory || Options{Named: e.named}.named(region))
	}
	return directory || text == upper
}

// lookAround notes what is not taken where lists are.
func (e *expansion) lookAround() {
	known := map[string]bool{}
	for _, path := range e.found.Lists {
		known[path] = true
	}
	for _, n := range e.found.NotTaken {
		known[n.Path] = true
	}
	own := filepath.Clean(e.baseDir) // the configuration's directory holds more than lists
	for dir, forms := range e.places {
		entries, _ := os.ReadDir(dir) // as above
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			if known[path] || isOwn(entry.Name()) || e.places[path] != nil || dir == own && !likeList(entry) {
				continue
			}
			if isHidden(entry.Name()) && (entry.IsDir() || !hasListSuffixWithin(entry.Name())) {
				continue
			}
			known[path] = true // of directories that are given in two ways
			e.found.NotTaken = append(e.found.NotTaken, NotTaken{path, whyNot(entry, path, forms)})
		}
	}
	for dir, names := range e.singles {
		entries, _ := os.ReadDir(dir)
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			if e.places[dir] == nil && !known[path] && !isOwn(entry.Name()) && !isHidden(entry.Name()) &&
				likeList(entry) {
				e.found.Beside = append(e.found.Beside, NotTaken{path, whyNot(entry, path, names)})
			}
		}
	}
	for _, all := range [][]NotTaken{e.found.NotTaken, e.found.Beside} {
		slices.SortFunc(all, func(a, b NotTaken) int { return compareNatural(a.Path, b.Path) })
	}
}

// likeList reports whether a file has an extension of lists, or of what lists are packed or copied in.
func likeList(entry os.DirEntry) bool {
	return !entry.IsDir() && (hasListSuffix(entry.Name()) || notTakenFor(entry.Name()) != "")
}

// notTakenFor describes what to do with a file of a kind that is never taken; "" is any other.
func notTakenFor(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download":
		return "a copy that is not finished"
	case ".xls", ".xlsb", ".ods", ".numbers":
		return "a workbook that is not read: save the list as XLSX or CSV"
	case ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz", ".zst":
		return "packed in a way that is not read: unpack it, or pack the list as .gz or .zip"
	}
	return ""
}

func whyNot(entry os.DirEntry, path string, forms []string) string {
	name := entry.Name()
	why, what := notTakenFor(name), "a directory"
	kind := entry.Type()
	if kind&fs.ModeSymlink != 0 {
		what = "a link to a directory"
		if stat, err := os.Stat(path); err == nil {
			kind = stat.Mode().Type()
		}
	}
	forms = slices.Compact(slices.Sorted(slices.Values(forms)))
	switch {
	case kind.IsDir():
		return what + ": name it under lists to have what is in it read"
	case isHidden(name):
		return "a hidden file, as copying programs leave them: give it another name, or remove it"
	case why != "":
		return why
	case kind&^fs.ModeSymlink != 0:
		return "not a regular file"
	case slices.Contains(forms, anyList):
		return "its name does not end in .csv, .tsv, .txt, .xlsx or .zip, or in one of the first three and .gz"
	case !slices.ContainsFunc(forms, func(form string) bool { return !strings.HasSuffix(form, "/") }):
		return "lists are taken from directories here, not what lies beside them: " + strings.Join(forms, " or ")
	}
	return "its name has not the form " + strings.Join(forms, " or ")
}

// escapeGlob makes a directory's own name literal within a glob.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

func isListName(name string) bool { return !isHidden(name) && !isOwn(name) }

func isHidden(name string) bool { return strings.HasPrefix(name, ".") }

// isOwn finds what programs leave beside lists that need no word: locks of spreadsheets, rejects of earlier runs.
func isOwn(name string) bool {
	return strings.HasPrefix(name, "~$") || strings.HasPrefix(name, ".~lock.") || strings.HasPrefix(name, "rejects_")
}

// hasListSuffixWithin reports whether a name has an ending of lists, with others behind it or not: .ids.csv.Xq3f9a.
func hasListSuffixWithin(name string) bool {
	for name != "" {
		if hasListSuffix(name) {
			return true
		}
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	return false
}

func hasListSuffix(name string) bool {
	switch filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")) {
	case ".csv", ".tsv", ".txt":
		return true
	case ".xlsx", ".xlsm", ".zip":
		return filepath.Ext(name) != ".gz"
	}
	return false
}

// compareNatural orders texts as people do: runs of digits by their value.
func compareNatural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		dx, dy := leadingDigits(x), leadingDigits(y)
		if dx == "" || dy == "" {
			if c := cmp.Compare(x[0], y[0]); c != 0 {
				return c
			}
			x, y = x[1:], y[1:]
			continue
		}
		nx, ny := strings.TrimLeft(dx, "0"), strings.TrimLeft(dy, "0")
		if c := cmp.Or(cmp.Compare(len(nx), len(ny)), cmp.Compare(nx, ny)); c != 0 {
			return c
		}
		x, y = x[len(dx):], y[len(dy):]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

func leadingDigits(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
}
