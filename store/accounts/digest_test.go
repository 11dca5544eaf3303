package accounts_test

import (
	"encoding/json"
	"testing"

	"liverecon/store/accounts"
)

// TestDigestedNames holds the JSON by which a reconciliation is known again to the names it has always had: under other
// names every month would count as reconciled anew, and a closed one as changed.
func TestDigestedNames(t *testing.T) {
	for _, test := range []struct {
		of   any
		want string
	}{
		{accounts.Reconciliation{}, `{"ID":0,"Month":"","MadeAt":"0001-01-01T00:00:00Z","Version":"","Reading":"","ToleranceAbs":"",` +
			`"ToleranceRel":"","Settings":"","LastCall":0,"Itemised":false,"Within":false,"Verdict":"","Reproduces":"","Nearest":"",` +
			`"Calls":0,"Charges":0,"Doubts":0,"Free":0,"Elsewhere":0,"SupersededBy":0,"Statements":null}`},
		{accounts.Findings{}, `{"Bridge":null,"Verdicts":null,"Readings":null,"Gaps":null,"Resolutions":null}`},
		{accounts.BasisCount{}, `{"Reading":"","Endpoint":"","Region":"","Currency":"","Quantity":0,"Amount":""}`},
		{accounts.BasisGap{}, `{"Reading":"","Endpoint":"","Currency":"","OurQuantity":0,"Doubts":0,"OurAmount":"","Minimum":"",` +
			`"LeastAmount":"","MostAmount":"","TheirQuantity":0,"TheirAmount":"","Fits":false,"Lines":0,"Calls":0}`},
	} {
		got, err := json.Marshal(test.of)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != test.want {
			t.Errorf("%T is digested as\n%s, want\n%s", test.of, got, test.want)
		}
	}
}
