package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"liverecon/batch"
)

// asUser runs do as another user and group, who are in no other group.
func asUser(t *testing.T, uid, gid int, do func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine, and with it the other identity
		for _, call := range [][4]uintptr{{unix.SYS_SETGROUPS}, {unix.SYS_SETRESGID, uintptr(gid), uintptr(gid), uintptr(gid)},
			{unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)}} {
			if _, _, err := unix.RawSyscall(call[0], call[1], call[2], call[3]); err != 0 {
				result <- err
				return
			}
		}
		do()
		result <- nil
	}()
	if err := <-result; err != nil {
		t.Fatal(err)
	}
}

// openDir makes a directory that everybody may enter.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "lent")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// A volume of secrets with fsGroup lends root's files, mode 0440, to the group of a container; nobody else is lent any.
func TestKeyLentByRoot(t *testing.T) {
	const service, group, other = 1234, 2345, 3456
	dir := openDir(t)
	file := filepath.Join(dir, "key")
	for name, c := range map[string]struct {
		owner, group, uid, gid int
		mode                   fs.FileMode
		problem, hint          string
	}{
		"lent":                {0, group, service, group, 0o440, "", ""},
		"lent to all":         {0, group, service, group, 0o444, "mode 0444", "chmod 600 " + file},
		"lent to change":      {0, group, service, group, 0o460, "mode 0460", "chmod 600 " + file},
		"of another user":     {other, group, service, group, 0o440, "mode 0440", "chmod 600 " + file},
		"its own, to a group": {service, group, service, group, 0o440, "mode 0440", "chmod 600 " + file},
		"of root, for root":   {0, group, 0, group, 0o440, "mode 0440", "chmod 600 " + file},
		"to another group":    {0, group, service, other, 0o440, "permission denied", "chown 1234 " + file + "; of a volume of Kubernetes: securityContext.fsGroup"},
	} {
		t.Run(name, func(t *testing.T) {
			err := errors.Join(os.RemoveAll(file), os.WriteFile(file, []byte("key"), 0o600), os.Chown(file, c.owner, c.group),
				os.Chmod(file, c.mode))
			if err != nil {
				t.Fatal(err)
			}
			var key Key
			asUser(t, c.uid, c.gid, func() { key, err = readKey(file, onlyOwner) })
			if c.problem == "" {
				if key.text != "key" || err != nil {
					t.Errorf("key %q, %v", key.text, err)
				}
				return
			}
			var refused *Error
			if !errors.As(err, &refused) || refused.Code != batch.ExitInput || refused.Hint != c.hint ||
				!strings.Contains(err.Error(), c.problem) {
				t.Errorf("key %q, %v", key.text, err)
			}
		})
	}
}

// A configuration that somebody else can change, or put another one in the place of, is refused; not one whose directory
// is open but guarded by its sticky bit.
func TestRefuseWritable(t *testing.T) {
	dir := openDir(t)
	c := &Config{File: filepath.Join(dir, "liverecon.toml")}
	if err := c.RefuseWritable(); err != nil {
		t.Errorf("without a file: %v", err)
	}
	if err := os.WriteFile(c.File, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		dir, file fs.FileMode
		hint      string
	}{
		{0o755, 0o644, ""}, {0o775, 0o600, ""}, {0o777 | fs.ModeSticky, 0o644, ""},
		{0o755, 0o664, "chmod go-w " + c.File}, {0o755, 0o646, "chmod go-w " + c.File}, {0o777, 0o600, "chmod o-w " + dir},
	} {
		if err := errors.Join(os.Chmod(dir, k.dir), os.Chmod(c.File, k.file)); err != nil {
			t.Fatal(err)
		}
		var refused *Error
		err := c.RefuseWritable()
		if errors.As(err, &refused) != (k.hint != "") || refused != nil && (refused.Hint != k.hint || refused.Code != batch.ExitInput) {
			t.Errorf("directory %v, file %v: %v", k.dir, k.file, err)
		}
	}
}

// A key that everybody may put another one in the place of is refused, and of a database it is said, with a command that
// can be pasted.
func TestReplaceable(t *testing.T) {
	dir := filepath.Join(openDir(t), "it's open")
	c := &Config{Database: filepath.Join(dir, "l.db")}
	file := filepath.Join(dir, "key")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(file, []byte("key"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for mode, open := range map[fs.FileMode]bool{0o700: false, 0o755: false, 0o770: false, 0o777: true, 0o777 | fs.ModeSticky: false} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		want := ""
		if open {
			want = "chmod o-w '" + strings.ReplaceAll(dir, "'", `'"'"'`) + "'"
		}
		var refused *Error
		_, err := readKey(file, onlyOwner)
		if errors.As(err, &refused) != open || open && (refused.Hint != want || refused.Code != batch.ExitInput) {
			t.Errorf("mode %v: key %v, want %q", mode, err, want)
		}
		if problem, hint := c.OpenDatabase(); hint != want || (problem != "") != open {
			t.Errorf("mode %v: database %q, %q, want %q", mode, problem, hint, want)
		}
	}
}
