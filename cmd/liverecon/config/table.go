package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// table describes one table of a document. Its methods return the value of a key, or a default where the file does not
// have it or has it wrong.
type table struct {
	Doc    *document
	path   string
	values map[string]any // nil: the file does not have this table
}

func (t *table) key(name string) string { return join(t.path, name) }

func (t *table) has(name string) bool { _, ok := t.values[name]; return ok }

func (t *table) wrong(name, format string, args ...any) { t.Doc.wrong(t.key(name), format, args...) }

// value notes that the key exists.
func (t *table) value(name string) (any, bool) {
	t.Doc.Asked[t.key(name)] = true
	v, ok := t.values[name]
	return v, ok
}

// as returns a key's value if it is a T.
func as[T any](t *table, name, want string) (value T, ok bool) {
	v, found := t.value(name)
	if !found {
		return value, false
	}
	if value, ok = v.(T); !ok {
		t.wrong(name, "want %s, not %s", want, t.described(name, v))
	}
	return value, ok
}

func describe(v any) string {
	switch v := v.(type) {
	case string:
		if strings.Contains(v, "://") { // which may hold a secret
			return "a URL"
		}
		return fmt.Sprintf("the text %.40q", v)
	case bool, int64, float64, toml.LocalTime, toml.LocalDate, toml.LocalDateTime:
		return fmt.Sprintf("%v", v)
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	}
	return "a date or time"
}

// described describes a value as it is written, where it is neither a text nor made of several.
func (t *table) described(name string, v any) string {
	switch v.(type) {
	case string, bool, []any, map[string]any:
		return describe(v)
	}
	return cmp.Or(t.Doc.written[t.key(name)], describe(v))
}

func (t *table) table(name string) *table {
	v, found := t.value(name)
	values, ok := v.(map[string]any)
	switch head := t.Doc.written[t.key(name)]; {
	case !found || ok:
	case strings.HasPrefix(head, "[["):
		t.wrong(name, "want a table: write %s in place of %s", head[1:len(head)-1], head)
	default:
		t.wrong(name, "want a table, not %s", t.described(name, v))
	}
	return &table{t.Doc, t.key(name), values}
}

// byName returns the table whose tables each have a name of their own, such as [endpoint.sg], the example.
func (t *table) byName(name, example string) *table {
	v, found := t.value(name)
	values, ok := v.(map[string]any)
	if found && !ok {
		head := t.Doc.written[t.key(name)]
		t.wrong(name, "want a table each: write %s, by its name, in place of %s", example, cmp.Or(head, describe(v)))
	}
	all := &table{t.Doc, t.key(name), map[string]any{}}
	for _, one := range slices.Sorted(maps.Keys(values)) {
		if _, ok := values[one].(map[string]any); ok {
			all.values[one] = values[one]
			continue
		}
		all.wrong(one, "want a table each: write %s, by its name, and its settings below", example)
	}
	return all
}

func (t *table) tables(name string) []*table {
	v, found := t.value(name)
	list, ok := v.([]any)
	switch head := t.Doc.written[t.key(name)]; {
	case !found || ok:
	case head != "" && head[0] == '[':
		t.wrong(name, "want a list of tables: write [%s] in place of %s", head, head)
	case describe(v) == "a table":
		t.wrong(name, "want a list of tables: write %s = [{ ... }] in place of { ... }", name)
	default:
		t.wrong(name, "want a list of tables, not %s", t.described(name, v))
	}
	var all []*table
	for i, v := range list {
		values, ok := v.(map[string]any)
		if !ok {
			t.wrong(name, "want a list of tables, not of %s", describe(v))
			continue
		}
		all = append(all, &table{t.Doc, fmt.Sprintf("%s[%d]", t.key(name), i), values})
	}
	t.Doc.listed[t.key(name)] = true
	return all
}

const aText = "a text in quotes"

func (t *table) text(name, otherwise string) string {
	if v, ok := as[string](t, name, aText); ok {
		return v
	}
	return otherwise
}

// texts reads a list of texts, or a single text as a list of one. None of them is empty.
func (t *table) texts(name string) []string { return t.textsThat(name, aText) }

// textsThat reads texts that are each what is wanted.
func (t *table) textsThat(name, want string) []string {
	all := t.anyTexts(name, want)
	if slices.Contains(all, "") || all != nil && len(all) == 0 {
		t.wrong(name, "is empty")
		return nil
	}
	return all
}

func (t *table) anyTexts(name, want string) []string {
	v, found := t.value(name)
	if !found {
		return nil
	}
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		all := make([]string, 0, len(v))
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				t.wrong(name, "want %s, not %s", want, describe(e))
				return nil
			}
			all = append(all, s)
		}
		return all
	}
	t.wrong(name, "want %s, not %s", want, t.described(name, v))
	return nil
}

func (t *table) flag(name string, otherwise bool) bool {
	if v, ok := as[bool](t, name, "true or false"); ok {
		return v
	}
	return otherwise
}

func (t *table) count(name string, otherwise, least, most int64) int64 {
	v, ok := as[int64](t, name, "a whole number")
	if !ok {
		return otherwise
	}
	if v < least || v > most {
		t.wrong(name, "%d: want %d to %d", v, least, most)
		return otherwise
	}
	return v
}

func (t *table) number(name string, otherwise, least, most float64) float64 {
	v, found := t.value(name)
	if !found {
		return otherwise
	}
	var x float64
	switch v := v.(type) {
	case int64:
		x = float64(v)
	case float64:
		x = v
	default:
		t.wrong(name, "want a number, not %s", describe(v))
		return otherwise
	}
	if !(x >= least && x <= most) { // so that NaN is refused as well
		t.wrong(name, "%v: want %v to %v", x, least, most)
		return otherwise
	}
	return x
}

func (t *table) duration(name string, otherwise, least, most time.Duration) time.Duration {
	text, ok := as[string](t, name, `a duration such as "30s"`)
	if !ok {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.wrong(name, `%.40q: want a duration such as "30s"`, text)
		return otherwise
	}
	if d < least || d > most {
		t.wrong(name, "%v: want %v to %v", d, least, most)
		return otherwise
	}
	return d
}

func (t *table) zone(name string, otherwise *time.Location) *time.Location {
	text, ok := as[string](t, name, `a time zone in quotes, such as "Asia/Singapore"`)
	if !ok {
		return otherwise
	}
	zone, err := time.LoadLocation(text)
	if err != nil || text == "" || text == "Local" { // the machine's own zone may change under the books
		t.wrong(name, `%.40q is no time zone: want a name such as "Asia/Singapore" or "UTC"`, text)
		return otherwise
	}
	if why := oddDays(zone, time.Now()); why != "" {
		t.wrong(name, "%.40q %s: days and months could not be counted by it", text, why)
		return otherwise
	}
	return zone
}

// oddDays describes what keeps a zone from being counted by, in the year before now and the one after; "" for nothing.
// Calls are counted by quarter hour, and each day of the calendar must be there. No zone in use today is otherwise.
func oddDays(zone *time.Location, now time.Time) string {
	const quarter, day = 15 * 60, 24 * 60 * 60
	for at := now.AddDate(-1, 0, 0).In(zone); ; {
		_, offset := at.Zone()
		if offset%quarter != 0 {
			return "is no whole quarter hours from UTC"
		}
		_, until := at.ZoneBounds()
		if until.IsZero() || until.After(now.AddDate(1, 0, 0)) {
			return ""
		}
		if _, next := until.Zone(); next-offset >= day || offset-next >= day {
			return "leaves out a day, or has one twice, on " + until.Format(time.DateOnly)
		}
		at = until
	}
}

// date reads a TOML date or a text such as "2026-01-01", as midnight UTC; the zero time where there is none.
func (t *table) date(name string) time.Time {
	v, found := t.value(name)
	if !found {
		return time.Time{}
	}
	switch v := v.(type) {
	case toml.LocalDate:
		return v.AsTime(time.UTC)
	case string:
		if day, err := time.Parse(time.DateOnly, v); err == nil {
			return day
		}
	}
	t.wrong(name, `want a date such as "2026-01-01", not %s`, describe(v))
	return time.Time{}
}

// EditDistance counts the single-letter changes between two words (Levenshtein).
func EditDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
