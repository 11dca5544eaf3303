package deliver

import (
	"bytes"
	"context"
	"mime"
	"net/url"
	"path/filepath"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/objects"
)

// bucketChannel puts pages and files into storage that speaks the protocol of S3.
type bucketChannel struct {
	place   *config.Bucket
	proxy   func(*url.URL) (*url.URL, error)
	version string
	hidden  []string
}

func (c *bucketChannel) String() string { return "s3 bucket " + c.place.Name }

func (c *bucketChannel) secrets() []string { return c.hidden }

func (c *bucketChannel) send(ctx context.Context, m message) error {
	bucket, err := objects.Open(c.place, c.proxy, c.version)
	if err != nil {
		return err
	}
	defer bucket.Close()
	c.hidden = bucket.Secrets()
	all, err := m.all()
	if err != nil {
		return err
	}
	for _, f := range all {
		size := int64(len(f.content))
		if err := bucket.Put(ctx, f.name, bytes.NewReader(f.content), size, contentType(f.name)); err != nil {
			return err
		}
	}
	return nil
}

// contentType returns what a browser is told of a file.
func contentType(name string) string {
	switch filepath.Ext(name) {
	case ".html":
		return mime.FormatMediaType("text/html", map[string]string{"charset": "utf-8"})
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "application/octet-stream"
}
