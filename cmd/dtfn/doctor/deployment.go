package doctor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// version is that of the output that is understood.
const version = 1

// A Deployment is what is to be looked at: the Terraform modules' output "doctor", or
// what flags say. What is not known is left empty. Members that are not known are
// passed over.
type Deployment struct {
	Cloud    string `json:"cloud"`
	Endpoint string `json:"endpoint"`
	// Sinks are URLs as in DT_SINK. They may have a password in them.
	Sinks []string `json:"sinks"`
	// Connectors are names, "projects/P/dataconnectors/C".
	Connectors []string `json:"connectors"`
	// SignatureSecret is a reference to a secret store.
	SignatureSecret string              `json:"signature_secret"`
	ServiceAccount  ServiceAccount      `json:"service_account"`
	Schedules       map[string]Schedule `json:"schedules"`
	// Settings are receive's, without secrets.
	Settings map[string]string `json:"settings"`
	Wanted   *Wanted           `json:"wanted"`
}

// A ServiceAccount is DT's, its secret a reference.
type ServiceAccount struct {
	KeyID  string `json:"key_id"`
	Email  string `json:"email"`
	Secret string `json:"secret"`
}

// A Schedule is when a function runs.
type Schedule struct {
	Expression string `json:"expression"`
}

// Wanted is how the connectors should be set, in the form of DT_CONNECTOR_CONFIG. nil
// is what is not said.
type Wanted struct {
	DisplayName *string   `json:"displayName"`
	Status      *string   `json:"status"`
	Events      *[]string `json:"events"`
	Labels      *[]string `json:"labels"`
	HTTPConfig  struct {
		Headers map[string]string `json:"headers"`
	} `json:"httpConfig"`
}

// any tells whether anything is wanted.
func (w *Wanted) any() bool {
	return w != nil && (w.DisplayName != nil || w.Status != nil || w.Events != nil || w.Labels != nil || w.HTTPConfig.Headers != nil)
}

// What can be wrong with the input.
var (
	// ErrNoOutput: it is not what Terraform prints, or has no output "doctor".
	ErrNoOutput = errors.New("no output \"doctor\"")
	// ErrVersion: the output is of another version of the modules.
	ErrVersion = errors.New("output \"doctor\" of another version")
	// ErrOutput: the output is not one of the modules of dt-functions.
	ErrOutput = errors.New("output \"doctor\" cannot be understood")
)

const howToRun = "run `terraform output -json` where the module was applied"

// ParseDeployment reads what `terraform output -json` prints, or `terraform output -json
// doctor`. Errors show nothing of it but the names of members.
func ParseDeployment(text []byte) (Deployment, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return Deployment{}, fmt.Errorf("%w: the input is empty: %s, and see whether it has failed", ErrNoOutput, howToRun)
	}
	var outputs map[string]json.RawMessage
	if err := json.Unmarshal(text, &outputs); err != nil || outputs == nil {
		return Deployment{}, fmt.Errorf("%w: the input is not a JSON object: %s", ErrNoOutput, howToRun)
	}
	value, err := doctorOutput(text, outputs)
	if err != nil {
		return Deployment{}, err
	}
	if err := checkVersion(value); err != nil {
		return Deployment{}, err
	}
	var d Deployment
	if err := json.Unmarshal(value, &d); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return Deployment{}, fmt.Errorf("%w: its member %s has another type than expected: is it the output of a module of dt-functions?", ErrOutput, clean(wrong.Field))
		}
		return Deployment{}, ErrOutput
	}
	if d.Endpoint == "" {
		return Deployment{}, fmt.Errorf("%w: it has no endpoint: is it the output of a module of dt-functions, and was it applied?", ErrOutput)
	}
	return d, nil
}

// doctorOutput returns the value of the output "doctor".
func doctorOutput(text []byte, outputs map[string]json.RawMessage) (json.RawMessage, error) {
	output, ok := outputs["doctor"]
	if !ok {
		if _, ok := outputs["version"]; ok { // the value alone
			return text, nil
		}
		return nil, fmt.Errorf("%w: %s, and let the configuration pass the module's output on: output \"doctor\" { value = module.NAME.doctor }", ErrNoOutput, howToRun)
	}
	var wrapped struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(output, &wrapped); err != nil || wrapped.Value == nil {
		return nil, fmt.Errorf("%w: it has no value: %s", ErrOutput, howToRun)
	}
	return wrapped.Value, nil
}

// checkVersion tells whether the output is of the version that is understood.
func checkVersion(value json.RawMessage) error {
	var said struct {
		Version *json.Number `json:"version"`
	}
	if err := json.Unmarshal(value, &said); err != nil || said.Version == nil {
		return fmt.Errorf("%w: it has no version: is it the output of a module of dt-functions?", ErrOutput)
	}
	n, err := strconv.Atoi(said.Version.String())
	switch {
	case err != nil:
		return fmt.Errorf("%w: its version is not a number: is it the output of a module of dt-functions?", ErrOutput)
	case n > version:
		return fmt.Errorf("%w: %d, and this dtfn understands %d: use the dtfn that came with the Terraform module", ErrVersion, n, version)
	case n < version:
		return fmt.Errorf("%w: %d, and this dtfn understands %d: apply with the Terraform module that came with this dtfn", ErrVersion, n, version)
	}
	return nil
}
