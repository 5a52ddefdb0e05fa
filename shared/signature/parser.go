package signature

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// A parser reads the JSON in tokens, one at a time, and reuses its memory.
type parser struct {
	json   *jsontext.Decoder
	buffer bytes.Buffer
	data   []byte
	copied string // data again, for cutting strings without copying
}

func newParser() *parser {
	return &parser{json: jsontext.NewDecoder(new(bytes.Buffer))}
}

// reset makes data what is read.
func (p *parser) reset(data []byte) {
	p.data, p.copied = data, string(data)
	p.buffer = *bytes.NewBuffer(data)
	p.json.Reset(&p.buffer)
}

// eachMember calls f with every member of the JSON object in data. A name that
// stands twice is an error: which one counts would be a matter of taste.
func (p *parser) eachMember(data []byte, f func(name []byte, value jsontext.Value) error) error {
	p.reset(data)
	if p.json.PeekKind() != '{' {
		return fmt.Errorf("%w: not a JSON object", ErrMalformed)
	}
	if _, err := p.json.ReadToken(); err != nil {
		return fmt.Errorf("%w: not JSON", ErrMalformed)
	}
	for p.json.PeekKind() != '}' {
		name, err := p.value()
		if err != nil {
			return err
		}
		if name, err = unquoted(name); err != nil {
			return err
		}
		value, err := p.value()
		if err != nil {
			return err
		}
		if err := f(name, value); err != nil {
			return err
		}
	}
	if _, err := p.json.ReadToken(); err != nil {
		return fmt.Errorf("%w: not JSON", ErrMalformed)
	}
	if len(bytes.TrimLeft(data[p.json.InputOffset():], " \t\r\n")) > 0 {
		return fmt.Errorf("%w: more than one JSON value", ErrMalformed)
	}
	return nil
}

// value reads any value and returns the bytes of data that hold it.
func (p *parser) value() (jsontext.Value, error) {
	v, err := p.json.ReadValue()
	if err != nil {
		return nil, fmt.Errorf("%w: not JSON", ErrMalformed)
	}
	// The same bytes in data: v itself lasts only until the next read.
	end := p.json.InputOffset()
	return p.data[end-int64(len(v)) : end], nil
}

// text returns the string in value, which was read last. Only an escaped string
// is copied.
func (p *parser) text(name string, value jsontext.Value) (string, error) {
	if value.Kind() != '"' {
		return "", fmt.Errorf("%w: %s: not a string", ErrMalformed, name)
	}
	if bytes.IndexByte(value, '\\') < 0 {
		end := int(p.json.InputOffset())
		return p.copied[end-len(value)+1 : end-1], nil
	}
	text, err := unquoted(value)
	return string(text), err
}

// unquoted returns what stands between the quotes of a valid JSON string.
func unquoted(quoted jsontext.Value) ([]byte, error) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1], nil
	}
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		return nil, fmt.Errorf("%w: not JSON", ErrMalformed)
	}
	return text, nil
}

// plain refuses a member, of no use here, that golang-jwt could not read: a
// number beyond float64.
func plain(value jsontext.Value) error {
	switch value.Kind() {
	case '0', '{', '[':
		var v any
		if json.Unmarshal(value, &v) != nil {
			return fmt.Errorf("%w: unreadable member", ErrMalformed)
		}
	}
	return nil
}
