package liveness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// clockTolerance sets how far the vendor lets a clock be off (about 300 s), less a
// margin: a parameter error with a clock beyond it is explained by the clock.
const clockTolerance = 4 * time.Minute

// maxToken bounds a token in bytes; it has to fit into a header line.
const maxToken = 8 << 10

// tokenBody represents the JSON of the token call. The timestamp is text, as in the
// vendor's client code; the digits are those that were signed.
type tokenBody struct {
	AccessKey    string `json:"accessKey"`
	Timestamp    string `json:"timestamp"`
	Signature    string `json:"signature"`
	PeriodSecond int64  `json:"periodSecond"`
}

// request asks for a token once.
func (s *tokenSource) request(ctx context.Context) (Token, error) {
	millis := time.Now().UnixMilli()
	signed := Signature(s.keys.AccessKey, s.keys.SecretKey, millis)
	payload, err := json.Marshal(tokenBody{
		AccessKey:    s.keys.AccessKey,
		Timestamp:    strconv.FormatInt(millis, 10),
		Signature:    signed,
		PeriodSecond: int64(s.asked / time.Second),
	})
	if err != nil {
		return Token{}, &TokenError{Endpoint: s.endpoint, Class: Configuration, Err: err}
	}
	r := s.exchanger.exchange(ctx, message{to: s.url, signed: signed, payload: payload, limit: maxBodyToken}, Watch{})
	if r.Delivery != Answered {
		return Token{}, s.lost(r)
	}
	s.note(r.Envelope)
	if Codes(nil).Classify(r.Envelope.Code) != Done {
		return Token{}, s.refused(r, signed)
	}
	value, expires, err := issued(r.Body)
	if err != nil {
		e := s.refused(r, signed)
		e.Class, e.Err = Retry, err
		return Token{}, e
	}
	life := s.life(r, expires)
	return Token{&tokenData{
		value: value, origin: s.origin, skew: clockSkew(r),
		refresh: r.SentAt.Add(life * refreshShare / 100),
		expires: r.SentAt.Add(life),
	}}, nil
}

// lost returns the error for a token call without envelope. It costs nothing,
// so it may be tried again, unless the URL itself is wrong.
func (s *tokenSource) lost(r Reply) *TokenError {
	class := Retry
	switch {
	case r.Cause == CauseThrottled:
		class = Busy
	case r.Cause == CauseRedirect:
		class = Configuration
	case r.Cause == CauseNoEnvelope && r.HTTPStatus >= 400 && r.HTTPStatus < 500 &&
		r.HTTPStatus != http.StatusRequestTimeout:
		class = Configuration
	}
	return &TokenError{
		Endpoint: s.endpoint, Class: class, RetryAfter: r.RetryAfter,
		Err: fmt.Errorf("%s, %s: %w", r.Delivery, r.Cause, r.Err),
	}
}

// refused returns the error for a token call the vendor answered. There is no ID
// in it that could be refused and no token to refresh: what would be final for
// an ID, or an authentication failure, means wrong keys, clock or URL here.
func (s *tokenSource) refused(r Reply, signed string) *TokenError {
	code, message := r.Envelope.Code, r.Envelope.Message
	for _, token := range carried(r.Body) {
		code, message = s.exchanger.secrets.scrub(code, token), s.exchanger.secrets.scrub(message, token)
	}
	e := &TokenError{
		Endpoint: s.endpoint, Class: Codes(nil).Classify(r.Envelope.Code),
		Code: s.exchanger.secrets.detail(code, signed), Message: s.exchanger.secrets.detail(message, signed),
		RetryAfter: r.RetryAfter,
	}
	switch e.Class {
	case Absent, NotFound, Refused, Auth:
		e.Class = Configuration
	}
	if e.Code == "PARAMETER_ERROR" {
		skew := clockSkew(r)
		if strings.Contains(strings.ToLower(e.Message), "timestamp") || skew.Abs() > clockTolerance {
			e.ClockSkew = skew
		}
	}
	return e
}

// clockSkew returns this clock, at the middle of the call, minus the vendor's Date,
// in whole seconds; 0 when there was no Date.
func clockSkew(r Reply) time.Duration {
	if r.ServerDate.IsZero() {
		return 0
	}
	middle := r.SentAt.Add(r.EndedAt.Sub(r.SentAt) / 2)
	return middle.Truncate(time.Second).Sub(r.ServerDate).Truncate(time.Second)
}

// carried returns the texts of an answer that are tokens by the names of their fields,
// wherever these stand, and each of them where a field comes twice.
func carried(body []byte) (tokens []string) {
	answer := json.NewDecoder(bytes.NewReader(trimSpaceAndBOM(body)))
	var walk func(name string) error
	walk = func(name string) error {
		part, err := answer.Token()
		switch part := part.(type) {
		case json.Delim:
			for err == nil && answer.More() {
				inner := name
				if part == '{' {
					var key json.Token
					key, err = answer.Token()
					inner, _ = key.(string)
				}
				if err == nil {
					err = walk(inner)
				}
			}
			if err == nil {
				_, err = answer.Token() // the other delimiter
			}
		case string:
			if part != "" && strings.Contains(strings.ToLower(name), "token") {
				tokens = append(tokens, part)
			}
		}
		return err
	}
	_ = walk("") // what cannot be read has no message either
	return tokens
}

// Why an answer that ought to bring a token does not.
var (
	errNoToken   = errors.New("no usable token in the answer")
	errTwoTokens = errors.New("two tokens in the answer")
)

// issued reads the token and its end (epoch milliseconds) from the answer. Of an end that is missing, of another type or
// given with two values nothing is known: it is nil.
func issued(body []byte) (token string, expires *int64, err error) {
	var d decoder // only for its lenient readers, and for fields that come twice
	// The callbacks return no errors.
	_ = members(trimSpaceAndBOM(body), func(key, value []byte) error {
		if string(key) != "data" {
			return nil
		}
		if d.datas++; value[0] != '{' {
			return nil
		}
		return members(value, func(key, value []byte) error {
			switch name := string(key); {
			case name != "token" && name != "expiredTime" || d.again(key, value):
			case name == "token":
				token = plainText(value)
			default:
				d.millis(&expires, "expiredTime", value)
			}
			return nil
		})
	})
	for i := range d.met[:d.nMet] {
		switch m := &d.met[i]; {
		case !d.two(m):
		case m.name == "token":
			return "", nil, errTwoTokens
		default:
			expires = nil
		}
	}
	if token == "" || len(token) > maxToken || strings.ContainsFunc(token, notVisible) {
		err = errNoToken
	}
	return token, expires, err
}

// life returns how long the token lasts: until the time the vendor named, on the
// vendor's own clock, but no longer than was asked for. A missing time or one in
// the past (seconds instead of milliseconds, say) is not believed.
func (s *tokenSource) life(r Reply, expires *int64) time.Duration {
	asked := s.asked
	if expires == nil {
		return asked
	}
	now := r.ServerDate
	if now.IsZero() {
		now = r.SentAt
	}
	if given := time.UnixMilli(*expires).Sub(now); given > 0 {
		return min(given, asked)
	}
	return asked
}
