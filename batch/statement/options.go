package statement

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"liverecon/batch/billing"
)

// The fields of a statement, keys of Options.Columns.
const (
	fieldTransaction = "transaction"
	fieldTime        = "time"
	fieldMonth       = "month"
	fieldEndpoint    = "endpoint"
	fieldRegion      = "region"
	fieldPricing     = "pricing"
	fieldQuantity    = "quantity"
	fieldUnit        = "unit"
	fieldAmount      = "amount"
	fieldCredit      = "credit"
	fieldCurrency    = "currency"
	fieldKind        = "kind"
	fieldDescription = "description"
	fieldProduct     = "product"
	fieldTax         = "tax"
)

// DefaultColumns returns the header names that are accepted for each
// field when the settings name none. They are few: a column that is taken for
// another one does more harm than one that has to be named.
func DefaultColumns() map[string][]string {
	return map[string][]string{
		fieldTransaction: {"transaction", "transaction id"},
		fieldTime: {"time", "timestamp", "date", "date time", "charged at", "transaction time",
			"transaction date"},
		fieldMonth:       {"month", "billing month", "billing period"},
		fieldEndpoint:    {"endpoint"},
		fieldRegion:      {"region", "country", "country code", "market"},
		fieldPricing:     {"pricing", "pricing strategy"},
		fieldQuantity:    {"quantity", "qty", "calls"},
		fieldUnit:        {"unit price", "price per call"},
		fieldAmount:      {"amount"},
		fieldCredit:      {"credit", "credits", "credit amount"},
		fieldCurrency:    {"currency", "currency code"},
		fieldKind:        {"kind", "line kind", "line type"},
		fieldDescription: {"description", "item"},
		fieldProduct:     {"product", "product name", "service"},
		fieldTax:         {}, // found by what it adds up to
	}
}

// DefaultKinds returns what marks lines of each kind when the settings
// do not say.
func DefaultKinds() map[LineKind][]string {
	return map[LineKind][]string{
		Usage:  {"usage", "charge", "call"},
		Credit: {"credit", "credit note", "refund", "rebate", "discount"},
		Tax:    {"tax", "vat", "gst", "ppn", "sales tax", "service tax", "withholding tax"},
		Total: {"total", "sub-total", "subtotal", "grand total", "total amount", "total due", "amount due",
			"balance due"},
	}
}

// debitNames lists what the column of amounts is called beside one of credits.
var debitNames = []string{"debit", "debits", "debit amount"}

// moreTotals lists what totals are called besides the words of DefaultKinds, alone, or behind the name of what was
// added up ("PH Total"). A row is believed to be one only if it is the sum of lines above it. They stand apart since
// the words in use are part of what tells a statement from one that was read already.
var moreTotals = []string{
	"total", "totals", "subtotal", "sub total", "grand total", "jumlah", "jumlah besar", "total keseluruhan",
	"suma", "soma", "somme", "sous total", "total general", "total général", "summe", "gesamt", "gesamtsumme",
	"gesamtbetrag", "zwischensumme", "totale", "subtotale", "totaal", "subtotaal", "razem", "toplam", "ara toplam",
	"genel toplam", "итого", "всего", "tổng", "tổng cộng", "cộng", "รวม", "รวมทั้งสิ้น", "ยอดรวม", "合计", "总计", "小计", "合計",
	"總計", "小計", "総計", "합계", "총계", "소계", "összesen", "kabuuan",
}

// How credits are written; see Options.Credits.
const (
	creditsSigned   = "signed"
	creditsPositive = "positive"
)

var isoTimes = []string{
	time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly,
}

var isoMonths = []string{"2006-01", "2006/01", "January 2006", "Jan 2006", time.DateOnly}

// Layouts that are none of package time.
const (
	layoutUnix   = "unix"
	layoutUnixMS = "unix-ms"
)

// withDefaults fills in what is not set.
func (o Options) withDefaults() Options {
	if o.BillingZone == nil {
		o.BillingZone = o.Zone
	}
	if len(o.TimeLayouts) == 0 {
		o.TimeLayouts = isoTimes
	}
	if len(o.MonthLayouts) == 0 {
		o.MonthLayouts = isoMonths
	}
	kinds := DefaultKinds()
	maps.Copy(kinds, o.Kinds)
	o.Kinds = kinds
	if o.QuantityUnit == 0 {
		o.QuantityUnit = 1
	}
	if o.WholeCurrencies == nil {
		o.WholeCurrencies = DefaultWholeCurrencies()
	}
	if o.Region == nil {
		o.Region = func(text string) (string, bool) { return text, len(text) == 2 && billing.IsUpper(text) }
	}
	return o
}

// Check describes what makes no sense in the options. The error joins all problems,
// each beginning with the name of its setting: "columns.amount: ...", "kinds.tax:
// ...", "time_layout: ...".
func (o Options) Check() error {
	var problems []error
	wrong := func(setting, format string, args ...any) {
		problems = append(problems, fmt.Errorf(setting+": "+format, args...))
	}
	_, columns := o.aliases()
	problems = append(problems, columns...)
	for _, field := range o.Optional {
		if _, ok := o.Columns[field]; !ok || field == fieldAmount {
			wrong("optional", "%s: want fields that are named under columns, and not amount", billing.Quote(field))
		}
	}
	if o.Zone == nil {
		wrong("time_zone", "is missing")
	}
	form := o.numberForm()
	if form.decimal != "." && form.decimal != "," {
		wrong("decimal", `%s: want "." or ","`, billing.Quote(o.Decimal))
	}
	if !slices.Contains([]string{"", ".", ",", " ", "'"}, form.thousands) || form.thousands == form.decimal {
		wrong("thousands", `%s: want another of ".", ",", " " and "'" than decimal has, or "none"`,
			billing.Quote(o.Thousands))
	}
	if o.Currency != "" && !billing.IsCurrency(o.Currency) {
		wrong("currency", "%s: want a code of three capital letters", billing.Quote(o.Currency))
	}
	for _, c := range o.WholeCurrencies {
		if !billing.IsCurrency(c) {
			wrong("whole_currencies", "%s: want codes of three capital letters", billing.Quote(c))
		}
	}
	if o.QuantityUnit != 0 && o.quantityShift() < 0 {
		wrong("quantity_unit", "%d: want 1, 10, 100, 1000 or so, up to 1000000", o.QuantityUnit)
	}
	if o.Credits != "" && o.Credits != creditsSigned && o.Credits != creditsPositive {
		wrong("credits", "%s: want %s or %s", billing.Quote(o.Credits), creditsSigned, creditsPositive)
	}
	for _, alias := range slices.Sorted(maps.Keys(o.Endpoints)) {
		name := o.Endpoints[alias]
		if other, taken := o.Endpoints[strings.ToLower(name)]; alias != strings.ToLower(alias) || taken &&
			other != name {
			wrong("endpoints", "%s: want a name in small letters that is no other endpoint's", billing.Quote(alias))
		}
	}
	problems = append(problems, o.layoutProblems()...)
	return errors.Join(append(problems, o.kindProblems()...)...)
}

// months returns the billing months that lines are of.
func (o *Options) months() billing.Months {
	return billing.Months{Zone: o.BillingZone, Starts: o.MonthStarts}
}

// quantityShift returns the number of zeros of QuantityUnit, and -1 where it has other digits.
func (o *Options) quantityShift() int32 {
	const most = 6
	unit := o.QuantityUnit
	for zeros := range int32(most + 1) {
		if unit == 1 {
			return zeros
		}
		if unit%10 != 0 {
			break
		}
		unit /= 10
	}
	return -1
}

func (o Options) layoutProblems() []error {
	var problems []error
	for _, layout := range o.TimeLayouts {
		if err := checkLayout(layout, 2); err != nil {
			problems = append(problems, fmt.Errorf("time_layout: %w", err))
		}
	}
	for _, layout := range o.MonthLayouts {
		if err := checkLayout(layout, 1); err != nil {
			problems = append(problems, fmt.Errorf("month_layout: %w", err))
		}
	}
	return problems
}

func (o Options) kindProblems() []error {
	var problems []error
	meant := map[string]LineKind{}
	kinds := o.withDefaults().Kinds
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if _, ok := DefaultKinds()[kind]; !ok {
			problems = append(problems, fmt.Errorf("kinds.%s: no such kind: want usage, credit, tax or total", kind))
		}
		for _, word := range kinds[kind] {
			folded := foldLabel(word)
			if other, taken := meant[folded]; taken && other != kind {
				problems = append(problems, fmt.Errorf("kinds.%s: %s means %s already", kind, billing.Quote(word),
					other))
			}
			meant[folded] = kind
		}
	}
	return problems
}

// checkLayout makes sure that a layout tells every day, or with parts 1 every
// month, from every other.
func checkLayout(layout string, parts int) error {
	if layout == layoutUnix || layout == layoutUnixMS {
		return nil
	}
	if strings.Contains(layout, "MST") {
		return fmt.Errorf("%s: abbreviations of zones are ambiguous: set time_zone, or read an offset with -0700",
			billing.Quote(layout))
	}
	for _, day := range []time.Time{time.Date(2026, 11, 23, 17, 48, 59, 0, time.UTC),
		time.Date(2031, 2, 7, 4, 5, 6, 0, time.UTC)} {
		got, err := time.Parse(layout, day.Format(layout))
		if err == nil && got.Hour() != 0 && got.Hour() != day.Hour() {
			return fmt.Errorf("%s: hours up to 12 need PM beside them, or 15 in their place", billing.Quote(layout))
		}
		if err != nil || got.Year() != day.Year() || got.Month() != day.Month() || parts > 1 && got.Day() != day.Day() {
			return fmt.Errorf(`%s: want a layout of Go's reference time with year, month and day, such as `+
				`"02/01/2006 15:04:05"`, billing.Quote(layout))
		}
	}
	return nil
}

// foldLabel brings labels together that differ in case and blanks only; words stay apart.
func foldLabel(text string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(text, unseen), " "))
}

// foldTotal brings labels together that differ in hyphens, too, and in what stands behind them.
func foldTotal(text string) string {
	return strings.Trim(foldLabel(withoutHyphens.Replace(text)), " :.=")
}

var withoutHyphens = strings.NewReplacer("-", " ", "_", " ")

// unseen reports whether a character surrounds a value unseen: white space of every kind, control
// characters, zero-width characters and byte order marks.
func unseen(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' ' || r == 0x7f
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// fingerprint hashes what decided a statement's reading: settings that it made no
// use of are left out.
func (o Options) fingerprint(h header, used usedDefaults) ([32]byte, error) {
	month, endpoint, currency := billing.Period{}, "", ""
	if used.month {
		month = o.Month
	}
	if used.endpoint {
		endpoint = o.Endpoint
	}
	if used.currency {
		currency = o.Currency
	}
	settings := []any{
		h.names, h.fields, o.TimeLayouts, o.MonthLayouts, o.Zone.String(), o.BillingZone.String(),
		o.numberForm().example(), o.numberForm().strict,
		o.Kinds, o.Ignore, o.Credits, o.ComputeAmount, o.Endpoints, month, endpoint, currency,
	}
	if used.newer { // read otherwise than by the first form of the rules
		settings = append(settings, 2, o.QuantityUnit, o.WholeCurrencies)
	}
	if h.has(fieldTime) && slices.ContainsFunc(o.TimeLayouts, namesUTC) {
		settings = append(settings, "UTC")
	}
	if o.MonthStarts > 1 {
		settings = append(settings, "months", o.MonthStarts)
	}
	if h.has(fieldProduct) {
		settings = append(settings, o.Products)
	}
	text, err := json.Marshal(settings)
	return sha256.Sum256(text), err
}

// usedDefaults holds the settings for lines that lack something, if any did.
type usedDefaults struct {
	month, endpoint, currency bool
	newer                     bool // something was read as it was not before that was possible
}
