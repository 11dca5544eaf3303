package parquet

import (
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"
)

// EachText gives the texts of a Parquet file, whoever wrote it, until one of them is enough: each returns false.
func EachText(file io.ReaderAt, size int64, each func(text []byte) bool) (err error) {
	f, err := parquet.OpenFile(file, size)
	if err != nil {
		return err
	}
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		done, err := eachText(rows, each)
		if err = errors.Join(err, rows.Close()); done || err != nil {
			return err
		}
	}
	return nil
}

func eachText(rows parquet.Rows, each func(text []byte) bool) (done bool, err error) {
	buffer := make([]parquet.Row, 256)
	for {
		n, err := rows.ReadRows(buffer)
		for _, row := range buffer[:n] {
			for _, v := range row {
				if k := v.Kind(); (k == parquet.ByteArray || k == parquet.FixedLenByteArray) && !each(v.ByteArray()) {
					return true, nil
				}
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, err
		}
	}
}
