package risk

import (
	"context"

	"liverecon/report/xlsx"
)

// Again makes the sheets of a workbook once more, from the same data.
func (w *Workbook) Again(ctx context.Context) *xlsx.Workbook { return write(ctx, w.data).Workbook }
