package list

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var updateLists = flag.Bool("update-lists", false, "write testdata/lists and its golden file anew")

const (
	demoListsDir   = "../../testdata/lists"
	demoListGolden = "../../testdata/golden/list_rejects.txt"
)

// demoLists makes the lists of the README's first command: every form a list
// comes in, the vendor's markets, duplicates within and across files, and in
// one file a row for each thing that can be wrong with one.
type demoLists struct {
	random *rand.Rand
	files  map[string]string
}

func newDemoLists(t *testing.T) map[string]string {
	d := &demoLists{random: rand.New(rand.NewPCG(20261121, 8)), files: make(map[string]string)}
	indonesia := d.ids(1200, d.signatureID)[:75]
	d.files["ids_ID_2026-11-20.csv"] = d.lines("signatureId", "\n", indonesia)
	d.files["ids_PH_2026-11-21.csv"] = "\uFEFF" + d.lines("livenessId;customer_ref", "\r\n", d.with(";C-%06d", d.ids(900, d.livenessID))[:60])
	thailand := d.ids(500, d.livenessID)
	d.files["ids_TH_2026-11-19.csv"] = "sep=;\r\n" + d.lines("Liveness ID;Customer", "\r\n", d.with(";T-%06d", thailand)[:45])
	mixed := d.mixed(800, thailand[:20])
	mixed = append(mixed[:50:50], mixed[780:]...)
	d.files["market_mixed_2026-11-21.csv"] = d.lines("livenessId,market", "\n", mixed)
	d.files["ids_MX_2026-11-21.tsv"] = listUTF16(d.lines("livenessId\tsucursal", "\r\n", d.with("\tMéxico %d", d.ids(400, d.livenessID))), true, true)
	d.files["ids_CO_2026-11-20.csv.gz"] = gzipList(t, d.lines("signature_id", "\n", d.ids(500, d.signatureID)[:30]))
	d.files["ids_NG_2026-11-21.csv"] = d.lines("signatureId,livenessId,customer ref,channel,note", "\n", d.both(500)[:35])
	d.files["returns_2026-11-21.csv"] = d.returns(indonesia[:25], mixed[:25])
	return d.files
}

// ids returns n IDs of which about one in a hundred is there twice.
func (d *demoLists) ids(n int, id func() string) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = id()
		if i > 0 && d.random.IntN(100) == 0 {
			ids[i] = ids[d.random.IntN(i)]
		}
	}
	return ids
}

func (d *demoLists) signatureID() string {
	for {
		id := fmt.Sprintf("%016x", d.random.Uint64())
		if reason, _ := excelDamage(listSignatureID, id); reason == "" {
			return id
		}
	}
}

func (d *demoLists) livenessID() string {
	r := d.random
	return fmt.Sprintf("%c%c%c%c-%03x-%04x-%04x-%04x-%012x", 'a'+r.IntN(26), 'a'+r.IntN(26), 'a'+r.IntN(26), 'a'+r.IntN(26),
		r.IntN(1<<12), r.IntN(1<<16), r.IntN(1<<16), r.IntN(1<<16), r.Int64N(1<<48))
}

func (d *demoLists) lines(header, end string, rows []string) string {
	return header + end + strings.Join(rows, end) + end
}

// with appends a formatted number to each row.
func (d *demoLists) with(format string, rows []string) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = row + fmt.Sprintf(format, d.random.IntN(1_000_000))
	}
	return out
}

// mixed represents what a regional desk sends: markets in every notation, and some of
// the Thai list again.
func (d *demoLists) mixed(n int, thai []string) []string {
	names := []string{"VN", "VNM", "Viet Nam", "Vietnam", "TH", "tha", "Thailand", "MY", "MYS", "malaysia", "SG", "SGP", "Singapore", "PH", "Philippines (the)", "ID"}
	rows := make([]string, 0, n)
	for range n - len(thai) {
		rows = append(rows, d.livenessID()+","+names[d.random.IntN(len(names))])
	}
	for _, id := range thai {
		rows = append(rows, id+",TH")
	}
	return rows
}

// both gives two IDs and quoted references, one in forty over two lines.
func (d *demoLists) both(n int) []string {
	channels := []string{"app", "web", "agent", "branch"}
	rows := make([]string, n)
	for i := range rows {
		note := ""
		if i%40 == 7 {
			note = "\"seen twice,\nsecond try\""
		}
		rows[i] = fmt.Sprintf("%s,%s,\"NG \"\"%05d\"\"\",%s,%s", d.signatureID(), d.livenessID(), d.random.IntN(100_000), channels[d.random.IntN(4)], note)
	}
	return rows
}

// returns is a file that people had in their hands.
func (d *demoLists) returns(indonesia, mixed []string) string {
	sig, liv := d.signatureID, d.livenessID
	rows := []string{
		// odd, and accepted
		"'6817604601234560,,ID,C-1,app",
		`"=""` + sig() + `""",,Indonesia,C-2,app`,
		"NULL," + liv() + ",PHL,C-3,web",
		"\u00a0" + sig() + " ,,MX,C-4,web",
		"\u200b" + sig() + ",,México,C-5,web",
		sig() + ",#NAME?,CO,C-6,web",
		sig() + ",,uk,C-7,web",
		liv()[:0] + sig() + ",,NG",
		"6817604601234e12,,ID,C-8,app,,",
		"\"" + sig() + "\"," + liv() + ",SG,\"C-9\ncalled back\",branch",
		// no ID
		",,ID,C-20,app",
		"-,n/a,ID,C-21,app",
		// no ID's alphabet
		sig()[:8] + " " + sig()[:7] + ",,ID,C-22,app",
		"," + strings.ReplaceAll(liv(), "-", "–") + ",PH,C-23,app",
		sig() + "?,,ID,C-24,app",
		sig()[:8] + "\u200b" + sig()[:8] + ",,ID,C-25,app",
		// damaged by Excel
		"6.8176E+24,,ID,C-26,app",
		`"6,81760E+15",,ID,C-27,app`,
		"6817604601234560,,ID,C-28,app",
		"68176046012345,,ID,C-29,app",
		"6817604601234000000000000,,ID,C-30,app",
		",2026-03-01,PH,C-31,app",
		",Mar-24,PH,C-32,app",
		",#NAME?,PH,C-33,app",
		"########,,ID,C-34,app",
		"6.8176E+24," + liv() + ",ID,C-35,app",
		// regions
		sig() + ",,Atlantis,C-36,app",
		sig() + ",,EU,C-37,app",
		sig() + ",,62,C-38,app",
		sig() + ",,Unknown,C-39,app",
		sig() + ",,,C-40,app",
		// too long, too many, the header again
		strings.Repeat(sig(), 9) + ",,ID,C-41,app",
		sig() + ",,ID,C-42,app,one,two",
		"signatureId,livenessId,country,customer_ref,channel",
		// quotes
		sig() + ",,\"ID\" new,C-43,app",
		"\"" + sig() + "\"x,,ID,C-44,app",
		sig() + ",,\"ID,C-45,app",
		sig() + ", \"" + liv() + ",x\",ID,C-46,app",
	}
	for i, bad := range rows { // each among good ones
		rows[i] = bad + "\n" + sig() + ",,ID,C-" + fmt.Sprint(100+i) + ",app\n," + liv() + ",SG,C-" + fmt.Sprint(200+i) + ",web"
	}
	for _, id := range indonesia {
		rows = append(rows, id+",,ID,again,app")
	}
	for _, row := range mixed {
		id, market, _ := strings.Cut(row, ",")
		rows = append(rows, ","+id+","+market+",again,web")
	}
	last := sig() + ",,ID,last,app"
	usual := strings.Fields("ID PH ID TH ID NG PH CO ID MX VN PH ID TH SG NG CO PH ID MX MY VN ID TH PH")
	for i := range 430 { // so many that the bad ones are no reason to call somebody
		rows = append(rows, fmt.Sprintf("%s,,%s,C-%d,app", sig(), usual[i%len(usual)], 1000+i))
	}
	rows = append(rows, "", ",,,,", last)
	return d.lines("signatureId,livenessId,country,customer_ref,channel", "\n", rows)
}

// demoRoute is the routing of a configuration that names no regions.
func demoRoute(region string) (string, bool) {
	switch region {
	case "ID", "PH", "TH", "MY", "MX", "CO", "NG":
		return strings.ToLower(region), true
	}
	return "sg", true
}

func TestDemoLists(t *testing.T) {
	files := newDemoLists(t)
	if *updateLists {
		writeDemoLists(t, files)
	}
	found, err := Expand([]string{"lists"}, filepath.Dir(demoListsDir), nil)
	paths := found.Lists
	if err != nil || len(paths) != len(files) {
		t.Fatalf("found %q, %v", paths, err)
	}
	var golden strings.Builder
	ids, endpoints, total := map[string]int{}, map[string]int{}, 0
	for _, path := range paths {
		if have := readDemoList(t, path); have != files[filepath.Base(path)] {
			t.Errorf("%s differs from what makes it; run with -update-lists", path)
		}
		got := readListFile(path, Options{Route: demoRoute})
		if got.err != nil {
			t.Fatal(got.err)
		}
		checkListResult(t, got)
		describeList(&golden, got)
		total += got.info.Rows
		for _, row := range got.rows {
			ids[row.ID]++
			endpoints[row.Endpoint]++
		}
	}
	fmt.Fprintf(&golden, "%d rows, %d different IDs\n", total, len(ids))
	for _, endpoint := range slices.Sorted(maps.Keys(endpoints)) {
		fmt.Fprintf(&golden, "%s %d\n", endpoint, endpoints[endpoint])
	}
	compareDemoGolden(t, golden.String())
}

func describeList(w *strings.Builder, got listResult) {
	fmt.Fprintf(w, "%s: %s, %s, %d rows, %d rejected\n", got.info.Name, got.info.Encoding, got.info.Delimiter, got.info.Rows, got.info.Rejected)
	for _, bad := range got.rejects {
		fmt.Fprintf(w, "  %d: %s [%s] %q: %s\n", bad.Line, bad.Reason, bad.Column, bad.Value, bad.Detail)
	}
}

func compareDemoGolden(t *testing.T, got string) {
	t.Helper()
	if *updateLists {
		writeDemoFile(t, demoListGolden, got)
	}
	want, err := os.ReadFile(demoListGolden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s:\n%s", demoListGolden, got)
	}
}

// readDemoList returns a list unpacked and packed again, since another version
// of the compressor may pack it otherwise.
func readDemoList(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(path, ".gz") {
		return string(data)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(unzipped); err != nil {
		t.Fatal(err)
	}
	return gzipList(t, string(data))
}

func writeDemoLists(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		writeDemoFile(t, filepath.Join(demoListsDir, name), text)
	}
}

func writeDemoFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
