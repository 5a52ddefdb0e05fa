package dtapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// FuzzConnector: whatever DT answers, it is refused as not understood, or it is a
// connector that shows no secret and comes back the same when it is sent and read
// again.
func FuzzConnector(f *testing.F) {
	for _, name := range []string{"simple", "configured", "unknown_type"} {
		f.Add([]byte(vectors(f, "connectors.json")[name]))
	}
	var others []json.RawMessage
	if err := json.Unmarshal(vectors(f, "connectors.json")["other_types"], &others); err != nil {
		f.Fatal(err)
	}
	for _, other := range others {
		f.Add(bytes.Replace(other, []byte("{"), []byte(`{"name":"n",`), 1))
	}
	f.Add([]byte(secretAnswer))
	f.Add([]byte("{\"name\":\"\xff\",\"name\":\"b\",\"\xff\":1,\"type\":\"HTTP_PUSH\",\"httpConfig\":{\"url\":\"a?b=\xff\"}}"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		w := &world{api: always(string(answer))}
		c := w.client(t)
		got, err := c.Connector(t.Context(), connector)
		if err != nil {
			if !errors.Is(err, dtapi.ErrMalformed) || len(w.seen()) != 1 {
				t.Fatalf("%v after %d requests", err, len(w.seen()))
			}
			checkLine(t, err.Error())
			return
		}
		shown, err := json.Marshal(got)
		if err != nil || !json.Valid([]byte(fmt.Sprint(got))) {
			t.Fatalf("shown as %s, %v", got, err)
		}
		if got.HTTP != nil && len(got.HTTP.SignatureSecret.Reveal()) > 20 && bytes.Contains(shown, []byte(got.HTTP.SignatureSecret.Reveal())) {
			t.Fatalf("the secret is in %s", shown)
		}
		if got.Type == "" || got.HTTP != nil && got.HTTP.URL == "" {
			return // which is not to be created
		}
		if _, err := c.CreateConnector(t.Context(), project, got); err != nil {
			t.Fatal(err)
		}
		sent := w.seen()[1].Body
		if !json.Valid([]byte(sent)) {
			t.Fatalf("sent %q", sent)
		}
		w.answer(always(strings.Replace(sent, "{", `{"name":"n",`, 1)))
		again, err := c.Connector(t.Context(), connector)
		if err != nil {
			t.Fatalf("%v, of %s", err, sent)
		}
		got.Name = "n"
		if reveal(again) != reveal(got) || fmt.Sprint(again) != fmt.Sprint(got) {
			t.Fatalf("got %s\n%s, sent and read again\n%s\n%s", reveal(got), got, reveal(again), again)
		}
	})
}

// FuzzPage: whatever DT answers, reading pages ends, and events are parts of the
// answer.
func FuzzPage(f *testing.F) {
	f.Add([]byte(vectors(f, "rest_api.json")["event_history_page"]))
	f.Add([]byte(vectors(f, "rest_api.json")["devices"]))
	f.Add([]byte(vectors(f, "connectors.json")["list_response"]))
	f.Add([]byte(`{"events":[{"eventId":"\ud800"},null,[]],"next_page_token":"x"}`))
	f.Add([]byte("{\"events\":[{\"eventId\":\"\xff\",\"a\":1,\"a\":2}],\"nextPageToken\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		w := &world{api: always(string(answer))}
		c := w.client(t)
		check := func(err error) {
			t.Helper()
			if err != nil && !errors.Is(err, dtapi.ErrMalformed) {
				t.Fatal(err)
			}
		}
		for page, err := range c.Events(t.Context(), dtapi.EventQuery{Device: device}) {
			check(err)
			for _, e := range page {
				if !json.Valid(e.Raw) || !bytes.Contains(answer, e.Raw) {
					t.Fatalf("%q is no part of %q", e.Raw, answer)
				}
			}
		}
		for d, err := range c.Devices(t.Context(), dtapi.DeviceQuery{Project: "p"}) {
			check(err)
			if (d.Name == "") != (err != nil) {
				t.Fatalf("device %+v, %v", d, err)
			}
		}
		for got, err := range c.Connectors(t.Context(), "p") {
			check(err)
			_ = fmt.Sprint(got)
		}
		if n := len(w.seen()); n > 9 {
			t.Fatalf("%d requests", n)
		}
	})
}

// FuzzOtherAnswers: the answers that are no resources.
func FuzzOtherAnswers(f *testing.F) {
	f.Add([]byte(vectors(f, "connectors.json")["metrics"]))
	f.Add([]byte(vectors(f, "rest_api.json")["batch_label_response"]))
	f.Add([]byte(tokenAnswer(0, 3600)))
	f.Fuzz(func(t *testing.T, answer []byte) {
		w := &world{api: always(string(answer)), identity: always(string(answer))}
		if _, err := w.client(t).ConnectorMetrics(t.Context(), connector); err != nil && !errors.Is(err, dtapi.ErrMalformed) {
			t.Fatal(err)
		}
		err := w.client(t).SetLabels(t.Context(), dtapi.LabelChange{Devices: []dtapi.DeviceName{device}, Remove: []string{"x"}})
		var some *dtapi.LabelError
		if err != nil && !errors.Is(err, dtapi.ErrMalformed) && !errors.As(err, &some) {
			t.Fatal(err)
		}
		if err != nil {
			checkText(t, err.Error())
		}
		if err := w.client(t, withToken).SyncConnector(t.Context(), connector); err != nil && !errors.Is(err, dtapi.ErrMalformed) {
			t.Fatal(err)
		}
	})
}

// checkText is checkLine without a bound on the length.
func checkText(t *testing.T, text string) {
	t.Helper()
	for len(text) > 0 {
		n := min(len(text), 3000)
		checkLine(t, strings.ToValidUTF8(text[:n], ""))
		text = text[n:]
	}
}

// FuzzErrorBody: whatever DT answers, the error is one short line of its status that
// shows no secret of the request.
func FuzzErrorBody(f *testing.F) {
	f.Add(409, []byte(vectors(f, "rest_api.json")["error_body"]), "application/json", "r", "s3cr3t-s3cr3t")
	f.Add(400, []byte(`{"error":{"error":{"error":"deep"}},"code":1e3}`), "text/html", "\x1b[31m", "1234")
	f.Add(404, []byte("\xff\x00<html>s3cr3t</html>"), "", "", "s3cr3t")
	f.Add(403, []byte(`{"error":"\"q\\\u0026 \u003c\""}`), "a;b", "é", `"q\& <"`)
	f.Fuzz(func(t *testing.T, status int, body []byte, contentType, id, key string) {
		if status < 300 || status > 999 {
			return
		}
		w := &world{api: func(int, handled) (*http.Response, error) {
			return respond(status, http.Header{"Content-Type": {contentType}, "X-Request-Id": {id}}, string(body))
		}}
		change := dtapi.Change{SignatureSecret: new(secret.New(key))}
		_, err := w.client(t, func(c *dtapi.Config) { c.Attempts = 1 }).UpdateConnector(t.Context(), connector, change)
		var e *dtapi.Error
		if !errors.As(err, &e) || e.Status != status {
			t.Fatalf("%d: %v", status, err)
		}
		checkLine(t, err.Error())
		// A key that is a part of "[redacted]" or of the path can be seen anyway.
		for _, shown := range []string{e.Message, e.Code, e.Help, e.RequestID} {
			shown = strings.ReplaceAll(shown, secret.Redacted, "\x00")
			shown = strings.TrimPrefix(shown, "answered with something instead of JSON: ")
			if len(key) >= 4 && strings.Contains(shown, key) && !strings.Contains(contentType, key) {
				t.Fatalf("%q is in %q", key, shown)
			}
		}
	})
}

// FuzzNames: what is taken as a name is safe in a path, and is taken again as it is.
func FuzzNames(f *testing.F) {
	for _, text := range []string{string(connector), string(device), "projects/p/dataConnectors/c", "projects/-/devices/d", "p", "projects/p", "", "../..", "projects/p/dataconnectors/c:sync", "projects/p/devices/%2e%2e"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if n, err := dtapi.ParseConnectorName(name); err == nil {
			again, err := dtapi.ParseConnectorName(string(n))
			if err != nil || again != n || url.PathEscape(n.Project()) != n.Project() || url.PathEscape(n.ID()) != n.ID() || n.ID() == "" {
				t.Fatalf("%q gives %q, and that %q, %v", name, n, again, err)
			}
		} else {
			checkLine(t, err.Error())
		}
		if n, err := dtapi.ParseDeviceName(name); err == nil && (string(n) != name || url.PathEscape(n.ID()) != n.ID()) {
			t.Fatalf("%q gives %q", name, n)
		}
		if id, err := dtapi.ParseProject(name); err == nil && url.PathEscape(id) != id {
			t.Fatalf("%q gives %q", name, id)
		}
	})
}

// FuzzRedactURL: nothing of the user, the query or the fragment is left.
func FuzzRedactURL(f *testing.F) {
	for _, address := range []string{"https://u:p@a.example/b?c=d&e#f", "//a", "mailto:a", "https://a.example/?a%3db=c", "http://[::1]/?x"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		shown := dtapi.RedactURL(address)
		before, err := url.Parse(address)
		if err != nil || address == "" || shown == secret.Redacted {
			return
		}
		plain := strings.ReplaceAll(shown, secret.Redacted, "x")
		after, err := url.Parse(plain)
		if err != nil || after.Scheme != before.Scheme || after.Host != before.Host || after.EscapedPath() != before.EscapedPath() {
			t.Fatalf("%q is shown as %q, %v", address, shown, err)
		}
		if after.User != nil && after.User.String() != "x" || after.Fragment != "" && after.Fragment != "x" {
			t.Fatalf("%q is shown as %q", address, shown)
		}
		for _, p := range strings.Split(after.RawQuery, "&") {
			if _, value, has := strings.Cut(p, "="); has && value != "x" || !has && p != "" && p != "x" {
				t.Fatalf("%q is shown as %q", address, shown)
			}
		}
	})
}
