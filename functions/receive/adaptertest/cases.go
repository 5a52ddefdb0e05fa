package adaptertest

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/shared/event"
)

// Cases returns all cases.
func Cases() []Case {
	return slices.Concat(acceptedCases(), keptCases(), unauthorizedCases(), asymmetricCases(), refusedCases(), troubledCases())
}

func acceptedCases() []Case {
	typed := func(eventType, data string) Case {
		return accepted(eventType+" event", func(m *material) Request { return m.signed(m.body(eventType, data, `{"name":"n"}`)) })
	}
	header := func(name string, header ...[2]string) Case {
		return accepted(name, func(m *material) Request { return m.signed(m.touch(), header...) })
	}
	body := func(name string, body func(m *material) []byte) Case {
		return accepted(name, func(m *material) Request { return m.signed(body(m)) })
	}
	spelled := func(name, spelling string) Case {
		return accepted(name, func(m *material) Request {
			b := m.touch()
			return m.post(b, [2]string{spelling, m.token(b, currentSecret, nil)})
		})
	}
	dated := func(name string, claim string, seconds int64) Case {
		return accepted(name, func(m *material) Request {
			b := m.touch()
			return m.post(b, symmetric(m.token(b, currentSecret, map[string]any{claim: time.Now().Unix() + seconds})))
		})
	}
	return []Case{
		typed("touch", `{"touch":{"updateTime":"2026-11-01T08:00:00Z"}}`),
		typed("temperature", `{"temperature":{"value":27.0,"samples":[{"value":1e3}]}}`),
		typed("labelsChanged", `{"added":{"a":"b"},"modified":{},"removed":["c"]}`),
		typed("networkStatus", `{"networkStatus":{"signalStrength":99,"rssi":-50}}`),
		typed("notYetInvented", `{"notYetInvented":{"x":[null,true]}}`),
		accepted("previous secret", func(m *material) Request {
			b := m.touch()
			return m.post(b, symmetric(m.token(b, previousSecret, nil)))
		}),
		spelled("header in lower case", "x-dt-signature"),
		spelled("header in upper case", "X-DT-SIGNATURE"),
		header("further headers", [2]string{"X-Custom", "a, b"}, [2]string{"Accept", "*/*"}),
		header("content encoding identity", [2]string{"Content-Encoding", "identity"}),
		accepted("content type with a charset", func(m *material) Request {
			r := m.signed(m.touch())
			r.Header[0][1] = "application/json; charset=utf-8"
			return r
		}),
		accepted("content type text/plain", func(m *material) Request {
			r := m.signed(m.touch())
			r.Header[0][1] = "text/plain"
			return r
		}).needs(OtherTypes),
		accepted("chunked body", func(m *material) Request {
			r := m.signed(m.touch())
			r.Chunked = true
			return r
		}).needs(Chunked),
		body("characters beyond ASCII", func(m *material) []byte {
			return m.body("touch", `{"touch":{}}`, `{"name":"Kjøleskap 冷蔵庫 \u2028 😀"}`)
		}),
		body("white space and line breaks", func(m *material) []byte {
			return []byte(" \r\n" + strings.ReplaceAll(string(m.touch()), ",", " ,\r\n\t") + "\n")
		}),
		body("escapes", func(m *material) []byte {
			return m.body("touch", `{"touch":{},"x":"\u0041\/\n\u0000"}`, `{"n\u0061me":"a\"b"}`)
		}),
		body("no labels, no metadata", func(m *material) []byte {
			b, _, _ := strings.Cut(string(m.touch()), `,"labels"`)
			return []byte(b + "}")
		}),
		body("100 KB", func(m *material) []byte { return m.padded(100_000) }),
		body("1 MiB", func(m *material) []byte { return m.padded(receive.MaxBody) }).needs(LargeBody),
		dated("expired within the leeway", "exp", -30),
		dated("from the future within the leeway", "iat", 30),
		atOnce(),
		{
			Name: "not wanted", Status: http.StatusOK, Outcome: receive.Filtered, Reason: "labels",
			request: func(m *material) Request { return m.signed(m.body("touch", `{"touch":{}}`, `{"ignored":"yes"}`)) },
		},
	}
}

// atOnce sends many requests beside its own.
func atOnce() Case {
	const more = 50
	c := accepted("50 more at once", func(m *material) Request { return m.signed(m.touch()) }).needs(Concurrency)
	c.after = func(t *testing.T, ctx context.Context, w *world) {
		before := w.sinks(t).main
		var all sync.WaitGroup
		for range more {
			m := w.newMaterial(t)
			request := m.signed(m.touch())
			all.Go(func() {
				if got, err := w.target.Do(ctx, request); err != nil || got.Status != http.StatusOK {
					t.Errorf("at once: %d, %v", got.Status, err)
				}
			})
		}
		all.Wait()
		if n := w.sinks(t).main - before; n != more {
			t.Errorf("%d of %d events are in the sink", n, more)
		}
	}
	return c
}

func keptCases() []Case {
	text := func(text string) func(*material) []byte { return func(*material) []byte { return []byte(text) } }
	return []Case{
		deadLettered("not JSON", "syntax", text("hello")),
		deadLettered("cut short", "syntax", func(m *material) []byte { return m.touch()[:100] }),
		deadLettered("two values", "syntax", func(m *material) []byte { return append(m.touch(), m.touch()...) }),
		deadLettered("a name twice", "syntax", func(m *material) []byte {
			return []byte(strings.Replace(string(m.touch()), `"labels"`, `"event":{},"labels"`, 1))
		}),
		deadLettered("byte order mark", "syntax", func(m *material) []byte { return append([]byte("\ufeff"), m.touch()...) }),
		deadLettered("not UTF-8", "syntax", func(m *material) []byte { return m.body("touch", `{"touch":{}}`, "{\"name\":\"\xff\"}") }).needs(AnyBytes),
		deadLettered("nested without end", "syntax", func(m *material) []byte {
			return m.body("touch", strings.Repeat(`{"a":`, 20_000)+"1"+strings.Repeat("}", 20_000), `{}`)
		}),
		deadLettered("empty body", "syntax", text("")).needs(EmptyBody),
		deadLettered("null", "envelope", text("null")),
		deadLettered("a list", "envelope", text("[]")),
		deadLettered("no event", "envelope", text(`{"labels":{}}`)),
		deadLettered("no event id", "envelope", func(m *material) []byte {
			return []byte(strings.Replace(string(m.touch()), `"eventId"`, `"eventID"`, 1))
		}),
	}
}

func unauthorizedCases() []Case {
	soon := func(seconds int64) any { return time.Now().Unix() + seconds }
	return []Case{
		unauthorized("no signature", "signature-missing", func(m *material) Request { return m.post(m.touch()) }),
		unauthorized("no signature, no body", "signature-missing", func(m *material) Request { return m.post(nil) }).needs(EmptyBody),
		unauthorized("signature of another body", "checksum-wrong", func(m *material) Request {
			b := m.touch()
			return m.post([]byte(strings.Replace(string(b), "Door", "Roof", 1)), symmetric(m.token(b, currentSecret, nil)))
		}),
		unauthorized("body encoded anew", "checksum-wrong", func(m *material) Request {
			b := m.touch()
			return m.post([]byte(strings.ReplaceAll(string(b), ":", ": ")), symmetric(m.token(b, currentSecret, nil)))
		}),
		unauthorized("two signatures", "signature-repeated", func(m *material) Request {
			b := m.touch()
			return m.post(b, symmetric(m.token(b, currentSecret, nil)), symmetric(m.token(b, previousSecret, nil)))
		}).needs(RepeatedHeader),
		forged("another secret", "signature-wrong", func(m *material, body []byte) string { return m.token(body, "somebody's-secret", nil) }),
		forged("signature cut off", "token-malformed", func(m *material, body []byte) string {
			token := m.token(body, currentSecret, nil)
			return token[:strings.LastIndexByte(token, '.')+1]
		}),
		forged("signature changed", "signature-wrong", func(m *material, body []byte) string {
			token := []byte(m.token(body, currentSecret, nil))
			at := len(token) - 20
			token[at] ^= 1 ^ 2
			if c := token[at]; !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9') {
				token[at] = 'A'
			}
			return string(token)
		}),
		forged("two segments", "token-malformed", func(*material, []byte) string { return "a.b" }),
		forged("four segments", "token-malformed", func(m *material, body []byte) string { return m.token(body, currentSecret, nil) + ".x" }),
		forged("1000 dots", "token-malformed", func(*material, []byte) string { return strings.Repeat(".", 1000) }),
		forged("padding", "token-malformed", func(m *material, body []byte) string { return m.token(body, currentSecret, nil) + "=" }),
		forged("a token of 9 KiB", "token-too-long", func(*material, []byte) string { return strings.Repeat("a", 9<<10) }).needs(LongHeader),
		changed("algorithm none", "algorithm-not-allowed", map[string]any{"header.alg": "none"}),
		changed("algorithm HS512", "algorithm-not-allowed", map[string]any{"header.alg": "HS512"}),
		changed("critical extension", "token-malformed", map[string]any{"header.crit": []string{"x"}}),
		changed("no expiry", "expiry-missing", map[string]any{"exp": nil}),
		changed("expired", "token-expired", map[string]any{"exp": soon(-3600), "iat": soon(-7200)}),
		changed("from the future", "token-not-yet-valid", map[string]any{"iat": soon(3600), "exp": soon(7200)}),
		changed("SHA-1 only", "checksum-missing", map[string]any{"checksum_sha256": nil}),
		changed("no checksum", "checksum-missing", map[string]any{"checksum_sha256": nil, "checksum": nil}),
		changed("SHA-1 right, SHA-256 wrong", "checksum-wrong", map[string]any{"checksum_sha256": strings.Repeat("0", 64)}),
		forged("SHA-1 in the place of SHA-256", "checksum-wrong", func(m *material, body []byte) string {
			sum := sha1.Sum(body)
			return m.token(body, currentSecret, map[string]any{"checksum_sha256": hex.EncodeToString(sum[:])})
		}),
	}
}

func asymmetricCases() []Case {
	both := func(m *material, organization, secret string) Request {
		b := m.touch()
		return m.post(b, symmetric(m.token(b, secret, nil)), m.asymmetric(b, organization))
	}
	return []Case{
		accepted("both signatures", func(m *material) Request { return both(m, organization, currentSecret) }).in(asymmetric),
		unauthorized("both, the symmetric one wrong", "signature-wrong", func(m *material) Request {
			return both(m, organization, "somebody's-secret")
		}).in(asymmetric),
		unauthorized("both, of another organization", "organization-wrong", func(m *material) Request {
			return both(m, "another", currentSecret)
		}).in(asymmetric),
		unauthorized("asymmetric signature of another body", "checksum-wrong", func(m *material) Request {
			b := m.touch()
			return m.post([]byte(strings.Replace(string(b), "Door", "Roof", 1)), m.asymmetric(b, organization))
		}).in(asymmetric),
		accepted("asymmetric signature", func(m *material) Request {
			b := m.body(event.TypeTouch, `{"touch":{}}`, `{}`)
			return m.post(b, m.asymmetric(b, organization))
		}).in(asymmetric),
	}
}

func refusedCases() []Case {
	method := func(method string) Case {
		return Case{Name: "method " + method, Status: http.StatusMethodNotAllowed, Outcome: receive.BadMethod, Reason: receive.ReasonMethod,
			Needs: []Feature{Methods}, request: func(m *material) Request {
				return Request{Method: method, Header: [][2]string{symmetric(m.token(nil, currentSecret, nil))}}
			}}
	}
	return []Case{
		method(http.MethodGet), method(http.MethodPut), method(http.MethodDelete),
		{
			Name: "another path", Status: http.StatusNotFound, Outcome: receive.BadPath, Reason: receive.ReasonPath,
			Needs: []Feature{Paths}, request: func(m *material) Request {
				r := m.signed(m.touch())
				r.Path = "/somewhere/else"
				return r
			},
		},
		{
			Name: "compressed", Status: http.StatusUnsupportedMediaType, Outcome: receive.Unsupported, Reason: receive.ReasonEncoded,
			request: func(m *material) Request { return m.signed(m.touch(), [2]string{"Content-Encoding", "gzip"}) },
		},
		{
			Name: "1 MiB and a byte", Status: http.StatusRequestEntityTooLarge, Outcome: receive.TooLarge, Reason: receive.ReasonTooLarge,
			Needs:   []Feature{TooLargeBody},
			request: func(m *material) Request { return m.signed(m.padded(receive.MaxBody + 1)) },
		},
	}
}

func troubledCases() []Case {
	touch := func(m *material) Request { return m.signed(m.touch()) }
	return []Case{
		{
			Name: "the sink does not answer", Status: http.StatusServiceUnavailable, Outcome: receive.Retry, Reason: receive.ReasonSink,
			world: slow, request: touch,
		},
		{
			Name: "the sink is down", Status: http.StatusServiceUnavailable, Outcome: receive.Retry, Reason: receive.ReasonSink,
			world: down, request: touch,
		},
		{
			Name: "forged, while the sink is down", Status: http.StatusUnauthorized, Outcome: receive.Unauthorized, Reason: "signature-missing",
			world: down, request: func(m *material) Request { return m.post(m.touch()) },
		},
		{
			Name: "a defect", Status: http.StatusInternalServerError, Outcome: receive.Failed, Reason: receive.ReasonPanic,
			world: panicking, request: touch,
		},
		{
			Name: "forged, after a defect", Status: http.StatusUnauthorized, Outcome: receive.Unauthorized, Reason: "signature-missing",
			world: panicking, request: func(m *material) Request { return m.post(m.touch()) },
		},
	}
}
