package liveness

import "time"

// IssueToken makes a token for the client's host without a token call.
func IssueToken(c *Client, value string) Token {
	return Token{&tokenData{
		value: value, origin: c.tokens.origin,
		refresh: time.Now().Add(time.Hour), expires: time.Now().Add(time.Hour),
	}}
}

// Scrub removes the secrets of a call with the token from a body.
func Scrub(c *Client, body []byte, token string) []byte {
	return c.exchanger.secrets.scrubBody(body, token)
}
