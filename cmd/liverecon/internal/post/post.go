// Package post sends one text to an address that may hold a secret.
package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// bodyLimit bounds what is read of an answer, in bytes; only its status counts.
const bodyLimit = 64 << 10

// Send posts a body, and returns an error unless the answer's status is of the 200s. No error holds the address.
func Send(ctx context.Context, client *http.Client, address, contentType, version string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, body)
	if err != nil {
		return errors.New("the URL makes no request")
	}
	req.Header.Set("Content-Type", contentType+"; charset=utf-8")
	req.Header.Set("User-Agent", "liverecon/"+version)
	res, err := client.Do(req)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return err
	}
	defer res.Body.Close() //nolint:errcheck // only its status counts
	if _, err := io.Copy(io.Discard, io.LimitReader(res.Body, bodyLimit)); err != nil {
		return err
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("it answers HTTP %d %s", res.StatusCode, http.StatusText(res.StatusCode))
	}
	return nil
}
