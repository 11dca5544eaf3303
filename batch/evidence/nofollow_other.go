//go:build !unix

package evidence

// noFollow stays nothing where no run can be made, for want of a lock.
const noFollow = 0
