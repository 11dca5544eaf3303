package deliver

import (
	"context"

	"liverecon/cmd/liverecon/config"
)

// channel represents a way to a recipient.
type channel interface {
	send(ctx context.Context, m message) error
	String() string
	// secrets returns what must not be told of it, even in an error.
	secrets() []string
}

func channelOf(c *config.Config, d config.Delivery, version string) channel {
	switch {
	case d.Mail != nil:
		return &mailChannel{server: c.Mail, to: d.Mail, version: version}
	case d.Webhook != nil:
		return newWebhookChannel(c, d.Webhook, version)
	case d.Bucket != nil:
		return &bucketChannel{place: d.Bucket, proxy: c.Proxy.Of(), version: version}
	case d.SFTP != nil:
		return &sftpChannel{server: d.SFTP, version: version}
	case d.Command != nil:
		return &commandChannel{d.Command}
	}
	return directoryChannel(d.Directory)
}
