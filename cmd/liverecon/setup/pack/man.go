package pack

import (
	"fmt"
	"strings"

	"github.com/cpuguy83/go-md2man/v2/md2man"
	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/setup/manual"
)

// Columns of a page that is shown at 80 and indented by seven.
const (
	pageWidth = 72
	flagWidth = pageWidth - 4
)

// manPages returns the pages by their paths below a man directory: the program and its verbs in section 1, the topics
// of the manual in section 7. They bear no date, so that they are the same whenever they are made.
func manPages(command *cobra.Command, overview string) map[string][]byte {
	also := []string{"liverecon(1)"}
	for _, verb := range verbsOf(command) {
		also = append(also, "liverecon-"+verb.Name()+"(1)")
	}
	for _, topic := range manual.Topics() {
		also = append(also, "liverecon-"+topic+"(7)")
	}
	pages := map[string][]byte{
		"man1/liverecon.1": page("liverecon", 1, "reconcile liveness checks with the vendor that made them",
			"# DESCRIPTION\n\n"+block(overview), also),
	}
	for _, verb := range verbsOf(command) {
		name := "liverecon-" + verb.Name()
		var text strings.Builder
		fmt.Fprintf(&text, "# SYNOPSIS\n\n%s\n", block(verb.UseLine()))
		fmt.Fprintf(&text, "# DESCRIPTION\n\n%s\n\n", plain.Replace(verb.Long))
		fmt.Fprintf(&text, "# FLAGS\n\n%s\n", block(verb.LocalFlags().FlagUsagesWrapped(flagWidth)))
		fmt.Fprintf(&text, "# EXAMPLE\n\n%s\n", block(verb.Example))
		pages["man1/"+name+".1"] = page(name, 1, summary(overview, verb.Name()), text.String(), also)
	}
	for _, topic := range manual.Topics() {
		text, _ := manual.Page(topic)
		title, _, _ := strings.Cut(strings.TrimPrefix(string(text), "# "), "\n")
		pages["man7/liverecon-"+topic+".7"] = page("liverecon-"+topic, 7, "the manual: "+title,
			"# DESCRIPTION\n\n"+block(manual.ForTerminal(text, pageWidth)), also)
	}
	return pages
}

// verbsOf returns the verbs that the help shows.
func verbsOf(command *cobra.Command) []*cobra.Command {
	var verbs []*cobra.Command
	for _, verb := range command.Commands() {
		if !verb.Hidden {
			verbs = append(verbs, verb)
		}
	}
	return verbs
}

// plain keeps a text from being read as Markdown.
var plain = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`,
	"#", `\#`, "|", `\|`, "~", `\~`)

// block returns a text as one that is set as it stands.
func block(text string) string {
	text = strings.Trim(text, "\n")
	if text == "" {
		text = "none"
	}
	return "```\n" + text + "\n```\n"
}

// page sets one page of a man directory.
func page(name string, section int, summary, body string, also []string) []byte {
	var others []string
	for _, other := range also {
		if other != fmt.Sprintf("%s(%d)", name, section) {
			others = append(others, "**"+strings.Replace(other, "(", "**(", 1))
		}
	}
	title := fmt.Sprintf("%% %q \"%d\" \"\" \"liverecon %s\" \"liverecon\"\n", strings.ToUpper(name), section, config.Version())
	text := title +
		"# NAME\n\n" + plain.Replace(name) + " - " + plain.Replace(summary) + "\n\n" + body +
		"\n\n# SEE ALSO\n\n" + strings.Join(others, ", ") + "\n"
	return md2man.Render([]byte(text))
}
