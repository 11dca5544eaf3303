package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"

	"filippo.io/age"
)

// Archive keeps images in files of their own:
//
//	<folder>/<call>-<kind>-<first 16 hex digits of the file's SHA-256><extension>[.age]
//
// Nothing of it is the vendor's. A file gets this name only when it is whole and on disk; until then it is
// .<call>-<kind>.part. So after a crash a file is either whole, under a name that tells whose it is, and its hash
// proves it, or it is a part, which is worth nothing.
type Archive struct {
	root       *os.Root // no name and no symbolic link leads out of it
	recipients []age.Recipient
}

// Ref describes whose an image is.
type Ref struct {
	Folder string // region/day
	Call   int64
	Kind   Kind
}

// File represents a stored image.
type File struct {
	Path   string // below the archive's directory, with slashes
	SHA256 [sha256.Size]byte
	Bytes  int64
}

// OpenArchive opens the archive in dir and makes the directory if there is none. With recipients, public keys of age,
// every file is encrypted to all of them and, since only they have the keys, never read again by this program.
func OpenArchive(dir string, recipients []string) (*Archive, error) {
	var keys []age.Recipient
	for _, text := range recipients {
		key, err := ParseRecipient(text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Archive{root, keys}, nil
}

// ParseRecipient reads a public key of age. The error does not repeat the text, which may be the secret one.
func ParseRecipient(text string) (age.Recipient, error) {
	if strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-") {
		return nil, errors.New("is a secret key: give the public one, which begins with age1, and keep the " +
			"secret one off this machine")
	}
	keys, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil || len(keys) != 1 {
		return nil, errors.New("is no public key of age, which begins with age1")
	}
	return keys[0], nil
}

// Close ends the use of the directory.
func (a *Archive) Close() error { return a.root.Close() }

func (r Ref) stem() string { return fmt.Sprintf("%d-%s", r.Call, r.Kind) }

func (r Ref) part() string { return path.Join(r.Folder, "."+r.stem()+".part") }

var folderForm = regexp.MustCompile(`^[A-Z]{2,3}/[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

// Write stores an image. What body fails with is returned as it is; the file is there whole, or not at all.
func (a *Archive) Write(ref Ref, format Format, body io.Reader) (File, error) {
	if !folderForm.MatchString(ref.Folder) {
		return File{}, fmt.Errorf("folder %q of an image", ref.Folder)
	}
	if err := a.makeFolder(ref.Folder); err != nil {
		return File{}, err
	}
	file, err := a.writePart(ref, body)
	if err != nil {
		return File{}, errors.Join(err, ignoreMissing(a.root.Remove(ref.part())))
	}
	file.Path = path.Join(ref.Folder, ref.stem()+"-"+hex.EncodeToString(file.SHA256[:8])+format.Extension)
	if len(a.recipients) > 0 {
		file.Path += ".age"
	}
	if err := a.root.Rename(ref.part(), file.Path); err != nil {
		return File{}, errors.Join(err, ignoreMissing(a.root.Remove(ref.part())))
	}
	return file, a.syncFolder(ref.Folder)
}

// makeFolder makes region and day, readable for the owner alone whatever the umask.
func (a *Archive) makeFolder(folder string) error {
	for _, dir := range []string{path.Dir(folder), folder} {
		err := a.root.Mkdir(dir, 0o700)
		switch {
		case errors.Is(err, fs.ErrExist):
			continue
		case err == nil:
			err = a.root.Chmod(dir, 0o700)
		}
		if err == nil {
			err = a.syncFolder(path.Dir(dir))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writePart writes the file under its temporary name, and makes it durable.
func (a *Archive) writePart(ref Ref, body io.Reader) (file File, err error) {
	out, err := a.root.OpenFile(ref.part(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC|noFollow, 0o600)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := out.Chmod(0o600); err != nil {
		return File{}, err
	}
	sum := &summed{out: out, hash: sha256.New()}
	if err := a.fill(sum, body); err != nil {
		return File{}, err
	}
	sum.hash.Sum(file.SHA256[:0])
	file.Bytes = sum.bytes
	return file, out.Sync()
}

// fill writes the image, encrypted if there is anybody to encrypt it to.
func (a *Archive) fill(out io.Writer, body io.Reader) error {
	if len(a.recipients) == 0 {
		_, err := io.Copy(out, body)
		return err
	}
	sealed, err := age.Encrypt(out, a.recipients...)
	if err != nil {
		return err
	}
	if _, err := io.Copy(sealed, body); err != nil {
		return err
	}
	return sealed.Close()
}

// summed hashes and counts what goes into a file.
type summed struct {
	out   io.Writer
	hash  hash.Hash
	bytes int64
}

func (s *summed) Write(p []byte) (int, error) {
	n, err := s.out.Write(p)
	s.hash.Write(p[:n])
	s.bytes += int64(n)
	return n, err
}

func (a *Archive) syncFolder(folder string) error {
	dir, err := a.root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

var fileForm = regexp.MustCompile(`^([0-9]+)-(result|audit|far|near)-([0-9a-f]{16})\.(jpg|png|webp|zip)(\.age)?$`)

// Whole finds the whole files of a folder, and removes parts that a crash has left. A file whose content is not what
// its name says is not among them.
func (a *Archive) Whole(folder string, wanted func(Ref) bool) (map[Ref]File, error) {
	entries, err := fs.ReadDir(a.root.FS(), folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := map[Ref]File{}
	for _, entry := range entries {
		name := path.Join(folder, entry.Name())
		if strings.HasPrefix(entry.Name(), ".") && strings.HasSuffix(entry.Name(), ".part") {
			if err := a.root.Remove(name); err != nil {
				return nil, err
			}
			continue
		}
		m := fileForm.FindStringSubmatch(entry.Name())
		if m == nil {
			continue
		}
		call, err := strconv.ParseInt(m[1], 10, 64)
		ref := Ref{folder, call, Kind(m[2])}
		if err != nil || !wanted(ref) {
			continue
		}
		file, err := a.sum(name)
		if err != nil {
			return nil, err
		}
		if hex.EncodeToString(file.SHA256[:8]) == m[3] {
			found[ref] = file
		}
	}
	return found, nil
}

func (a *Archive) sum(name string) (file File, err error) {
	in, err := a.root.Open(name)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	hash := sha256.New()
	file = File{Path: name}
	if file.Bytes, err = io.Copy(hash, in); err != nil {
		return File{}, err
	}
	hash.Sum(file.SHA256[:0])
	return file, nil
}

// Remove deletes every file of an image: the one it was stored in, and what a crash may have left of it.
func (a *Archive) Remove(ref Ref) error {
	entries, err := fs.ReadDir(a.root.FS(), ref.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		if name := entry.Name(); strings.HasPrefix(name, ref.stem()+"-") || name == path.Base(ref.part()) {
			err = errors.Join(err, a.root.Remove(path.Join(ref.Folder, name)))
		}
	}
	return err
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
