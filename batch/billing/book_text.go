package billing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// PriceText represents a price row as it is written down: dates as 2006-01-02 of the
// billing zone, amounts as decimals, what is not set left out.
type PriceText struct {
	Endpoint  string     `json:"endpoint"`
	Region    string     `json:"region"`
	From      string     `json:"from"`
	To        string     `json:"to,omitempty"`
	Currency  string     `json:"currency"`
	Kind      string     `json:"tier_kind"`
	Tiers     []TierText `json:"tiers"`
	FreeQuota int64      `json:"free_quota,omitempty"`
	Minimum   string     `json:"minimum,omitempty"`
}

// TierText represents a tier of a PriceText.
type TierText struct {
	UpTo int64  `json:"up_to,omitempty"`
	Unit string `json:"unit"`
}

// Texts writes down every row, in the order they were given.
func (b *Book) Texts() []PriceText {
	texts := []PriceText{}
	for _, p := range b.Prices {
		texts = append(texts, p.text(b.Location))
	}
	return texts
}

// bookText represents a whole book, as it is kept.
type bookText struct {
	Zone   string      `json:"time_zone"`
	Starts int         `json:"month_starts,omitempty"`
	Prices []PriceText `json:"prices"`
}

// String returns the book as JSON that ParseBook reads: its zone and its rows, in an
// order of their own. Two books with the same text price every call alike.
func (b *Book) String() string {
	texts := b.Texts()
	slices.SortFunc(texts, func(p, q PriceText) int { return strings.Compare(string(asJSON(p)), string(asJSON(q))) })
	return string(asJSON(bookText{b.Location.String(), b.Starts, texts}))
}

// ParseBook reads what String wrote; load finds a time zone by its name. The rows
// have no line.
func ParseBook(text string, load func(name string) (*time.Location, error)) (*Book, error) {
	var kept bookText
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return nil, fmt.Errorf("price book: %w", err)
	}
	zone, err := load(kept.Zone)
	if err != nil {
		return nil, fmt.Errorf("price book: %w", err)
	}
	var rows []Price
	for _, t := range kept.Prices {
		p, err := t.price()
		if err != nil {
			return nil, fmt.Errorf("price book: price of %s %s: %w", t.Endpoint, t.Region, err)
		}
		rows = append(rows, p)
	}
	return NewMonthlyBook(rows, Months{zone, kept.Starts})
}

func (t *PriceText) price() (p Price, err error) {
	p = Price{Endpoint: t.Endpoint, Region: t.Region, Currency: t.Currency, Kind: TierKind(t.Kind),
		FreeQuota: t.FreeQuota}
	if p.From, err = time.Parse(time.DateOnly, t.From); err != nil {
		return p, err
	}
	if t.To != "" {
		if p.To, err = time.Parse(time.DateOnly, t.To); err != nil {
			return p, err
		}
	}
	if t.Minimum != "" {
		if p.Minimum, err = decimal.NewFromString(t.Minimum); err != nil {
			return p, err
		}
	}
	for _, tier := range t.Tiers {
		unit, err := decimal.NewFromString(tier.Unit)
		if err != nil {
			return p, err
		}
		p.Tiers = append(p.Tiers, Tier{tier.UpTo, unit})
	}
	return p, nil
}

// asJSON writes plain structs of this package, which cannot fail.
func asJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
