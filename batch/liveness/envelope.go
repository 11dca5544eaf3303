package liveness

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Envelope represents the vendor's answer. Fields hold what was received: an absent
// field and null are both "", an unknown value is kept as it came.
type Envelope struct {
	Code            string // never empty; decide on it, never on Message
	Message         string
	TransactionID   string // documented as at most 64 characters, not enforced
	PricingStrategy string // "PAY", "FREE", "" or whatever came
	Detection       *Detection
	Extra           string   // text; another JSON type is kept as JSON
	Unknown         []string // paths of fields this package does not know, sorted: "data.deviceRisk"
	Repairs         []string // repairs made while reading: "livenessScore as string"

	// What the vendor's page does not document; see the fields of data in shape.go.
	Types []string // documented fields of another JSON type or range, sorted: "data.livenessScore string"
	// how data differs from the documented object: "with deviceRisk (object); without imageFarUrl"; "" when it does not
	Shape string
}

// Detection represents the answer's data. The vendor sends it with SUCCESS only.
type Detection struct {
	// liveness score, 0..100; nil: missing, null, not a number, or outside of that, by however little. It compares with
	// a threshold of up to 15 digits as the number that was sent does, see floatOf
	Score         *float64
	ScoreText     string // the score as received when it is not a plain number that Score holds: "80, then 20" when it came so
	Unusable      bool   // the score is a number outside of 0..100, or two: the vendor has said all that it will say
	Contradicted  bool   // a documented field came with two values, and has none
	AttackType    string // "" for null; 3 and "3" both give "3"
	AttackSubType string
	SDKVersion    string
	Platform      string
	Token         bool // it carries a token, as the answer to a token call does
	Documented    bool // one of the fields that the vendor's page shows is there, be it null

	ResultImage   string // detectionResult: URL, or base64 when that was asked for
	AuditImageURL string
	FarImageURL   string
	NearImageURL  string

	FarImageTime  *int64 // epoch milliseconds
	NearImageTime *int64 // epoch milliseconds
}

// Blank reports whether all that the vendor's page shows is missing or null: the answer says nothing about the ID.
func (d *Detection) Blank() bool {
	return !d.Contradicted && d.Score == nil && d.ScoreText == "" && d.AttackType == "" && d.AttackSubType == "" &&
		d.ResultImage == "" && d.AuditImageURL == "" && d.FarImageURL == "" && d.NearImageURL == "" &&
		d.FarImageTime == nil && d.NearImageTime == nil
}

// Bounds on what an answer may put into an Envelope. Image fields are bounded
// by the body alone.
const (
	maxCode        = 128  // bytes of a code: it becomes a key of tables and reports
	maxText        = 1024 // bytes of any other text
	maxUnknown     = 32   // paths of unknown fields
	maxPath        = 64   // bytes of one such path
	maxTransaction = 64   // documented length of a transaction ID
)

// DecodeEnvelope reads an answer. It is strict in this: the body is one JSON
// object, nothing but space after it, with a "code" that is a string of 1..128
// bytes. All else is lenient: any field may come as string, number, bool, null,
// object or array, and what had to be bent to fit is named in Repairs.
//
// A field that comes again with the same value is an oddity. One that comes
// with another value has none that can be believed, and is cleared, see settle;
// of a code that would be a guess what became of the call, so it is an error.
func DecodeEnvelope(body []byte) (*Envelope, error) {
	d := decoder{}
	if bytes.HasPrefix(body, []byte(byteOrderMark)) {
		d.odd("byte order mark")
	}
	object := trimSpaceAndBOM(body)
	switch {
	case len(object) == 0:
		return nil, errors.New("empty body")
	case !json.Valid(object):
		return nil, errors.New("not JSON")
	case object[0] != '{':
		return nil, errors.New("not a JSON object")
	}
	if err := members(object, d.top); err != nil {
		return nil, err
	}
	if err := d.settle(); err != nil {
		return nil, err
	}
	if d.env.Code == "" {
		return nil, errors.New(`no "code"`)
	}
	slices.Sort(d.env.Types)
	d.env.Shape = d.describe()
	slices.Sort(d.env.Unknown)
	d.env.Unknown = slices.Compact(d.env.Unknown)
	if d.unlisted > 0 {
		d.env.Unknown = append(d.env.Unknown, fmt.Sprintf("~ and %d more", d.unlisted))
	}
	return &d.env, nil
}

// Origin returns what a result says of how its pictures were taken: version and platform, cut to 40 bytes, since longer
// ones name neither and would be kept in every row, and the milliseconds from the far image to the near one, nil unless
// both have a time.
func (d *Detection) Origin() (version, platform string, gap *int64) {
	short := func(text string) string {
		const most = 40
		return strings.ToValidUTF8(text[:min(len(text), most)], "")
	}
	if d.FarImageTime != nil && d.NearImageTime != nil {
		between := *d.NearImageTime - *d.FarImageTime
		gap = &between
	}
	return short(d.SDKVersion), short(d.Platform), gap
}
