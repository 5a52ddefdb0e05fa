package dtapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// errShape: JSON of another shape than expected. The texts of the errors made of it
// show nothing of the JSON itself.
var errShape = errors.New("unexpected shape")

// newDecoder returns a decoder of data that is as lenient as the JSON grammar
// allows: one odd event shall not make the other 999 of a page unreadable.
func newDecoder(data []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// eachMember calls f with the members of the object that data is, all of it. The
// values are parts of data.
func eachMember(data []byte, f func(name string, value jsontext.Value) error) error {
	d := newDecoder(data)
	if d.PeekKind() != '{' {
		return fmt.Errorf("%w: not an object", errShape)
	}
	if _, err := d.ReadToken(); err != nil {
		return syntaxError(err)
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return syntaxError(err)
		}
		key := name.String()
		value, err := readValue(d, data)
		if err != nil {
			return err
		}
		if err := f(key, value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return end(d)
}

// eachElement calls f with the elements of the array that data is, all of it. null
// stands for no elements.
func eachElement(data []byte, f func(value jsontext.Value) error) error {
	d := newDecoder(data)
	if d.PeekKind() == 'n' {
		return nil
	}
	if d.PeekKind() != '[' {
		return fmt.Errorf("%w: not an array", errShape)
	}
	if _, err := d.ReadToken(); err != nil {
		return syntaxError(err)
	}
	for i := 0; d.PeekKind() != ']'; i++ {
		value, err := readValue(d, data)
		if err != nil {
			return err
		}
		if err := f(value); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return end(d)
}

// readValue returns the next value as a part of data, from which d reads.
func readValue(d *jsontext.Decoder, data []byte) (jsontext.Value, error) {
	value, err := d.ReadValue()
	if err != nil {
		return nil, syntaxError(err)
	}
	to := int(d.InputOffset())
	return data[to-len(value) : to : to], nil
}

// end reads the closing bracket and sees that nothing follows.
func end(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return syntaxError(err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows the JSON", errShape)
	}
	return nil
}

func syntaxError(err error) error {
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		return fmt.Errorf("%w: not JSON at byte %d", errShape, syntactic.ByteOffset)
	}
	return fmt.Errorf("%w: not JSON", errShape)
}

// fold returns name in the one spelling for which nextPageToken and next_page_token
// are the same.
func fold(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

// text returns the string that value is; null stands for "".
func text(value jsontext.Value) (string, error) {
	switch value.Kind() {
	case 'n':
		return "", nil
	case '"':
		// The only error is one of characters that are not UTF-8, and those are
		// replaced.
		unquoted, _ := jsontext.AppendUnquote(nil, value)
		return string(unquoted), nil
	}
	return "", fmt.Errorf("%w: not a string", errShape)
}

// texts returns the array of strings that value is; null stands for nil.
func texts(value jsontext.Value) ([]string, error) {
	if value.Kind() == 'n' {
		return nil, nil
	}
	list := []string{}
	err := eachElement(value, func(value jsontext.Value) error {
		s, err := text(value)
		list = append(list, s)
		return err
	})
	return list, err
}

// integer returns the integer that value is as a number or, as Protocol Buffers
// write 64-bit integers in JSON, as a string; null stands for 0.
func integer(value jsontext.Value) (int64, error) {
	if value.Kind() == 'n' {
		return 0, nil
	}
	digits := string(value)
	if value.Kind() == '"' {
		digits, _ = text(value)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: not an integer", errShape)
	}
	return n, nil
}
