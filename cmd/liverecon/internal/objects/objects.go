// Package objects keeps files in storage that speaks the protocol of S3.
package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"liverecon/cmd/liverecon/config"
)

const (
	dialPatience   = 10 * time.Second
	answerPatience = time.Minute // from the end of a request to the beginning of its answer
	tries          = 3           // of one request, within a second or two
)

// Bucket represents a place in such storage. It is used by one goroutine, and closed.
type Bucket struct {
	client    *minio.Client
	transport *http.Transport
	place     *config.Bucket
	host      string
	hidden    []string
}

// Open reads the keys of a place. Nothing is sent yet. The version is told to the storage; proxy chooses the proxy on
// the way to an https URL, nil for none.
func Open(place *config.Bucket, proxy func(*url.URL) (*url.URL, error), version string) (*Bucket, error) {
	access, err := config.ReadSecret(place.AccessKeyFile)
	if err != nil {
		return nil, err
	}
	secret, err := config.ReadSecret(place.SecretKeyFile)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(place.Endpoint)
	if err != nil {
		return nil, err
	}
	b := &Bucket{place: place, host: u.Host, hidden: []string{access, secret}, transport: &http.Transport{
		DialContext:           (&net.Dialer{Timeout: dialPatience}).DialContext,
		TLSHandshakeTimeout:   dialPatience,
		ResponseHeaderTimeout: answerPatience,
		IdleConnTimeout:       answerPatience,
		DisableCompression:    true, // what was put there is what is wanted
		Proxy: func(r *http.Request) (*url.URL, error) {
			if proxy == nil || r.URL.Scheme != "https" {
				return nil, nil
			}
			return proxy(r.URL)
		}}}
	b.client, err = minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(access, secret, ""),
		Secure: u.Scheme == "https", Region: place.Region, Transport: b.transport, MaxRetries: tries})
	if err != nil {
		return nil, err
	}
	b.client.SetAppInfo("liverecon", version)
	return b, nil
}

// Close gives connections back.
func (b *Bucket) Close() { b.transport.CloseIdleConnections() }

// Secrets returns what must not be told of the place, even in an error.
func (b *Bucket) Secrets() []string { return b.hidden }

// Put stores size bytes under a name, whole or not at all, in the place of what had the name before.
func (b *Bucket) Put(ctx context.Context, name string, content io.Reader, size int64, contentType string) error {
	_, err := b.client.PutObject(ctx, b.place.Name, path.Join(b.place.Prefix, name), content, size,
		minio.PutObjectOptions{ContentType: contentType, SendContentMd5: true})
	return b.plainer(err)
}

// plainer words an error in one line: whose answer it is, and what it was.
func (b *Bucket) plainer(err error) error {
	if err == nil {
		return nil
	}
	if answer, ok := errors.AsType[minio.ErrorResponse](err); ok && answer.StatusCode != 0 {
		said := fmt.Sprintf("it answers HTTP %d %s: %s", answer.StatusCode, answer.Code, answer.Message)
		if answer.StatusCode/100 == 3 {
			said = fmt.Sprintf("it redirects (HTTP %d), which is not followed: "+
				"is that the bucket's endpoint and region?", answer.StatusCode)
		}
		return fmt.Errorf("storage %s, bucket %s: %s", b.host, b.place.Name, said)
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return fmt.Errorf("storage %s: %w", b.host, err)
}

// Get returns what is stored under a name, up to most bytes; fs.ErrNotExist, wrapped, where nothing is.
func (b *Bucket) Get(ctx context.Context, name string, most int64) ([]byte, error) {
	object, err := b.client.GetObject(ctx, b.place.Name, path.Join(b.place.Prefix, name), minio.GetObjectOptions{})
	if err != nil {
		return nil, b.plainer(err)
	}
	defer object.Close() //nolint:errcheck // opened for reading
	content, err := io.ReadAll(io.LimitReader(object, most+1))
	if answer, ok := errors.AsType[minio.ErrorResponse](err); ok && answer.Code == minio.NoSuchKey {
		return nil, fmt.Errorf("storage %s, bucket %s: %s: %w", b.host, b.place.Name, name, fs.ErrNotExist)
	}
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("%s is larger than %d bytes", name, most)
	}
	return content, b.plainer(err)
}

// Names returns the names below a folder.
func (b *Bucket) Names(ctx context.Context, folder string) (names []string, err error) {
	ctx, cancel := context.WithCancel(ctx) // ends what lists
	defer cancel()
	for object := range b.client.ListObjects(ctx, b.place.Name, minio.ListObjectsOptions{
		Prefix: path.Join(b.place.Prefix, folder) + "/", Recursive: true}) {
		if object.Err != nil {
			return nil, b.plainer(object.Err)
		}
		names = append(names, strings.TrimPrefix(strings.TrimPrefix(object.Key, b.place.Prefix), "/"))
	}
	return names, nil
}

// Remove removes what is stored under a name, if anything is.
func (b *Bucket) Remove(ctx context.Context, name string) error {
	name = path.Join(b.place.Prefix, name)
	return b.plainer(b.client.RemoveObject(ctx, b.place.Name, name, minio.RemoveObjectOptions{}))
}
