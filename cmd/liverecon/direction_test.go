package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed is the direction of the imports: what each package may take from this module, and from others. What is not
// here may not be imported. Tests are free.
var allowed = map[string]struct{ own, others []string }{
	"batch": {
		own: []string{"batch/apichange", "batch/badinput", "batch/billing", "batch/circuit", "batch/clock", "batch/connections",
			"batch/evidence", "batch/forecast", "batch/list", "batch/liveness", "batch/pace", "batch/prospect", "batch/queue",
			"batch/rejects", "batch/scoreless", "batch/usage", "store", "store/accounts", "store/apichanges", "store/calendar", "store/dbfile", "store/held", "store/images",
			"store/panics", "store/record"},
		others: []string{"github.com/cenkalti/backoff/v5", "github.com/dustin/go-humanize",
			"github.com/dustin/go-humanize/english", "github.com/shopspring/decimal",
			"github.com/sony/gobreaker/v2", "golang.org/x/sync/errgroup"},
	},
	"batch/apichange": {
		own:    []string{"batch/liveness", "store", "store/apichanges", "store/mention"},
		others: []string{"github.com/dustin/go-humanize"},
	},
	"batch/billing": {
		own:    []string{"store/calendar"},
		others: []string{"github.com/dustin/go-humanize", "github.com/shopspring/decimal"},
	},
	"batch/billing/outlook": {
		own:    []string{"batch/billing"},
		others: []string{"github.com/shopspring/decimal", "gonum.org/v1/gonum/stat/distuv"},
	},
	"batch/billing/contract": {},
	"batch/billing/exchange": {others: []string{"github.com/shopspring/decimal"}},
	"batch/billing/payable":  {own: []string{"batch/billing"}, others: []string{"github.com/shopspring/decimal"}},
	"batch/billing/recovery": {others: []string{"github.com/shopspring/decimal"}},
	"batch/billing/accrual":  {others: []string{"github.com/shopspring/decimal"}},
	"batch/circuit":          {own: []string{"batch/liveness"}},
	"batch/clock":            {own: []string{"store"}},
	"batch/connections":      {},
	"batch/evidence":         {others: []string{"filippo.io/age", "golang.org/x/time/rate"}},
	"batch/list": {
		own: []string{"batch/table"},
		others: []string{"github.com/biter777/countries", "github.com/dustin/go-humanize/english", "github.com/gocarina/gocsv",
			"golang.org/x/text/unicode/norm"},
	},
	"batch/liveness": {},
	"batch/liveness/simulator": {
		own: []string{"batch/liveness/simulator/internal/body", "batch/liveness/simulator/internal/dice",
			"batch/liveness/simulator/internal/picture", "batch/liveness/simulator/internal/pipe"},
	},
	"batch/liveness/simulator/history": {
		own: []string{"batch", "batch/apichange", "batch/liveness", "batch/liveness/simulator", "store", "store/calendar",
			"store/decisions"},
		others: []string{"github.com/dustin/go-humanize", "golang.org/x/sync/errgroup"},
	},
	"batch/liveness/simulator/internal/body":    {},
	"batch/liveness/simulator/internal/dice":    {},
	"batch/liveness/simulator/internal/picture": {own: []string{"batch/liveness/simulator/internal/dice"}},
	"batch/liveness/simulator/internal/pipe":    {},
	"batch/lost":                                {},
	"batch/match": {
		own: []string{"batch/billing", "batch/billing/payable", "batch/lost", "batch/match/internal/assign", "batch/match/internal/compact",
			"batch/match/internal/coverage", "batch/match/internal/tax", "batch/match/internal/whole",
			"batch/statement"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"batch/match/internal/assign":   {},
	"batch/match/internal/compact":  {},
	"batch/match/internal/coverage": {own: []string{"batch/statement"}},
	"batch/match/internal/tax":      {own: []string{"batch/billing"}, others: []string{"github.com/shopspring/decimal"}},
	"batch/match/internal/whole":    {own: []string{"batch/billing"}},
	"batch/pace":                    {others: []string{"golang.org/x/time/rate"}},
	"batch/gate":                    {own: []string{"batch/billing"}},
	"batch/prospect":                {own: []string{"store"}, others: []string{"github.com/dustin/go-humanize"}},
	"batch/prior":                   {own: []string{"batch/billing"}, others: []string{"github.com/shopspring/decimal"}},
	"batch/queue":                   {own: []string{"store"}},
	"batch/scoreless":               {others: []string{"github.com/dustin/go-humanize", "github.com/dustin/go-humanize/english"}},
	"batch/forecast":                {own: []string{"batch/billing", "batch/billing/outlook", "batch/usage", "store"}},
	"batch/badinput":                {},
	"batch/rejects": {
		own:    []string{"batch/list", "store"},
		others: []string{"al.essio.dev/pkg/shellescape", "github.com/dustin/go-humanize", "github.com/dustin/go-humanize/english"},
	},
	"batch/reconcile": {
		own: []string{"batch", "batch/billing", "batch/billing/payable", "batch/gate", "batch/lost", "batch/match", "batch/prior", "batch/statement",
			"store", "store/accounts", "store/parts", "store/snapshot"},
		others: []string{"github.com/dustin/go-humanize", "github.com/shopspring/decimal"},
	},
	"batch/spend": {
		own: []string{"batch/billing", "batch/reconcile", "batch/usage", "store", "store/calendar", "store/held",
			"store/snapshot"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"batch/statement": {
		own:    []string{"batch/billing", "batch/billing/recovery", "batch/table", "store/calendar"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"batch/table": {
		own: []string{"batch/billing"},
		others: []string{"golang.org/x/text/encoding/charmap", "golang.org/x/text/encoding/unicode",
			"golang.org/x/text/transform", "golang.org/x/text/unicode/norm"},
	},
	"batch/usage": {
		own: []string{"batch/billing", "store", "store/accounts", "store/held"},
		others: []string{"github.com/dustin/go-humanize", "github.com/dustin/go-humanize/english",
			"github.com/shopspring/decimal"},
	},
	"cmd/liverecon": {
		own: []string{"batch", "batch/badinput", "batch/billing", "batch/clock", "batch/list", "batch/liveness", "batch/liveness/simulator",
			"batch/reconcile", "batch/rejects", "batch/statement", "batch/usage", "cmd/liverecon/asjson",
			"cmd/liverecon/clean", "cmd/liverecon/config", "cmd/liverecon/database", "cmd/liverecon/deliver",
			"cmd/liverecon/demo",
			"cmd/liverecon/doctor", "cmd/liverecon/export", "cmd/liverecon/headoffice", "cmd/liverecon/hint", "cmd/liverecon/housekeeping",
			"cmd/liverecon/internal/early",
			"cmd/liverecon/internal/memory",
			"cmd/liverecon/monitor", "cmd/liverecon/monthend", "cmd/liverecon/night", "cmd/liverecon/outcome", "cmd/liverecon/personal",
			"cmd/liverecon/reconciled", "cmd/liverecon/reports", "cmd/liverecon/reviewed", "cmd/liverecon/setup",
			"cmd/liverecon/setup/manual",
			"cmd/liverecon/setup/pack", "cmd/liverecon/story", "cmd/liverecon/typed",
			"cmd/liverecon/words", "report/dispute", "report/publish", "report/review", "report/verify", "store",
			"store/accounts", "store/byhand", "store/calendar", "store/dbfile", "store/disk", "store/panics",
			"store/parquet", "store/parts", "store/snapshot"},
		others: []string{"al.essio.dev/pkg/shellescape", "github.com/dustin/go-humanize", "github.com/jedib0t/go-pretty/v6/table",
			"github.com/jedib0t/go-pretty/v6/text",
			"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/vbauerster/mpb/v8",
			"github.com/vbauerster/mpb/v8/decor", "golang.org/x/term"},
	},
	"cmd/liverecon/asjson": {own: []string{"batch/billing", "cmd/liverecon/config", "cmd/liverecon/hint"}},
	"cmd/liverecon/clean":  {},
	"cmd/liverecon/config": {
		own: []string{"batch", "batch/billing", "batch/billing/accrual", "batch/billing/contract", "batch/billing/exchange", "batch/evidence", "batch/list", "batch/liveness", "batch/rejects",
			"batch/statement", "cmd/liverecon/owner", "report/findings", "store", "store/calendar", "store/parquet"},
		others: []string{"al.essio.dev/pkg/shellescape", "github.com/pelletier/go-toml/v2", "github.com/pelletier/go-toml/v2/unstable",
			"github.com/shopspring/decimal"},
	},
	"cmd/liverecon/database": {
		own: []string{"batch", "cmd/liverecon/config", "cmd/liverecon/hint", "cmd/liverecon/owner", "report/publish",
			"store", "store/dbfile", "store/record"},
		others: []string{"github.com/dustin/go-humanize"},
	},
	"cmd/liverecon/deliver": {
		own: []string{"batch", "batch/liveness", "cmd/liverecon/clean", "cmd/liverecon/config",
			"cmd/liverecon/internal/objects", "cmd/liverecon/internal/post", "cmd/liverecon/words", "report/digest", "report/page", "report/publish", "store",
			"store/calendar", "store/deliveries", "store/disk"},
		others: []string{"filippo.io/age", "github.com/pkg/sftp", "github.com/skeema/knownhosts", "github.com/wneessen/go-mail",
			"golang.org/x/crypto/ssh"},
	},
	"cmd/liverecon/demo": {
		own: []string{"batch", "batch/liveness", "batch/liveness/simulator", "batch/liveness/simulator/history",
			"cmd/liverecon/config", "cmd/liverecon/night", "store", "store/disk", "testdata"},
	},
	"cmd/liverecon/doctor": {
		own: []string{"batch", "batch/billing", "batch/clock", "batch/list", "batch/liveness", "cmd/liverecon/config",
			"cmd/liverecon/database", "cmd/liverecon/demo", "cmd/liverecon/hint", "cmd/liverecon/night",
			"cmd/liverecon/owner", "cmd/liverecon/reports", "cmd/liverecon/words", "store", "store/accounts", "store/dbfile"},
		others: []string{"al.essio.dev/pkg/shellescape", "github.com/dustin/go-humanize", "golang.org/x/sys/unix"},
	},
	"cmd/liverecon/hint": {
		own: []string{"batch", "batch/billing", "batch/list", "cmd/liverecon/config", "cmd/liverecon/owner",
			"cmd/liverecon/words", "report/publish", "store", "store/accounts", "store/dbfile", "store/panics"},
		others: []string{"al.essio.dev/pkg/shellescape"},
	},
	"cmd/liverecon/housekeeping": {
		own: []string{"batch", "cmd/liverecon/config", "cmd/liverecon/database", "cmd/liverecon/personal", "report/publish"},
	},
	"cmd/liverecon/export": {
		own: []string{"batch/billing", "cmd/liverecon/clean", "cmd/liverecon/config", "cmd/liverecon/internal/objects", "cmd/liverecon/words",
			"store", "store/calendar", "store/panics", "store/parquet"},
	},
	"cmd/liverecon/headoffice": {own: []string{"cmd/liverecon/config", "report/territories", "report/xlsx", "store/calendar",
		"store/parquet/load"}},
	"cmd/liverecon/internal/early":  {},
	"cmd/liverecon/internal/memory": {},
	"cmd/liverecon/internal/objects": {
		own:    []string{"cmd/liverecon/config"},
		others: []string{"github.com/minio/minio-go/v7"},
	},
	"cmd/liverecon/internal/post": {},
	"cmd/liverecon/monitor": {
		own: []string{"batch", "batch/billing", "batch/liveness", "batch/usage", "cmd/liverecon/clean",
			"cmd/liverecon/config", "cmd/liverecon/internal/post", "store", "store/disk", "store/held"},
	},
	"cmd/liverecon/monthend": {
		own: []string{"batch/billing", "batch/usage", "cmd/liverecon/config", "cmd/liverecon/reports",
			"cmd/liverecon/words", "report/publish", "report/review", "report/worked", "store", "store/accounts",
			"store/calendar", "store/snapshot"},
	},
	"cmd/liverecon/owner": {others: []string{"al.essio.dev/pkg/shellescape", "golang.org/x/sys/unix"}},
	"cmd/liverecon/night": {
		own: []string{"batch", "batch/billing", "batch/evidence", "batch/list", "batch/liveness",
			"batch/usage", "cmd/liverecon/config", "cmd/liverecon/database", "store"},
	},
	"cmd/liverecon/typed": {
		own: []string{"batch/list", "cmd/liverecon/config", "store", "store/alias"},
	},
	"cmd/liverecon/outcome": {own: []string{"batch", "batch/list", "batch/rejects", "cmd/liverecon/asjson", "store"}},
	"cmd/liverecon/personal": {
		own: []string{"batch", "batch/clock", "batch/evidence", "batch/list", "cmd/liverecon/config", "cmd/liverecon/database",
			"cmd/liverecon/words", "report/publish", "store", "store/accounts", "store/images", "store/mention", "store/parquet"},
	},
	"cmd/liverecon/reconciled": {
		own: []string{"batch/billing", "batch/gate", "batch/match", "batch/reconcile", "batch/statement",
			"cmd/liverecon/monthend", "cmd/liverecon/words", "store", "store/accounts", "store/snapshot"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"cmd/liverecon/reports": {
		own: []string{"batch", "batch/billing", "batch/reconcile", "batch/spend", "cmd/liverecon/config",
			"report/dispute", "report/finance", "report/publish", "report/review", "report/risk", "report/verify", "report/worked", "report/xlsx",
			"store", "store/calendar", "store/snapshot"},
	},
	"cmd/liverecon/reviewed": {own: []string{"batch", "cmd/liverecon/config", "cmd/liverecon/words", "report/review",
		"report/review/labels", "store", "store/decisions"}},
	"cmd/liverecon/setup": {own: []string{"batch", "cmd/liverecon/config", "store/disk"}},
	"cmd/liverecon/setup/pack": {
		own:    []string{"cmd/liverecon/config", "cmd/liverecon/setup", "cmd/liverecon/setup/manual"},
		others: []string{"github.com/cpuguy83/go-md2man/v2/md2man", "github.com/spf13/cobra"},
	},
	"cmd/liverecon/setup/manual": {
		others: []string{"github.com/jedib0t/go-pretty/v6/text", "github.com/yuin/goldmark",
			"github.com/yuin/goldmark/ast", "github.com/yuin/goldmark/extension",
			"github.com/yuin/goldmark/extension/ast", "github.com/yuin/goldmark/text"},
	},
	"cmd/liverecon/story": {
		own: []string{"batch", "batch/billing", "cmd/liverecon/config", "cmd/liverecon/hint",
			"cmd/liverecon/words", "store", "store/accounts", "store/calendar", "store/decisions", "store/snapshot"},
	},
	"cmd/liverecon/words": {own: []string{"batch/billing"}, others: []string{"github.com/dustin/go-humanize"}},
	"report/claims": {
		own: []string{"report/findings", "report/page", "report/stats", "report/xlsx", "store/calendar",
			"store/rollup", "store/snapshot"},
		others: []string{"github.com/dustin/go-humanize"},
	},
	"report/digest": {},
	"report/dispute": {
		own: []string{"batch/billing", "batch/billing/contract", "batch/billing/recovery", "report/dispute/register", "report/finance",
			"report/page", "report/worked", "report/xlsx", "store", "store/accounts", "store/calendar", "store/snapshot"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"report/dispute/register": {
		own:    []string{"batch/billing", "batch/billing/recovery", "report/worked", "store/accounts", "store/snapshot"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"report/finance": {
		own: []string{"batch/billing", "report/digest", "report/finance/costs", "report/finance/figures", "report/finance/monthend", "report/page", "report/review",
			"report/worked", "report/xlsx", "store", "store/accounts", "store/calendar", "store/snapshot"},
		others: []string{"github.com/dustin/go-humanize", "github.com/shopspring/decimal"},
	},
	"report/finance/costs": {
		own:    []string{"report/finance/figures", "report/page", "report/xlsx"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"report/finance/figures": {
		own: []string{"batch/billing", "batch/billing/accrual", "batch/billing/contract", "batch/billing/exchange", "batch/billing/outlook", "report/dispute/register", "report/page",
			"report/worked", "report/xlsx", "store", "store/accounts", "store/calendar", "store/held", "store/snapshot"},
		others: []string{"github.com/dustin/go-humanize", "github.com/shopspring/decimal"},
	},
	"report/finance/monthend": {
		own: []string{"batch/billing", "batch/billing/accrual", "batch/billing/outlook", "report/dispute/register",
			"report/finance/figures", "report/page", "report/review", "report/xlsx", "store/accounts"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"report/findings": {
		own:    []string{"report/stats"},
		others: []string{"gonum.org/v1/gonum/stat/distuv"},
	},
	"report/page": {
		own:    []string{"report/digest", "report/stats", "report/xlsx", "store/calendar", "store/snapshot"},
		others: []string{"github.com/biter777/countries", "github.com/dustin/go-humanize", "github.com/shopspring/decimal"},
	},
	"report/publish": {
		own: []string{"batch/billing/contract", "report/claims", "report/digest", "report/dispute", "report/finance", "report/review", "report/risk",
			"report/verify", "report/xlsx", "store", "store/accounts", "store/calendar", "store/disk"},
		others: []string{"al.essio.dev/pkg/shellescape"},
	},
	"report/review": {
		own: []string{"batch/table", "report/dispute/register", "report/worked", "report/xlsx", "store", "store/accounts", "store/decisions",
			"store/snapshot"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"report/review/labels": {own: []string{"batch/table", "store", "store/decisions"}},
	"report/risk": {
		own: []string{"report/claims", "report/digest", "report/findings", "report/page", "report/review",
			"report/risk/reviewed", "report/risk/sources", "report/risk/survey", "report/risk/threshold", "report/risk/triage", "report/risk/truth",
			"report/stats", "report/xlsx", "store", "store/apichanges", "store/calendar", "store/decisions",
			"store/rollup", "store/snapshot"},
		others: []string{"github.com/dustin/go-humanize"},
	},
	"report/risk/reviewed": {own: []string{"report/page", "report/risk/survey", "report/stats", "report/xlsx", "store/calendar",
		"store/decisions"}, others: []string{"github.com/dustin/go-humanize"}},
	"report/risk/sources": {own: []string{"report/claims", "report/findings", "report/page", "report/stats", "report/xlsx", "store/calendar",
		"store/remarks", "store/snapshot"}, others: []string{"github.com/dustin/go-humanize"}},
	"report/risk/triage": {own: []string{"report/risk/survey", "store/decisions"}},
	"report/risk/truth": {own: []string{"report/page", "report/risk/survey", "report/stats", "report/xlsx", "store/calendar",
		"store/decisions"}, others: []string{"github.com/dustin/go-humanize"}},
	"report/risk/threshold": {own: []string{"report/page", "report/risk/survey", "report/stats", "report/xlsx", "store/calendar"}, others: []string{"github.com/dustin/go-humanize"}},
	"report/risk/survey":    {own: []string{"report/stats", "store/calendar", "store/rollup", "store/snapshot"}},
	"report/stats":          {others: []string{"gonum.org/v1/gonum/stat", "gonum.org/v1/gonum/stat/distuv"}},
	"report/territories": {
		own: []string{"batch/billing", "report/finance/figures", "report/page", "report/risk/survey", "report/xlsx", "store",
			"store/calendar", "store/parquet", "store/parquet/load", "store/rollup"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"report/verify": {
		own:    []string{"report/page", "report/xlsx", "store/calendar"},
		others: []string{"github.com/xuri/excelize/v2"},
	},
	"report/worked": {
		own:    []string{"batch/billing", "batch/billing/payable", "store/accounts", "store/snapshot"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"report/xlsx": {
		own: []string{"store/calendar", "store/disk"},
		others: []string{"github.com/klauspost/compress/flate", "github.com/shopspring/decimal",
			"github.com/xuri/excelize/v2"},
	},
	"store": {
		own: []string{"store/accounts", "store/alias", "store/apichanges", "store/byhand", "store/calendar", "store/dbfile",
			"store/decisions", "store/deliveries", "store/guard", "store/held", "store/images", "store/internal/query",
			"store/internal/sqlrow", "store/mention", "store/panics", "store/place", "store/record", "store/remarks", "store/renewals",
			"store/rollup", "store/schema"},
		others: []string{"modernc.org/sqlite", "modernc.org/sqlite/lib"},
	},
	"store/deliveries": {own: []string{"store/internal/sqlrow"}},
	"store/renewals":   {own: []string{"store/internal/sqlrow"}},
	"store/accounts": {
		own:    []string{"store/dbfile", "store/internal/sqlrow", "store/mention", "store/parts", "store/remarks"},
		others: []string{"github.com/shopspring/decimal"},
	},
	"store/apichanges": {own: []string{"store/internal/sqlrow"}},
	"store/alias":      {own: []string{"store/internal/sqlrow"}},
	"store/place":      {own: []string{"store/internal/sqlrow"}},
	"store/byhand":     {own: []string{"store/accounts", "store/alias", "store/internal/query", "store/internal/sqlrow"}},
	"store/calendar":   {others: []string{"github.com/dustin/go-humanize"}},
	"store/dbfile": {
		own: []string{"store/record"},
		others: []string{"github.com/moby/sys/mountinfo", "golang.org/x/sys/unix", "modernc.org/sqlite",
			"modernc.org/sqlite/lib"},
	},
	"store/decisions": {own: []string{"store/calendar", "store/internal/sqlrow"}},
	"store/disk":      {},
	"store/guard":     {others: []string{"modernc.org/sqlite", "modernc.org/sqlite/lib"}},
	"store/held": {
		own: []string{"store/internal/sqlrow", "store/record"},
	},
	"store/images": {own: []string{"store/internal/sqlrow"}},
	"store/internal/query": {
		own: []string{"store/internal/sqlrow"},
	},
	"store/internal/sqlrow": {},
	"store/mention":         {own: []string{"store/internal/sqlrow"}},
	"store/panics":          {},
	"store/remarks":         {own: []string{"store/internal/sqlrow", "store/mention"}},
	"store/parquet": {
		own: []string{"store", "store/accounts", "store/calendar", "store/disk", "store/internal/query",
			"store/internal/sqlrow"},
		others: []string{"github.com/parquet-go/parquet-go", "github.com/shopspring/decimal", "golang.org/x/sys/unix"},
	},
	"store/parquet/load": {own: []string{"store/parquet"}, others: []string{"github.com/parquet-go/parquet-go", "github.com/shopspring/decimal"}},
	"store/parts":        {others: []string{"github.com/shopspring/decimal"}},
	"store/record":       {own: []string{"store/disk"}},
	"store/rollup":       {own: []string{"store/calendar", "store/internal/sqlrow"}},
	"store/schema": {
		own:    []string{"store/dbfile", "store/internal/sqlrow"},
		others: []string{"github.com/pressly/goose/v3", "github.com/pressly/goose/v3/database"},
	},
	"store/snapshot": {
		own: []string{"store", "store/accounts", "store/apichanges", "store/calendar", "store/decisions",
			"store/held", "store/images", "store/internal/query", "store/internal/sqlrow", "store/remarks", "store/rollup"},
	},
	"testdata": {},
}

type listedPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

func TestImportDirection(t *testing.T) {
	packages := listPackages(t)
	for path, p := range packages {
		name, own := strings.CutPrefix(path, "liverecon/")
		if !own {
			continue
		}
		rule, known := allowed[name]
		if !known {
			t.Errorf("package %s is not in the table", name)
			continue
		}
		for _, imported := range p.Imports {
			inside, isOwn := strings.CutPrefix(imported, "liverecon/")
			switch {
			case packages[imported].Standard || imported == "C":
			case isOwn && !slices.Contains(rule.own, inside):
				t.Errorf("%s imports %s: not in its direction", name, inside)
			case !isOwn && !slices.ContainsFunc(rule.others, func(library string) bool { return strings.Contains(imported, library) }):
				t.Errorf("%s imports %s: a library of another package", name, imported)
			}
		}
	}
	for name := range allowed {
		if _, built := packages["liverecon/"+name]; !built {
			t.Errorf("package %s of the table is not part of the program", name)
		}
	}
}

func listPackages(t *testing.T) map[string]listedPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports", ".")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	packages := map[string]listedPackage{}
	for d := json.NewDecoder(out); ; {
		var p listedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return packages
}
