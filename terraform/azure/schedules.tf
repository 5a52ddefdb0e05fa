# When the functions run. The host's timers take six fields, seconds first, in UTC, and
# read a range that goes over the end of the week as the days outside of it.

locals {
  days = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]

  # minute, hour, day of month, month, day of week
  schedule_fields = { for f, expression in local.scheduled : f => split(" ", expression) }

  # Ranges of days become lists.
  schedule_days = { for f, fields in local.schedule_fields : f => fields[4] == "*" ? "*" : join(",", distinct(flatten([
    for part in split(",", fields[4]) : [
      for i in range((index(local.days, reverse(split("-", part))[0]) - index(local.days, split("-", part)[0]) + 7) % 7 + 1) :
      local.days[(index(local.days, split("-", part)[0]) + i) % 7]
    ]
  ]))) }

  cron = { for f, fields in local.schedule_fields : f => join(" ", concat(["0"], slice(fields, 0, 4), [local.schedule_days[f]])) }

  # The least and the most of each field that has numbers.
  schedule_bounds = [[0, 59], [0, 23], [1, 31], [1, 12]]

  schedule_in_bounds = { for f, fields in local.schedule_fields : f => alltrue(flatten([
    for i, bounds in local.schedule_bounds : [
      for n in regexall("[0-9]+", fields[i]) :
      tonumber(n) >= (startswith(fields[i], "*/") ? 1 : bounds[0]) && tonumber(n) <= bounds[1]
    ]
  ])) }

  # The host would turn such a range round without a word.
  schedule_forward = { for f, fields in local.schedule_fields : f => alltrue(flatten([
    for i, bounds in local.schedule_bounds : [
      for ends in regexall("([0-9]+)-([0-9]+)", fields[i]) : tonumber(ends[0]) <= tonumber(ends[1])
    ]
  ])) }
}
