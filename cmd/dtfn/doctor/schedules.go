package doctor

import (
	"context"
	"maps"
	"slices"
)

// checkSchedules looks at the schedules that the deployment says it has.
func (r *run) checkSchedules(context.Context) {
	d := &r.Deployment
	if d.Schedules == nil {
		r.add(skipped(CheckSchedule, "only the outputs of Terraform name schedules", ""))
		return
	}
	for _, function := range slices.Sorted(maps.Keys(d.Schedules)) {
		s := d.Schedules[function]
		result := Result{Check: CheckSchedule, Subject: clean(function), Status: OK, Found: clean(s.Expression)}
		if s.Expression == "" {
			result.Status, result.Found = Fail, "it has no expression, so it never runs"
			result.Remedy = "set schedules." + clean(function) + " in the Terraform module, and apply"
		}
		r.add(result)
	}
	if len(d.Connectors) == 0 {
		// The module schedules nothing then.
		r.add(Result{
			Check: CheckSchedule, Status: Warn, Found: "nothing is scheduled: the module has no connectors, so none is watched, enabled or kept at its settings",
			Remedy: "give the module connectors and service_account, and apply",
		})
		return
	}
	if _, ok := d.Schedules["recover"]; !ok {
		r.add(Result{
			Check: CheckSchedule, Subject: "recover", Status: Fail,
			Found:  "not scheduled: DT disables a connector after five days of failures, and what it misses then is not sent again; recover enables it and fetches those events",
			Remedy: "set schedules.recover in the Terraform module and apply; or, where somebody watches the connectors, --ignore schedule=recover",
		})
	}
	if _, ok := d.Schedules["configure"]; !ok && d.Wanted.any() {
		r.add(Result{
			Check: CheckSchedule, Subject: "configure", Status: Warn,
			Found:  "not scheduled, so nothing keeps the connectors at the settings that are wanted",
			Remedy: "set schedules.configure in the Terraform module and apply, or run dtfn configure after changes",
		})
	}
}
