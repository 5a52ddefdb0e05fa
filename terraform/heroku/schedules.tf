# When the functions run, as in DT_SCHEDULE. With one that the server cannot read it would
# not start, and receive nothing: so all that it refuses is refused here.

locals {
  days = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]

  # minute, hour, day of month, month, day of week
  schedule_fields = { for f, expression in local.scheduled : f => split(" ", expression) }

  # Ranges of days become lists: where a week begins, not all agree.
  schedule_days = { for f, fields in local.schedule_fields : f => join(",", distinct(flatten([
    for part in split(",", fields[4]) : [
      for i in range(length(split("-", part)) < 2 ? 1 : (index(local.days, split("-", part)[1]) - index(local.days, split("-", part)[0]) + 7) % 7 + 1) :
      local.days[(index(local.days, split("-", part)[0]) + i) % 7]
    ]
  ]))) if fields[4] != "*" }

  schedule = join("; ", [for f, fields in local.schedule_fields :
    "${f}=${join(" ", concat(slice(fields, 0, 4), [lookup(local.schedule_days, f, "*")]))}"
  ])

  # The least and the most of each field that has numbers.
  schedule_bounds = [[0, 59], [0, 23], [1, 31], [1, 12]]

  schedule_in_bounds = { for f, fields in local.schedule_fields : f => alltrue(flatten([
    for i, bounds in local.schedule_bounds : concat(
      [
        for n in regexall("[0-9]+", fields[i]) :
        tonumber(n) >= (startswith(fields[i], "*/") ? 1 : bounds[0]) && tonumber(n) <= bounds[1]
      ],
      # Ranges go upwards.
      [for r in regexall("([0-9]+)-([0-9]+)", fields[i]) : tonumber(r[0]) <= tonumber(r[1])],
    )
  ])) }

  # The months of each, and the most days that one of them has. A day beyond that never comes.
  month_days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

  schedule_most_days = { for f, fields in local.schedule_fields : f => max([
    for month, most in local.month_days : most if fields[3] == "*" || anytrue([
      for part in split(",", fields[3]) :
      try(month + 1 >= tonumber(split("-", part)[0]) && month + 1 <= tonumber(reverse(split("-", part))[0]), false)
    ])
  ]...) if local.schedule_in_bounds[f] }

  schedule_comes = { for f, most in local.schedule_most_days : f => (local.schedule_fields[f][2] == "*" ? true :
    min([for n in regexall("[0-9]+", local.schedule_fields[f][2]) : tonumber(n)]...) <= most
  ) }
}
