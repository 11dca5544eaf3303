package owner

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// setFixed sets or takes away the attribute of chattr +i, where the file system knows it and this user may.
func setFixed(path string, on bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err != nil {
		return err
	}
	const immutable = 0x10
	flags &^= immutable
	if on {
		flags |= immutable
	}
	return unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags)
}

// What nobody may change is called that, whoever asks, and the command that ends it is told; of anything else it is not
// said.
func TestFixed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "risk.xlsx")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	write := &fs.PathError{Op: "open", Path: file, Err: unix.EPERM}
	rename := &os.LinkError{Op: "rename", Old: filepath.Join(dir, "tmp"), New: file, Err: unix.EPERM}
	for _, path := range []string{file, dir} {
		if Fixed(path) || Hint(write) != "" || Hint(rename) != "" {
			t.Errorf("%s: fixed %v, %q, %q", path, Fixed(path), Hint(write), Hint(rename))
		}
		changed := setFixed(path, true)
		want := ""
		if changed == nil {
			want = "nobody may change " + path + ", whoever runs: chattr -ia " + path
		}
		if Fixed(path) != (changed == nil) || Hint(write) != want || Hint(rename) != want {
			t.Errorf("%s (%v): fixed %v, %q, %q, want %q", path, changed, Fixed(path), Hint(write), Hint(rename), want)
		}
		if changed == nil {
			if err := setFixed(path, false); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// In a directory in which each keeps what is his, nobody else's file can be replaced, and the hint says so.
func TestHintOfStickyDirectory(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "risk.xlsx")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	replace := &os.LinkError{Op: "rename", Old: filepath.Join(dir, "tmp"), New: file, Err: unix.EPERM}
	if err := errors.Join(os.Chmod(dir, 0o777|fs.ModeSticky), os.Chmod(filepath.Dir(dir), 0o755)); err != nil {
		t.Fatal(err)
	}
	if hint := Hint(replace); hint != "" {
		t.Errorf("of one's own file: %q", hint)
	}
	hint := make(chan string)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine, and with it the other identity
		if _, _, err := unix.RawSyscall(unix.SYS_SETRESUID, 1234, 1234, 1234); err != 0 {
			hint <- err.Error()
			return
		}
		hint <- Hint(replace)
	}()
	want := file + " is another user's in a directory in which each keeps what is his: chmod -t " + dir
	if got := <-hint; got != want {
		t.Errorf("hint %q, want %q", got, want)
	}
}
