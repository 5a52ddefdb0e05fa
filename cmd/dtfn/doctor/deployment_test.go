package doctor_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor"
	"github.com/dt-functions/dt-functions/shared/settings"
)

func outputs(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "outputs.json"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestParseDeployment(t *testing.T) {
	events, labels := []string{"touch", "temperature"}, []string{"name"}
	want := doctor.Deployment{
		Cloud: "aws", Endpoint: "https://abcdef.lambda-url.eu-north-1.on.aws/",
		Sinks:           []string{"aws-sqs://sqs.eu-north-1.amazonaws.com/123456789012/dt-functions-events"},
		Connectors:      []string{"projects/p1/dataconnectors/c1"},
		SignatureSecret: "aws-secretsmanager://arn:aws:secretsmanager:eu-north-1:123456789012:secret:dt-functions-signature-AbCdEf",
		ServiceAccount:  doctor.ServiceAccount{KeyID: "key12345", Email: "a@p1.serviceaccount.d21s.com", Secret: "aws-secretsmanager://arn:aws:secretsmanager:eu-north-1:123456789012:secret:dt-functions-account-AbCdEf"},
		Schedules: map[string]doctor.Schedule{
			"configure": {Expression: "*/5 * * * *"},
			"recover":   {Expression: "*/15 * * * *"},
		},
		Settings: map[string]string{"DT_EVENT_TYPES": "touch,temperature", "DT_LOG_LEVEL": "info"},
		Wanted:   &doctor.Wanted{Events: &events, Labels: &labels},
	}
	got, err := doctor.ParseDeployment(outputs(t))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%+v\nwant\n%+v", err, got, want)
	}
	// `terraform output -json doctor` prints the value alone.
	var all map[string]struct{ Value json.RawMessage }
	if err := json.Unmarshal(outputs(t), &all); err != nil {
		t.Fatal(err)
	}
	if got, err := doctor.ParseDeployment(all["doctor"].Value); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the value alone: %v, %+v", err, got)
	}
}

func TestParseDeploymentNulls(t *testing.T) {
	got, err := doctor.ParseDeployment([]byte(`{"doctor":{"sensitive":false,"type":"dynamic","value":{"version":1,"endpoint":"https://r.example/",
		"sinks":["stdout:"],"dead_letter":null,"connectors":[],"signature_secret":null,"service_account":null,"schedules":{},"settings":{},"wanted":{},"new":{}}}}`))
	if err != nil || got.Endpoint != "https://r.example/" || got.Schedules == nil || got.ServiceAccount.KeyID != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestParseDeploymentRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		is   error
		says string
	}{
		"empty":                  {"\n", doctor.ErrNoOutput, "input is empty"},
		"not JSON":               {"endpoint = https://r.example/", doctor.ErrNoOutput, "not a JSON object"},
		"a list":                 {"[]", doctor.ErrNoOutput, "not a JSON object"},
		"null":                   {"null", doctor.ErrNoOutput, "not a JSON object"},
		"nothing applied":        {"{}", doctor.ErrNoOutput, "value = module.NAME.doctor"},
		"other outputs":          {`{"endpoint":{"value":"https://s3cr3t.example"}}`, doctor.ErrNoOutput, "value = module.NAME.doctor"},
		"output of others":       {`{"doctor":{"value":"Who"}}`, doctor.ErrOutput, "no version"},
		"output without a value": {`{"doctor":"Who"}`, doctor.ErrOutput, "no value"},
		"value is null":          {`{"doctor":{"value":null}}`, doctor.ErrOutput, "no version"},
		"no version":             {`{"doctor":{"value":{"endpoint":"https://r.example/"}}}`, doctor.ErrOutput, "no version"},
		"version in words":       {`{"doctor":{"value":{"version":"one"}}}`, doctor.ErrOutput, "no version"},
		"version with a point":   {`{"doctor":{"value":{"version":1.5}}}`, doctor.ErrOutput, "not a number"},
		"newer":                  {`{"doctor":{"value":{"version":2,"endpoint":7}}}`, doctor.ErrVersion, "2, and this dtfn understands 1: use the dtfn that came with the Terraform module"},
		"older":                  {`{"doctor":{"value":{"version":0}}}`, doctor.ErrVersion, "apply with the Terraform module that came with this dtfn"},
		"other type":             {`{"doctor":{"value":{"version":1,"endpoint":"https://r.example/","sinks":"s3cr3t"}}}`, doctor.ErrOutput, "member sinks has another type"},
		"no endpoint":            {`{"version":1}`, doctor.ErrOutput, "no endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := doctor.ParseDeployment([]byte(test.text))
			if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
}

// What each Terraform module says has every member that is read here, and the version
// that is understood.
func TestModulesSayAll(t *testing.T) {
	files, err := filepath.Glob("../../../terraform/*/outputs.tf")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, output, ok := strings.Cut(string(text), "output \"doctor\" {\n")
		if !ok {
			continue // the connector's
		}
		checked++
		output, _, _ = strings.Cut(output, "\n}\n")
		names := []string{"version", "id", "expression", "secret", "key_id", "email"}
		for field := range reflect.TypeFor[doctor.Deployment]().Fields() {
			names = append(names, field.Tag.Get("json"))
		}
		for _, name := range names {
			if !regexp.MustCompile(`(?m)(^|[\s{])` + name + `\s*=`).MatchString(output) {
				t.Errorf("%s: the output doctor has no %s", file, name)
			}
		}
		if !regexp.MustCompile(`\n    version\s*= 1\n`).MatchString(output) {
			t.Errorf("%s: the output doctor is not of version 1", file)
		}
	}
	if checked < 3 {
		t.Errorf("%d modules", checked)
	}
}

func TestFromEnvironment(t *testing.T) {
	events := []string{"touch"}
	got, err := doctor.FromEnvironment(settings.Environment{
		"DT_SINK": "sqlite:///events.db, file:///events", "DT_CONNECTORS": "projects/p1/dataconnectors/c1,projects/p2/dataconnectors/c2",
		"DT_EVENT_TYPES": "touch", "DT_SIGNATURE_SECRET": theSecret, "DT_CONNECTOR_CONFIG": `{"events":["touch"]}`,
	})
	want := doctor.Deployment{
		Sinks: []string{"sqlite:///events.db", "file:///events"}, Connectors: []string{"projects/p1/dataconnectors/c1", "projects/p2/dataconnectors/c2"},
		Settings: map[string]string{"DT_EVENT_TYPES": "touch"}, Wanted: &doctor.Wanted{Events: &events},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %+v", err, got)
	}
	if _, err := doctor.FromEnvironment(settings.Environment{"DT_CONNECTORS": "c1"}); err == nil || !strings.Contains(err.Error(), "DT_CONNECTORS") {
		t.Errorf("%v", err)
	}
	got, err = doctor.FromEnvironment(settings.Environment{"DT_CONNECTOR_CONFIG": `{"*":{"events":["touch"]}}`})
	if err != nil || got.Wanted != nil {
		t.Errorf("by connector: %v, %+v", err, got.Wanted)
	}
}

// FuzzParseDeployment: no input panics, and what is taken is written and read alike.
func FuzzParseDeployment(f *testing.F) {
	f.Add(outputs(f))
	f.Add([]byte(`{"version":1,"endpoint":"https://r.example/","wanted":{"httpConfig":{"headers":{"a":"b"}}}}`))
	f.Add([]byte(`{"doctor":{"value":{"version":"1"}}}`))
	f.Add([]byte(`{"doctor":null,"version":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := doctor.ParseDeployment(text)
		if err != nil {
			if !errors.Is(err, doctor.ErrNoOutput) && !errors.Is(err, doctor.ErrOutput) && !errors.Is(err, doctor.ErrVersion) {
				t.Errorf("an error of no kind: %v", err)
			}
			if strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Errorf("%q cannot be shown on a line", err)
			}
			return
		}
		if d.Endpoint == "" {
			t.Error("there is no endpoint")
		}
		written, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := doctor.ParseDeployment(append([]byte(`{"version":1,`), written[1:]...))
		if err != nil || !reflect.DeepEqual(again, d) {
			t.Errorf("%v\n%+v\n%+v", err, d, again)
		}
	})
}
