package risk

import (
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// nameAndCode names a region in words, with its code where charts may show that.
func nameAndCode(region string) string {
	if name := page.RegionName(region); name != xlsx.Visible(region) && region != "" {
		return Shortened(name, 18) + " (" + region + ")"
	}
	return Shortened(page.RegionName(region), 23)
}

// narrowName names a region in a list's column: the name of a country is cut, what is none stands as it came.
func narrowName(region string) string {
	if name := page.RegionName(region); name != xlsx.Visible(region) {
		return Shortened(name, 26)
	}
	return xlsx.Visible(region)
}

// Shortened cuts a text to a number of letters.
func Shortened(text string, letters int) string {
	if r := []rune(text); len(r) > letters {
		return string(r[:letters-1]) + "…"
	}
	return text
}
