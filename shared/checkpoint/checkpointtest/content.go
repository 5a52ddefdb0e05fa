package checkpointtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

func missing(ctx context.Context, p *probe) error {
	if err := expectNone(ctx, p, key); err != nil {
		return err
	}
	// Nothing is made by looking, and nothing by a run that thinks it is there.
	for _, revision := range []string{"1", "0", `"d41d8cd98f00b204e9800998ecf8427e"`, "not a revision"} {
		if err := expectConflict(ctx, p, key, []byte("x"), revision); err != nil {
			return err
		}
	}
	return expectNone(ctx, p, key)
}

func contents(ctx context.Context, p *probe) error {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	revision := ""
	for _, data := range [][]byte{
		nil, {}, // both are a document of no bytes
		[]byte("{}"), {0}, []byte("\n"), []byte(" {} \r\n"), every, {0xff}, []byte("\xef\xbb\xbf{}"),
		[]byte("'; DROP TABLE checkpoints; --"), []byte(`{"name":"Kjøl 冷蔵庫 🌡"}`),
		bytes.Repeat([]byte{0xff}, checkpoint.MaxSize),
		bytes.Repeat([]byte("0123456789abcdef"), checkpoint.MaxSize/16),
		[]byte("short again"), {},
	} {
		next, err := save(ctx, p, key, data, revision)
		if err != nil {
			return err
		}
		if err := expect(ctx, p, key, data, next); err != nil {
			return err
		}
		revision = next
	}
	return nil
}

func aliasing(ctx context.Context, p *probe) error {
	want := []byte("the document")
	data := bytes.Clone(want)
	revision, err := save(ctx, p, key, data, "")
	if err != nil {
		return err
	}
	clear(data)
	if err := expect(ctx, p, key, want, revision); err != nil {
		return fmt.Errorf("after the caller has overwritten what it saved: %w", err)
	}
	d, err := p.Load(ctx, key)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	clear(d.Data)
	if err := expect(ctx, p, key, want, revision); err != nil {
		return fmt.Errorf("after the caller has overwritten what it loaded: %w", err)
	}
	return nil
}

// differentKeys are such as file systems, URLs, patterns and queries take for one
// another, or for something else.
func differentKeys() []string {
	return []string{
		key, key + "1", key[:len(key)-1], strings.ToUpper(key),
		"a", "A", "a/b", "a/b/c", "a/", "/a", "a//b", "/", "//", ".", "..", "a/..", "a/../b", "../a", "./a", "a.", "a.b", ".a",
		"a b", " a", "a ", "a+b", "a%2Fb", "a%2fb", "a%20b", "a%", "%", "_", "a\\b", "a:b", "a|b", "a?", "a*", "a#b", "[a]", "{a}",
		"~", "~a", "a@1", "a.2fb", "a-b", "a_b", "a'b", `a"b`, "a\nb", "a\tb", "\u007f", "con", "nul.txt", "-a",
		"ä", "\u0061\u0308", "Ä", "ß", "日本", "🌡", "\u202e",
		strings.Repeat("x", 512), strings.Repeat("X", 512), strings.Repeat("x", 511), strings.Repeat("x", 511) + "y",
		strings.Repeat("ü", 256), strings.Repeat("/", 512), strings.Repeat("a/", 256), strings.Repeat("🌡", 73),
	}
}

func keysDoNotMix(ctx context.Context, p *probe) error {
	names := differentKeys()
	revisions := make([]string, len(names))
	for i, name := range names {
		if err := expectNone(ctx, p, name); err != nil {
			return fmt.Errorf("key %.40q (%d bytes): %w", name, len(name), err)
		}
		revision, err := save(ctx, p, name, fmt.Append(nil, i), "")
		if err != nil {
			return fmt.Errorf("key %.40q (%d bytes): %w", name, len(name), err)
		}
		revisions[i] = revision
	}
	for i, name := range names {
		if err := expect(ctx, p, name, fmt.Append(nil, i), revisions[i]); err != nil {
			return fmt.Errorf("key %.40q (%d bytes): %w", name, len(name), err)
		}
	}
	return nil
}

func refusedKeys(ctx context.Context, p *probe) error {
	for _, name := range []string{"", strings.Repeat("x", 513), strings.Repeat("x", 10000), "a\x00b", "a\xff"} {
		if _, err := p.Load(ctx, name); !errors.Is(err, checkpoint.ErrKey) {
			return fmt.Errorf("load of key %.40q (%d bytes): got error %v, want ErrKey", name, len(name), err)
		}
		if _, err := p.Save(ctx, name, []byte("x"), ""); !errors.Is(err, checkpoint.ErrKey) {
			return fmt.Errorf("save of key %.40q (%d bytes): got error %v, want ErrKey", name, len(name), err)
		}
	}
	return nil
}

func refusedDocuments(ctx context.Context, p *probe) error {
	long := make([]byte, checkpoint.MaxSize+1)
	if _, err := p.Save(ctx, key, long, ""); !errors.Is(err, checkpoint.ErrTooLarge) {
		return fmt.Errorf("save of %d bytes: got error %v, want ErrTooLarge", len(long), err)
	}
	if err := expectNone(ctx, p, key); err != nil {
		return err
	}
	revision, err := save(ctx, p, key, []byte("short"), "")
	if err != nil {
		return err
	}
	if _, err := p.Save(ctx, key, long, revision); !errors.Is(err, checkpoint.ErrTooLarge) {
		return fmt.Errorf("save of %d bytes: got error %v, want ErrTooLarge", len(long), err)
	}
	return expect(ctx, p, key, []byte("short"), revision)
}
