//go:build !linux

package doctor

func stays(string) string { return "" }
