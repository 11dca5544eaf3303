//go:build !linux

package owner

// Stays describes why no other file can be put in the place of one that is there, though its directory may be written;
// "" where it can.
func Stays(string) string { return "" }

// Fixed reports whether the file system refuses any change of a file or directory, whoever asks for it.
func Fixed(string) bool { return false }
