package deliver

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"

	"liverecon/cmd/liverecon/config"
)

// sshKey makes a key pair, and writes the private one to a file.
func sshKey(t *testing.T, file string) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// sftpPlace represents what a server is set up from: its keys, the user's, and the directory that is written.
type sftpPlace struct {
	t         *testing.T
	dir       string // of keys
	incoming  string
	host      ssh.Signer
	user      ssh.Signer
	listening string // host:port
}

func newSFTPPlace(t *testing.T) *sftpPlace {
	t.Helper()
	p := &sftpPlace{t: t, dir: t.TempDir(), incoming: t.TempDir()}
	p.host, p.user = sshKey(t, filepath.Join(p.dir, "host")), sshKey(t, filepath.Join(p.dir, "user"))
	return p
}

// channel goes to the server with the user's key, and knows the server's.
func (p *sftpPlace) channel() *sftpChannel {
	p.t.Helper()
	host, port, err := net.SplitHostPort(p.listening)
	if err != nil {
		p.t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		p.t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		p.t.Fatal(err)
	}
	c := &sftpChannel{version: "1.2-x", server: &config.SFTP{Host: host, Port: number, User: me.Username,
		Directory: p.incoming, KeyFile: filepath.Join(p.dir, "user"), KnownHostsFile: filepath.Join(p.dir, "known_hosts")}}
	p.know(p.host.PublicKey())
	return c
}

func (p *sftpPlace) know(key ssh.PublicKey) {
	p.t.Helper()
	line := knownhosts.Line([]string{p.listening}, key) + "\n"
	if err := os.WriteFile(filepath.Join(p.dir, "known_hosts"), []byte(line), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// serveGo is the server that pkg/sftp has. It knows no fsync, and takes a password, too.
func serveGo(t *testing.T, p *sftpPlace, options ...sftp.ServerOption) {
	t.Helper()
	setting := &ssh.ServerConfig{
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if !bytes.Equal(key.Marshal(), p.user.PublicKey().Marshal()) {
				return nil, errors.New("another key")
			}
			return nil, nil
		},
		KeyboardInteractiveCallback: func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (
			*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil || len(answers) != 1 || answers[0] != password {
				return nil, errors.New("another password")
			}
			return nil, nil
		}}
	setting.AddHostKey(p.host)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	p.listening = listener.Addr().String()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serveConnection(conn, setting, options)
		}
	}()
}

// serveConnection ends with its client, whatever becomes of that.
func serveConnection(conn net.Conn, setting *ssh.ServerConfig, options []sftp.ServerOption) {
	_, channels, requests, err := ssh.NewServerConn(conn, setting)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for asked := range channels {
		channel, requests, err := asked.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				_ = r.Reply(r.Type == "subsystem" && string(r.Payload[4:]) == "sftp", nil)
			}
		}()
		server, err := sftp.NewServer(channel, options...)
		if err != nil {
			return
		}
		_ = server.Serve()
		_ = server.Close()
	}
}

// serveOpenSSH is OpenSSH's sshd, as a system has it.
func serveOpenSSH(t *testing.T, p *sftpPlace) {
	t.Helper()
	sshd := "/usr/sbin/sshd"
	if _, err := os.Stat(sshd); err != nil {
		t.Skip("no sshd here: apt-get install openssh-server")
	}
	if os.Geteuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // where it goes before it knows its client
			t.Fatal(err)
		}
	}
	line := ssh.MarshalAuthorizedKey(p.user.PublicKey())
	if err := os.WriteFile(filepath.Join(p.dir, "authorized"), line, 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // for a port that is free
	if err != nil {
		t.Fatal(err)
	}
	p.listening = listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(p.listening)
	setting := fmt.Sprintf("Port %s\nListenAddress 127.0.0.1\nHostKey %s/host\nAuthorizedKeysFile %s/authorized\n"+
		"StrictModes no\nPidFile none\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\n"+
		"Subsystem sftp internal-sftp\n", port, p.dir, p.dir)
	file := filepath.Join(p.dir, "sshd_config")
	if err := os.WriteFile(file, []byte(setting), 0o600); err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	cmd := exec.Command(sshd, "-D", "-e", "-f", file)
	cmd.Stderr = &told
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // as it was told
		if t.Failed() {
			t.Logf("sshd: %s", told.String())
		}
	})
	for range 200 {
		conn, err := net.Dial("tcp", p.listening)
		if err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("sshd does not listen: %s", told.String())
}

// inDirectory returns the files of a directory with their content.
func inDirectory(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(content)
	}
	return all
}

// TestSFTP: both servers get page and workbook, whole, in the place of what was there, and nothing else.
func TestSFTP(t *testing.T) {
	for name, serve := range map[string]func(*testing.T, *sftpPlace){
		"pkg/sftp": func(t *testing.T, p *sftpPlace) { serveGo(t, p) }, "OpenSSH": serveOpenSSH,
	} {
		t.Run(name, func(t *testing.T) {
			p := newSFTPPlace(t)
			serve(t, p)
			m := sample()
			book := strings.Repeat("a workbook ", 1<<17)
			m.files = []attachment{{"risk_2026-11-29.xlsx", []byte("an older one, longer or not")}}
			for range 2 {
				if err := p.channel().send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				m.files[0].content = []byte(book)
			}
			got := inDirectory(t, p.incoming)
			if len(got) != 2 || got["risk_2026-11-29.xlsx"] != book ||
				!strings.Contains(got["risk_2026-11-29.html"], "<title>Liveness risk report") {
				t.Errorf("there are %d files, the workbook has %d bytes", len(got), len(got["risk_2026-11-29.xlsx"]))
			}
		})
	}
}

// TestSFTPPassword: a password is given to a server that asks for one, and told nowhere when it is wrong.
func TestSFTPPassword(t *testing.T) {
	p := newSFTPPlace(t)
	serveGo(t, p)
	c := p.channel()
	c.server.KeyFile, c.server.PasswordFile = "", filepath.Join(p.dir, "password")
	for _, given := range []string{password, "not-" + password} {
		if err := os.WriteFile(c.server.PasswordFile, []byte(given+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := c.send(t.Context(), sample())
		if given == password {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if err == nil {
			t.Fatal("a wrong password is taken")
		}
		if text := said(err, c.secrets()); !strings.Contains(text, "unable to authenticate") || strings.Contains(text, password) {
			t.Errorf("a wrong password: %v", err)
		}
	}
}

// TestSFTPTroubles: each is one line, and nothing is left at a server that is not the one that is known.
func TestSFTPTroubles(t *testing.T) {
	for want, change := range map[string]func(*sftpPlace, *sftpChannel){
		"known_hosts has no key of it; the one it shows is SHA256:": func(p *sftpPlace, c *sftpChannel) {
			if err := os.WriteFile(c.server.KnownHostsFile, nil, 0o600); err != nil {
				p.t.Fatal(err)
			}
		},
		"is another one than known_hosts has: somebody may be in between": func(p *sftpPlace, _ *sftpChannel) {
			p.know(p.user.PublicKey())
		},
		"known_hosts: no such file": func(_ *sftpPlace, c *sftpChannel) { _ = os.Remove(c.server.KnownHostsFile) },
		"unable to authenticate":    func(p *sftpPlace, _ *sftpChannel) { sshKey(p.t, filepath.Join(p.dir, "user")) },
		"others than its owner may read it (mode 0644)": func(p *sftpPlace, c *sftpChannel) {
			if err := os.Chmod(c.server.KeyFile, 0o644); err != nil {
				p.t.Fatal(err)
			}
		},
		"user: ssh: no key found": func(p *sftpPlace, c *sftpChannel) {
			if err := os.WriteFile(c.server.KeyFile, []byte("no key"), 0o600); err != nil {
				p.t.Fatal(err)
			}
		},
		"not-there/risk_2026-11-29.html: file does not exist": func(_ *sftpPlace, c *sftpChannel) {
			c.server.Directory += "/not-there"
		},
		"connection refused": func(_ *sftpPlace, c *sftpChannel) { c.server.Port = 1 },
	} {
		p := newSFTPPlace(t)
		serveGo(t, p)
		c := p.channel()
		change(p, c)
		if err := c.send(t.Context(), sample()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if got := inDirectory(t, p.incoming); len(got) != 0 {
			t.Errorf("%s: there is %d", want, len(got))
		}
	}
}

// TestSFTPHangs: a server that takes a connection and says nothing is left when the time is up.
func TestSFTPHangs(t *testing.T) {
	p := newSFTPPlace(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p.listening = listener.Addr().String()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := p.channel().send(ctx, sample()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// TestSFTPBreaksOff: where a file cannot be written whole, the one that was there stands.
func TestSFTPBreaksOff(t *testing.T) {
	p := newSFTPPlace(t)
	serveGo(t, p, sftp.ReadOnly())
	before := filepath.Join(p.incoming, "risk_2026-11-29.html")
	if err := os.WriteFile(before, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.channel().send(t.Context(), sample()); err == nil {
		t.Error("it is written where nothing may be")
	}
	if got := inDirectory(t, p.incoming); len(got) != 1 || got["risk_2026-11-29.html"] != "before" {
		t.Errorf("there is %v", got)
	}
}
