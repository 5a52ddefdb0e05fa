package sinktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/dt-functions/dt-functions/shared/sink"
)

func oneMessage(ctx context.Context, p *probe) error {
	m := message("one")
	if err := p.publish(ctx, 0, m); err != nil {
		return err
	}
	return p.expect(ctx, m)
}

func batch(ctx context.Context, p *probe) error {
	msgs := messages("batch", 100)
	if err := p.publish(ctx, 0, msgs...); err != nil {
		return err
	}
	return p.expect(ctx, msgs...)
}

func emptyBatch(ctx context.Context, p *probe) error {
	for _, nothing := range [][]sink.Message{nil, {}} {
		if err := p.publish(ctx, 0, nothing...); err != nil {
			return err
		}
	}
	return p.expect(ctx)
}

func attributes(ctx context.Context, p *probe) error {
	none, recovered, dead := message("none"), message("recovered"), message("dead")
	none.Key, none.Attributes = "", sink.Attributes{}
	recovered.Attributes.Recovered = true
	dead.Attributes.DeadLetter = "syntax"
	if err := p.publish(ctx, 0, none, recovered, dead); err != nil {
		return err
	}
	return p.expect(ctx, none, recovered, dead)
}

func binaryData(ctx context.Context, p *probe) error {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	return storeAll(ctx, p, []sink.Message{
		withData("every-byte", every),
		withData("zero", []byte{0}),
		withData("line-break", []byte("\n")),
		withData("line-breaks", []byte("{}\r\n{}\n")),
		withData("not-utf8", []byte("{\"a\":\"\xff\xc3\"}")),
		withData("quote", []byte(`"\`)),
	})
}

func unicodeData(ctx context.Context, p *probe) error {
	return storeAll(ctx, p, []sink.Message{
		withData("sign", []byte(`{"labels":{"name":"Kjøl 冷蔵庫 🌡"}}`)),
		withData("separators", []byte("{\"a\":\"\u2028\u2029\u0085\ufeff\"}")),
		withData("escapes", []byte(`{"a":"\u00e6\ud83d\ude00\u0000"}`)),
	})
}

// jsonData is data that a sink of lines could mistake for its own.
func jsonData(ctx context.Context, p *probe) error {
	return storeAll(ctx, p, []sink.Message{
		withData("spaces", []byte(`{ "event" : { } } `)),
		withData("array", []byte(`[{"a":1},{"b":2}]`)),
		withData("number", []byte(`1.50`)),
		withData("two-objects", []byte(`{"a":1}{"b":2}`)),
		withData("name-twice", []byte(`{"a":1,"a":2}`)),
		withData("torn", []byte(`{"event":{"eventId":"to`)),
		withData("wrapped", []byte(`{"id":"a","key":"b","attributes":{},"data_base64":"e30="}`)),
	})
}

func storeAll(ctx context.Context, p *probe, msgs []sink.Message) error {
	if err := p.publish(ctx, 0, msgs...); err != nil {
		return err
	}
	return p.expect(ctx, msgs...)
}

func emptyData(ctx context.Context, p *probe) error {
	msgs := []sink.Message{withData("nil", nil), withData("empty", []byte{})}
	if !p.harness.RefusesEmpty {
		return storeAll(ctx, p, msgs)
	}
	for _, m := range msgs {
		if _, err := p.sink.Publish(ctx, []sink.Message{m}); err == nil {
			return fmt.Errorf("%s: taken, but the harness says that the sink refuses it", m.ID)
		}
	}
	return p.expect(ctx)
}

func largeData(ctx context.Context, p *probe) error {
	const megabyte = 1 << 20
	size, limit := megabyte, p.harness.MaxData
	if limit > 0 && limit < size {
		size = limit
	}
	text := withData("text", bytes.Repeat([]byte("x"), size))
	object := withData("object", fmt.Appendf(nil, `{"x":"%s"}`, bytes.Repeat([]byte("y"), size-8)))
	binary := withData("binary", bytes.Repeat([]byte{0xff}, size))
	if err := storeAll(ctx, p, []sink.Message{text, object, binary}); err != nil {
		return err
	}
	if limit <= 0 {
		return nil
	}
	larger := withData("larger", bytes.Repeat([]byte("z"), limit+1))
	if _, err := p.sink.Publish(ctx, []sink.Message{larger}); !errors.Is(err, sink.ErrTooLarge) {
		return fmt.Errorf("%d bytes of data: got error %v, want ErrTooLarge", len(larger.Data), err)
	}
	return p.expect(ctx, text, object, binary)
}

func aliasing(ctx context.Context, p *probe) error {
	want := messages("alias", 10)
	for _, m := range want {
		one := clone([]sink.Message{m})
		if err := p.publish(ctx, 0, one...); err != nil {
			return err
		}
		overwrite(one)
	}
	return p.expect(ctx, want...)
}

func reopened(ctx context.Context, p *probe) error {
	var want []sink.Message
	for round := range 3 {
		msgs := messages(fmt.Sprintf("round-%d", round), 5)
		if err := p.publish(ctx, 0, msgs...); err != nil {
			return err
		}
		want = append(want, msgs...)
		if err := p.sink.Close(); err != nil {
			return fmt.Errorf("close: %w", err)
		}
		if err := p.open(ctx); err != nil {
			return err
		}
		if err := p.expect(ctx, want...); err != nil {
			return fmt.Errorf("reopened %d times: %w", round+1, err)
		}
	}
	return nil
}

func duplicates(ctx context.Context, p *probe) error {
	a, b, c := message("a"), message("b"), message("c")
	if err := p.publish(ctx, 0, a, b); err != nil {
		return err
	}
	if err := p.publish(ctx, 2, b, c, b); err != nil {
		return fmt.Errorf("one stored before, one twice in the batch: %w", err)
	}
	if err := p.sink.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	if err := p.open(ctx); err != nil {
		return err
	}
	if err := p.publish(ctx, 3, a, b, c); err != nil {
		return fmt.Errorf("all stored before reopening: %w", err)
	}
	return p.expect(ctx, a, b, c)
}
