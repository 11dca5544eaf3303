package liveness

import (
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
	value, expires := issued(r.Body)
	if value == "" || len(value) > maxToken || strings.ContainsFunc(value, notVisible) {
		e := s.refused(r, signed)
		e.Class, e.Err = Retry, errors.New("no usable token in the answer")
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
// wherever these stand.
func carried(body []byte) (tokens []string) {
	var walk func(name string, value any)
	walk = func(name string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for name, value := range v {
				walk(name, value)
			}
		case []any:
			for _, value := range v {
				walk(name, value)
			}
		case string:
			if v != "" && strings.Contains(strings.ToLower(name), "token") {
				tokens = append(tokens, v)
			}
		}
	}
	var answer any
	if json.Unmarshal(trimSpaceAndBOM(body), &answer) == nil { // what cannot be read has no message either
		walk("", answer)
	}
	return tokens
}

// issued reads the token and its end (epoch milliseconds) from the answer.
// What is missing or of another type is "" and nil.
func issued(body []byte) (token string, expires *int64) {
	var d decoder // only for its lenient readers
	// The callbacks return no errors.
	_ = members(trimSpaceAndBOM(body), func(key, value []byte) error {
		if string(key) != "data" || value[0] != '{' {
			return nil
		}
		return members(value, func(key, value []byte) error {
			switch string(key) {
			case "token":
				token = plainText(value)
			case "expiredTime":
				d.millis(&expires, "expiredTime", value)
			}
			return nil
		})
	})
	return token, expires
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
