package config

import (
	"strings"
	"testing"
)

const (
	bucketLine = `s3 = { endpoint = "https://s3.example.com", bucket = "reports", access_key_file = "a", secret_key_file = "s" }`
	sftpLine   = `sftp = { host = "sftp.example.com", user = "risk", key_file = "k", known_hosts_file = "h" }`
)

func TestPlaces(t *testing.T) {
	c, err := Parse("t", "/etc", []byte("[deliver.a]\n"+strings.Replace(bucketLine, "bucket", `prefix = "/risk/daily/", region = "eu-1", bucket`, 1)+
		"\n[deliver.b]\n"+sftpLine))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *c.Deliver[0].Bucket, (Bucket{"https://s3.example.com", "reports", "risk/daily", "eu-1", "/etc/a", "/etc/s"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := *c.Deliver[1].SFTP, (SFTP{"sftp.example.com", 22, "risk", "", "/etc/k", "", "/etc/h"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestPlacesWrong: every mistake has its line and what to write, and no secret is told.
func TestPlacesWrong(t *testing.T) {
	for _, c := range []struct{ line, old, with, want string }{
		{bucketLine, "https://s3.example.com", "http://s3.example.com", `s3.endpoint: want https; plain http goes to a loopback address only`},
		{bucketLine, "https://s3.example.com", "http://127.0.0.1:9000", ``},
		{bucketLine, "https://s3.example.com", "https://s3.example.com/reports",
			`s3.endpoint: is the URL of the storage alone: the bucket has its own setting, and keys have files`},
		{bucketLine, "https://s3.example.com", "https://key:hunter2@s3.example.com",
			`s3.endpoint: is the URL of the storage alone: the bucket has its own setting, and keys have files`},
		{bucketLine, `endpoint = "https://s3.example.com", `, "", `s3.endpoint: is the URL of the storage, and is missing`},
		{bucketLine, `"reports"`, `"Reports/x"`, `s3.bucket: "Reports/x" is no name of a bucket`},
		{bucketLine, `bucket =`, `prefix = "../x", bucket =`, `s3.prefix: "../x": want names with a slash between them`},
		{bucketLine, `bucket =`, `prefix = "a//x", bucket =`, `s3.prefix: "a//x": want names with a slash between them`},
		{bucketLine, `, secret_key_file = "s"`, ``, `s3.secret_key_file: is a file of mode 0600, and is missing`},
		{bucketLine, `secret_key_file = "s"`, `secret_key = "hunter2"`,
			`s3.secret_key: doesn't belong here: write it to a file of mode 0600 and name that as secret_key_file`},
		{bucketLine, `bucket =`, `zone = "x", bucket =`, `s3.zone: no such setting`},
		{sftpLine, `sftp.example.com`, `sftp://sftp.example.com`, `sftp.host: "sftp://sftp.example.com": want the name of the server alone`},
		{sftpLine, `user = "risk", `, ``, `sftp.user: is who writes there, and is missing`},
		{sftpLine, `, known_hosts_file = "h"`, ``,
			"sftp.known_hosts_file: says which key the server has, and is missing: `ssh-keyscan sftp.example.com` writes its lines"},
		{sftpLine, `key_file = "k", `, ``, `sftp.key_file: want key_file or password_file`},
		{sftpLine, `key_file = "k"`, `key_file = "k", password_file = "p"`, `sftp.key_file: want key_file or password_file`},
		{sftpLine, `key_file = "k"`, `password_file = "p", port = 2022, directory = "in"`, ``},
		{sftpLine, `key_file = "k"`, `password = "hunter2"`,
			`sftp.password: doesn't belong here: write it to a file of mode 0600 and name that as password_file`},
	} {
		line := strings.Replace(c.line, c.old, c.with, 1)
		if line == c.line {
			t.Fatalf("%q is not in %s", c.old, c.line)
		}
		_, err := Parse("t", ".", []byte("[deliver.a]\n"+line))
		if want := "t:2: deliver.a." + c.want; (err == nil) != (c.want == "") || err != nil && err.Error() != want {
			t.Errorf("%s:\n%v, want %q", line, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: a secret is told: %v", line, err)
		}
	}
}
