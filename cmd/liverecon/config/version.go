package config

import (
	"runtime/debug"
	"strings"
)

// Version returns what the binary was built from: a tag where there is one, else the commit.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text := strings.TrimPrefix(info.Main.Version, "v")
	if text == "" || text == "(devel)" {
		text = "development"
	}
	return text
}
