package adaptertest

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/dt-functions/dt-functions/functions/receive"
)

// A Case is a request and the answer that it must get.
type Case struct {
	Name    string
	Status  int
	Outcome receive.Outcome
	Reason  string
	// Needs is what a platform must be able to carry.
	Needs []Feature

	world   worldName
	request func(m *material) Request
	kept    place
	after   func(t *testing.T, ctx context.Context, w *world) // more to look at; may be nil
}

// A place is where something is kept.
type place int

const (
	nowhere place = iota
	inMain
	inDead
)

func (c Case) answer() string { return fmt.Sprintf("%d %s", c.Status, c.Outcome) }

// in returns c for another world.
func (c Case) in(w worldName) Case {
	c.world = w
	return c
}

// needs returns c with what a platform must be able to carry.
func (c Case) needs(f ...Feature) Case {
	c.Needs = append(c.Needs, f...)
	return c
}

func accepted(name string, request func(m *material) Request) Case {
	return Case{Name: name, Status: http.StatusOK, Outcome: receive.Accepted, request: request, kept: inMain}
}

func deadLettered(name, reason string, body func(m *material) []byte) Case {
	return Case{
		Name: name, Status: http.StatusOK, Outcome: receive.DeadLettered, Reason: reason, kept: inDead,
		request: func(m *material) Request { return m.signed(body(m)) },
	}
}

func unauthorized(name, reason string, request func(m *material) Request) Case {
	return Case{Name: name, Status: http.StatusUnauthorized, Outcome: receive.Unauthorized, Reason: reason, request: request}
}

// forged is unauthorized for a touch event whose token is made by token.
func forged(name, reason string, token func(m *material, body []byte) string) Case {
	return unauthorized(name, reason, func(m *material) Request {
		body := m.touch()
		return m.post(body, symmetric(token(m, body)))
	})
}

// changed is forged by a change of a token's claims or header.
func changed(name, reason string, change map[string]any) Case {
	return forged(name, reason, func(m *material, body []byte) string { return m.token(body, currentSecret, change) })
}
