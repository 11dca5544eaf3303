package risk

import (
	"context"
	"fmt"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// takeNovelties reads what the vendor's answers of the period held that its page does not document.
func (r *risk) takeNovelties(ctx context.Context) (err error) {
	r.novelties, err = r.snap.Novelties(ctx, r.Period.From, r.Period.To)
	return err
}

// fresh counts the novelties that were seen in this period for the first time.
func (r *risk) fresh() (n int64) {
	for _, v := range r.novelties {
		n += int64(xlsx.Int(!v.FirstSeen.Before(r.Period.From)))
	}
	return n
}

// radar writes the table of novelties: a vendor that changes its answers should be heard of before the figures change.
func (r *risk) radar(p *page.Page) {
	p.Section("5  Vendor-change radar", fmt.Sprintf("What answers of this period held that the vendor's page does not document: %s, %s seen for the first time.",
		page.Plural(int64(len(r.novelties)), "thing", "things"), calendar.Thousands(r.fresh())))
	if len(r.novelties) == 0 {
		p.Prose(xlsx.T("Nothing: every code, pricing tag, attack type, field and type is documented.").As(xlsx.Caption))
		return
	}
	zone := " (" + r.Period.Zone.String() + ")"
	t := p.Table(page.Column{Head: "What", Span: 1, Format: xlsx.General}, page.Column{Head: "Value", Span: 5, Format: xlsx.Literal}, page.Column{Head: "Endpoint", Span: 1, Format: xlsx.Literal}, page.Column{Head: "First seen" + zone, Span: 2, Format: xlsx.Moment}, page.Column{Head: "Last seen" + zone, Span: 2, Format: xlsx.Moment},
		page.Column{Head: "Answers", Span: 1, Format: xlsx.Count}, page.Column{Head: "", Span: 1, Format: xlsx.General})
	for _, v := range r.novelties {
		mark := xlsx.Cell{}
		if !v.FirstSeen.Before(r.Period.From) {
			mark = xlsx.T("▲ new").As(xlsx.Watch)
		}
		t.Add(xlsx.T(noveltyName(v.Kind)), xlsx.Outside(v.Value), xlsx.Outside(v.Endpoint), xlsx.At(v.FirstSeen, r.Period.Zone), xlsx.At(v.LastSeen, r.Period.Zone), xlsx.N(v.Answers), mark)
	}
}

// noveltyName is a kind of novelty in words.
func noveltyName(k store.NoveltyKind) string {
	switch k {
	case store.NewCode:
		return "code"
	case store.NewPricing:
		return "pricing tag"
	case store.NewAttackType:
		return "attack type"
	case store.NewAttackSubType:
		return "attack sub-type"
	case store.NewField:
		return "field"
	case store.NewType:
		return "type of a field"
	case store.NewShape:
		return "shape of an answer"
	}
	return string(k)
}
