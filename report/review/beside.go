package review

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// copyName matches what programs that synchronise directories, and people, put behind the name of a file that they have
// a second one of: OneDrive the name of a computer, Dropbox, Nextcloud and Syncthing the word conflict, browsers and
// Windows a number or the word copy.
var copyName = regexp.MustCompile(`(?i)^(?:[ ._-]*[([]?.*(?:confli[ct]|konflikt|copy|kopie|copie|copia)` +
	`.*|(?:-copy)? ?\(\d{1,2}\)|-(?:DESKTOP|LAPTOP|PC|MAC|MACBOOK)-?[A-Z0-9-]*)$`)

// beside names files in a workbook's directory that may hold decisions about its rows, too: copies of it, which a
// program has made of two people's changes, and the mark that somebody has it open.
func beside(path string) (notes []string) {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // the file itself was read: that is what was asked
	}
	for _, e := range entries {
		name := e.Name()
		switch rest, longer := strings.CutPrefix(strings.TrimSuffix(name, filepath.Ext(name)), stem); {
		case name == "~$"+base, name == ".~lock."+base+"#":
			notes = append(notes, "somebody has "+base+" open ("+name+"): what is not saved is not read")
		case !longer || rest == "" || !e.Type().IsRegular() || !isTable(name):
		case copyName.MatchString(rest):
			notes = append(notes, "beside it stands "+name+", which may be a copy with other decisions: "+
				"it is not read; give it, too")
		}
	}
	return notes
}

func isTable(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xlsx", ".xlsm", ".csv", ".ods", ".xls":
		return true
	}
	return false
}
