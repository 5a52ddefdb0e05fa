package main

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// sources are the attributes that a changed source may change, by the type of their
// resource; with a dot, one key of such an attribute. What the provider works out from
// them counts as unknown and is not looked at.
var sources = map[string][]string{
	"aws_lambda_function":                   {"filename", "source_code_hash"},
	"google_storage_bucket_object":          {"name", "source", "source_md5hash", "md5hash", "detect_md5hash"},
	"google_cloudfunctions2_function":       {"build_config"},
	"azurerm_function_app_flex_consumption": {"zip_deploy_file", "app_settings.PACKAGE_SHA256"},
	"azurerm_storage_blob":                  {"name", "source", "content_md5"},
	"heroku_build":                          {"source"},
	"heroku_slug":                           {"checksum", "file_path", "file_url"},
	"ibm_code_engine_build":                 {"source_revision", "output_image"},
	"ibm_code_engine_app":                   {"image_reference"},
	"ibm_code_engine_job":                   {"image_reference"},
}

// A plan is what a run with command = plan has made; its resources are looked at in the
// changes alone.
type plan struct {
	Changes       []change          `json:"resource_changes"`
	OutputChanges map[string]effect `json:"output_changes"`
}

type change struct {
	Address string `json:"address"`
	Mode    string `json:"mode"`
	Type    string `json:"type"`
	Change  effect `json:"change"`
}

type effect struct {
	Actions        []string `json:"actions"`
	Before         any      `json:"before"`
	After          any      `json:"after"`
	AfterUnknown   any      `json:"after_unknown"`
	AfterSensitive any      `json:"after_sensitive"`
}

func (e effect) isNothing() bool {
	return slices.Equal(e.Actions, []string{"no-op"}) || slices.Equal(e.Actions, []string{"read"})
}

// secrets is that of a module.
func (p *plan) secrets() (int, error) {
	m := module{Outputs: make(map[string]variable)}
	for _, c := range p.Changes {
		m.Resources = append(m.Resources, resource{Address: c.Address, Type: c.Type, Values: c.Change.After, SensitiveValues: c.Change.AfterSensitive})
	}
	for name, c := range p.OutputChanges {
		m.Outputs[name] = variable{Value: c.After}
	}
	return m.secrets()
}

// nothing returns an error for each change.
func (p *plan) nothing() error {
	var errs []error
	for _, c := range p.Changes {
		if !c.Change.isNothing() {
			errs = append(errs, fmt.Errorf("a second plan wants to %v %s: %v", c.Change.Actions, c.Address, slices.Sorted(maps.Keys(c.Change.changed()))))
		}
	}
	for name, c := range p.OutputChanges {
		if !c.isNothing() {
			errs = append(errs, fmt.Errorf("a second plan wants to change the output %s", name))
		}
	}
	return errors.Join(errs...)
}

// sourceAlone returns an error for each change that a changed source should not bring,
// and one when it brings none.
func (p *plan) sourceAlone() error {
	var errs []error
	n := 0
	for _, c := range p.Changes {
		if c.Change.isNothing() {
			continue
		}
		n++
		for name := range c.Change.changed() {
			if slices.Contains(sources[c.Type], name) {
				continue
			}
			for _, path := range c.Change.paths(name) {
				if !slices.Contains(sources[c.Type], path) {
					errs = append(errs, fmt.Errorf("a changed source changes %s.%s", c.Address, path))
				}
			}
		}
	}
	if n == 0 {
		errs = append(errs, errors.New("a changed source is not deployed"))
	}
	return errors.Join(errs...)
}

// changed returns the attributes that are known and other than before.
func (e effect) changed() map[string]bool {
	return changedKeys(e.Before, e.After, e.AfterUnknown)
}

// paths returns what has changed of a changed attribute: its keys, each behind a dot,
// or the attribute itself where it has none, before or after.
func (e effect) paths(name string) []string {
	before, after, unknown := member(e.Before, name), member(e.After, name), member(e.AfterUnknown, name)
	_, had := before.(map[string]any)
	_, has := after.(map[string]any)
	if !had || !has {
		return []string{name}
	}
	var paths []string
	for key := range changedKeys(before, after, unknown) {
		paths = append(paths, name+"."+key)
	}
	return paths
}

func member(object any, name string) any {
	members, _ := object.(map[string]any)
	return members[name]
}

// changedKeys returns the keys of an object that are known and other than before.
func changedKeys(wasObject, isObject, unknownObject any) map[string]bool {
	before, _ := wasObject.(map[string]any)
	after, _ := isObject.(map[string]any)
	unknown, _ := unknownObject.(map[string]any)
	names := make(map[string]bool)
	for name := range after {
		if !reflect.DeepEqual(before[name], after[name]) && unknown[name] != true {
			names[name] = true
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok && unknown[name] != true {
			names[name] = true
		}
	}
	return names
}
