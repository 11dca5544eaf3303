package match

import (
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// The units of a month's charges make its cost, whatever the tiers.
func TestSlotsMakeTheCost(t *testing.T) {
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 3))
		p := randomPrice(r, kinds[seed%3])
		p.FreeQuota = max(0, p.FreeQuota) // a quota of some calls, or none
		for total := range int64(40) {
			var sum decimal.Decimal
			for n := int64(1); n <= total; n++ {
				slot := p.Slot(n, total)
				if (slot == 0) != (n <= p.FreeQuota) {
					t.Fatalf("seed %d: %+v: charge %d of %d is in slot %d", seed, p, n, total, slot)
				}
				sum = sum.Add(p.Unit(slot))
			}
			if want := p.Cost(total); !sum.Equal(want) {
				t.Fatalf("seed %d: %+v: %d charges make %s, want %s", seed, p, total, sum, want)
			}
		}
	}
}

func TestSlot(t *testing.T) {
	list := tiers(upTo(10, "3"), upTo(20, "2"), beyond("1"))
	graduated := &billing.Price{Kind: billing.Graduated, FreeQuota: 5, Tiers: list}
	volume := &billing.Price{Kind: billing.Volume, FreeQuota: 5, Tiers: list}
	for _, tt := range []struct {
		p        *billing.Price
		n, total int64
		want     int
	}{
		{graduated, 5, 40, 0}, {graduated, 6, 40, 1}, {graduated, 15, 40, 1}, {graduated, 16, 40, 2}, {graduated, 25, 40, 2}, {graduated, 26, 40, 3},
		{volume, 5, 40, 0}, {volume, 6, 40, 3}, {volume, 40, 40, 3}, {volume, 6, 25, 2}, {volume, 6, 15, 1},
	} {
		if got := tt.p.Slot(tt.n, tt.total); got != tt.want {
			t.Errorf("%s: charge %d of %d is in slot %d, want %d", tt.p.Kind, tt.n, tt.total, got, tt.want)
		}
	}
}
