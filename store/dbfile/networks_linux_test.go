package dbfile

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNetworksAreKnown asks by the numbers that statfs(2) gives for them.
func TestNetworksAreKnown(t *testing.T) {
	for kind, want := range map[uint32]string{
		unix.NFS_SUPER_MAGIC: "NFS", unix.CIFS_SUPER_MAGIC: "SMB", unix.SMB2_SUPER_MAGIC: "SMB", unix.FUSE_SUPER_MAGIC: "FUSE", unix.V9FS_MAGIC: "9p",
		unix.AFS_SUPER_MAGIC: "AFS", unix.CEPH_SUPER_MAGIC: "Ceph", 0x0bd00bd0: "Lustre",
		unix.EXT4_SUPER_MAGIC: "", unix.XFS_SUPER_MAGIC: "", unix.BTRFS_SUPER_MAGIC: "", unix.OVERLAYFS_SUPER_MAGIC: "", unix.TMPFS_MAGIC: "", unix.F2FS_SUPER_MAGIC: "", 0x2fc12fc1: "", // ZFS
	} {
		if got := networks[kind]; got != want {
			t.Errorf("%#x is %q, want %q", kind, got, want)
		}
		if err := (Site{Path: "liverecon.db", Network: want}).CheckLocal(); (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
