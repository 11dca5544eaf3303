package config

import (
	"reflect"
	"strings"
	"testing"

	"liverecon/batch/statement"
)

func TestStatementSettings(t *testing.T) {
	c, err := Parse("liverecon.toml", ".", []byte(statementConfig))
	if err != nil {
		t.Fatal(err)
	}
	s := c.Statement
	if got := s.Columns; !reflect.DeepEqual(got, map[string][]string{"transaction": {"Ref"}, "amount": {"Charge (USD)", "Charge"}, "region": {"Land"}}) {
		t.Errorf("columns %v", got)
	}
	if s.Zone.String() != "Asia/Bangkok" || s.BillingZone.String() != "Asia/Singapore" || s.TimeLayouts[1] != "02.01.2006" || s.MonthLayouts[0] != "01/2006" {
		t.Errorf("zones %v and %v, layouts %q and %q", s.Zone, s.BillingZone, s.TimeLayouts, s.MonthLayouts)
	}
	if s.Decimal != "," || s.Thousands != "." || s.Sheet != "Usage" || s.Currency != "USD" || s.Credits != "positive" || !s.ComputeAmount || !s.SingleCalls ||
		s.QuantityUnit != 1000 || s.Products[0] != "Liveness" || s.WholeCurrencies[0] != "IDR" {
		t.Errorf("%+v", s)
	}
	if got := s.Kinds; len(got) != 2 || got[statement.Tax][0] != "PPN 11%" || got[statement.Total][1] != "Grand total" {
		t.Errorf("kinds %v", got)
	}
	if s.Endpoints["singapore dc"] != "sg" || s.Endpoints["sg"] != "sg" || s.Endpoints["mine"] != "mine" || s.Endpoints["id"] != "id" {
		t.Errorf("endpoints %v", s.Endpoints)
	}
	if region, ok := s.Region("Viet Nam"); region != "VN" || !ok {
		t.Errorf("region %s %v", region, ok)
	}
}

// statementConfig has every setting of statements.
const statementConfig = `
[statement]
columns        = { transaction = "Ref", amount = ["Charge (USD)", "Charge"], region = "Land" }
optional       = ["transaction", "region"]
time_layout    = ["02.01.2006 15:04:05", "02.01.2006"]
month_layout   = "01/2006"
time_zone      = "Asia/Bangkok"
decimal        = ","
thousands      = "."
sheet          = "Usage"
currency       = "usd"
ignore         = ["Printed on", "Page"]
credits        = "positive"
compute_amount = true
single_calls   = true
quantity_unit  = 1000
products       = "Liveness"
whole_currencies = ["idr", "VND"]

[statement.kinds]
tax   = "PPN 11%"
total = ["Total", "Grand total"]

[statement.endpoints]
sg = ["Singapore DC"]

[endpoint.mine]
url       = "https://mine.example/detect"
token_url = "https://mine.example/token"
allowed_hosts = ["mine.example"]
regions   = ["MM"]
`

func TestStatementSettingsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"columns = { amont = \"x\" }":                                        `liverecon.toml:2: statement.columns.amont: no such setting; is it "amount"?`,
		"columns = { amount = \"\" }":                                        `liverecon.toml:2: statement.columns.amount: is empty`,
		"columns = { amount = \" _\" }":                                      `liverecon.toml:2: statement.columns.amount: a column's name is empty`,
		"columns = { amount = \"a_b\", unit = \"A B\" }":                     `liverecon.toml:2: statement.columns.unit: "A B" stands for amount already`,
		"optional = [\"region\"]":                                            `liverecon.toml:2: statement.optional: "region": want fields that are named under columns, and not amount`,
		"\ntime_layout = \"dd/mm/yyyy\"":                                     `liverecon.toml:3: statement.time_layout: "dd/mm/yyyy": want a layout of Go's reference time with year, month and day, such as "02/01/2006 15:04:05"`,
		"time_layout = [\"2006-01-02\", \"02 Jan 15:04\"]":                   `statement.time_layout: "02 Jan 15:04": want a layout`,
		"time_layout = \"2006-01-02 15:04 MST\"":                             `abbreviations of zones are ambiguous: set time_zone`,
		"time_layout = \"2006-01-02 03:04\"":                                 `hours up to 12 need PM beside them`,
		"month_layout = \"January\"":                                         `statement.month_layout: "January": want a layout`,
		"time_zone = \"SGT\"":                                                `liverecon.toml:2: statement.time_zone: "SGT" is no time zone`,
		"decimal = \";\"":                                                    `liverecon.toml:2: statement.decimal: ";": want "." or ","`,
		"decimal = \",\"\nthousands = \",\"":                                 `liverecon.toml:3: statement.thousands: ","`,
		"thousands = \"_\"":                                                  `liverecon.toml:2: statement.thousands: "_"`,
		"currency = \"dollars\"":                                             `liverecon.toml:2: statement.currency: "DOLLARS": want a code of three capital letters`,
		"credits = \"plus\"":                                                 `liverecon.toml:2: statement.credits: "plus": want signed or positive`,
		"quantity_unit = 12":                                                 `liverecon.toml:2: statement.quantity_unit: 12: want 1, 10, 100, 1000`,
		"whole_currencies = \"rupiah\"":                                      `liverecon.toml:2: statement.whole_currencies: "RUPIAH": want codes of three capital letters`,
		"compute_amount = \"yes\"":                                           `liverecon.toml:2: statement.compute_amount: want true or false`,
		"[statement.kinds]\nfee = \"Fee\"":                                   `liverecon.toml:3: statement.kinds.fee: no such setting`,
		"[statement.kinds]\ntax = \"Total\"":                                 `statement.kinds.total: "total" means tax already`,
		"[statement.endpoints]\nsg = \"One\"\nxx = \"Two\"":                  `liverecon.toml:4: statement.endpoints.xx: there is no endpoint "xx"`,
		"[statement.endpoints]\nsg = \"One\"\nid = \"ONE\"\n":                `liverecon.toml:3: statement.endpoints.sg: "one" is endpoint id already`,
		"[statement.endpoints]\nsg = \"ID\"":                                 `liverecon.toml:3: statement.endpoints.sg: "id" is endpoint id already`,
		"sheets = \"Usage\"":                                                 `liverecon.toml:2: statement.sheets: no such setting; is it "sheet"?`,
		"columns = [\"amount\"]":                                             `liverecon.toml:2: statement.columns: want a table, not a list`,
		"decimal = \",\"\ntime_layout = \"x\"\n[statement.kinds]\nx = \"y\"": "statement.kinds.x: no such setting",
	} {
		_, err := Parse("liverecon.toml", ".", []byte("[statement]\n"+text+"\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
		if ExitCode(err) != 10 {
			t.Errorf("%s: exit code %d", text, ExitCode(err))
		}
	}
}
