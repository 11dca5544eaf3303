package billing

import "slices"

// minorUnits lists the currencies whose minor unit ISO 4217 sets at another number of decimals than two.
var minorUnits = map[string]int32{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
	"UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// WithoutMinorUnit returns, in order, the currencies that ISO 4217 gives no decimals.
func WithoutMinorUnit() []string {
	var all []string
	for currency, decimals := range minorUnits {
		if decimals == 0 {
			all = append(all, currency)
		}
	}
	slices.Sort(all)
	return all
}

// MinorUnit returns the decimals of a currency's minor unit by ISO 4217: 2 for USD, 0 for JPY, 3 for KWD. A currency
// that it does not list has 2.
func MinorUnit(currency string) int32 {
	if k, known := minorUnits[currency]; known {
		return k
	}
	return 2
}
