package list

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liverecon/batch/table"
)

func TestReadListDamage(t *testing.T) {
	good := listLivB + ",th,\n"
	for _, test := range []struct{ name, lines, want string }{
		{"bare quote", "ab\"cdef,PH\n", "2 malformed_csv\n3 B\n"},
		{"text after a quote", "\"" + listLivA + "\"x,PH\n", "2 malformed_csv\n3 B\n"},
		{"blank before a quote, several cells", listLivA + ", \"PH,x\"\n", "2 malformed_csv\n3 B\n"},
		{"quote never closed", "\"" + listLivA + ",PH\n", "2 malformed_csv\n3 B\n"},
		{"quote of a region never closed", listLivA + ",\"PH,x\n", "2 malformed_csv\n3 B\n"},
		{"quote in a region", listLivA + ",\"PH\" x,x\n", "2 malformed_csv\n3 B\n"},
		{"quote and too many cells", listLivA + ",PH,\"x,y\n", "2 too_many_fields\n3 B\n"},
		{"formula of several cells", listLivA + ",=\"PH,TH\",x\n", "2 malformed_csv\n3 B\n"},
		{"too many cells", listLivA + ",PH,a,b\n", "2 too_many_fields\n3 B\n"},
		{"too many cells, quoted", listLivA + ",PH,\"a\nb\",c\n", "2 too_many_fields\n3 malformed_csv\n4 B\n"},
		{"long line", listLivA + ",PH," + strings.Repeat("x", 300<<10) + "\n", "2 too_long\n3 B\n"},
		{"long cell of many lines", listLivA + ",\"PH" + strings.Repeat("y\n", 120) + "\"\n", "2 malformed_csv\n"},
		{"zero byte in an ID", "ab\x00cdef,PH\n", "2 bad_alphabet livenessId\n3 B\n"},
		{"zero byte in a note", listLivA + ",PH,a\x00b\n", "2 A {\"note\":\"a\\u0000b\"}\n3 B\n"},
		{"no ID", ",PH,x\n", "2 no_id livenessId\n3 B\n"},
		{"unknown region", listLivA + ",Atlantis,\n", "2 unknown_region region\n3 B\n"},
		{"header again", "livenessId,region,note\n", "2 repeated_header livenessId\n3 B\n"},
		{"long ID", strings.Repeat("a", 129) + ",PH\n", "2 too_long livenessId\n3 B\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readListBytes(t, "list.csv", "livenessId,region,note\n"+test.lines+good)
			if got.err != nil {
				t.Fatal(got.err)
			}
			s := strings.NewReplacer(listLivA+" PH", "A", listLivB+" TH", "B").Replace(got.short())
			if !strings.HasPrefix(s, test.want) || !strings.HasSuffix(s, " B\n") {
				t.Errorf("got:\n%swant:\n%s", s, test.want)
			}
			if got.info.Rows != len(got.rows)+len(got.rejects) || got.info.Rejected != len(got.rejects) {
				t.Errorf("info says %d rows, %d rejected; got %d and %d", got.info.Rows, got.info.Rejected, len(got.rows), len(got.rejects))
			}
		})
	}
}

// A file of nothing but damage is the worst case for anything that keeps
// rejects or reads ahead for closing quotes.
func TestReadListManyDamagedLines(t *testing.T) {
	got := readListBytes(t, "list.csv", "livenessId,note\n"+strings.Repeat("\"a\"\"\n", 20_000)+listLivA+",\n")
	if got.err != nil || got.info.Rejected != 20_000 || len(got.rows) != 1 || got.rows[0].Line != 20_002 {
		t.Fatalf("got %d rejects, rows %v, %v", got.info.Rejected, got.rows, got.err)
	}
	for i, bad := range got.rejects {
		if bad.Line != i+2 || bad.Reason != table.Malformed {
			t.Fatalf("reject %d is %+v", i, bad)
		}
	}
}

func TestReadListRefused(t *testing.T) {
	zipped := gzipList(t, "livenessId\n"+strings.Repeat(listLivA+"\n"+listSigB+"\n", 30_000))
	for _, test := range []struct {
		name, file, text string
		line             int
		problem          string
	}{
		{"empty", "a.csv", "", 1, "no text in it"},
		{"blank", "a.csv", "\n \n", 3, "no text in it"},
		{"no header", "a.csv", listSigA + ",PH\n", 1, `found "f302f5d2…", "PH"`},
		{"wrong header", "a.csv", "\nid,country\n1,PH\n", 2, `expected livenessId or signatureId, found "id", "country"`},
		{"same field twice, one name", "a.csv", "livenessId,livenessId,Note\nx,y,z\n", 1, `column "livenessId": stands for the same as column "livenessId"`},
		{"same field twice", "a.csv", "livenessId,region,Country\nx,PH,PH\n", 1, `column "Country": stands for the same as column "region"`},
		{"same field twice, folded", "a.csv", "livenessId,Country Code,Country/Region\nx,PH,PH\n", 1, `column "Country/Region": stands for the same as column "Country Code"`},
		{"damaged header", "a.csv", "livenessId,\"region\nx,PH\n", 1, "header cannot be read: a quote is opened and never closed"},
		{"long first line", "a.csv", strings.Repeat("x", 70<<10), 1, "longer than 64 KiB"},
		{"odd separator", "a.csv", "sep=#\nlivenessId#region\n", 1, `names "#"`},
		{"damaged archive", "a.csv", "PK\x03\x04rest", 0, "a damaged archive or workbook"},
		{"old workbook", "a.csv", "\xd0\xcf\x11\xe0rest", 0, "an old Excel workbook, or one with a password"},
		{"PDF", "a.csv", "%PDF-1.7", 0, "a PDF"},
		{"web page", "a.csv", "\xef\xbb\xbf\r\n <table border=1><tr><td>livenessId", 0, "a web page"},
		{"web page as UTF-16", "a.csv", listUTF16("<html xmlns=\"x\"><body>", true, true), 0, "a web page"},
		{"XML", "a.csv", "<?xml version=\"1.0\"?><Workbook>", 0, "XML"},
		{"XML without its declaration", "a.csv", "<checks>\n<check livenessId=\"x\"/>", 0, "XML"},
		{"JSON", "a.csv", "[\n  {\"livenessId\": \"" + listLivA + "\"}]", 0, "JSON"},
		{"JSON lines", "a.csv", "{\"livenessId\": \"" + listLivA + "\"}\n", 0, "JSON"},
		{"xz", "a.csv", "\xfd7zXZ\x00", 0, "compressed with xz"},
		{"bzip2", "a.csv", "BZh91AY&SY\x00", 0, "compressed with bzip2"},
		{"a column called BZh", "a.csv", "BZh,x\n1,2\n", 1, "no ID column"},
		{"a column in angle brackets", "a.csv", "<id>,x\n1,2\n", 1, "no ID column"},
		{"binary", "a.csv", "livenessId\x00\x01,\x02\n\x03\n", 1, "no readable text"},
		{"not gzip", "a.csv.gz", "livenessId\nx\n", 0, "named .gz but not gzip"},
		{"gzip cut off", "a.csv.gz", zipped[:len(zipped)/2], -1, "gzip data cut off"},
		{"gzip header cut off", "a.csv.gz", zipped[:5], 0, "gzip data cut off"},
		{"gzip sum wrong", "a.csv", zipped[:len(zipped)-6] + "\x00\x00" + zipped[len(zipped)-4:], -1, "gzip data damaged"},
		{"gzip and more", "a.csv.gz", zipped + "more than a header", -1, "something that is no gzip data stands behind the end of it"},
		{"gzip and zeros and more", "a.csv.gz", zipped + strings.Repeat("\x00", 5000) + "x", -1, "something that is no gzip data stands behind"},
		{"gzip twice", "a.csv.gz", gzipList(t, zipped), 0, "compressed twice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readListBytes(t, test.file, test.text)
			var refused *Error
			if !errors.As(got.err, &refused) {
				t.Fatalf("got %v", got.err)
			}
			if refused.Line != test.line && (test.line >= 0 || refused.Line < 100) {
				t.Errorf("line %d, want %d", refused.Line, test.line)
			}
			if !strings.Contains(refused.Error(), test.problem) || !strings.HasSuffix(refused.File, test.file) {
				t.Errorf("got %q, want %q", refused, test.problem)
			}
		})
	}
}

func TestReadListSystemErrors(t *testing.T) {
	dir := t.TempDir()
	var refused *Error
	if got := readListFile(filepath.Join(dir, "none.csv"), Options{}); !errors.As(got.err, &refused) || refused.Problem != "the file is gone" {
		t.Errorf("absent file: %v", got.err)
	}
	if got := readListFile(dir, Options{}); !errors.As(got.err, &refused) || refused.Problem != "not a regular file" {
		t.Errorf("directory: %v", got.err)
	}
	if _, err := Hash(filepath.Join(dir, "none.csv")); !errors.As(err, &refused) || refused.Problem != "the file is gone" {
		t.Errorf("hash of an absent file: %v", err)
	}
	if _, err := Hash(dir); !errors.As(err, &refused) || refused.Problem != "not a regular file" {
		t.Errorf("hash of a directory: %v", err)
	}
	for _, columns := range []map[string][]string{{"livenessid": {"x"}}, {listLivenessID: {"Region"}}} {
		if got := readListFile(dir, Options{Columns: columns}); got.err == nil || !strings.HasPrefix(got.err.Error(), "list columns: ") {
			t.Errorf("columns %v: %v", columns, got.err)
		}
	}
}

// What the receiver returns ends the reading and comes back, even io.EOF and
// errors that look like damage of the file.
func TestReadListStopped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	text := "livenessId\n" + listLivA + "\nbad id\n\"x\"y\n"
	if err := os.WriteFile(path, []byte(gzipList(t, text)), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, lines := 2, 4; line <= lines; line++ {
		for _, stop := range []error{io.EOF, io.ErrUnexpectedEOF, errors.New("disk full")} {
			at := func(n int) error {
				if n == line {
					return stop
				}
				return nil
			}
			_, err := Read(context.Background(), path, Options{DefaultRegion: "ID"},
				func(r Row) error { return at(r.Line) }, func(r Reject) error { return at(r.Line) })
			var refused *Error
			if !errors.Is(err, stop) || errors.As(err, &refused) || !strings.Contains(err.Error(), fmt.Sprintf("line %d: ", line)) {
				t.Errorf("stopped at line %d by %v: %v", line, stop, err)
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, path, Options{}, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A text beyond the limit is refused, not cut.
func TestListCap(t *testing.T) {
	text, err := io.ReadAll(&listCap{r: strings.NewReader("0123456789"), left: 4})
	if string(text) != "0123" || !errors.Is(err, errListTooBig) {
		t.Errorf("got %q, %v", text, err)
	}
	list := &listText{}
	if problem := list.damage(err); problem != "more than 8 GiB of text" {
		t.Errorf("refused with %q", problem)
	}
}
