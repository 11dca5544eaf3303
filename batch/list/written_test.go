package list

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// cellsChanged is damage that every cell of IDs, of regions or of names has, or one of them.
func cellsChanged(name string, of func(header string, line int) bool, change func(r *rand.Rand, cell string) string) listDamage {
	return cellDamage(name, func(r *rand.Rand, rows [][]string) [][]string {
		header := slices.Clone(rows[0])
		for line, row := range rows {
			for i, cell := range row {
				if i < len(header) && of(header[i], line) {
					row[i] = change(r, cell)
				}
			}
		}
		return rows
	})
}

func below(fits func(header string) bool) func(string, int) bool {
	return func(header string, line int) bool { return line > 0 && fits(header) }
}

func isRegionName(name string) bool { return name == "region" }

// headerForms are names that people and programs give the columns.
var headerForms = map[string][]string{
	"signatureId": {"Signature ID", "SIGNATURE_ID", "signature-id", "SignatureId", "signature/id", "(signature id)", "Signature  Id", "\u00a0signatureId ", "'Signature Id"},
	"livenessId":  {"Liveness ID", "LIVENESS_ID", "liveness-id", "LIVENESSID", "[livenessId]", "livenessId\ufeff", "liveness_id"},
	"region":      {"Country Code", "Country/Region", "Country (ISO)", "País", "PAIS", "COUNTRY", "Market", "negara", "country_code", "Region "},
}

// writtenAs writes the cells of a list in a form of its own.
func writtenAs(name string, form func(r *rand.Rand, rows [][]string) string) listDamage {
	return listDamage{name: name, do: func(t *testing.T, r *rand.Rand, text string) string { return form(r, cellsOf(t, text)) }}
}

// joined writes cells without quotes, from which it takes what they would need them for.
func joined(rows [][]string, comma string, more string) string {
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteString(comma)
			}
			b.WriteString(strings.NewReplacer("\n", " ", comma, " ", more, "").Replace(cell))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// writtenDamages list what happens to how a list is written, and to what is not a row in it.
func writtenDamages() []listDamage {
	text := func(name string, do func(r *rand.Rand, text string) string) listDamage {
		return listDamage{name: name, do: func(_ *testing.T, r *rand.Rand, s string) string { return do(r, s) }}
	}
	unseen := []string{"\u200b", "\ufeff", "\u00a0", "\u200e", "\u2060", "\u00ad", "\t", " "}
	all := func(string, int) bool { return true }
	nothing := []string{"", "NULL", `\N`, "N/A", "null", "(null)", "n/a", "none", "-", "nan"}
	noRegion := cellsChanged("words for nothing in place of the region", below(isRegionName), func(r *rand.Rand, _ string) string {
		return nothing[r.IntN(len(nothing))]
	})
	noRegion.noRegion = true
	return []listDamage{
		spared(noRegion),
		spared(cellDamage("names of columns", func(r *rand.Rand, rows [][]string) [][]string {
			for i, name := range rows[0] {
				if forms := headerForms[name]; forms != nil {
					rows[0][i] = forms[r.IntN(len(forms))]
				}
			}
			return rows
		})),
		spared(cellsChanged("words for nothing in other columns", below(func(h string) bool { return h == "note" || h == "size" }), func(r *rand.Rand, _ string) string {
			return nothing[r.IntN(len(nothing))]
		})),
		spared(cellsChanged("unseen characters around", all, func(r *rand.Rand, s string) string {
			return unseen[r.IntN(len(unseen))] + s + unseen[r.IntN(len(unseen))]
		})),
		cellsChanged("unseen characters within", below(isIDName), func(r *rand.Rand, s string) string {
			return at(r, s, func(byte) bool { return true }, func(before, after string) string { return before + unseen[r.IntN(len(unseen))] + after })
		}),
		spared(cellsChanged("apostrophes", below(isIDName), func(_ *rand.Rand, s string) string { return "'" + s })),
		spared(cellsChanged("formulas of text", below(isIDName), func(_ *rand.Rand, s string) string { return `="` + s + `"` })),
		spared(writtenAs("raw formulas of text", func(_ *rand.Rand, rows [][]string) string {
			for _, row := range rows[1:] {
				for i, name := range rows[0] {
					if isIDName(name) && row[i] != "" {
						row[i] = `="` + row[i] + `"`
					}
				}
			}
			for _, row := range rows {
				for i, name := range rows[0] {
					if !isIDName(name) {
						row[i] = strings.ReplaceAll(row[i], `"`, "'")
					}
				}
			}
			return joined(rows, ";", ",")
		})),
		spared(cellsChanged("regions in words", below(isRegionName), func(r *rand.Rand, s string) string {
			words := map[string][]string{"PH": {"Philippines", "the Philippines", "phl", "ph"}, "TH": {"Thailand", "THA", "th "}, "VN": {"Viet Nam", "Vietnam", "vnm"}}[s]
			return words[r.IntN(len(words))]
		})),
		cellsChanged("regions that are none", below(isRegionName), func(r *rand.Rand, s string) string {
			return []string{s + "?", s + "/TH", "Asia", "EU", "#N/A", "63", "+63", "?"}[r.IntN(8)]
		}),
		cellDamage("a line between rows", func(r *rand.Rand, rows [][]string) [][]string {
			line := [][]string{{"------"}, {"Total", "3"}, {"Subtotal"}, {"PT Contoh Indonesia"}, {"=== PH ==="}, {"3"}, {"Page 2"}, {"Tanggal", "2026-11-30"}}[r.IntN(8)]
			return slices.Insert(rows, 1+r.IntN(len(rows)), line[:min(len(line), len(rows[0]))])
		}),
		cellDamage("a table below", func(r *rand.Rand, rows [][]string) [][]string {
			return append(rows, [][]string{{""}, {"Region", "Checks"}, {"PH", "12"}, {"TH", "5"}, {"Total", "17"}}[r.IntN(2):]...)
		}),
		spared(cellDamage("a column without a name", func(r *rand.Rand, rows [][]string) [][]string {
			at := r.IntN(len(rows[0]) + 1)
			for i, row := range rows {
				rows[i] = slices.Insert(row, at, []string{"", "7", "x"}[min(i, 2)])
			}
			rows[0][at] = ""
			return rows
		})),
		spared(cellDamage("twin columns that nobody uses", func(r *rand.Rand, rows [][]string) [][]string {
			for i := range rows {
				for n := range 2 {
					cell := "Remarks"
					if i > 0 {
						cell = []string{"", "PH", "a1b2c3d4e5f60718", `5"`}[(i+n)%4]
					}
					rows[i] = append(rows[i], cell)
				}
			}
			return rows
		})),
		cellDamage("a cell too many", func(r *rand.Rand, rows [][]string) [][]string {
			i := 1 + r.IntN(len(rows)-1)
			at := r.IntN(len(rows[i]) + 1)
			rows[i] = append(slices.Insert(rows[i], at, []string{"", "x", "PH", `"`}[r.IntN(4)]), []string{"1", `"`}[r.IntN(2)])
			return rows
		}),
		spared(writtenAs("other separators", func(r *rand.Rand, rows [][]string) string { return joined(rows, string(",;\t|"[r.IntN(4)]), `"`) })),
		writtenAs("tabs without quotes", func(_ *rand.Rand, rows [][]string) string { return joined(rows, "\t", "\r") }),
		writtenAs("pipes without quotes", func(_ *rand.Rand, rows [][]string) string { return joined(rows, "|", "\r") }),
		spared(text("Windows-1252", func(_ *rand.Rand, s string) string {
			western, err := charmap.Windows1252.NewEncoder().String(strings.ReplaceAll(s, "ชื่อ", "señor"))
			if err != nil {
				return s
			}
			return western
		})),
		text("mixed line ends", func(r *rand.Rand, s string) string {
			var b strings.Builder
			for line := range strings.Lines(s) {
				b.WriteString(strings.TrimSuffix(line, "\n") + []string{"\n", "\r\n", "\r\r\n", "\r"}[r.IntN(4)])
			}
			return b.String()
		}),
		spared(text("a word for the separator", func(_ *rand.Rand, s string) string {
			for _, comma := range ",;\t|" {
				if header, _, _ := strings.Cut(s, "\n"); strings.ContainsRune(header, comma) {
					return "sep=" + string(comma) + "\n" + s
				}
			}
			return s
		})),
	}
}
