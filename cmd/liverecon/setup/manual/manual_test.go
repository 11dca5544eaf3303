package manual_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"liverecon/cmd/liverecon/setup/manual"
)

// What a page says is on the terminal word for word, whatever its width: markup, heads of tables and the commands that stand
// for links come and go, words do not.
func TestForTerminalKeepsEveryWord(t *testing.T) {
	for _, topic := range manual.Topics() {
		page, _ := manual.Page(topic)
		for _, columns := range []int{1, 40, 60, 80, 100, 1000} {
			set := words(manual.ForTerminal(page, columns))
			at := 0
			for _, word := range words(source(page)) {
				found := at
				for found < len(set) && set[found] != word {
					found++
				}
				if found == len(set) {
					t.Errorf("%s at %d columns lacks %q behind %q", topic, columns, word, strings.Join(set[max(at-5, 0):at], " "))
					break
				}
				at = found + 1
			}
		}
	}
}

var (
	link     = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)
	ruler    = regexp.MustCompile(`(?m)^\|[-|: ]+\|$`)
	header   = regexp.MustCompile(`(?m)^\|.*\|\n\|[-|: ]+\|$`)
	notAWord = regexp.MustCompile(`[^\pL\pN_./%<>=+\-]+`)
)

// source is a page without its markup and without the heads of its tables, which a list of rows leaves out.
func source(page []byte) string {
	text := header.ReplaceAllString(string(page), "")
	return link.ReplaceAllString(ruler.ReplaceAllString(text, ""), "$1 ")
}

var markup = strings.NewReplacer("`", "", "*", "", `\|`, "|")

func words(text string) []string {
	return strings.Fields(strings.ToLower(notAWord.ReplaceAllString(markup.Replace(text), " ")))
}

// No line is wider than the terminal, but for commands and examples, and for a word that is wider by itself.
func TestForTerminalFits(t *testing.T) {
	for _, topic := range manual.Topics() {
		page, _ := manual.Page(topic)
		for _, columns := range []int{60, 80, 100} {
			for line := range strings.Lines(manual.ForTerminal(page, columns)) {
				line = strings.TrimSuffix(line, "\n")
				if utf8.RuneCountInString(line) > columns && !strings.HasPrefix(line, "        ") && strings.Contains(strings.TrimSpace(line), " ") {
					t.Errorf("%s at %d columns: %q", topic, columns, line)
				}
			}
		}
	}
}

func TestForTerminal(t *testing.T) {
	const page = "# Title\n\nSome *text* with `code` and [a page](finance.md),\nand [a site](https://example.com).\n\n" +
		"## Part\n\n- **One.** A list's item that is wrapped\n- Two\n\n1. first\n2. second\n\nAnd:\n\n    liverecon run   # as it is, however long it may be\n\n" +
		"| code | meaning |\n|---|---|\n| 0 | done, or there was nothing to be done |\n\n" +
		"| key | default | meaning |\n|---|---|---|\n| `limits.deadline` | | when the night ends, a time of day |\n| `reports` | `here` | a directory |\n"
	const want = `TITLE

    Some text with ` + "`code`" + ` and a page
    (` + "`liverecon help finance`" + `), and
    a site (https://example.com).

Part

    - One. A list's item that is
      wrapped

    - Two

    1. first

    2. second

    And:

        liverecon run   # as it is, however long it may be

    0     done, or there was nothing
          to be done

    ` + "`limits.deadline`" + `
        meaning: when the night
        ends, a time of day

    ` + "`reports`" + `
        default: ` + "`here`" + `
        meaning: a directory
`
	if got := manual.ForTerminal([]byte(page), 36); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

var target = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)

// A link of a page, or of the README, leads to something that is there.
func TestLinks(t *testing.T) {
	files := map[string][]byte{}
	for _, topic := range manual.Topics() {
		files[topic+".md"], _ = manual.Page(topic)
	}
	const readme = "../../../../README.md"
	var err error
	if files[readme], err = os.ReadFile(readme); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		for _, m := range target.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s leads to %s: %v", name, m[1], err)
			}
		}
	}
	for _, topic := range manual.Topics() {
		if !strings.Contains(string(files[readme]), "cmd/liverecon/setup/manual/"+topic+".md)") {
			t.Errorf("README does not lead to %s", topic)
		}
	}
}

func TestPage(t *testing.T) {
	for _, topic := range manual.Topics() {
		page, isPage := manual.Page(topic)
		if !isPage || !strings.HasPrefix(string(page), "# ") {
			t.Errorf("%s has no heading", topic)
		}
	}
	for _, topic := range []string{"", "nothing", "../manual", "."} {
		if page, isPage := manual.Page(topic); isPage {
			t.Errorf("%q is a page: %q", topic, page)
		}
	}
}
