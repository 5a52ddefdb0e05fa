package sns

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/text"
	"github.com/dt-functions/dt-functions/shared/sink"
)

type entry = text.Message

type answer struct {
	Successful []string `xml:"PublishBatchResult>Successful>member>Id"`
	Failed     []struct {
		ID          string `xml:"Id"`
		Code        string
		Message     string
		SenderFault bool
	} `xml:"PublishBatchResult>Failed>member"`
}

func (t *topic) prepare(m *sink.Message) (entry, int, error) {
	e := text.New(m)
	size := e.Size()
	if len(m.Data) > MaxData || size > maxRequest {
		return entry{}, 0, fmt.Errorf("%w: %d bytes of data, SNS takes %d of this kind", sink.ErrTooLarge, len(m.Data), MaxData)
	}
	return e, size, nil
}

// send calls PublishBatch (SNS API Reference), which SNS takes by the query protocol
// alone.
func (t *topic) send(ctx context.Context, entries []entry) ([]error, error) {
	body, err := t.service.Query(ctx, "PublishBatch", "2010-03-31", t.parameters(entries))
	if err != nil {
		return nil, classify(err)
	}
	var a answer
	if err := xml.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("sns PublishBatch: the answer is not what AWS documents: %w", err)
	}
	errs := make([]error, len(entries))
	for i := range errs {
		errs[i] = errors.New("sns PublishBatch: the answer does not tell what became of the message")
	}
	for _, id := range a.Successful {
		if i, err := strconv.Atoi(id); err == nil && i >= 0 && i < len(errs) {
			errs[i] = nil
		}
	}
	for _, f := range a.Failed {
		if i, err := strconv.Atoi(f.ID); err == nil && i >= 0 && i < len(errs) {
			errs[i] = classify(awsapi.EntryError("sns", "PublishBatch", f.Code, f.Message, f.SenderFault))
		}
	}
	return errs, nil
}

func (t *topic) parameters(entries []entry) url.Values {
	p := url.Values{"TopicArn": {t.arn}}
	for i, e := range entries {
		member := fmt.Sprintf("PublishBatchRequestEntries.member.%d.", i+1)
		p.Set(member+"Id", strconv.Itoa(i))
		p.Set(member+"Message", e.Body)
		for j, a := range e.Attributes {
			attribute := fmt.Sprintf("%sMessageAttributes.entry.%d.", member, j+1)
			p.Set(attribute+"Name", a.Name)
			p.Set(attribute+"Value.DataType", "String")
			p.Set(attribute+"Value.StringValue", a.Value)
		}
		if t.fifo {
			p.Set(member+"MessageGroupId", e.Group)
			p.Set(member+"MessageDeduplicationId", e.Deduplication)
		}
	}
	return p
}

// classify adds what err means to the bundle.
func classify(err error) error {
	var e *awsapi.Error
	if errors.As(err, &e) && (e.Code == "BatchRequestTooLong" || strings.HasPrefix(e.Code, "InvalidParameter") && strings.Contains(e.Message, "too long")) {
		return fmt.Errorf("%w: %w", sink.ErrTooLarge, err)
	}
	return err
}
