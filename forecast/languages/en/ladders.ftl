### Processes on ladders of stages: the figure of a ladder, what is said beside it, and tables of many processes.

## The figure of a ladder

ladder-ends = ends
# What is drawn on a new line stands after |.
ladder-by = by { $day }|({ NUMBER($days, useGrouping: 0) } days)
ladder-by-deadline = by its deadline,|{ $day }
ladder-due = due { $day }
ladder-as-of = as of { $day }
ladder-deadline = deadline { $day }
ladder-known = known
ladder-known-beside = known: { $said }
ladder-alt = Stages of { $name }: { $behind } on record, now { $stands }. Ahead: { $ahead } by { $day } with { $said }.
ladder-data = The figure's data: probability, and in brackets the base rate
ladder-stage = stage
ladder-on-record = on record
ladder-quarter = a quarter of futures by
ladder-half = half by
ladder-three-quarters = three quarters by
ladder-to-come = known to come: { $day }
ladder-later = later than { $day }

## The section on ladders

ladders-title = Stage ladders
ladders-how = A ladder shows the stages of one process: on the left when it reached those behind it, and how long it
    stood on each (pale: suspended; hollow: known to the month or year only); on the right the probability that it
    reaches each stage ahead, or a later one, and, where that is asked, that it ends, with the base rate in brackets.
    Darker is more probable. The likeliest to reach its next stage stands first.
ladders-rates = Rates are those of the model for the process as it stands, as median and 90 % interval.
ladders-others = Other processes
ladders-others-how = No stage ahead of these is asked about: they stand at the top of their ladder, only their end is
    asked about, or they have ended.
ladders-others-caption = Where the others stand
ladders-stands = stands at
ladders-since = since
ladders-suspended = { $stage }, suspended
ladders-rate = { $cause ->
    [exit] rate to an end
   *[suspend] rate to a suspension
}

## What is said of a process

process-step = { $precision ->
    [day] { $kind } on { $day }
   *[other] { $kind } in { $day }
}
process-ended = Ended: { $step }.
process-ended-seen = Ended: { $step }; last seen open on { $seen }.
process-stands = Stands at “{ $stage }” since { $since }, for { $lasted }.
process-stands-seen = Stands at “{ $stage }” since { $since }, for { $lasted }; last seen open on { $seen }.
process-suspended = Suspended at “{ $stage }” since { $since }, for { $lasted }.
process-suspended-seen = Suspended at “{ $stage }” since { $since }, for { $lasted }; last seen open on { $seen }.
process-window = { $window ->
    [far] far
    [near] near
    [passed] passed
   *[none] none
}
process-deadline-ahead = Its deadline, { $day }, lies { $lasted } ahead.
process-deadline-ahead-counted = Its deadline, { $day }, lies { $lasted } ahead; the model counts it as { $window }.
process-deadline-passed = Its deadline, { $day }, was { $lasted } ago.
process-deadline-passed-counted = Its deadline, { $day }, was { $lasted } ago; the model counts it as { $window }.
process-scheduled = Reported as known: { $steps }.
process-reached-by-few = Fewer than a quarter of futures reach “{ $stage }”, or a later stage, by { $last }.
process-reached-by-quarter = A quarter of futures reach “{ $stage }”, or a later stage, by { $quarter }, fewer than half
    by { $last }.
process-reached-by-half = A quarter of futures reach “{ $stage }”, or a later stage, by { $quarter }, half by { $half },
    fewer than three quarters by { $last }.
process-reached-by-most = A quarter of futures reach “{ $stage }”, or a later stage, by { $quarter }, half by { $half },
    three quarters by { $most }.
process-rates = Rates a year: { $rates }.
process-rates-later = Rates a year once that has come: { $rates }.
process-rate = { $cause ->
    [advance] up { $rate }
    [exit] to an end { $rate }
   *[suspend] to a suspension { $rate }
}
process-rate-interval = { $middle } ({ $low } to { $high })

## Tables of many processes

matrix-figure = { $title }: probability by { $day }
matrix-caption = Probability, and in brackets the base rate; the likeliest stand first
matrix-stands-at = stands at
matrix-next = next stage
matrix-by = by { $day } ({ NUMBER($days, useGrouping: 0) }{ "\u00A0" }days)
matrix-deadline = by its deadline
matrix-stands = { $stage }, { $lasted }
matrix-suspended = suspended at { $stage }, { $lasted }
matrix-known = { $probability } (known: { $day })
matrix-by-day = { $day }: { $said }
matrix-overview = Questions over processes
matrix-asked = asked of each process
matrix-processes = processes
matrix-questions = questions
matrix-likeliest = likeliest by the farthest day, if not known already
matrix-best = { $name }, by { $day }
matrix-best-stage = { $name }: { $stage }, by { $day }
