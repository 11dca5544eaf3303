package config

import (
	"net/url"
	"path"
	"regexp"
	"strings"
)

// Bucket represents a place in storage that speaks the protocol of S3.
type Bucket struct {
	Endpoint string // URL without a path
	Name     string
	Prefix   string // of every name, "" for none, without slashes around it
	Region   string // "" asks the storage
	// Both files are secrets.
	AccessKeyFile, SecretKeyFile string
}

// SFTP represents a directory of a server that is written by SSH. One of the files, KeyFile and PasswordFile, is set.
type SFTP struct {
	Host           string
	Port           int
	User           string
	Directory      string // there; "" for the user's own
	KeyFile        string // a private key without passphrase
	PasswordFile   string
	KnownHostsFile string // which keys the server may have
}

// bucketName holds the names that buckets can have.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

func readBucket(c *Config, t *table) *Bucket {
	b := &Bucket{Endpoint: readPingURL(t, "endpoint"), Name: t.text("bucket", ""), Prefix: t.text("prefix", ""),
		Region: t.text("region", ""), AccessKeyFile: keyFile(c, t, "access_key_file"),
		SecretKeyFile: keyFile(c, t, "secret_key_file")}
	if u, err := url.Parse(b.Endpoint); err == nil && (u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "") {
		t.wrong("endpoint", "is the URL of the storage alone: the bucket has its own setting, and keys have files")
	} else if b.Endpoint == "" && !t.has("endpoint") {
		t.wrong("endpoint", "is the URL of the storage, and is missing")
	}
	if !bucketName.MatchString(b.Name) {
		t.wrong("bucket", "%.80q is no name of a bucket", b.Name)
	}
	if b.Prefix != "" {
		if b.Prefix = strings.Trim(b.Prefix, "/"); !path.IsAbs(b.Prefix) && path.Clean(b.Prefix) != b.Prefix || b.Prefix == ".." ||
			strings.HasPrefix(b.Prefix, "../") || len(b.Prefix) > 500 {
			t.wrong("prefix", "%.80q: want names with a slash between them", b.Prefix)
		}
	}
	for _, name := range []string{"access_key", "secret_key"} {
		readSecretFile(t, name, b.AccessKeyFile != "" && b.SecretKeyFile != "")
	}
	t.refuseUnknown()
	return b
}

func readSFTP(c *Config, t *table) *SFTP {
	s := &SFTP{Host: t.text("host", ""), Port: int(t.count("port", 22, 1, 65535)), User: t.text("user", ""),
		Directory: t.text("directory", ""), KeyFile: keyFile(c, t, "key_file"), PasswordFile: keyFile(c, t, "password_file"),
		KnownHostsFile: keyFile(c, t, "known_hosts_file")}
	switch {
	case s.Host == "" || strings.ContainsAny(s.Host, "/@ "):
		t.wrong("host", "%.80q: want the name of the server alone", s.Host)
	case s.User == "":
		t.wrong("user", "is who writes there, and is missing")
	case s.KnownHostsFile == "":
		t.wrong("known_hosts_file", "says which key the server has, and is missing: `ssh-keyscan %s` writes its lines", s.Host)
	}
	readSecretFile(t, "password", (s.KeyFile == "") != (s.PasswordFile == ""))
	t.refuseUnknown()
	return s
}

// readSecretFile refuses a secret in the configuration itself, and says so where the file that has it is missing.
func readSecretFile(t *table, name string, given bool) {
	if t.has(name) {
		t.wrong(name, "doesn't belong here: write it to a file of mode 0600 and name that as %s_file", name)
		t.value(name)
		return
	}
	if given {
		return
	}
	if name == "password" {
		t.wrong("key_file", "want key_file or password_file")
	} else if !t.has(name + "_file") {
		t.wrong(name+"_file", "is a file of mode 0600, and is missing")
	}
}
