package mototest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// NewTopic makes a topic of SNS that delivers to q, and returns its ARN. One whose
// name ends in .fifo is a FIFO topic.
func (s *Server) NewTopic(t *testing.T, name string, q *Queue) string {
	t.Helper()
	service := s.Service(t, "sns")
	parameters := url.Values{"Name": {name}}
	if strings.HasSuffix(name, ".fifo") {
		parameters.Set("Attributes.entry.1.key", "FifoTopic")
		parameters.Set("Attributes.entry.1.value", "true")
	}
	if _, err := service.Query(t.Context(), "CreateTopic", "2010-03-31", parameters); err != nil {
		t.Fatal(err)
	}
	arn := fmt.Sprintf("arn:aws:sns:%s:%s:%s", Region, Account, name)
	_, err := service.Query(t.Context(), "Subscribe", "2010-03-31", url.Values{
		"TopicArn": {arn}, "Protocol": {"sqs"}, "Endpoint": {q.ARN},
		"Attributes.entry.1.key": {"RawMessageDelivery"}, "Attributes.entry.1.value": {"true"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return arn
}

// NewBus makes an event bus of EventBridge that delivers the events of a source to q.
func (s *Server) NewBus(t *testing.T, name, source string, q *Queue) {
	t.Helper()
	service := s.Service(t, "events")
	call := func(operation string, in map[string]any) {
		if err := service.JSON(t.Context(), "AWSEvents."+operation, "1.1", in, nil); err != nil {
			t.Fatal(err)
		}
	}
	call("CreateEventBus", map[string]any{"Name": name})
	call("PutRule", map[string]any{"Name": name, "EventBusName": name, "EventPattern": fmt.Sprintf(`{"source":[%q]}`, source)})
	call("PutTargets", map[string]any{"Rule": name, "EventBusName": name, "Targets": []map[string]string{{"Id": "queue", "Arn": q.ARN}}})
}
