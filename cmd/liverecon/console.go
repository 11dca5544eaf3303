package main

import (
	"io"
	"log/slog"
	"os"
	"sync"

	"golang.org/x/term"

	"liverecon/cmd/liverecon/clean"
	"liverecon/cmd/liverecon/config"
)

// console writes to standard error: the log, and on a terminal the bars below it.
type console struct {
	stream
	terminal bool
	bars     bool // a terminal that can move its cursor, and says how large it is

	mu    sync.Mutex
	above io.Writer // while bars are drawn: what writes above them
}

func newConsole(err stream) *console {
	terminal := term.IsTerminal(int(err.raw.Fd()))
	columns, rows, sizeErr := term.GetSize(int(err.raw.Fd()))
	bars := terminal && os.Getenv("TERM") != "dumb" && os.Getenv("TERM") != "" && sizeErr == nil && columns > 0 &&
		rows > 0
	return &console{stream: err, terminal: terminal, bars: bars}
}

// Write writes whole lines, cleaned, above the bars where there are some.
func (c *console) Write(text []byte) (int, error) {
	c.mu.Lock()
	above := c.above
	c.mu.Unlock()
	tame := clean.Lines(string(text))
	if above != nil {
		if _, err := io.WriteString(above, tame); err == nil {
			return len(text), nil
		} // the bars have ended meanwhile
	}
	c.printf("%s", lines(tame))
	return len(text), nil
}

func (c *console) writeAbove(w io.Writer) {
	c.mu.Lock()
	c.above = w
	c.mu.Unlock()
}

// logger logs text for people on a terminal, and JSON for the collectors that read anything else.
func (c *console) logger(level slog.Level) *slog.Logger {
	if !c.terminal {
		return slog.New(slog.NewJSONHandler(c, &slog.HandlerOptions{Level: level}))
	}
	short := func(groups []string, a slog.Attr) slog.Attr {
		switch {
		case len(groups) > 0:
		case a.Key == slog.TimeKey:
			a.Value = slog.StringValue(a.Value.Time().Format("15:04:05"))
		case a.Key == slog.LevelKey && a.Value.String() == slog.LevelInfo.String():
			return slog.Attr{}
		}
		return a
	}
	return slog.New(slog.NewTextHandler(c, &slog.HandlerOptions{Level: level, ReplaceAttr: short}))
}

// parseLevel reads a log level's name.
func parseLevel(name string) (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return 0, config.Usage("want debug, info, warn or error", "--log-level: there is no level %.20q", name)
	}
	return level, nil
}
