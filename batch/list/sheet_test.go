package list

import (
	"archive/zip"
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// book makes a workbook; fill gets one with a sheet "Sheet1".
func book(t *testing.T, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var b bytes.Buffer
	if err := errors.Join(f.Write(&b), f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func setRows(t *testing.T, f *excelize.File, sheet string, rows ...[]any) {
	t.Helper()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err := errors.Join(err, f.SetSheetRow(sheet, cell, &row)); err != nil {
			t.Fatal(err)
		}
	}
}

func archive(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(files[name]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReadWorkbook(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name  string
		fill  func(f *excelize.File)
		want  string
		notes string
	}{
		{"texts", func(f *excelize.File) {
			setRows(t, f, "Sheet1", []any{"Signature ID", "Country Code", "note"}, []any{listSigA, "PH", "a, \"b\"\nc"}, []any{}, []any{"6817604601234560", "TH", 5.5},
				[]any{"6817604601234e12", "Viet Nam"})
		}, "2 " + listSigA + " PH {\"note\":\"a, \\\"b\\\" c\"}\n4 6817604601234560 TH {\"note\":\"5.5\"}\n5 6817604601234e12 VN\n", ""},
		{"numbers", func(f *excelize.File) {
			setRows(t, f, "Sheet1", []any{"signatureId", "region"}, []any{6817604601234567.0, "PH"}, []any{6.8e24, "PH"}, []any{123456, "PH"}, []any{listSigA, "PH"})
		}, "2 excel_damaged signatureId\n3 excel_damaged signatureId\n4 not_an_id signatureId\n5 " + listSigA + " PH\n", ""},
		{"numbers for a livenessId", func(f *excelize.File) {
			setRows(t, f, "Sheet1", []any{"livenessId", "region"}, []any{6817604601234560.0, "PH"}, []any{listLivA, "PH"})
		}, "2 excel_damaged livenessId\n3 " + listLivA + " PH\n", ""},
		{"a day", func(f *excelize.File) {
			setRows(t, f, "Sheet1", []any{"livenessId", "seen"}, []any{46082, 46082.5}, []any{listLivA, 46082})
			style, err := f.NewStyle(&excelize.Style{NumFmt: 22})
			must(err)
			must(f.SetCellStyle("Sheet1", "A2", "B3", style))
		}, "2 excel_damaged livenessId\n3 " + listLivA + " ID {\"seen\":\"2026-03-01\"}\n", ""},
		{"a formula without a value", func(f *excelize.File) {
			setRows(t, f, "Sheet1", []any{"livenessId"}, []any{nil}, []any{listLivA})
			must(f.SetCellFormula("Sheet1", "A2", "=B2"))
		}, "2 excel_damaged livenessId\n3 " + listLivA + " ID\n", ""},
		{"the only sheet with IDs", func(f *excelize.File) {
			setRows(t, f, "Sheet1", []any{"about this list"})
			_, err := f.NewSheet("IDs")
			must(err)
			setRows(t, f, "IDs", []any{"livenessId"}, []any{listLivA})
		}, "2 " + listLivA + " ID\n", ""},
		{"several sheets with IDs", func(f *excelize.File) {
			setRows(t, f, "Sheet1", []any{"livenessId"}, []any{listLivA})
			for _, name := range []string{"more", "away"} {
				_, err := f.NewSheet(name)
				must(err)
				setRows(t, f, name, []any{"livenessId"}, []any{listLivB})
			}
			must(f.SetSheetVisible("away", false))
		}, "2 " + listLivA + " ID\n", `sheet "away" has IDs, too, but is hidden; sheets "Sheet1", "more" have IDs: only "Sheet1" is read`},
		{"hidden rows", func(f *excelize.File) {
			setRows(t, f, "Sheet1", []any{"livenessId"}, []any{listLivA}, []any{listLivB})
			must(f.SetRowVisible("Sheet1", 3, false))
		}, "2 " + listLivA + " ID\n3 " + listLivB + " ID\n", "1 row is hidden or filtered out"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readListBytes(t, "list.xlsx", string(book(t, test.fill)))
			if s := got.short(); got.err != nil || s != test.want {
				t.Errorf("got:\n%s%v\nwant:\n%s", s, got.err, test.want)
			}
			notes := strings.Join(got.info.Notes, "; ")
			for _, part := range strings.Split(test.notes, "; ") {
				if !strings.Contains(notes, part) {
					t.Errorf("notes %q, want %q", notes, part)
				}
			}
			if got.info.Encoding != "xlsx" || got.info.Size == 0 {
				t.Errorf("got %+v", got.info)
			}
		})
	}
}

// A workbook that is cut off or changed anywhere is read to the same rows or refused.
func TestDamagedWorkbook(t *testing.T) {
	rows := [][]any{{"livenessId", "region"}}
	for range 300 {
		rows = append(rows, []any{listLivA, "PH"})
	}
	whole := book(t, func(f *excelize.File) { setRows(t, f, "Sheet1", rows...) })
	path := filepath.Join(t.TempDir(), "list.xlsx")
	for i := 0; i < len(whole); i += 37 {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 0x41
		for _, data := range [][]byte{whole[:i], flipped} {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			got := readListFile(path, Options{DefaultRegion: "ID"})
			var refused *Error
			if got.err == nil && len(got.rows) != 300 || got.err != nil && !errors.As(got.err, &refused) {
				t.Fatalf("byte %d: %d rows, %v", i, len(got.rows), got.err)
			}
		}
	}
}

func TestReadArchive(t *testing.T) {
	plain := "livenessId,region\n" + listLivA + ",PH\n"
	for _, test := range []struct {
		name, text, want string
	}{
		{"one list", archive(t, map[string]string{"a/list.csv": plain, "__MACOSX/a/._list.csv": "x", ".DS_Store": "x"}), "2 " + listLivA + " PH\n"},
		{"UTF-16", archive(t, map[string]string{"list.txt": listUTF16(strings.ReplaceAll(plain, ",", "\t"), true, true)}), "2 " + listLivA + " PH\n"},
		{"two lists", archive(t, map[string]string{"a.csv": plain, "b.csv": plain}), "an archive of 2 files"},
		{"no list", archive(t, map[string]string{"a.pdf": "%PDF"}), `an archive of "a.pdf"`},
		{"a bomb", archive(t, map[string]string{"a.csv": strings.Repeat("0", 65<<20)}), "an archive that unpacks to"},
		{"an archive within", archive(t, map[string]string{"a.csv": archive(t, map[string]string{"b.csv": plain})}), "an archive or a workbook within another"},
		{"nothing", archive(t, nil), "an archive of 0 files"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readListBytes(t, "list.csv.zip", test.text)
			if got.err == nil && got.short() != test.want || got.err != nil && !strings.Contains(got.err.Error(), test.want) {
				t.Errorf("got %s, %v; want %s", got.short(), got.err, test.want)
			}
		})
	}
	packed := archive(t, map[string]string{"a.csv": "livenessId\n" + strings.Repeat(listLivA+"\n", 10_000)})
	for i := 40; i < len(packed)-100; i += 11 {
		text := packed[:i] + string(packed[i]^1) + packed[i+1:]
		var refused *Error
		if got := readListBytes(t, "list.zip", text); got.err == nil && len(got.rows) != 10_000 || got.err != nil && !errors.As(got.err, &refused) {
			t.Errorf("byte %d: %d rows, %v", i, len(got.rows), got.err)
		}
	}
}
