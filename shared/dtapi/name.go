package dtapi

import (
	"fmt"
	"strings"
)

// A ConnectorName is the full name of a Data Connector,
// "projects/P/dataconnectors/C".
type ConnectorName string

// A DeviceName is the full name of a device, "projects/P/devices/D". P may be "-"
// where the project is not known.
type DeviceName string

// AnyProject stands for a project that is not known, in the name of a device.
const AnyProject = "-"

// ParseConnectorName returns text as a ConnectorName. DT writes the middle part as
// dataconnectors in addresses and as dataConnectors in some texts: both are taken,
// the first is returned. The ids may have any length. The error is ErrInvalid.
func ParseConnectorName(text string) (ConnectorName, error) {
	project, middle, id, ok := cutName(text)
	if !ok || fold(middle) != "dataconnectors" || project == AnyProject {
		return "", fmt.Errorf("%w: connector %s: want projects/PROJECT/dataconnectors/CONNECTOR", ErrInvalid, quote(text))
	}
	return ConnectorName("projects/" + project + "/dataconnectors/" + id), nil
}

// ParseDeviceName returns text as a DeviceName. The ids may have any length. The
// error is ErrInvalid.
func ParseDeviceName(text string) (DeviceName, error) {
	project, middle, id, ok := cutName(text)
	if !ok || middle != "devices" {
		return "", fmt.Errorf("%w: device %s: want projects/PROJECT/devices/DEVICE", ErrInvalid, quote(text))
	}
	return DeviceName("projects/" + project + "/devices/" + id), nil
}

// ParseProject returns the id of the project that text names, as "projects/P" or as
// the id alone. The error is ErrInvalid.
func ParseProject(text string) (id string, err error) {
	return parseID("project", "projects", text)
}

// parseOrganization does for organizations what ParseProject does.
func parseOrganization(text string) (id string, err error) {
	return parseID("organization", "organizations", text)
}

func parseID(what, collection, text string) (string, error) {
	id := strings.TrimPrefix(text, collection+"/")
	if !isID(id) {
		return "", fmt.Errorf("%w: %s %s: want %s/ID or ID", ErrInvalid, what, quote(text), collection)
	}
	return id, nil
}

// Project returns the id of the connector's project, "" if n is not a name.
func (n ConnectorName) Project() string { project, _, _, _ := cutName(string(n)); return project }

// ID returns the connector's id, "" if n is not a name.
func (n ConnectorName) ID() string { _, _, id, _ := cutName(string(n)); return id }

// Project returns the id of the device's project, "" if n is not a name.
func (n DeviceName) Project() string { project, _, _, _ := cutName(string(n)); return project }

// ID returns the device's id, "" if n is not a name.
func (n DeviceName) ID() string { _, _, id, _ := cutName(string(n)); return id }

// cutName takes apart projects/PROJECT/COLLECTION/ID.
func cutName(name string) (project, collection, id string, ok bool) {
	parts := strings.Split(name, "/")
	if len(parts) != 4 || parts[0] != "projects" || !isID(parts[1]) || !isID(parts[3]) {
		return "", "", "", false
	}
	return parts[1], parts[2], parts[3], true
}

// isID reports whether text can be an id: nothing in it may change the meaning of a
// path, above all no "/", ":", "." or "?". DT's are of letters and digits; those of
// emulated devices are longer than others.
func isID(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}
