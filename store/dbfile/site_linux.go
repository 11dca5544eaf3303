package dbfile

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// networks lists file systems that other machines, or other programs, serve: their locks may reach this machine only,
// and what is mapped into memory is not the same for all. FUSE is among them, for anything may be behind it.
var networks = map[uint32]string{
	unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.SMB2_SUPER_MAGIC: "SMB",
	unix.CIFS_SUPER_MAGIC: "SMB",
	unix.FUSE_SUPER_MAGIC: "FUSE", unix.V9FS_MAGIC: "9p", unix.AFS_SUPER_MAGIC: "AFS", unix.AFS_FS_MAGIC: "AFS",
	unix.CODA_SUPER_MAGIC: "Coda", unix.CEPH_SUPER_MAGIC: "Ceph", unix.NCP_SUPER_MAGIC: "NCP",
	unix.OCFS2_SUPER_MAGIC:  "OCFS2",
	unix.HOSTFS_SUPER_MAGIC: "hostfs",
	0x01161970:              "GFS2", 0x0bd00bd0: "Lustre", 0x47504653: "GPFS", 0x19830326: "BeeGFS",
	0xaad7aaea: "PanFS",
	0xbeefdead: "StorNext", 0x61636673: "ACFS", 0x786f4256: "vboxsf", 0xbacbacbc: "vmhgfs", 0x7c7c6673: "prlfs",
}

// fleeting lists file systems whose files end with the machine's run or, as a rule, with the container.
var fleeting = map[uint32]string{
	unix.TMPFS_MAGIC: "tmpfs", unix.RAMFS_MAGIC: "ramfs", unix.OVERLAYFS_SUPER_MAGIC: "overlay", 0x61756673: "aufs",
}

// fileSystem tells of what kind the file system of a directory is, where that matters.
func fileSystem(dir string) (network, passing string, err error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return "", "", &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	kind := uint32(fs.Type) //nolint:unconvert // its type is the architecture's choice
	return networks[kind], fleeting[kind], nil
}

// lockAt holds the byte of a database file that the lock is on: far above those that SQLite locks (0x40000000 to
// 0x400001FF). It need not exist.
const lockAt = 1 << 40

// lockByte takes the lock of an open file, which lasts until file is closed or its process has ended; ok is false when
// somebody else has it. It returns ErrUnlockable, wrapped, where there is no such lock.
//
// It is an open file description lock, which belongs to the open file and not to the process as
// POSIX locks do, which fall as soon as anything in the process closes the file; and it covers one byte, where flock(2)
// would lock SQLite out on NFS.
func lockByte(file *os.File) (ok bool, err error) {
	err = unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK, Start: lockAt, Len: 1})
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EACCES):
		return false, nil
	}
	return false, lockingError(err)
}

// unlockByte gives the lock back, whoever else has the same open file.
func unlockByte(file *os.File) error {
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_UNLCK, Start: lockAt, Len: 1})
}

// IsLocked asks for the lock of an open file without taking it. Its own lock does not count. It returns what lockByte
// does.
func IsLocked(file *os.File) (bool, error) {
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: lockAt, Len: 1}
	if err := unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &lock); err != nil {
		return false, lockingError(err)
	}
	return lock.Type != unix.F_UNLCK, nil
}

func lockingError(err error) error {
	for _, unknown := range []error{unix.EINVAL, unix.ENOSYS, unix.EOPNOTSUPP, unix.ENOLCK} {
		if errors.Is(err, unknown) {
			return fmt.Errorf("%w (%w)", ErrUnlockable, err)
		}
	}
	return err
}

// renameNew renames a file, but not over another one.
func renameNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) { // not on every file system
		if _, err := os.Lstat(to); err == nil {
			return &os.LinkError{Op: "rename", Old: from, New: to, Err: unix.EEXIST}
		}
		return os.Rename(from, to)
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
