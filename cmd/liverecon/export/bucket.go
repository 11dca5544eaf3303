package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"

	"liverecon/cmd/liverecon/internal/objects"
	"liverecon/store/parquet"
)

// mostManifest bounds the manifest that is read, in bytes: some hundred thousand files.
const mostManifest = 64 << 20

// bucketPlace represents a place in storage that speaks the protocol of S3. Files wait on this machine until all of a
// month are whole. There is no rename there, so between the first and the last request of a month both its versions may
// be found by those who do not read the manifest.
type bucketPlace struct {
	bucket *objects.Bucket
	dir    string // where files wait
	open   *os.File
	ended  []waiting
	names  map[string]bool // that were there when it was asked first
}

type waiting struct {
	parquet.File
	path string
}

func newBucketPlace(bucket *objects.Bucket) (*bucketPlace, error) {
	dir, err := os.MkdirTemp("", "liverecon-export-")
	return &bucketPlace{bucket: bucket, dir: dir}, err
}

// Manifest reads the manifest.
func (p *bucketPlace) Manifest(ctx context.Context) ([]byte, error) {
	return p.bucket.Get(ctx, parquet.ManifestName, mostManifest)
}

// Recover removes what an export has left that was cut short. A manifest is put behind its files, so that none of them
// is missing.
func (p *bucketPlace) Recover(ctx context.Context, m *parquet.Manifest) error {
	listed := m.Paths()
	for _, table := range parquet.Tables() {
		names, err := p.bucket.Names(ctx, table)
		if err != nil {
			return err
		}
		for _, name := range names {
			if parquet.IsPart(name) && !listed[name] {
				if err := p.bucket.Remove(ctx, name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Begin begins a file on this machine.
func (p *bucketPlace) Begin(string) (w io.Writer, err error) {
	p.open, err = os.CreateTemp(p.dir, "part-")
	return p.open, err
}

// End ends it.
func (p *bucketPlace) End(f parquet.File) error {
	name := p.open.Name()
	err := p.open.Close()
	p.open = nil
	p.ended = append(p.ended, waiting{f, name})
	return err
}

// Commit sends files and manifest, and removes what is stale.
func (p *bucketPlace) Commit(ctx context.Context, manifest []byte, stale []parquet.File) error {
	for _, f := range p.ended {
		if err := p.put(ctx, f); err != nil {
			return err
		}
	}
	err := p.bucket.Put(ctx, parquet.ManifestName, bytes.NewReader(manifest), int64(len(manifest)), "application/json")
	if err != nil {
		return err
	}
	for _, f := range stale {
		if err := p.bucket.Remove(ctx, f.Path); err != nil {
			return err
		}
	}
	return p.drop()
}

func (p *bucketPlace) put(ctx context.Context, f waiting) error {
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // opened for reading
	return p.bucket.Put(ctx, f.Path, file, f.Bytes, "application/vnd.apache.parquet")
}

func (p *bucketPlace) drop() (err error) {
	for _, f := range p.ended {
		err = errors.Join(err, os.Remove(f.path))
	}
	p.ended = nil
	return err
}

// Skip removes the file that was begun.
func (p *bucketPlace) Skip() error {
	if p.open == nil {
		return nil
	}
	err := errors.Join(p.open.Close(), os.Remove(p.open.Name()))
	p.open = nil
	return err
}

// Drop removes what waits.
func (p *bucketPlace) Drop() (err error) { return errors.Join(p.Skip(), p.drop()) }

// Damaged asks for what is stored; where thorough, for its content too.
func (p *bucketPlace) Damaged(
	ctx context.Context, files []parquet.File, thorough bool,
) (bad []parquet.Damage, err error) {
	if p.names == nil {
		p.names = map[string]bool{}
		for _, table := range parquet.Tables() {
			names, err := p.bucket.Names(ctx, table)
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				p.names[name] = true
			}
		}
	}
	for _, f := range files {
		if !p.names[f.Path] {
			bad = append(bad, parquet.Damage{File: f, What: parquet.Missing})
			continue
		}
		if !thorough {
			continue
		}
		content, err := p.bucket.Get(ctx, f.Path, f.Bytes+1)
		if err != nil && int64(len(content)) <= f.Bytes {
			return nil, err
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != f.SHA256 {
			bad = append(bad, parquet.Damage{File: f, What: parquet.Changed})
		}
	}
	return bad, nil
}

// Close ends the use of the storage.
func (p *bucketPlace) Close() error {
	p.bucket.Close()
	return errors.Join(p.Drop(), os.RemoveAll(filepath.Clean(p.dir)))
}
