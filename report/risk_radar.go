package report

import (
	"context"
	"fmt"

	"liverecon/store"
)

// takeNovelties reads what the vendor's answers of the period held that its page does not document.
func (r *risk) takeNovelties(ctx context.Context) (err error) {
	r.novelties, err = r.facts.Novelties(ctx, r.Period.From, r.Period.To)
	return err
}

// fresh counts the novelties that were seen in this period for the first time.
func (r *risk) fresh() (n int64) {
	for _, v := range r.novelties {
		n += int64(btoi(!v.FirstSeen.Before(r.Period.From)))
	}
	return n
}

// radar writes the table of novelties: a vendor that changes its answers should be heard of before the figures change.
func (r *risk) radar(p *page) {
	p.section("5  Vendor-change radar", fmt.Sprintf("What answers of this period held that the vendor's page does not document: %s, %s seen for the first time.",
		plural(int64(len(r.novelties)), "thing", "things"), thousands(r.fresh())))
	if len(r.novelties) == 0 {
		p.prose(T("Nothing: every code, pricing tag, attack type, field and type is documented.").As(Caption))
		return
	}
	zone := " (" + r.Period.Zone.String() + ")"
	t := p.table(column{"What", 1, General}, column{"Value", 5, Literal}, column{"Endpoint", 1, Literal}, column{"First seen" + zone, 2, Moment}, column{"Last seen" + zone, 2, Moment},
		column{"Answers", 1, Count}, column{"", 1, General})
	for _, v := range r.novelties {
		mark := Cell{}
		if !v.FirstSeen.Before(r.Period.From) {
			mark = T("▲ new").As(Watch)
		}
		t.add(T(noveltyName(v.Kind)), Outside(v.Value), Outside(v.Endpoint), At(v.FirstSeen, r.Period.Zone), At(v.LastSeen, r.Period.Zone), N(v.Answers), mark)
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
