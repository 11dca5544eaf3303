package deliver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pkg/sftp"
	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"

	"liverecon/cmd/liverecon/config"
)

// sftpChannel puts pages and files into a directory of a server, each whole or not at all. The server has a key that
// the file of known hosts has, too; else it is told nothing, not even a name.
type sftpChannel struct {
	server  *config.SFTP
	version string
	hidden  []string
}

func (c *sftpChannel) String() string { return "sftp " + c.server.Host }

func (c *sftpChannel) secrets() []string { return c.hidden }

func (c *sftpChannel) address() string {
	return net.JoinHostPort(c.server.Host, strconv.Itoa(c.server.Port))
}

func (c *sftpChannel) send(ctx context.Context, m message) error {
	all, err := m.all()
	if err != nil {
		return err
	}
	login, err := c.login()
	if err != nil {
		return err
	}
	if err := c.deliver(ctx, login, all, m.id); err != nil {
		return fmt.Errorf("sftp server %s: %w", c.address(), cmp.Or(ctx.Err(), err))
	}
	return nil
}

func (c *sftpChannel) deliver(ctx context.Context, login *ssh.ClientConfig, all []attachment, id string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.address())
	if err != nil {
		return err
	}
	defer conn.Close()                                          //nolint:errcheck // files are closed by then
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })() // what waits for the server fails then
	secured, channels, requests, err := ssh.NewClientConn(conn, c.address(), login)
	if err != nil {
		return err
	}
	client := ssh.NewClient(secured, channels, requests)
	defer client.Close() //nolint:errcheck // as its connection
	files, err := sftp.NewClient(client)
	if err != nil {
		return err
	}
	defer files.Close() //nolint:errcheck // as its connection
	for _, f := range all {
		if err := c.put(files, f, id); err != nil {
			return err
		}
	}
	return nil
}

// put writes one file through a temporary one. That has the same name in every try of a message, so that what is left
// of one is not left for long.
func (c *sftpChannel) put(files *sftp.Client, f attachment, id string) (err error) {
	at := func(name string) string { return path.Join(c.server.Directory, name) }
	temporary := at("." + f.name + "." + id + ".tmp")
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", at(f.name), err)
			_ = files.Remove(temporary) // where it is there; why it could not be written is what is told
		}
	}()
	w, err := files.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	if _, err := w.Write(f.content); err != nil {
		return errors.Join(err, w.Close())
	}
	if _, can := files.HasExtension("fsync@openssh.com"); can {
		if err := w.Sync(); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if _, can := files.HasExtension("posix-rename@openssh.com"); can {
		return files.PosixRename(temporary, at(f.name))
	}
	// A rename of the protocol itself replaces nothing: for a moment the name is free.
	if err := files.Remove(at(f.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return files.Rename(temporary, at(f.name))
}

// login returns how this program and the server prove to each other who they are.
func (c *sftpChannel) login() (*ssh.ClientConfig, error) {
	known, err := knownhosts.NewDB(c.server.KnownHostsFile)
	if err != nil {
		return nil, err
	}
	check := known.HostKeyCallback()
	login := &ssh.ClientConfig{User: c.server.User,
		ClientVersion:     "SSH-2.0-liverecon_" + strings.ReplaceAll(c.version, "-", "_"), // a hyphen begins a comment there
		HostKeyAlgorithms: known.HostKeyAlgorithms(c.address()), Timeout: sendPatience,
		HostKeyCallback: func(host string, remote net.Addr, key ssh.PublicKey) error {
			return aboutHostKey(check(host, remote, key), key, filepath.Base(c.server.KnownHostsFile))
		}}
	if c.server.KeyFile != "" {
		text, err := config.ReadSecret(c.server.KeyFile)
		if err != nil {
			return nil, err
		}
		key, err := ssh.ParsePrivateKey([]byte(text + "\n"))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(c.server.KeyFile), err)
		}
		login.Auth = []ssh.AuthMethod{ssh.PublicKeys(key)}
		return login, nil
	}
	password, err := config.ReadSecret(c.server.PasswordFile)
	if err != nil {
		return nil, err
	}
	c.hidden = []string{password}
	// Some servers take a password as the answer to a question alone.
	answer := func(_, _ string, questions []string, _ []bool) ([]string, error) {
		answers := make([]string, len(questions))
		for i := range questions {
			answers[i] = password
		}
		return answers, nil
	}
	login.Auth = []ssh.AuthMethod{ssh.Password(password), ssh.KeyboardInteractive(answer)}
	return login, nil
}

// aboutHostKey adds to an error what a server's key is, where it is not the one that is known.
func aboutHostKey(err error, key ssh.PublicKey, file string) error {
	print := ssh.FingerprintSHA256(key)
	switch {
	case knownhosts.IsHostKeyChanged(err):
		return fmt.Errorf("its key (%s) is another one than %s has: somebody may be in between, or it was set up anew",
			print, file)
	case knownhosts.IsHostUnknown(err):
		return fmt.Errorf("%s has no key of it; the one it shows is %s", file, print)
	}
	return err
}
