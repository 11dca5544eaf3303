package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"liverecon/batch"
	"liverecon/batch/liveness"
)

// secretName holds the name of a variable that may hold a key.
var secretName = regexp.MustCompile(`^LIVERECON_([A-Z0-9_]+_)?(ACCESS|SECRET)_KEY$`)

// Keyring finds the key pair of an endpoint: the files the configuration names, else systemd's credentials directory,
// else the environment. In the last two a name with the endpoint in it beats the one for all.
type Keyring struct {
	environment map[string]string // the variables of secretName
	directory   string            // systemd's, "" outside a unit with credentials
}

// TakeKeyring reads the secret variables and removes them from what this process passes on: what it may start, and a
// library that dumps the environment, have no business with them. The system's own copy (/proc/PID/environ) stays.
func TakeKeyring() (*Keyring, error) {
	k := &Keyring{environment: map[string]string{}, directory: os.Getenv("CREDENTIALS_DIRECTORY")}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if !secretName.MatchString(name) {
			continue
		}
		k.environment[name] = strings.TrimSpace(value)
		if err := os.Unsetenv(name); err != nil {
			return nil, fmt.Errorf("remove %s from the environment: %w", name, err)
		}
	}
	return k, nil
}

// Of returns the key pair of one endpoint.
func (k *Keyring) Of(e EndpointConfig) (liveness.Credentials, error) {
	access, secret, err := k.Pair(e)
	return liveness.Credentials{AccessKey: access.text, SecretKey: secret.text}, err
}

// Pair returns the two keys of one endpoint with where they come from. The error joins what is wrong with either.
func (k *Keyring) Pair(e EndpointConfig) (access, secret Key, err error) {
	access, err = k.key(e.Name, "access_key", e.accessKey)
	secret, err2 := k.key(e.Name, "secret_key", e.secretKey)
	return access, secret, errors.Join(err, err2)
}

// Key represents a key and where it comes from.
type Key struct {
	text    string
	Source  string    // a file or a variable
	Written time.Time // when the file was; zero for a variable
}

func (k *Keyring) key(endpoint, kind, file string) (Key, error) {
	if file != "" {
		return readKey(file, onlyOwner)
	}
	for _, name := range []string{endpoint + "_" + kind, kind} {
		if k.directory == "" {
			break
		}
		found, err := readKey(filepath.Join(k.directory, name), notOthers)
		if !errors.Is(err, fs.ErrNotExist) {
			return found, err
		}
	}
	for _, name := range variables(endpoint, kind) {
		if text := k.environment[name]; text != "" {
			return Key{text: text, Source: name}, nil
		}
	}
	return Key{}, &Error{batch.ExitInput, fmt.Errorf("endpoint %s has no %s", endpoint,
		strings.ReplaceAll(kind, "_", " ")),
		fmt.Sprintf("name a file of mode 0600 as [endpoint.%s] %s_file, or set %s", endpoint, kind,
			strings.Join(variables(endpoint, kind), " or "))}
}

// variables returns the names of the variables that may hold a key, the endpoint's own first.
func variables(endpoint, kind string) []string {
	kind = strings.ToUpper(kind)
	own := strings.ToUpper(strings.ReplaceAll(endpoint, "-", "_"))
	return []string{"LIVERECON_" + own + "_" + kind, "LIVERECON_" + kind}
}

// ReadSecret reads a password or the like from a file that nobody but its owner may read.
func ReadSecret(file string) (string, error) {
	k, err := readKey(file, onlyOwner)
	return k.text, err
}

const maxKey = 4096 // bytes

// The permission bits that a file with a key must not have.
const (
	onlyOwner fs.FileMode = 0o077
	// notOthers marks systemd's credentials: it guards their directory itself, and where the file system knows access
	// control lists the bits of the group stand for one.
	notOthers fs.FileMode = 0o007
	// groupReads may stand where a file is root's and this process is not: so a Kubernetes volume of secrets with fsGroup
	// lends its files (mode 0440) to the one group of a container that nobody else is in.
	groupReads fs.FileMode = 0o040
)

// readKey reads a key from a file that has none of the forbidden permission bits.
func readKey(file string, forbidden fs.FileMode) (Key, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrPermission) {
		return Key{}, &Error{batch.ExitInput, err, fmt.Sprintf("chown %d %s; of a volume of Kubernetes: securityContext.fsGroup",
			os.Geteuid(), shellescape.Quote(file))}
	}
	if err != nil {
		return Key{}, &Error{batch.ExitInput, err, ""}
	}
	defer f.Close() //nolint:errcheck // opened for reading
	info, err := f.Stat()
	if err != nil {
		return Key{}, &Error{batch.ExitInput, err, ""}
	}
	if bits := info.Mode().Perm() & forbidden; bits != 0 && (bits != groupReads || !lentByRoot(info)) {
		return Key{}, &Error{batch.ExitInput, fmt.Errorf("%s: others than its owner may read it (mode %04o)", file,
			info.Mode().Perm()), "chmod 600 " + shellescape.Quote(file)}
	}
	if err := refuseReplaceable(file); err != nil {
		return Key{}, err
	}
	content, err := io.ReadAll(io.LimitReader(f, maxKey+1))
	if err != nil {
		return Key{}, &Error{batch.ExitInput, err, ""}
	}
	text := strings.TrimSpace(string(content))
	if text == "" || len(content) > maxKey {
		return Key{}, &Error{batch.ExitInput, fmt.Errorf("%s: want one key, found %d bytes", file, len(content)), ""}
	}
	return Key{text, file, info.ModTime()}, nil
}
