package simulator

import (
	"math"

	"liverecon/batch/liveness/simulator/internal/dice"
)

// Codes the vendor gives by itself; those only faults bring stand in the fault table.
const (
	codeSuccess      = "SUCCESS"
	codeNotExisted   = "LIVENESS_ID_NOT_EXISTED"
	codeNotFound     = "RESULT_NOT_FOUND"
	codeParameter    = "PARAMETER_ERROR"
	codeBusy         = "SERVICE_BUSY"
	codeIAM          = "IAM_FAILED"
	codeInsufficient = "INSUFFICIENT_BALANCE"
	codeRetryLater   = "RETRY_LATER"
	codeProcessing   = "REQUEST_IN_PROCESSING"
)

// Market holds the shares of each kind of check in one country, as fractions of all checks, and the shape of the
// genuine scores. The figures are made up: plausible, and far enough apart that a report shows the difference.
type Market struct {
	Presentation float64 `json:"presentation"` // attackType 1
	Injection    float64 `json:"injection"`    // attackType 2
	Unsure       float64 `json:"unsure"`       // attackType 3
	Untyped      float64 `json:"untyped"`      // below the threshold, attackType null
	Missing      float64 `json:"missing"`      // no result for this ID
	Perfect      float64 `json:"perfect"`      // genuine checks that score exactly 100
	Shape        float64 `json:"shape"`        // of the other genuine scores; higher is better
}

var markets = map[string]Market{
	"ID": {.034, .012, .009, .020, .009, .46, 7},
	"PH": {.058, .021, .014, .026, .011, .40, 6},
	"TH": {.019, .006, .007, .013, .008, .52, 8},
	"VN": {.043, .029, .011, .022, .012, .43, 6},
	"MY": {.016, .007, .005, .012, .008, .54, 8},
	"SG": {.006, .004, .003, .007, .007, .60, 9},
	"MX": {.049, .016, .016, .024, .010, .41, 6},
	"CO": {.066, .019, .018, .028, .010, .38, 5},
	"NG": {.094, .041, .025, .036, .013, .33, 4.5},
}

var alpha3 = map[string]string{
	"IDN": "ID", "PHL": "PH", "THA": "TH", "VNM": "VN", "MYS": "MY",
	"SGP": "SG", "MEX": "MX", "COL": "CO", "NGA": "NG",
}

// MarketOf returns what a vendor finds in the photos of a region, alpha-2 or alpha-3, where no chapter says otherwise.
// A region without figures of its own gets some drawn from its letters.
func MarketOf(seed uint64, region string) Market {
	if two, ok := alpha3[region]; ok {
		region = two
	}
	if m, ok := markets[region]; ok {
		return m
	}
	d := dice.Throw(seed, "market", region, 0)
	scale := .2 + 1.4*d.Unit()
	return Market{.040 * scale, .015 * scale, .010 * scale, .018 * scale, .010, .5 - .1*scale, 7}
}

// subject holds what the vendor found out about one ID when the photo was taken: it never changes.
type subject struct {
	code   string // SUCCESS, or why there is no result
	score  float64
	attack int // 0 none
}

// examine draws the subject of an ID in its market.
func examine(seed uint64, id string, m Market) subject {
	d := dice.Throw(seed, "subject", id, 0)
	u := d.Unit()
	under := func(share float64) bool {
		u -= share
		return u < 0
	}
	switch {
	case under(m.Missing / 2):
		return subject{code: codeNotExisted}
	case under(m.Missing - m.Missing/2): // the other half
		return subject{code: codeNotFound}
	case under(m.Presentation):
		return subject{codeSuccess, lowScore(&d, .35), 1}
	case under(m.Injection):
		return subject{codeSuccess, lowScore(&d, .55), 2}
	case under(m.Unsure):
		return subject{codeSuccess, lowScore(&d, .80), 3}
	case under(m.Untyped):
		return subject{codeSuccess, cents(20 + 29.99*d.Kumaraswamy(3, 1.2)), 0}
	}
	return subject{codeSuccess, genuineScore(&d, m), 0}
}

// lowScore returns an attack's score, 0 to 49.99, exactly 0 with probability zero.
func lowScore(d *dice.Dice, zero float64) float64 {
	if d.Chance(zero) {
		return 0
	}
	return cents(49.99 * d.Kumaraswamy(.8, 2.5))
}

// genuineScore returns 50 to 100 with a mass at exactly 100.
func genuineScore(d *dice.Dice, m Market) float64 {
	if d.Chance(m.Perfect) {
		return 100
	}
	return cents(50 + 50*d.Kumaraswamy(m.Shape, 1.3))
}

func cents(x float64) float64 { return math.Round(x*100) / 100 }
