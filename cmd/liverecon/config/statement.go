package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/list"
	"liverecon/batch/liveness"
	"liverecon/batch/statement"
)

// readStatement reads how the vendor writes its statements. It comes after the endpoints and the billing zone.
func readStatement(c *Config, t *table) {
	c.Statement = statement.Options{
		Columns:  readColumns(t.table("columns")),
		Optional: t.texts("optional"),

		TimeLayouts:  t.texts("time_layout"),
		MonthLayouts: t.texts("month_layout"),
		Zone:         t.zone("time_zone", c.BillingZone),
		BillingZone:  c.BillingZone,
		MonthStarts:  c.MonthStarts,

		Decimal:   t.text("decimal", "."),
		Thousands: t.text("thousands", ""),

		Sheet:    t.text("sheet", ""),
		Currency: strings.ToUpper(t.text("currency", "")),
		Kinds:    readKinds(t.table("kinds")),
		Ignore:   t.texts("ignore"),

		Credits:       t.text("credits", ""),
		ComputeAmount: t.flag("compute_amount", false),
		SingleCalls:   t.flag("single_calls", false),
		QuantityUnit:  t.count("quantity_unit", 1, 1, 1_000_000),
		Products:      t.texts("products"),

		Endpoints: readEndpointNames(c, t.table("endpoints")),
		Region:    list.ParseRegion,
	}
	for _, currency := range t.texts("whole_currencies") {
		c.Statement.WholeCurrencies = append(c.Statement.WholeCurrencies, strings.ToUpper(currency))
	}
	readContract(c, t)
	if c.Statement.Columns["product"] != nil && len(c.Statement.Products) == 0 {
		t.wrong("columns", "product goes with products: which of them are calls of ours?")
	}
	t.refuseUnknown()
	for _, e := range Flatten(c.Statement.Check()) {
		setting, text, _ := strings.Cut(e.Error(), ": ")
		t.wrong(setting, "%s", text)
	}
}

// readContract reads what the contract says of how the vendor's amounts are made.
func readContract(c *Config, t *table) {
	var err error
	if c.Reconciling.Rounding, err = billing.ParseRounding(t.text("rounding", "")); err != nil {
		t.wrong("rounding", "%v", err)
	}
	const net, gross = "net", "gross"
	base := t.text("tax_base", net)
	if base != net && base != gross {
		t.wrong("tax_base", "%.40q: want %s or %s", base, net, gross)
	}
	c.Reconciling.TaxGross = base == gross
	readIncludedTax(c, t)
}

// readIncludedTax reads the rate of a tax that the amounts of lines include.
func readIncludedTax(c *Config, t *table) {
	const apart, included = "apart", "included"
	tax, rate := t.text("tax", apart), t.text("tax_rate", "")
	if tax != apart && tax != included {
		t.wrong("tax", "%.40q: want %s or %s", tax, apart, included)
		return
	}
	switch {
	case tax == apart && rate != "":
		t.wrong("tax_rate", `goes with tax = "included"`)
	case tax == included && rate == "":
		t.wrong("tax_rate", `is missing: what the included tax is, such as "9%%"`)
	case tax == included:
		percent, err := parseAmount(strings.TrimSuffix(rate, "%"))
		if err != nil || !strings.HasSuffix(rate, "%") || !percent.IsPositive() || percent.GreaterThan(decimal.NewFromInt(100)) {
			t.wrong("tax_rate", `%.40q: want a share of more than 0 and at most 100 %%, such as "9%%"`, rate)
		}
		c.Reconciling.TaxRate, c.Statement.TaxIncluded = percent.Shift(-2), true
	}
}

// readColumns reads the header names of the fields that the file names.
func readColumns(t *table) map[string][]string {
	columns := map[string][]string{}
	for _, field := range slices.Sorted(maps.Keys(statement.DefaultColumns())) {
		if names := t.texts(field); names != nil {
			columns[field] = names
		}
	}
	t.refuseUnknown()
	return columns
}

func readKinds(t *table) map[statement.LineKind][]string {
	kinds := map[statement.LineKind][]string{}
	for _, kind := range []statement.LineKind{statement.Usage, statement.Credit, statement.Tax, statement.Total} {
		if words := t.texts(string(kind)); words != nil {
			kinds[kind] = words
		}
	}
	t.refuseUnknown()
	return kinds
}

// readEndpointNames reads what statements call the endpoints, besides the names they have here.
func readEndpointNames(c *Config, t *table) map[string]string {
	names := map[string]string{}
	for _, e := range liveness.Catalogue() {
		names[e.Name] = e.Name
	}
	for _, e := range c.Endpoints {
		if endpointName.MatchString(e.Name) { // of another its own table says what is wrong
			names[e.Name] = e.Name
		}
	}
	for _, f := range c.former {
		names[f.name] = f.name
	}
	for _, endpoint := range slices.Sorted(maps.Keys(t.values)) {
		if !c.Knows(endpoint) {
			t.wrong(endpoint, "there is no endpoint %.40q", endpoint)
		}
		for _, alias := range t.texts(endpoint) {
			alias = strings.ToLower(alias)
			if other, taken := names[alias]; taken && other != endpoint {
				t.wrong(endpoint, "%.40q is endpoint %s already", alias, other)
			}
			names[alias] = endpoint
		}
	}
	return names
}
