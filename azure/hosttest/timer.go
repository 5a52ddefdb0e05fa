package hosttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// The forms in which a host may hand a timer over.
const (
	// TimerObject is what hosts send for a binding without a dataType.
	TimerObject = `{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2026-01-02T03:00:00+00:00","Next":"2026-01-02T04:00:00+00:00","LastUpdated":"2026-01-02T03:00:00+00:00"},"IsPastDue":false}`
	// TimerNoStatus is one without schedule monitoring.
	TimerNoStatus = `{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":true}`
	// TimerLowerCase has the other case.
	TimerLowerCase = `{"schedule":{"adjustForDST":true},"scheduleStatus":{"next":"2026-01-02T04:00:00+00:00"},"isPastDue":false}`
)

// AsText returns a timer as JSON text in a JSON string.
func AsText(timer string) string {
	text, err := json.Marshal(timer)
	if err != nil {
		panic(err) // texts always encode
	}
	return string(text)
}

// Invoke invokes the timer of a function, whose value is JSON, and returns the lines
// that the host would write to the invocation's log. An error is a run that has
// failed.
func (h *Host) Invoke(ctx context.Context, function, timer string) (logs []string, err error) {
	body := fmt.Appendf(nil, `{"Data":{"timer":%s},"Metadata":{"sys":{"MethodName":%q,"UtcNow":"2026-01-02T03:04:05.0000000Z","RandGuid":%q}}}`,
		timer, function, invocationID)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.base+"/"+function, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	addHeaders(r.Header)
	answer, err := h.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return nil, errFailed(answer.StatusCode, text)
	}
	// The host chooses how to read the answer by its type, and reads no text/plain.
	media, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return nil, fmt.Errorf("the function failed: the answer's type is %q", answer.Header.Get("Content-Type"))
	}
	var result struct {
		Outputs     map[string]any
		Logs        []string
		ReturnValue any
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&result); err != nil {
		return nil, fmt.Errorf("the function failed: the answer is no invocation result: %w", err)
	}
	return result.Logs, nil
}
