package simulator_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness/simulator"
)

// The vendor's page, response examples: the shape, with the values that vary blanked.
const (
	pageSuccess  = `{"code":"SUCCESS","transactionId":"196eb0c777789e58","pricingStrategy":"PAY","message":"OK","data":{"detectionResult":"https://host/standard-images/random_20180929195400851_1478837456","livenessScore":100.0,"auditImageUrl":null,"imageFarUrl":"https:/host/standard-images/random_20180929195400851_1478837457","farImageTime":1713247589908,"imageNearUrl":"https:/host/standard-images/random_20180929195400851_1478837458","nearImageTime":1713247589908,"attackType":null,"attackSubType":null},"extra":null}`
	pageNotExist = `{"message":"Liveness id does not exist","data":null,"extra":null,"code":"LIVENESS_ID_NOT_EXISTED","transactionId":"196eb0c777789e58","pricingStrategy":"FREE"}`
	pageNotFound = `{"code":"RESULT_NOT_FOUND","message":"The requested resource was not found or has been deleted","data":null,"extra":null,"transactionId":"d5bec4f642549caf","pricingStrategy":"FREE"}`
	pageError    = `{"code":"ERROR","message":"Server error","data":null,"extra":null,"transactionId":"1deae5a13ef2bd5e","pricingStrategy":"FREE"}`
)

func decode(t *testing.T, s string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(s), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEnvelopesAreThoseOfTheVendorsPage(t *testing.T) {
	free := map[string]string{"not_exist": pageNotExist, "not_found": pageNotFound, "error": pageError}
	for fault, want := range free {
		v, c := inProcess(t, simulator.Config{Seed: 2})
		v.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{"a": simulator.Fault(fault)}})
		got, page := c.ask("th", "a").m, decode(t, want)
		if s, _ := got["transactionId"].(string); len(s) != 16 || strings.Trim(s, "0123456789abcdef") != "" {
			t.Errorf("%s: transactionId %q", fault, s)
		}
		if fault == "error" {
			page["extra"] = got["extra"] // text now and then
		}
		page["transactionId"] = got["transactionId"]
		if !reflect.DeepEqual(got, page) {
			t.Errorf("%s: got %v, the page shows %v", fault, got, page)
		}
	}

	page := decode(t, pageSuccess)
	_, c := inProcess(t, simulator.Config{Seed: 2})
	id := idOf(t, 2, func(a answer) bool { return succeeds(a) && a.data()["sdkVersion"] == nil })
	got := c.ask("th", id).m
	if !slices.Equal(keys(got), keys(page)) {
		t.Errorf("envelope has %v, the page's %v", keys(got), keys(page))
	}
	data, pageData := got["data"].(map[string]any), page["data"].(map[string]any)
	if !slices.Equal(keys(data), keys(pageData)) {
		t.Errorf("data has %v, the page's %v", keys(data), keys(pageData))
	}
	if got["pricingStrategy"] != "PAY" || got["message"] != "OK" || got["extra"] != nil {
		t.Errorf("got %v", got)
	}
}

func keys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// Across IDs every freedom of the page must be used: both orders, whole scores with and without a decimal, attack types
// as text and number, nulls.
func TestAnswersVaryAsThePageDoes(t *testing.T) {
	_, c := inProcess(t, simulator.Config{Seed: 5})
	seen := map[string]int{}
	marks := map[string]string{
		"code first, then transaction": `{"code":"SUCCESS","transactionId"`,
		"code first, then message":     `{"code":"SUCCESS","message"`,
		"message first":                `{"message":"OK"`,
		"integer 100":                  `"livenessScore":100,`,
		"decimal 100":                  `"livenessScore":100.0,`,
		"integer 0":                    `"livenessScore":0,`,
		"decimal 0":                    `"livenessScore":0.0,`,
		"attack as text":               `"attackType":"`,
		"attack as number 3":           `"attackType":3`,
		"no time":                      `"farImageTime":null`,
		"no far image":                 `"imageFarUrl":null`,
		"audit image":                  `"auditImageUrl":"https://images.example.invalid/`,
		"newer field":                  `"sdkVersion":`,
		"not existed":                  `LIVENESS_ID_NOT_EXISTED`,
		"not found":                    `RESULT_NOT_FOUND`,
	}
	for i := range 3000 {
		a := c.ask("ng", fmt.Sprintf("id-%d", i))
		if a.m == nil {
			t.Fatalf("no envelope: %s", a.body)
		}
		for name, mark := range marks {
			seen[name] += strings.Count(string(a.body), mark)
		}
	}
	for name := range marks {
		if seen[name] == 0 {
			t.Errorf("never seen: %s", name)
		}
	}
}

func TestTheSameIDGetsTheSameAnswerInAnyOrder(t *testing.T) {
	faults := simulator.Faults{Probability: map[simulator.Fault]float64{
		simulator.ResetAfter: .1, simulator.ErrorFree: .1, simulator.DNS: .1, simulator.ScoreOver: .1, simulator.HTML502: .1,
	}}
	night := func(order []int) map[string]string {
		got := map[string]string{}
		synctest.Test(t, func(t *testing.T) {
			_, c := inProcess(t, simulator.Config{Seed: 9, Faults: faults, LatencyJitter: time.Second})
			c.token("ph")
			for _, i := range order {
				start := time.Now()
				for try := range 3 {
					a := c.ask("ph", fmt.Sprintf("id-%d", i))
					d := a.data()
					got[fmt.Sprint(i, "/", try)] = fmt.Sprint(a.code(), a.m["transactionId"], a.err, a.status,
						d["livenessScore"], d["attackType"], d["nearImageTime"], time.Since(start))
				}
			}
		})
		return got
	}
	order := make([]int, 300)
	for i := range order {
		order[i] = i
	}
	forward := night(order)
	slices.Reverse(order)
	if backward := night(order); !maps.Equal(forward, backward) {
		t.Error("answers depend on the order of the calls")
	}
}

func TestMarketsDiffer(t *testing.T) {
	const n = 4000
	attacks := map[string]int{}
	for _, region := range []string{"SG", "TH", "ID", "VNM", "NG", "BR"} {
		_, c := inProcess(t, simulator.Config{Seed: 1})
		perfect, missing, untyped := 0, 0, 0
		for i := range n {
			a := c.askFor("sg", map[string]any{"livenessId": fmt.Sprintf("%s-%d", region, i), "region": region})
			score, scored := a.data()["livenessScore"].(float64)
			attack := a.data()["attackType"]
			switch {
			case !scored:
				missing++
			case score < 0 || score > 100, score >= 50 && attack != nil:
				t.Fatalf("%s: score %v with attack type %v", region, score, attack)
			case attack != nil:
				attacks[region]++
			case score < 50:
				untyped++
			case score == 100:
				perfect++
			}
		}
		if missing < n/250 || missing > n/40 || perfect < n/5 || untyped == 0 {
			t.Errorf("%s: %d missing, %d perfect, %d untyped of %d", region, missing, perfect, untyped, n)
		}
	}
	order := []string{"SG", "TH", "ID", "VNM", "NG"}
	for i := 1; i < len(order); i++ {
		if attacks[order[i]] <= attacks[order[i-1]] {
			t.Errorf("attacks %v: want them to rise in the order %v", attacks, order)
		}
	}
	if attacks["BR"] == 0 {
		t.Error("a region without figures of its own has no attacks")
	}
}

func TestBase64(t *testing.T) {
	_, c := inProcess(t, simulator.Config{})
	id := idOf(t, 0, succeeds)
	a := c.askFor("th", map[string]any{"livenessId": id, "resultType": "IMAGE_BASE64"})
	text, _ := a.data()["detectionResult"].(string)
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !strings.HasPrefix(string(b), "\xff\xd8\xff") {
		t.Errorf("no JPEG in base64: %.40q, %v", text, err)
	}
}

func TestWrongRequests(t *testing.T) {
	for name, tc := range map[string]struct {
		ep   string
		m    map[string]any
		want string
	}{
		"no ID":               {"th", map[string]any{"resultType": "IMAGE_URL"}, "PARAMETER_ERROR"},
		"ID is a number":      {"th", map[string]any{"livenessId": 12}, "PARAMETER_ERROR"},
		"name in other case":  {"th", map[string]any{"LivenessId": "a"}, "PARAMETER_ERROR"},
		"no region at sg":     {"sg", map[string]any{"livenessId": "a"}, "PARAMETER_ERROR"},
		"region is a name":    {"ph", map[string]any{"livenessId": "a", "region": "Philippines"}, "PARAMETER_ERROR"},
		"region is empty":     {"ph", map[string]any{"livenessId": "a", "region": ""}, "PARAMETER_ERROR"},
		"unknown result type": {"th", map[string]any{"livenessId": "a", "resultType": "IMAGE"}, "PARAMETER_ERROR"},
		"region not required": {"ph", map[string]any{"livenessId": "a"}, "SUCCESS"},
		"alpha-3 at sg":       {"sg", map[string]any{"livenessId": "a", "region": "IDN"}, "SUCCESS"},
	} {
		v, c := inProcess(t, simulator.Config{Seed: 3})
		if a := c.askFor(tc.ep, tc.m); a.code() != tc.want {
			t.Errorf("%s: got %s %v, want %s", name, a.body, a.err, tc.want)
		}
		if rows := calls(v); len(rows) != 1 || rows[0].Charged != (tc.want == "SUCCESS") {
			t.Errorf("%s: ledger %+v", name, rows)
		}
	}
}

func TestBothIDsIsTheClientsFault(t *testing.T) {
	v, c := inProcess(t, simulator.Config{})
	c.askFor("th", map[string]any{"livenessId": "l", "signatureId": "s"})
	e := calls(v)[0]
	if e.Kind != "signatureId" || e.ID != "s" || v.Complaints()["both_ids"] != 1 {
		t.Errorf("entry %+v, complaints %v", e, v.Complaints())
	}
}

func TestWrongPathsAndMethods(t *testing.T) {
	v, c := inProcess(t, simulator.Config{})
	for _, tc := range []struct {
		method, url string
		want        int
	}{
		{http.MethodGet, c.base + "/th" + paths["th"], http.StatusMethodNotAllowed},
		{http.MethodPost, c.base + "/th" + paths["ph"], http.StatusNotFound},
		{http.MethodPost, c.base + "/xx" + paths["th"], http.StatusNotFound},
		{http.MethodPost, "https://th-api.advance.ai" + paths["ph"], http.StatusNotFound},
		{http.MethodPost, "https://th-api.advance.ai/th/openapi/auth/ticket/v1/generate-token", http.StatusNotFound},
		{http.MethodPost, "https://th-api.advance.ai" + paths["th"], http.StatusOK},
		{http.MethodPost, "https://TH-API.advance.ai:443" + paths["th"], http.StatusOK},
	} {
		a := c.do(tc.method, tc.url, "", []byte(`{"livenessId":"a"}`))
		if a.status != tc.want || (a.m == nil) != (tc.want != http.StatusOK) {
			t.Errorf("%s %s: %d %.60s", tc.method, tc.url, a.status, a.body)
		}
	}
	if n := len(calls(v)); n != 2 {
		t.Errorf("%d ledger rows, want the two that were served", n)
	}
}
