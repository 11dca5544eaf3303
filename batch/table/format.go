package table

import (
	"regexp"
	"strconv"
	"strings"
)

// Format describes as what a number format shows a number.
type Format struct {
	Clock bool // a time of day, with a date or without
	Time  bool // a date, a time of day, or a length of time
	// Beside holds what it shows beside a number: symbols and words, a blank between them.
	Beside string
}

type xmlStyles struct {
	Formats []struct {
		ID   int    `xml:"numFmtId,attr"`
		Code string `xml:"formatCode,attr"`
	} `xml:"numFmts>numFmt"`
	Cells []struct {
		Format int `xml:"numFmtId,attr"`
	} `xml:"cellXfs>xf"`
}

// shown finds what the format of each style, by its number, shows.
func (styles xmlStyles) shown() map[string]Format {
	formats := builtInFormats()
	for _, f := range styles.Formats {
		formats[f.ID] = shownBy(f.Code)
	}
	all := map[string]Format{}
	for i, c := range styles.Cells {
		if of := formats[c.Format]; of != (Format{}) {
			all[strconv.Itoa(i)] = of
		}
	}
	return all
}

// builtInFormats returns the formats of dates and times that have a number and no code (ECMA-376 part 1, 18.8.30);
// those from 27 on are dates and times in East Asian languages.
func builtInFormats() map[int]Format {
	formats := map[int]Format{}
	for _, ids := range [][2]int{{14, 17}, {27, 36}, {50, 58}} {
		for id := ids[0]; id <= ids[1]; id++ {
			formats[id] = Format{Time: true}
		}
	}
	for _, id := range []int{18, 19, 20, 21, 22, 45, 46, 47} {
		formats[id] = Format{Clock: true, Time: true}
	}
	return formats
}

// literalFormat finds what stands in a number format as it is, and the names of colours and conditions.
var literalFormat = regexp.MustCompile(`(?i)"[^"]*"|\\.|\[\$[^]]*\]|\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]+)\]|\[[<>=][^]]*\]|[_*].|general`)

// besideNumber finds what a number format shows as it is: a currency with the place where it is used, texts, single
// characters and signs of money. What only takes up room and what is a colour or a condition is found, too, and is
// none.
var besideNumber = regexp.MustCompile(`\[\$([^]-]*)[^]]*\]|"([^"]*)"|\\(.)|(\p{Sc})|[_*].|\[[^]]*\]`)

// shownBy looks for the letters of days, months, years, hours and seconds in a number format, outside of its texts, and
// for what the numbers that are not below zero have beside them.
func shownBy(code string) Format {
	var beside strings.Builder
	end := 0
	for _, m := range besideNumber.FindAllStringSubmatchIndex(code, -1) {
		if strings.Contains(code[end:m[0]], ";") {
			break
		}
		if m[0] > end || m[2] >= 0 || m[4] >= 0 {
			beside.WriteByte(' ')
		}
		for group := 2; group < len(m); group += 2 {
			if m[group] >= 0 {
				beside.WriteString(code[m[group]:m[group+1]])
			}
		}
		end = m[1]
	}
	code = strings.ToLower(literalFormat.ReplaceAllString(code, ""))
	clock := strings.ContainsAny(code, "hs")
	return Format{Clock: clock, Time: clock || strings.ContainsAny(code, "dmy"),
		Beside: strings.Join(strings.Fields(beside.String()), " ")}
}
