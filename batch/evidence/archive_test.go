package evidence_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"filippo.io/age"

	"liverecon/batch/evidence"
)

func archive(t *testing.T, recipients ...string) (dir string, a *evidence.Archive) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "evidence")
	a, err := evidence.OpenArchive(dir, recipients)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return dir, a
}

var (
	ref = evidence.Ref{Folder: "PH/2026-11-21", Call: 12, Kind: evidence.Near}
	jpg = evidence.Format{Extension: ".jpg"}
)

// files lists what is in an archive, folders with their slash.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestFileOfAnImage: its name is made of our own words and its hash; it and its folders are the owner's alone, whatever
// the umask.
func TestFileOfAnImage(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir, a := archive(t)
	file, err := a.Write(ref, jpg, strings.NewReader(jpeg))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(jpeg))
	if want := "PH/2026-11-21/12-near-" + hex.EncodeToString(sum[:8]) + ".jpg"; file.Path != want || file.SHA256 != sum || file.Bytes != int64(len(jpeg)) {
		t.Errorf("stored as %+v, want %s", file, want)
	}
	for path, want := range map[string]fs.FileMode{".": 0o700, "PH": 0o700, "PH/2026-11-21": 0o700, file.Path: 0o600} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %o", path, info.Mode(), err, want)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, file.Path)); err != nil || string(text) != jpeg {
		t.Errorf("content %q, %v", text, err)
	}
	again, err := a.Write(ref, jpg, strings.NewReader(jpeg))
	if err != nil || again != file || len(files(t, dir)) != 1 {
		t.Errorf("stored again: %+v, %v, %q", again, err, files(t, dir))
	}
}

// TestOldFolderIsTightened: a directory that somebody else made loses the rights of others.
func TestOldFolderIsTightened(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	a, err := evidence.OpenArchive(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestBrokenTransferLeavesNothing(t *testing.T) {
	dir, a := archive(t)
	broken := errors.New("broken off")
	_, err := a.Write(ref, jpg, io.MultiReader(strings.NewReader(jpeg), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || len(files(t, dir)) != 0 {
		t.Errorf("%v, left %q", err, files(t, dir))
	}
}

func TestEncryptedFile(t *testing.T) {
	one, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir, a := archive(t, one.Recipient().String(), other.Recipient().String())
	long := jpeg + strings.Repeat("a picture ", 20_000)
	file, err := a.Write(ref, jpg, strings.NewReader(long))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := os.ReadFile(filepath.Join(dir, file.Path))
	if err != nil || !strings.HasSuffix(file.Path, ".jpg.age") || bytes.Contains(sealed, []byte("picture")) || sha256.Sum256(sealed) != file.SHA256 || int64(len(sealed)) != file.Bytes {
		t.Errorf("%+v, %v, %d bytes", file, err, len(sealed))
	}
	for _, key := range []age.Identity{one, other} {
		plain, err := age.Decrypt(bytes.NewReader(sealed), key)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(plain); err != nil || string(text) != long {
			t.Errorf("decrypted %d bytes, %v", len(text), err)
		}
	}
	stranger, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := age.Decrypt(bytes.NewReader(sealed), stranger); err == nil {
		t.Error("a stranger's key opens it")
	}
}

func TestRecipients(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.ParseRecipient(key.Recipient().String()); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "age1", "ssh-ed25519 AAAA", key.String(), strings.ToLower(key.String()), key.Recipient().String() + "\n" + key.Recipient().String()} {
		_, err := evidence.ParseRecipient(bad)
		if err == nil || bad != "" && len(bad) > 10 && strings.Contains(err.Error(), bad[:10]) && !strings.HasPrefix(bad, "age1") {
			t.Errorf("%.8s...: %v", bad, err)
		}
		if err != nil && strings.Contains(strings.ToUpper(err.Error()), strings.ToUpper(key.String())) {
			t.Error("the error repeats a secret key")
		}
	}
}

// TestNothingLeadsOutOfTheArchive: neither a folder's name nor a link that somebody has put there.
func TestNothingLeadsOutOfTheArchive(t *testing.T) {
	dir, a := archive(t)
	outside := t.TempDir()
	for _, folder := range []string{"", "..", "../x", "PH", "PH/..", "PH/2026-11-21/..", "/etc", "ph/2026-11-21", "PH/2026-11-21/x", "PH/2026-1-1"} {
		if _, err := a.Write(evidence.Ref{Folder: folder, Call: 1, Kind: evidence.Far}, jpg, strings.NewReader(jpeg)); err == nil {
			t.Errorf("folder %q was taken", folder)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "PH")); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Write(ref, jpg, strings.NewReader(jpeg)); err == nil {
		t.Error("a symbolic link was followed")
	}
	if left := files(t, outside); len(left) != 0 {
		t.Errorf("outside: %q", left)
	}
}

func TestWholeFiles(t *testing.T) {
	dir, a := archive(t)
	whole, err := a.Write(ref, jpg, strings.NewReader(jpeg))
	if err != nil {
		t.Fatal(err)
	}
	other := evidence.Ref{Folder: ref.Folder, Call: 13, Kind: evidence.Far}
	damaged, err := a.Write(other, jpg, strings.NewReader(jpeg))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{damaged.Path: "cut", ref.Folder + "/.14-far.part": "half", ref.Folder + "/notes.txt": "mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all := func(evidence.Ref) bool { return true }
	found, err := a.Whole(ref.Folder, all)
	if err != nil || len(found) != 1 || found[ref] != whole {
		t.Errorf("found %v, %v", found, err)
	}
	if left := files(t, dir); len(left) != 3 || strings.Contains(strings.Join(left, " "), ".part") {
		t.Errorf("left %q", left)
	}
	if found, err := a.Whole("PH/2026-11-22", all); err != nil || len(found) != 0 {
		t.Errorf("a folder that is not there: %v, %v", found, err)
	}
	if found, err := a.Whole(ref.Folder, func(evidence.Ref) bool { return false }); err != nil || len(found) != 0 {
		t.Errorf("nothing is wanted: %v, %v", found, err)
	}
}

func TestRemove(t *testing.T) {
	dir, a := archive(t)
	for _, call := range []int64{1, 12} {
		if _, err := a.Write(evidence.Ref{Folder: ref.Folder, Call: call, Kind: evidence.Near}, jpg, strings.NewReader(jpeg)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, ref.Folder, ".1-near.part"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing left to do
		if err := a.Remove(evidence.Ref{Folder: ref.Folder, Call: 1, Kind: evidence.Near}); err != nil {
			t.Fatal(err)
		}
	}
	if left := files(t, dir); len(left) != 1 || !strings.HasPrefix(left[0], ref.Folder+"/12-near-") {
		t.Errorf("left %q", left)
	}
	if err := a.Remove(evidence.Ref{Folder: "PH/2026-11-22", Call: 1, Kind: evidence.Near}); err != nil {
		t.Error(err)
	}
}
