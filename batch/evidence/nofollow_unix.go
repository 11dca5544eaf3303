//go:build unix

package evidence

import "syscall"

// noFollow makes opening a file refuse a symbolic link.
const noFollow = syscall.O_NOFOLLOW
