package statement

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

const benchRows = 100_000

func benchCSV() []byte {
	var b bytes.Buffer
	b.WriteString("Transaction ID,Time,Region,Pricing,Quantity,Amount,Currency\n")
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for i := range benchRows {
		fmt.Fprintf(&b, "7f3c1d0e-6a52-4f0e-9c7d-%012x,%s,PH,PAY,1,0.035,USD\n", i, at.Add(time.Duration(i)*20*time.Second).Format(time.DateTime))
	}
	return b.Bytes()
}

func benchXLSX(t testing.TB) []byte {
	t.Helper()
	x := excelize.NewFile()
	w, err := x.NewStreamWriter("Sheet1")
	must(t, err)
	must(t, w.SetRow("A1", []any{"Transaction ID", "Time", "Region", "Pricing", "Quantity", "Amount", "Currency"}))
	for i := range benchRows {
		must(t, w.SetRow(fmt.Sprintf("A%d", i+2), []any{fmt.Sprintf("7f3c1d0e-6a52-4f0e-9c7d-%012x", i), 46327 + float64(i)/4320, "PH", "PAY", 1, 0.035, "USD"}))
	}
	must(t, w.Flush())
	var b bytes.Buffer
	must(t, x.Write(&b))
	return b.Bytes()
}

// BenchmarkReadStatement reads 100,000 lines of calls.
func BenchmarkReadStatement(b *testing.B) {
	for name, content := range map[string][]byte{"csv": benchCSV(), "xlsx": benchXLSX(b)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				lines := 0
				s, err := Read(bytes.NewReader(content), int64(len(content)), "s", plain(), func(Line) error { lines++; return nil })
				if err != nil || lines != benchRows || !s.Itemised {
					b.Fatal(lines, err)
				}
			}
			b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

// Reading holds a few rows at a time, not the file.
func TestStatementMemory(t *testing.T) {
	for name, content := range map[string][]byte{"csv": benchCSV(), "xlsx": benchXLSX(t)} {
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		lines, most := 0, uint64(0)
		_, err := Read(bytes.NewReader(content), int64(len(content)), "s", plain(), func(Line) error {
			if lines++; lines%25_000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
			return nil
		})
		if err != nil || lines != benchRows {
			t.Fatalf("%s: %d lines, %v", name, lines, err)
		}
		// The shared strings of a workbook are held; this one has few.
		if grown := int64(most) - int64(before.HeapAlloc); grown > 4<<20 {
			t.Errorf("%s of %d KiB: %d KiB held while reading", name, len(content)>>10, grown>>10)
		}
	}
}
