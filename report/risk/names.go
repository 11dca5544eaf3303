package risk

import (
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// nameAndCode names a region in words, with its code where charts may show that.
func nameAndCode(region string) string {
	if name := page.RegionName(region); name != xlsx.Visible(region) && region != "" {
		return page.Shortened(name, 18) + " (" + region + ")"
	}
	return page.Shortened(page.RegionName(region), 23)
}

// narrowName names a region in a list's column: the name of a country is cut, other text is kept.
func narrowName(region string) string {
	if name := page.RegionName(region); name != xlsx.Visible(region) {
		return page.Shortened(name, 26)
	}
	return xlsx.Visible(region)
}
