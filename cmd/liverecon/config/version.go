package config

import (
	_ "embed"
	"runtime/debug"
	"strings"
)

// release holds the version that a release was linked with.
var release string

// archived holds what git put in place of a mark when it wrote a source archive (.gitattributes: export-subst).
//
//go:embed archived.txt
var archived string

// Version returns what the binary was built from: the version it was linked with, else that of the source archive or of
// the module, which is a tag where there is one and else tells the commit.
func Version() string {
	if release != "" {
		return release
	}
	module := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		module = info.Main.Version
	}
	return version(archived, module)
}

// version chooses between the text of a source archive and a module's version.
func version(archived, module string) string {
	if described := strings.TrimSpace(archived); !strings.HasPrefix(described, "$") && described != "" {
		return strings.TrimPrefix(described, "v")
	}
	if module == "" || module == "(devel)" {
		return "development"
	}
	return strings.TrimPrefix(module, "v")
}
