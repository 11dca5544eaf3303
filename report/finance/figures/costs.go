package figures

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/snapshot"
)

// ListTag names the list among the tags of costs; the others are columns of the lists.
const ListTag = "list"

// Source names the origin of a call's ID.
type Source struct {
	List   string   // the list that brought it first; "" where the database does not tell the call from others
	Values []string // of the columns of Options.Keep, "" where the row has none
}

// Part represents the calls of a line of the ledger that have one source: all of them cost the line's unit price.
type Part struct {
	Source          *Source
	Calls, Billable int64
}

// Costs holds which columns tell costs apart.
type Costs struct {
	Full []bool // of each column of Options.Keep, whether it has more than page.MostValues values, and tells nothing
}

// loadCosts parts the lines of the ledger by the sources of their calls.
func loadCosts(ctx context.Context, snap *snapshot.Snapshot, o Options, u usage, closure int64) (Costs, error) {
	q := snapshot.SourceQuestion{From: o.Period.From, To: o.Period.To}
	var err error
	switch month := o.BillingMonths().Of(o.Period.From); o.Basis {
	case billing.DistinctID:
		q.Apart, err = snap.Paid().ChecksAgain(ctx, month.From, o.Period.To)
	case billing.Transaction:
		q.Apart, err = snap.Paid().TransactionsAgain(ctx, month.From, o.Period.To)
	}
	if err != nil {
		return Costs{}, err
	}
	if closure != 0 {
		closed, err := snap.Months().Closure(ctx, o.Period.Label)
		if err != nil {
			return Costs{}, err
		}
		q.LastCall = closed.LastCall
	}
	kept := newKeptValues(o.Keep)
	if len(o.Keep) > 0 {
		q.Kept = kept.of
	}
	found, err := snap.Calls().UsageBySource(ctx, q)
	if err != nil {
		return Costs{}, err
	}
	paths, err := snap.Answers().ListPaths(ctx)
	if err != nil {
		return Costs{}, err
	}
	partLedger(u.ledger, u.charges, found, kept.sources(found, paths), o)
	return Costs{Full: kept.full}, nil
}

// keptValues reads what the columns of lists say that are kept.
type keptValues struct {
	folded []string
	seen   []map[string]bool
	full   []bool
	texts  map[string]string // of the values, joined: one for all calls that have the same
	places map[string]int    // of columns by their names as they stand in rows; -1 for one that is not kept
	words  [][]byte
	text   []byte
}

func newKeptValues(columns []string) *keptValues {
	k := &keptValues{full: make([]bool, len(columns)), texts: map[string]string{},
		places: map[string]int{}, words: make([][]byte, len(columns))}
	for _, name := range columns {
		k.folded, k.seen = append(k.folded, page.Folded(name)), append(k.seen, map[string]bool{})
	}
	return k
}

// of returns the values of a row as one text.
func (k *keptValues) of(reference []byte) string {
	for i := range k.words {
		k.words[i] = nil
	}
	if !page.EachColumn(reference, k.put) {
		row := page.KeptColumns(reference)
		for i, name := range k.folded {
			k.words[i] = []byte(strings.ReplaceAll(row[name], "\x00", " "))
		}
	}
	k.text = k.text[:0]
	for i, value := range k.words {
		if !k.full[i] && len(value) > 0 && !k.seen[i][string(value)] {
			k.full[i] = len(k.seen[i]) >= page.MostValues
			k.seen[i][string(value)] = true
		}
		if i > 0 {
			k.text = append(k.text, 0)
		}
		if !k.full[i] {
			k.text = append(k.text, value...)
		}
	}
	if known, ok := k.texts[string(k.text)]; ok {
		return known
	}
	text := string(k.text)
	k.texts[text] = text
	return text
}

// put takes over a column of a row where it is kept: JSON without escapes holds no zero byte.
func (k *keptValues) put(name, value []byte) {
	i, known := k.places[string(name)]
	if !known {
		if i = slices.Index(k.folded, page.Folded(string(name))); len(k.places) < page.MostValues {
			k.places[string(name)] = i
		}
	}
	if i >= 0 {
		k.words[i] = value
	}
}

// sources returns the source of each of some counts; equal ones are one.
func (k *keptValues) sources(found []*snapshot.SourceUsage, paths map[int64]string) []*Source {
	names := listNames(found, paths)
	type key struct{ list, kept string }
	known := map[key]*Source{}
	all := make([]*Source, len(found))
	for i, u := range found {
		values := strings.Split(u.Kept, "\x00")[:len(k.folded)]
		for c := range values {
			if k.full[c] { // it was not when the call was read
				values[c] = ""
			}
		}
		at := key{names[u.ListID], strings.Join(values, "\x00")}
		if known[at] == nil {
			known[at] = &Source{at.list, values}
		}
		all[i] = known[at]
	}
	return all
}

// listNames names the lists of a period: by the file's name, and where several paths end in the same, by as much of the
// path as tells them apart. A file that was read again with other rows has one name.
func listNames(found []*snapshot.SourceUsage, paths map[int64]string) map[int64]string {
	names, left := map[int64]string{}, map[string]bool{}
	for _, u := range found {
		left[filepath.ToSlash(paths[u.ListID])] = true
	}
	short := map[string]string{}
	for parts := 1; len(left) > 0; parts++ {
		ends, whole := map[string][]string{}, false
		for path := range left {
			end := path
			if words := strings.Split(path, "/"); len(words) > parts {
				end, whole = strings.Join(words[len(words)-parts:], "/"), true
			}
			ends[end] = append(ends[end], path)
		}
		for end, all := range ends {
			if len(all) > 1 && whole {
				continue
			}
			for _, path := range all {
				short[path] = end
				delete(left, path)
			}
		}
	}
	for _, u := range found {
		names[u.ListID] = short[filepath.ToSlash(paths[u.ListID])]
	}
	return names
}

// partLedger gives every line of the ledger its calls by source. Calls that usage counts together and that reach into
// another price have the prices in the order of their sources' first calls.
func partLedger(b *Ledger, charges []charge, found []*snapshot.SourceUsage, sources []*Source, o Options) {
	b.parts = map[ledgerKey][]Part{}
	of := map[store.Usage][]int{}
	for i, u := range found {
		k := withoutCalls(u.Usage)
		of[k] = append(of[k], i)
	}
	unknown := &Source{Values: make([]string, len(o.Keep))}
	for _, c := range charges {
		var parts []Part
		for _, i := range of[withoutCalls(c.usage)] {
			calls := found[i].Calls
			parts = append(parts, Part{sources[i], calls, calls - found[i].Apart})
		}
		share(b, c, fitted(parts, c, unknown), o)
	}
}

// fitted makes parts add up to a charge: what they lack is of an unknown source, and what they have beyond it is left
// out, as where a call's tag was corrected since a month was closed.
func fitted(parts []Part, c charge, unknown *Source) []Part {
	calls, billable := c.usage.Calls, c.billable
	for i := range parts {
		p := &parts[i]
		p.Calls = min(p.Calls, calls)
		p.Billable = max(0, min(p.Billable, p.Calls, billable))
		calls, billable = calls-p.Calls, billable-p.Billable
	}
	for i := range parts {
		more := min(parts[i].Calls-parts[i].Billable, max(0, billable-calls))
		parts[i].Billable, billable = parts[i].Billable+more, billable-more
	}
	if calls > 0 {
		parts = append(parts, Part{unknown, calls, billable})
	}
	return parts
}

// share adds the parts of a charge to the lines that newLedger made of it.
func share(b *Ledger, c charge, parts []Part, o Options) {
	line := c.lineOf(o.Period.Zone)
	add := func(p Part, unit decimal.NullDecimal, calls, billable int64) {
		l := line
		l.Unit = unit
		k := l.key()
		i := slices.IndexFunc(b.parts[k], func(x Part) bool { return x.Source == p.Source })
		if i < 0 {
			i = len(b.parts[k])
			b.parts[k] = append(b.parts[k], Part{Source: p.Source})
		}
		b.parts[k][i].Calls += calls
		b.parts[k][i].Billable += billable
	}
	slice, used := 0, int64(0)
	for _, p := range parts {
		if p.Calls == 0 {
			continue
		}
		if c.term == nil {
			add(p, decimal.NullDecimal{}, p.Calls, p.Billable)
			continue
		}
		for left := p.Billable; left > 0; {
			s := c.slices[slice]
			n := min(left, s.Calls-used)
			add(p, decimal.NewNullDecimal(s.Unit), n, n)
			if left, used = left-n, used+n; used == s.Calls {
				slice, used = slice+1, 0
			}
		}
		if rest := p.Calls - p.Billable; rest > 0 {
			add(p, decimal.NullDecimal{}, rest, 0)
		}
	}
}

// PartsOf returns the lines that a line consists of, each with the source of its calls; an amount that no call has is
// one line without a source.
func PartsOf(b *Ledger, l LedgerLine) (lines []LedgerLine, sources []*Source) {
	if l.Kind == Adjustment {
		return []LedgerLine{l}, []*Source{nil}
	}
	for _, p := range b.parts[l.key()] {
		part := l
		part.Calls, part.Billable = p.Calls, p.Billable
		part.Amount = l.Unit.Decimal.Mul(decimal.NewFromInt(p.Billable))
		lines, sources = append(lines, part), append(sources, p.Source)
	}
	return lines, sources
}

// CostLine adds up the calls of one list, or of one value of a column, in one currency.
type CostLine struct {
	Name     string
	What     CostName
	Currency string
	Account
	Folded int64 // of CostOthers, how many it stands for
}

// CostName represents the kind of a line's name.
type CostName int

// The kinds of lines, in their order.
const (
	CostNamed   CostName = iota // a list, or a value
	CostOthers                  // what has no line of its own
	CostUnnamed                 // calls whose row has no value, or whose list is not known
	CostOfNone                  // amounts that no call has
)

// ByList asks CostsBy for lists.
const ByList = -1

// CostsBy adds up the ledger by the values of a column of Options.Keep, or by list: currency by currency, the dearest
// first, and most of them with lines of their own.
func CostsBy(d *Data, column, most int) (all []CostLine) {
	type key struct {
		name, currency string
		what           CostName
	}
	found := map[key]*CostLine{}
	for _, l := range d.Ledger.Lines {
		parts, sources := PartsOf(d.Ledger, l)
		for i, part := range parts {
			k := key{currency: d.Ledger.Currency(l), what: CostOfNone}
			if s := sources[i]; s != nil {
				k.what, k.name = CostNamed, s.List
				if column != ByList {
					k.name = s.Values[column]
				}
				if k.name == "" {
					k.what = CostUnnamed
				}
			}
			if found[k] == nil {
				found[k] = &CostLine{Name: k.name, What: k.what, Currency: k.currency}
			}
			found[k].Post(part)
		}
	}
	for _, l := range found {
		all = append(all, *l)
	}
	slices.SortFunc(all, func(a, b CostLine) int {
		return cmp.Or(d.Currencies.Rank(a.Currency)-d.Currencies.Rank(b.Currency), cmp.Compare(a.Currency, b.Currency),
			int(a.What-b.What), b.Amount.Cmp(a.Amount), cmp.Compare(b.Billable, a.Billable),
			cmp.Compare(b.Calls(), a.Calls()), strings.Compare(a.Name, b.Name))
	})
	return folded(all, most)
}

// folded puts one line in the place of those beyond the first of each currency.
func folded(all []CostLine, most int) (kept []CostLine) {
	own := 0
	for i, l := range all {
		if i == 0 || all[i-1].Currency != l.Currency {
			own = 0
		}
		if own++; l.What != CostNamed || own <= most {
			kept = append(kept, l)
			continue
		}
		if own == most+1 {
			kept = append(kept, CostLine{What: CostOthers, Currency: l.Currency})
		}
		others := &kept[len(kept)-1]
		others.Merge(l.Account)
		others.Folded++
	}
	return kept
}

// Tags returns what Options.FocusTags say of a source, as JSON; "" where that is nothing.
func Tags(d *Data, s *Source) (string, error) {
	if s == nil {
		return "", nil
	}
	tags := map[string]string{}
	for _, name := range d.FocusTags {
		value := s.List
		if name != ListTag {
			value = ""
			if i := slices.Index(d.Keep, name); i >= 0 {
				value = s.Values[i]
			}
		}
		if value != "" {
			tags[name] = value
		}
	}
	if len(tags) == 0 {
		return "", nil
	}
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(tags); err != nil {
		return "", fmt.Errorf("tags: %w", err)
	}
	return strings.TrimSpace(text.String()), nil
}
