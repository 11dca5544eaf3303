package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// echoes are the places of an answer in which a vendor may repeat an ID.
var echoes = []func(answer, data map[string]any, id string){
	func(_, d map[string]any, id string) { d["x_"+id] = 1 },
	func(_, d map[string]any, id string) { d["attackType"] = "type " + id },
	func(_, d map[string]any, id string) { d["attackType"], d["livenessScore"] = id, 70 },
	func(_, d map[string]any, id string) { d["attackSubType"] = id },
	func(_, d map[string]any, id string) { d["livenessScore"] = id },
	func(_, d map[string]any, id string) { d["farImageTime"] = id },
	func(_, d map[string]any, id string) { d["sdkVersion"], d["platform"] = id, id },
	func(a, _ map[string]any, id string) { a["transactionId"] = id },
	func(a, _ map[string]any, id string) { a["pricingStrategy"] = "PAY " + id },
	func(a, _ map[string]any, id string) { a["message"], a["extra"] = "of "+id, id },
	func(a, _ map[string]any, id string) { a["code"], a["data"] = "ODD_"+id, nil },
	func(a, _ map[string]any, id string) { a["data"] = id },
	func(a, _ map[string]any, id string) { a["field_"+id] = map[string]any{id: []string{id}} },
	func(a, _ map[string]any, id string) {
		a["code"], a["message"], a["data"], a["pricingStrategy"] = "PARAMETER_ERROR", id, nil, "FREE"
	},
}

func echoed(i int) string { return fmt.Sprintf("c01dface5eedf%03d", i) }

// echoingVendor repeats each ID in a place of its own, as it is, in capitals or with a dash.
func echoingVendor(t *testing.T) string {
	calls := 0
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ SignatureID string }
		_ = json.NewDecoder(r.Body).Decode(&asked) // a token's request has none
		answer := map[string]any{"code": "SUCCESS", "message": "OK", "pricingStrategy": "FREE", "transactionId": "bb00000000000000",
			"data": map[string]any{"token": "a.token-1234567890", "expiredTime": time.Now().Add(time.Hour).UnixMilli()}}
		var n int
		if _, err := fmt.Sscanf(asked.SignatureID, "c01dface5eedf%03d", &n); err == nil {
			calls++
			data := map[string]any{"detectionResult": "https://vendor.invalid/" + asked.SignatureID, "livenessScore": 12.5, "attackType": "1"}
			answer["pricingStrategy"], answer["transactionId"], answer["data"] = "PAY", fmt.Sprintf("bb%014x", calls), data
			id := asked.SignatureID
			if n < len(echoes) {
				echoes[n](answer, data, []string{id, strings.ToUpper(id), id[:4] + "-" + id[4:]}[n%3])
			}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer) // a client that is gone needs none
	}))
	t.Cleanup(vendor.Close)
	return vendor.URL
}

// TestErasedIsNowhere is the law of erasing: after `erase` no file below the working directory holds the ID in any spelling
// but for those that it names. The vendor repeats the ID in every place of its answer; lists, a statement, a workbook that
// an analyst works on, a copy and an export lie about. What is read later brings nothing back.
func TestErasedIsNowhere(t *testing.T) {
	t.Parallel()
	c := &crashSite{t: t, dir: t.TempDir()}
	url := echoingVendor(t)
	c.write("liverecon.toml", fmt.Sprintf(`lists = ["ids_*.csv", "ids_*.csv.gz"]
[limits]
rejected_rows = 100
concurrency = 1
[export]
directory = "lake"
[endpoint.id]
url = "%[1]s/id/openapi/liveness/v3/detection-result"
token_url = "%[1]s/id/openapi/auth/ticket/v1/generate-token"
rate = 1000
`, url))
	list := "signatureId,customer\n"
	var ids []string
	for i := range len(echoes) + 20 {
		list += fmt.Sprintf("%s,C-%d\n", echoed(i), i)
		if i < len(echoes) {
			ids = append(ids, echoed(i))
		}
	}
	c.write("ids_ID.csv", list+echoed(1)+" x,rejected\n")
	var packed bytes.Buffer
	gz := gzip.NewWriter(&packed)
	_, err := io.WriteString(gz, "signatureId,retry of\nc01dface5eedf900,"+strings.ToUpper(echoed(0))+"\n")
	if err == nil {
		err = gz.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	c.write("ids_ID_2.csv.gz", packed.String())
	c.write("billed.csv", "transaction_id,time,region,amount,currency\n"+echoed(2)+",2020-01-05T00:00:00Z,ID,0.03,USD\n")
	for _, args := range [][]string{{"run"}, {"reconcile", "--statement", "billed.csv", "--month", "2020-01"}, {"backup", "copy.db"}} {
		if code, text := c.code(args...); code != 0 && code != 3 {
			t.Fatalf("%v: exit %d: %s", args, code, text)
		}
	}
	code, said := c.code(append([]string{"erase", "--yes"}, ids...)...)
	if code != 0 || !strings.Contains(said, "done: but for what may not be changed liverecon.db holds the ID no more") {
		t.Fatalf("erase: exit %d: %s", code, said)
	}
	c.nowhereElse(ids, said)

	c.write("ids_ID_"+ids[3]+".csv", "signatureId,retry of\nc01dface5eedf901,"+ids[4]+"\n"+ids[5]+" x,\n")
	c.write("late_"+ids[6]+".csv", "transaction_id,time,region,amount,currency\n"+ids[9]+",2020-02-05T00:00:00Z,ID,0.03,USD\n")
	for _, args := range [][]string{{"run"}, {"reconcile", "--statement", "late_" + ids[6] + ".csv", "--month", "2020-02"}, {"report", "risk"}, {"export"}} {
		if code, text := c.code(args...); code != 0 && code != 3 && code != 5 {
			t.Fatalf("%v: exit %d: %s", args, code, text)
		}
	}
	code, again := c.code(append([]string{"erase"}, ids...)...)
	if code != 0 || !strings.Contains(again, "database  0 checks would be taken out: 0 answers as received, 0 rejected rows\n") {
		t.Errorf("something came back: exit %d: %s", code, again)
	}
	c.nowhereElse(ids, again)
}

// nowhereElse looks for IDs in every file, unpacked: those that hold one have to be named.
func (c *crashSite) nowhereElse(ids []string, named string) {
	c.t.Helper()
	found := 0
	for _, id := range ids {
		spelled := regexp.MustCompile("(?i)" + strings.Join(strings.Split(id, ""), "-?"))
		err := filepath.WalkDir(c.dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			if err == nil && bytes.HasPrefix(content, []byte("PK")) {
				content, err = unpack(content)
			}
			if err == nil && bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
				var r *gzip.Reader
				if r, err = gzip.NewReader(bytes.NewReader(content)); err == nil {
					content, err = io.ReadAll(r)
				}
			}
			name, nameErr := filepath.Rel(c.dir, path)
			if err != nil || nameErr != nil {
				return fmt.Errorf("%s: %w %w", path, err, nameErr)
			}
			if !spelled.Match(content) && !spelled.MatchString(name) {
				return nil
			}
			found++
			kept := name == "liverecon.db" && regexp.MustCompile(`kept +outcomes\.`).MatchString(named)
			if !kept && !strings.Contains(named, name) {
				c.t.Errorf("%s holds %s, and is not named", name, spelled.Find(content))
			}
			return nil
		})
		if err != nil {
			c.t.Fatal(err)
		}
	}
	if found == 0 {
		c.t.Error("nothing was found: the list at least holds them")
	}
}
