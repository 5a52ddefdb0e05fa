package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/dt-functions/dt-functions/shared/label"
)

// events: are the types forwarded that are wanted?
func (r *run) events(_ context.Context, s *connectorState) (Result, bool) {
	result := Result{Check: CheckConnectorEvents, Status: OK, Found: "it forwards what is wanted"}
	apply := applySettings(s)
	if wanted := r.Deployment.Wanted; wanted != nil && wanted.Events != nil {
		if missing, more := difference(*wanted.Events, s.Events); len(missing)+len(more) > 0 {
			if len(*wanted.Events) == 0 || len(s.Events) == 0 { // empty means all
				missing, more = nil, nil
			}
			result.Status = Fail
			result.Found = "it forwards " + all(s.Events) + "; wanted are " + all(*wanted.Events) + changes(missing, more)
			result.Remedy = apply
			return result, true
		}
	}
	if filtered := list(r.Deployment.Settings["DT_EVENT_TYPES"]); len(filtered) > 0 && len(s.Events) > 0 {
		if missing, _ := difference(filtered, s.Events); len(missing) > 0 {
			result.Status = Fail
			result.Found = "it does not forward " + names(missing) + ", which DT_EVENT_TYPES wants"
			result.Remedy = "add the types to the connector's events (" + apply + "), or take them out of DT_EVENT_TYPES"
		}
	}
	return result, true
}

// labels: are the labels sent that are wanted, and those that receive's settings need?
func (r *run) labels(_ context.Context, s *connectorState) (Result, bool) {
	result := Result{Check: CheckConnectorLabels, Status: OK, Found: "it sends the labels that are needed"}
	needed := neededLabels(r.Deployment.Settings)
	if missing, _ := difference(needed, s.Labels); len(missing) > 0 {
		result.Status = Fail
		result.Found = "it does not send the label " + names(missing) + ", which DT_LABEL_SELECTOR or DT_LABELS goes by: receive takes all devices for ones without it"
		result.Remedy = "add it to the connector's labels: " + applySettings(s)
		return result, true
	}
	if wanted := r.Deployment.Wanted; wanted != nil && wanted.Labels != nil {
		if missing, more := difference(*wanted.Labels, s.Labels); len(missing)+len(more) > 0 {
			result.Status = Fail
			result.Found = "its labels are not those that are wanted" + changes(missing, more)
			result.Remedy = applySettings(s)
		}
	}
	return result, true
}

// neededLabels are the keys that receive's settings go by.
func neededLabels(s map[string]string) []string {
	var needed []string
	if selector, err := label.ParseSelector(s["DT_LABEL_SELECTOR"]); err == nil {
		needed, _ = wishes(selector)
	}
	if _, err := label.ParseSelect(s["DT_LABELS"]); err == nil {
		needed = append(needed, selectedKeys(s["DT_LABELS"])...)
	}
	slices.Sort(needed)
	return slices.Compact(needed)
}

// headers: are the headers sent that are wanted? Their values are not shown.
func (r *run) headers(_ context.Context, s *connectorState) (Result, bool) {
	wanted := r.Deployment.Wanted
	if s.HTTP == nil || wanted == nil || len(wanted.HTTPConfig.Headers) == 0 {
		return Result{}, false
	}
	result := Result{Check: CheckConnectorHeaders, Status: OK, Found: "it sends the headers that are wanted"}
	has := make(map[string]string)
	for name, value := range s.HTTP.Headers {
		has[strings.ToLower(name)] = value.Reveal()
	}
	var wrong []string
	for name, value := range wanted.HTTPConfig.Headers {
		if is, ok := has[strings.ToLower(name)]; !ok || !equal(is, value) {
			wrong = append(wrong, name)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		result.Status, result.Found = Fail, "the header "+names(wrong)+" is not sent, or with another value than the one that is wanted"
		result.Remedy = applySettings(s)
	}
	return result, true
}

// applySettings says how a connector comes to its wanted settings.
func applySettings(s *connectorState) string {
	return "dtfn configure, or dtfn connector apply " + string(s.name) + " --config FILE"
}

// difference returns what is wanted and missing, and what is there and not wanted.
func difference(wanted, is []string) (missing, more []string) {
	for _, name := range wanted {
		if !slices.Contains(is, name) {
			missing = append(missing, name)
		}
	}
	for _, name := range is {
		if !slices.Contains(wanted, name) {
			more = append(more, name)
		}
	}
	return missing, more
}

func changes(missing, more []string) string {
	var text string
	if len(missing) > 0 {
		text += "; missing: " + names(missing)
	}
	if len(more) > 0 {
		text += "; too many: " + names(more)
	}
	return text
}

func all(types []string) string {
	if len(types) == 0 {
		return "all types"
	}
	return names(types)
}

func names(list []string) string { return clean(strings.Join(list, ", ")) }
