package dtapi

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"
)

// fail returns a sequence of nothing but err.
func fail[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}

// pages returns the elements of a list, page by page; collection is the folded name of
// the member that holds them. Values are parts of the page's answer. No more than one
// page is held at a time.
func (c *Client) pages(ctx context.Context, first *request, collection string) iter.Seq2[[]jsontext.Value, error] {
	return func(yield func([]jsontext.Value, error) bool) {
		r := *first // a sequence may be used again
		r.query = maps.Clone(first.query)
		if r.query == nil {
			r.query = url.Values{}
		}
		var seen pageTokens
		for {
			answer, err := c.do(ctx, &r)
			if err != nil {
				yield(nil, err)
				return
			}
			elements, next, err := decodePage(answer, collection)
			if err == nil && seen.repeats(next) {
				err = fmt.Errorf("%w: the page after this one was already there", errShape)
			}
			if err != nil {
				yield(nil, r.malformed(err))
				return
			}
			if len(elements) > 0 && !yield(elements, nil) || next == "" {
				return
			}
			r.query.Set("page_token", next)
		}
	}
}

// list returns the elements of a list, as pages does, decoded and one by one.
func list[T any](ctx context.Context, c *Client, r *request, collection string, decode func([]byte) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page, err := range c.pages(ctx, r, collection) {
			if err != nil {
				fail[T](err)(yield)
				return
			}
			for _, value := range page {
				item, err := decode(value)
				if err != nil {
					fail[T](r.malformed(err))(yield)
					return
				}
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// decodePage reads {"collection": [...], "nextPageToken": "..."}.
func decodePage(data []byte, collection string) (elements []jsontext.Value, next string, err error) {
	err = eachMember(data, func(name string, value jsontext.Value) (err error) {
		switch fold(name) {
		case collection:
			err = eachElement(value, func(value jsontext.Value) error {
				elements = append(elements, value)
				return nil
			})
		case "nextpagetoken":
			next, err = text(value)
		}
		return err
	})
	return elements, next, err
}

// pageTokens sees when tokens go round in a circle, of any length, while it remembers
// one of them only (Brent's algorithm): lists may have thousands of pages.
type pageTokens struct {
	remembered   string
	count, limit int
}

// repeats takes the next token and reports whether it was there before. It may see
// that some pages late.
func (p *pageTokens) repeats(token string) bool {
	if token == "" {
		return false
	}
	if token == p.remembered {
		return true
	}
	if p.count == p.limit {
		p.remembered, p.count, p.limit = token, 0, max(1, 2*p.limit)
	}
	p.count++
	return false
}
