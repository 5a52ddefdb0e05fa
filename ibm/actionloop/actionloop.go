// Package actionloop is the protocol between an OpenWhisk runtime proxy and the
// program of an action: one line of JSON in on standard input, one line out on file
// descriptor 3, for as long as the instance lives (apache/openwhisk-runtime-go,
// docs/ACTION.md).
package actionloop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

const (
	// maxLine is the longest activation that is read, in bytes. OpenWhisk takes
	// payloads of 1 MB, which escapes make longer.
	maxLine = 8 << 20
	// margin is how long before its deadline an activation is to be answered: after
	// it the proxy ends the process.
	margin = 500 * time.Millisecond
)

// ErrLine means that a line is not an activation.
var ErrLine = errors.New("not an activation")

// An Activation is one call of the action.
type Activation struct {
	// Value holds the parameters, those bound to the action among them.
	Value map[string]json.RawMessage
	// ID is the activation's.
	ID string
	// Deadline is when the instance is ended; zero if it was not told.
	Deadline time.Time
}

// Parse returns the activation that a line holds. The error wraps ErrLine.
func Parse(line []byte) (Activation, error) {
	var raw struct {
		Value    map[string]json.RawMessage `json:"value"`
		ID       string                     `json:"activation_id"`
		Deadline json.RawMessage            `json:"deadline"`
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		// The error of package json may quote what it does not understand.
		return Activation{}, fmt.Errorf("%w: it is not JSON as the proxy writes it", ErrLine)
	}
	a := Activation{Value: raw.Value, ID: raw.ID}
	// Milliseconds since 1970, as a text.
	if ms, err := strconv.ParseInt(string(bytes.Trim(raw.Deadline, `"`)), 10, 64); err == nil && ms > 0 {
		a.Deadline = time.UnixMilli(ms)
	}
	return a, nil
}

// A Handler answers an activation with what is to be encoded as JSON, an object.
type Handler func(ctx context.Context, a Activation) any

// A Loop reads activations and writes their answers.
type Loop struct {
	In  io.Reader
	Out io.Writer
	// Acknowledge says that the proxy waits for a line before the first activation
	// (__OW_WAIT_FOR_ACK).
	Acknowledge bool
	Handle      Handler
	// Log gets a line about what cannot be answered otherwise.
	Log func(err error)
}

// Run answers activations, one after another, until there are no more. An activation
// that is not understood, or whose handler panics, is answered with an error: without
// an answer the proxy would end the process.
func (l Loop) Run(ctx context.Context) error {
	if l.Acknowledge {
		if err := l.write(map[string]bool{"ok": true}); err != nil {
			return err
		}
	}
	in := bufio.NewReaderSize(l.In, 64<<10)
	for {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, ErrLine) {
			return err
		}
		if err := l.write(l.answer(ctx, line, err)); err != nil {
			return err
		}
	}
}

// failure is the answer that OpenWhisk takes for an error of the action.
func failure(text string) any { return map[string]string{"error": text} }

func (l Loop) answer(ctx context.Context, line []byte, err error) (answer any) {
	defer func() {
		if p := recover(); p != nil {
			l.Log(fmt.Errorf("panic: %v", p))
			answer = failure("a defect; see the log")
		}
	}()
	var a Activation
	if err == nil {
		a, err = Parse(line)
	}
	if err != nil {
		l.Log(err)
		return failure(err.Error())
	}
	if !a.Deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, a.Deadline.Add(-margin))
		defer cancel()
	}
	return l.Handle(ctx, a)
}

func (l Loop) write(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = l.Out.Write(append(line, '\n'))
	return err
}

// readLine returns the next line. One that is too long is read to its end, and
// ErrLine.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	tooLong := false
	for {
		part, err := in.ReadSlice('\n')
		if !tooLong {
			line = append(line, part...)
		}
		if len(line) > maxLine {
			line, tooLong = nil, true
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || len(line) == 0 && !tooLong):
			return nil, err
		case tooLong:
			return nil, fmt.Errorf("%w: longer than %d bytes", ErrLine, maxLine)
		}
		return line, nil
	}
}
