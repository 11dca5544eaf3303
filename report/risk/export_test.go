package risk

import (
	"context"

	"liverecon/report/xlsx"
	"liverecon/store/snapshot"
)

// Twice makes the sheets of a workbook twice from data that was read once.
func Twice(ctx context.Context, snap *snapshot.Snapshot, o Options) (first, second *xlsx.Workbook, err error) {
	d, err := Load(ctx, snap, o)
	if err != nil {
		return nil, nil, err
	}
	return write(ctx, d).Workbook, write(ctx, d).Workbook, nil
}
