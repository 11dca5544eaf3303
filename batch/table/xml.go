package table

import (
	"encoding/xml"
	"errors"
	"io"
)

// tokens reads the XML of a big part. Its errors name the part.
type tokens struct {
	part string
	in   io.ReadCloser
	xml  *xml.Decoder
}

func (w *workbook) tokens(part string) (*tokens, error) {
	in, err := w.open(part)
	if err != nil {
		return nil, err
	}
	t := &tokens{part: part, in: in}
	t.xml = xml.NewDecoder(&bounded{r: in, understood: func() int64 { return t.xml.InputOffset() }})
	return t, nil
}

// next returns the next start or end of an element, or text. Beyond a few levels a
// part is no sheet, and remembering them would take memory.
func (t *tokens) next(depth *int) (xml.Token, error) {
	const deepest = 32
	token, err := t.xml.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, partError(t.part, err)
	}
	switch token.(type) {
	case xml.StartElement:
		*depth++
	case xml.EndElement:
		*depth--
	}
	if *depth > deepest {
		return nil, partError(t.part, errors.New("too deep"))
	}
	return token, nil
}

// end reads what is left of the part, so that its checksum is compared.
func (t *tokens) end() error {
	_, err := io.Copy(io.Discard, io.LimitReader(t.in, maxText))
	if err != nil {
		err = partError(t.part, err)
	}
	return errors.Join(err, t.in.Close())
}

// attribute returns an attribute of no namespace.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}
