package function

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/dt-functions/dt-functions/shared/settings"
)

// ReportInitError logs why a function did not start, and tells Lambda, which shows it
// to whoever invoked the function (Lambda Developer Guide, "Initialization error").
func ReportInitError(ctx context.Context, c Config, reason error) {
	p := &platform{config: c}
	kind := "Function.StartFailed"
	if s, ok := errors.AsType[*settings.Error](reason); ok {
		kind = "Function.SettingsWrong"
		for _, problem := range s.Problems {
			p.logger(nil).ErrorContext(ctx, "not started", "variable", problem.Variable, "error", problem.String())
		}
	} else {
		p.logger(nil).ErrorContext(ctx, "not started", "error", reason.Error())
	}
	if err := p.tellLambda(ctx, kind, reason.Error()); err != nil {
		p.logger(nil).WarnContext(ctx, "Lambda not told of it", "error", err.Error())
	}
}

func (p *platform) tellLambda(ctx context.Context, kind, message string) error {
	body, err := json.Marshal(map[string]any{"errorMessage": message, "errorType": kind, "stackTrace": []string{}})
	if err != nil {
		return err
	}
	url := "http://" + p.config.Env["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/init/error"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Lambda-Runtime-Function-Error-Type", kind)
	client := p.config.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("runtime API: %s", resp.Status)
	}
	return nil
}
