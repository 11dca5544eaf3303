package parquet

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"liverecon/store/storetest"
)

// TestSpool: whatever fits in memory, and however many shared values are remembered, each region has its rows in the order
// in which they came.
func TestSpool(t *testing.T) {
	columns := []column{{name: "n", kind: number}, {name: "w", kind: word, optional: true}, {name: "s", kind: score, optional: true},
		{name: "t", kind: text, optional: true}, {name: "f", kind: number, few: true}}
	for _, limits := range [][2]int{{1 << 20, 1000}, {1 << 20, 0}, {1 << 20, 3}, {1, 1000}, {500, 3}} {
		s := newSpool(columns)
		s.room, s.most = limits[0], limits[1]
		dice := rand.New(rand.NewPCG(1, 2))
		want := map[string][]string{}
		for n := range int64(500) {
			region := []string{"", "ID", "PH"}[dice.IntN(3)]
			w := []string{missing, "", "a", "b\x1f", "ünï"}[dice.IntN(5)]
			own := []any{n - 250, any(nil), any(nil)}
			if dice.IntN(2) == 0 {
				own[1], own[2] = float64(n)/7, strings.Repeat("x", dice.IntN(300))
			}
			few := strconv.Itoa(dice.IntN(4))
			storetest.Check(t, s.add([]byte(region+between+w+between+few), own))
			want[region] = append(want[region], fmt.Sprint(own[0], "|", own[1], "|", own[2], "|", w, "|", few))
		}
		for _, region := range s.names() {
			var got []string
			storetest.Check(t, s.each(region, func(together *shared, own []datum) error {
				shows := make([]string, 3)
				for i, d := range own {
					shows[i] = map[form]string{nothing: "<nil>", whole: fmt.Sprint(d.whole), real: fmt.Sprint(d.real),
						texts: string(d.text)}[d.form]
				}
				w := missing
				if !together.values[0].IsNull() {
					w = string(together.values[0].ByteArray())
				}
				got = append(got, strings.Join(append(shows, w, together.values[1].String()), "|"))
				return nil
			}))
			if !slices.Equal(got, want[region]) {
				t.Errorf("%v: %q has\n%v\nwant\n%v", limits, region, got, want[region])
			}
		}
		storetest.Check(t, s.close())
	}
}

// TestRowsAsRead: a file has what each column's own SQL gives, row for row.
func TestRowsAsRead(t *testing.T) {
	s, db := books(t, 11)
	storetest.Exec(t, db, "UPDATE answers SET attack_sub_type = char(31, 26) || 'x' WHERE call_id % 3 = 0")
	o := usual(t)
	o.Columns, o.WithIDs = []string{"Campaign X"}, true
	root := t.TempDir()
	exported(t, s, root, Which{}, o)
	m := manifestOf(t, root)
	tx, err := db.Begin()
	storetest.Check(t, err)
	b, err := readBearings(t.Context(), tx, o.Months)
	storetest.Check(t, errors.Join(err, tx.Rollback()))
	for name, is := range m.Months {
		bounds := month{name: name, zone: o.Zone, first: 1, last: 1 << 40}
		bounds.period.From, bounds.period.To = is.From, is.To
		for _, table := range tables(o) {
			want := plainly(t, db, table, b, bounds)
			got := map[string][]string{}
			for _, f := range is.Files {
				if f.Table == table.name {
					got[f.Region] = shown(t, filepath.Join(root, f.Path))
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s of %s has\n%v\nwant\n%v", table.name, name, got, want)
			}
		}
	}
}

// plainly reads a table with a column a column, and shows its rows as shown does, by region.
func plainly(t *testing.T, db *sql.DB, is table, b *bearings, m month) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	list := []string{"''"}
	if is.byRegion != "" {
		list[0] = is.byRegion
	}
	for _, c := range is.columns {
		list = append(list, c.sql)
	}
	for _, args := range b.arguments(is, m) {
		rows, err := db.Query("SELECT "+strings.Join(list, ", ")+" "+is.from, args...)
		storetest.Check(t, err)
		values, targets := make([]any, len(list)), make([]any, len(list))
		for i := range values {
			targets[i] = &values[i]
		}
		for rows.Next() {
			storetest.Check(t, rows.Scan(targets...))
			var texts []string
			for i, c := range is.columns {
				texts = append(texts, plain(c, values[i+1]))
			}
			region := fmt.Sprint(values[0])
			all[region] = append(all[region], strings.Join(texts, "|"))
		}
		storetest.Check(t, rows.Err())
		storetest.Check(t, rows.Close())
	}
	return all
}

func plain(c column, v any) string {
	switch {
	case v == nil:
		return parquet.NullValue().String()
	case c.kind == boolean:
		return strconv.FormatBool(v.(int64) != 0)
	case c.kind == score:
		return parquet.DoubleValue(v.(float64)).String()
	default:
		return fmt.Sprint(v)
	}
}
