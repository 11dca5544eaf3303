package list

import "testing"

// What may be several rows, or a row of another width, is not read as one; a word beside an ID is no other ID.
func TestReadListTorn(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"quotes around several cells", "signatureId\tnote\tregion\tsize\n" + listSigA + "\t\"\tPH\t\"\n" + listSigB + "\tx\tTH\ty\n", "2 malformed_csv\n3 " + listSigB + " TH {\"note\":\"x\",\"size\":\"y\"}\n"},
		{"pipes and stray quotes", "note|signatureId\n\"|" + listSigA + "\n\"|" + listSigB + "\n", "2 malformed_csv\n3 malformed_csv\n"},
		{"a row that ends in a carriage return alone", "livenessId,signatureId\n" + listLivA + ",\r" + listLivB + ",\r\n", "2 bad_alphabet signatureId\n"},
		{"a word for another ID", "signatureId,livenessId\n" + listSigA + ",TBD\n" + listSigB + ",17\n", "2 " + listSigA + " ID {\"livenessId\":\"TBD\"}\n3 " + listSigB + " ID {\"livenessId\":\"17\"}\n"},
		{"another ID of its own form", "signatureId,livenessId\n" + listSigA + ",KYC-2026-000871\n", "2 " + listSigA + " ID other KYC-2026-000871\n"},
	} {
		if got := readListBytes(t, "list.csv", test.text); got.err != nil || got.short() != test.want {
			t.Errorf("%s: got\n%s%v, want\n%s", test.name, got.short(), got.err, test.want)
		}
	}
	if got := readListBytes(t, "list.csv", "signatureId;size\r"+listSigA+";x\r\r\n"); got.err == nil {
		t.Errorf("line ends of two kinds: got\n%s", got.short())
	}
	if got := readListBytes(t, "list.csv", "signatureId,livenessId\n"+listSigA+",ddsd-9e6-dcc9"); got.info.Waits != 2 || len(got.rows) > 0 {
		t.Errorf("cut off within the other ID: got\n%s", got.short())
	}
}
