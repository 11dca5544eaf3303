package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A configuration is read as plain tables first, and then key by key through the functions of this file, each of which
// notes what is wrong and goes on. A decoder into structs would stop at the first value of a wrong type and could give
// no line for a value that is of the right type and still makes no sense; this way one reading names every mistake.

// problem describes one mistake in the configuration.
type problem struct {
	file string
	line int
	key  string // dotted, "" where no key is at fault
	text string
}

func (p *problem) Error() string {
	place := p.file
	if p.line > 0 {
		place += ":" + strconv.Itoa(p.line)
	}
	if p.key != "" {
		place += ": " + p.key
	}
	return place + ": " + p.text
}

// document represents a parsed TOML file with the line of every key, and the problems found in it so far.
type document struct {
	file     string
	Lines    map[string]int    // by dotted key; elements of arrays of tables as price[0]
	written  map[string]string // how values that are no texts stand in the file, and the heads of tables
	counts   map[string]int    // of the elements of arrays of tables so far
	problems []*problem
	Asked    map[string]bool // keys that exist, whether or not the file has them
	listed   map[string]bool // of them those that are lists of tables
	misnamed []misnamed
}

// ParseTOML parses text. The error is a *problem that names the line. A byte order mark, as Windows' editors write, is
// no part of it.
func ParseTOML(file string, text []byte) (*table, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	d := &document{file: file, Lines: map[string]int{}, written: map[string]string{}, counts: map[string]int{},
		Asked: map[string]bool{}, listed: map[string]bool{}}
	var values map[string]any
	if err := toml.Unmarshal(text, &values); err != nil {
		p := &problem{file: file, text: strings.TrimPrefix(err.Error(), "toml: ")}
		var at *toml.DecodeError
		if errors.As(err, &at) {
			p.line, _ = at.Position()
		}
		return nil, p
	}
	d.findLines(text)
	return &table{Doc: d, values: values}, nil
}

// findLines walks the document once more, since the decoder keeps no positions of what it has understood.
func (d *document) findLines(text []byte) {
	var p unstable.Parser
	p.Reset(text)
	prefix := ""
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			key, line := d.mark(&p, "", e)
			prefix = key
			d.noteHead(key, e.Kind)
			if e.Kind == unstable.ArrayTable {
				prefix = fmt.Sprintf("%s[%d]", key, d.counts[key])
				d.Lines[prefix] = line
				d.counts[key]++
			}
		case unstable.KeyValue:
			d.markValue(&p, prefix, e)
		}
	}
}

// noteHead notes how the head of a table, and of those around it that have none of their own, is written.
func (d *document) noteHead(key string, kind unstable.Kind) {
	d.written[key] = "[" + withoutIndex(key) + "]"
	if kind == unstable.ArrayTable {
		d.written[key] = "[" + d.written[key] + "]"
	}
	for i := strings.LastIndexByte(key, '.'); i > 0; i = strings.LastIndexByte(key, '.') {
		key = key[:i]
		if d.written[key] == "" {
			d.written[key] = "[" + withoutIndex(key) + "]"
		}
	}
}

var index = regexp.MustCompile(`\[[0-9]+\]`)

// withoutIndex returns a key as the heads of tables name it.
func withoutIndex(key string) string { return index.ReplaceAllString(key, "") }

// markValue notes the lines of a key and of the keys of the inline tables within its value.
func (d *document) markValue(p *unstable.Parser, prefix string, kv *unstable.Node) {
	key, _ := d.mark(p, prefix, kv)
	switch v := kv.Value(); v.Kind {
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			d.markValue(p, key, it.Node())
		}
	case unstable.Integer, unstable.Float, unstable.LocalTime, unstable.LocalDate, unstable.LocalDateTime, unstable.DateTime:
		d.written[key] = string(v.Data)
	case unstable.Array:
		n := 0
		for it := v.Children(); it.Next(); n++ {
			if it.Node().Kind != unstable.InlineTable {
				continue
			}
			element := fmt.Sprintf("%s[%d]", key, n)
			for in := it.Node().Children(); in.Next(); {
				d.markValue(p, element, in.Node())
				d.Lines[element] = cmp.Or(d.Lines[element], d.Lines[key])
			}
		}
	}
}

// mark notes the line where a possibly dotted key is first, and returns the whole key with its line here.
func (d *document) mark(p *unstable.Parser, prefix string, n *unstable.Node) (key string, line int) {
	key = prefix
	for it := n.Key(); it.Next(); {
		key = join(key, string(it.Node().Data))
		line = p.Shape(it.Node().Raw).Start.Line
		if _, known := d.Lines[key]; !known {
			d.Lines[key] = line
		}
		if n := d.counts[key]; n > 0 && !it.IsLast() { // the table stands in the latest element
			key = fmt.Sprintf("%s[%d]", key, n-1)
		}
	}
	return key, line
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

// wrong notes a mistake at a key, at the line of the nearest enclosing key that the file has.
func (d *document) wrong(key, format string, args ...any) {
	d.problems = append(d.problems, &problem{d.file, d.lineOf(key), key, fmt.Sprintf(format, args...)})
}

func (d *document) lineOf(key string) int {
	for at := key; at != ""; {
		if line := d.Lines[at]; line > 0 {
			return line
		}
		i := strings.LastIndexAny(at, ".[")
		if i < 0 {
			break
		}
		at = at[:i]
	}
	return 0
}

// sorted returns the problems in the order of the file.
func (d *document) sorted() []*problem {
	d.nameMisnamed()
	slices.SortStableFunc(d.problems, func(a, b *problem) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.key, b.key))
	})
	return d.problems
}
