package store_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// disk stands between SQLite and the operating system for the files of one directory. It knows which written bytes were
// followed by a sync, so it can tell what a power cut would leave, and it can fail writes and syncs on request.
//
// It is a copy of SQLite's own file system whose xOpen puts other xWrite, xTruncate, xSync and xClose into each file it
// opens; everything else, the locks and the shared memory above all, is the original.
type disk struct {
	dir string

	mu      sync.Mutex
	files   map[string]*diskFile  // by base name
	handles map[uintptr]string    // an open sqlite3_file to its base name
	methods map[uintptr]uintptr   // an original method table to our copy of it
	origin  map[uintptr]ioMethods // an open sqlite3_file to its original methods
	syncs   map[string]int

	careless bool // keeps no changes
	givesUp  bool // what a failing sync was to write is never written, though the system shows it and calls the next sync a success
	// failing is asked before every operation on a file, with its base name; a result other than SQLITE_OK is what
	// SQLite gets to hear. A failing sync leaves what was written before it unsynced.
	failing func(op, name string) int32

	xOpen     func(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32
	xDelete   func(tls *libc.TLS, vfs, name uintptr, syncDir int32) int32
	xWrite    func(tls *libc.TLS, file, buf uintptr, n int32, off int64) int32
	xTruncate func(tls *libc.TLS, file uintptr, size int64) int32
	xSync     func(tls *libc.TLS, file uintptr, flags int32) int32
	xClose    func(tls *libc.TLS, file uintptr) int32
}

type ioMethods = sqlite3.Tsqlite3_io_methods

// diskFile holds what is safe on the platter, and what was written since.
type diskFile struct {
	durable []byte
	pending []change
}

// change is bytes written at an offset, or with data nil a new length.
type change struct {
	at   int64
	data []byte
}

func (c change) apply(to []byte) []byte {
	end := c.at + int64(len(c.data))
	if c.data == nil && end < int64(len(to)) {
		return to[:end]
	}
	if missing := end - int64(len(to)); missing > 0 {
		to = append(to, make([]byte, missing)...)
	}
	copy(to[c.at:], c.data)
	return to
}

// at reads memory that SQLite's allocator owns, where Go's pointers do not reach.
func at[T any](addr uintptr) *T { return *(**T)(unsafe.Pointer(&addr)) }

// entry is a Go function as SQLite stores it. The function must stay reachable.
func entry[F any](f *F) uintptr { return *(*uintptr)(unsafe.Pointer(f)) }

// fn is the Go function behind an entry.
func fn[F any](entry uintptr) F { return *(*F)(unsafe.Pointer(&entry)) }

// newDisk makes every database that is opened in dir from now on go through the disk.
func newDisk(tb testing.TB, dir string) *disk {
	tb.Helper()
	d := &disk{dir: dir, files: map[string]*diskFile{}, handles: map[uintptr]string{}, methods: map[uintptr]uintptr{},
		origin: map[uintptr]ioMethods{}, syncs: map[string]int{}}
	tls := libc.NewTLS()
	base := *at[sqlite3.Tsqlite3_vfs](sqlite3.Xsqlite3_vfs_find(tls, 0))
	original := fn[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](base.FxOpen)
	d.xOpen = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32 {
		rc := original(tls, vfs, name, file, flags, out)
		if rc == sqlite3.SQLITE_OK && name != 0 {
			d.opened(tls, libc.GoString(name), file)
		}
		return rc
	}
	remove := fn[func(*libc.TLS, uintptr, uintptr, int32) int32](base.FxDelete)
	d.xDelete = func(tls *libc.TLS, vfs, name uintptr, syncDir int32) int32 {
		d.deleted(libc.GoString(name))
		return remove(tls, vfs, name, syncDir)
	}
	d.xWrite, d.xTruncate, d.xSync, d.xClose = d.write, d.truncate, d.sync, d.close
	own := base
	own.FpNext, own.FxOpen, own.FxDelete = 0, entry(&d.xOpen), entry(&d.xDelete)
	name, err := libc.CString("disk of " + filepath.Base(dir))
	check(tb, err)
	own.FzName = name
	memory := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(own)))
	*at[sqlite3.Tsqlite3_vfs](memory) = own
	if rc := sqlite3.Xsqlite3_vfs_register(tls, memory, 1); rc != sqlite3.SQLITE_OK {
		tb.Fatalf("register file system: %d", rc)
	}
	tb.Cleanup(func() {
		sqlite3.Xsqlite3_vfs_unregister(tls, memory)
		libc.Xfree(tls, memory)
		libc.Xfree(tls, name)
		for _, m := range d.methods {
			libc.Xfree(tls, m)
		}
		tls.Close()
		runtime.KeepAlive(d)
	})
	return d
}

// opened takes over a file of our directory; what it holds already is durable.
func (d *disk) opened(tls *libc.TLS, path string, file uintptr) {
	if filepath.Dir(path) != d.dir {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	name := filepath.Base(path)
	if d.files[name] == nil {
		held, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		d.files[name] = &diskFile{durable: held}
	}
	table := at[uintptr](file)
	if d.methods[*table] == 0 {
		own := *at[ioMethods](*table)
		own.FxWrite, own.FxTruncate, own.FxSync, own.FxClose = entry(&d.xWrite), entry(&d.xTruncate), entry(&d.xSync), entry(&d.xClose)
		memory := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(own)))
		*at[ioMethods](memory) = own
		d.methods[*table] = memory
	}
	d.handles[file], d.origin[file] = name, *at[ioMethods](*table)
	*table = d.methods[*table]
}

// deleted takes a deletion as durable at once: SQLite asks for that where it matters.
func (d *disk) deleted(path string) {
	if filepath.Dir(path) != d.dir {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, filepath.Base(path))
}

func (d *disk) ask(op string, file uintptr) (methods ioMethods, name string, rc int32) {
	d.mu.Lock()
	methods, name = d.origin[file], d.handles[file]
	failing := d.failing
	d.mu.Unlock()
	if failing != nil {
		rc = failing(op, name)
	}
	return methods, name, rc
}

func (d *disk) write(tls *libc.TLS, file, buf uintptr, n int32, off int64) int32 {
	methods, name, rc := d.ask("write", file)
	if rc == sqlite3.SQLITE_OK {
		rc = fn[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](methods.FxWrite)(tls, file, buf, n, off)
	}
	if rc == sqlite3.SQLITE_OK {
		d.record(name, change{off, unsafe.Slice(at[byte](buf), n)})
	}
	return rc
}

func (d *disk) truncate(tls *libc.TLS, file uintptr, size int64) int32 {
	methods, name, rc := d.ask("truncate", file)
	if rc == sqlite3.SQLITE_OK {
		rc = fn[func(*libc.TLS, uintptr, int64) int32](methods.FxTruncate)(tls, file, size)
	}
	if rc == sqlite3.SQLITE_OK {
		d.record(name, change{size, nil})
	}
	return rc
}

func (d *disk) record(name string, c change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f := d.files[name]; !d.careless {
		c.data = slices.Clone(c.data)
		f.pending = append(f.pending, c)
	}
}

// sync makes durable what was written before it began; the real sync is left out, for the test's cuts are made here.
func (d *disk) sync(_ *libc.TLS, file uintptr, _ int32) int32 {
	_, name, rc := d.ask("sync", file)
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[name]
	if rc != sqlite3.SQLITE_OK {
		if d.givesUp {
			f.pending = nil
		}
		return rc
	}
	d.syncs[name]++
	for _, c := range f.pending {
		f.durable = c.apply(f.durable)
	}
	f.pending = f.pending[:0]
	return sqlite3.SQLITE_OK
}

func (d *disk) close(tls *libc.TLS, file uintptr) int32 {
	d.mu.Lock()
	methods := d.origin[file]
	delete(d.origin, file)
	delete(d.handles, file)
	d.mu.Unlock()
	return fn[func(*libc.TLS, uintptr) int32](methods.FxClose)(tls, file)
}

// fail sets what goes wrong from now on; nil: nothing.
func (d *disk) fail(failing func(op, name string) int32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failing = failing
}

// synced is how often files with this ending were synced.
func (d *disk) synced(suffix string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	sum := 0
	for name, n := range d.syncs {
		if strings.HasSuffix(name, suffix) {
			sum += n
		}
	}
	return sum
}

// cut writes what a power cut at this moment would leave into a new directory. Of the writes that no sync followed each
// survives with the chance keep, some of those only in part, for a disk writes sectors in any order it likes.
func (d *disk) cut(tb testing.TB, rng *rand.Rand, keep float64) (dir string) {
	tb.Helper()
	dir = tb.TempDir()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		left := slices.Clone(d.files[name].durable)
		for _, c := range d.files[name].pending {
			if rng.Float64() >= keep {
				continue
			}
			if sectors := len(c.data) / 512; sectors > 1 && rng.IntN(4) == 0 {
				c.data = c.data[:512*rng.IntN(sectors)]
			}
			if len(c.data) > 0 || c.data == nil {
				left = c.apply(left)
			}
		}
		check(tb, os.WriteFile(filepath.Join(dir, name), left, 0o600))
	}
	return dir
}

// forget stops keeping what is written, for tests that want no more of the disk than its fast syncs.
func (d *disk) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.careless = true
}
