package doctor

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// FromEnvironment returns what the settings of receive and configure say of a
// deployment. Its endpoint is left empty: no setting names it.
func FromEnvironment(env settings.Environment) (Deployment, error) {
	d := Deployment{Sinks: list(env["DT_SINK"]), Connectors: list(env["DT_CONNECTORS"])}
	for _, name := range d.Connectors {
		if _, err := dtapi.ParseConnectorName(name); err != nil {
			return Deployment{}, fmt.Errorf("DT_CONNECTORS: %w", err)
		}
	}
	for _, name := range SettingNames() {
		if value := env[name]; value != "" {
			if d.Settings == nil {
				d.Settings = make(map[string]string)
			}
			d.Settings[name] = value
		}
	}
	// Settings that differ by connector are configure's business alone.
	if text := strings.TrimSpace(env["DT_CONNECTOR_CONFIG"]); text != "" {
		if _, err := settings.ParseConnectorConfig([]byte(text)); err == nil {
			d.Wanted = new(Wanted)
			if err := json.Unmarshal([]byte(text), d.Wanted); err != nil {
				d.Wanted = nil
			}
		}
	}
	return d, nil
}

// SettingNames returns the names of the settings of receive that the doctor goes by.
func SettingNames() []string {
	return []string{"DT_EVENT_TYPES", "DT_DEVICE_TYPES", "DT_PROJECTS", "DT_LABEL_SELECTOR", "DT_LABELS", "DT_ORGANIZATION_ID"}
}
