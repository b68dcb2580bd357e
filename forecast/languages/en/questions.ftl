### Single questions: how they are called, how they come out, and why their probabilities moved.

## How a question is called beside others

name-stage = { $name }: { $stage }
name-grouped = { $group }: { $name }
name-by = { $name }, by { $day }

## Measures and comparisons

measure-count = the number of recorded events
measure-sum = the total of the recorded values
measure-max = the largest recorded value
measure-min = the smallest recorded value
measure-first = the number of days to the first recorded event
measure-last = the last recorded value
measure-change = the last value against the last one known at the opening
measure-rise = the highest value against the last one known at the opening
measure-fall = the lowest value against the last one known at the opening
measure-volatility = the root mean square of daily log changes, times the square root of 252,
measure-standing = what is under way on the day before closing
operator-at-least = at least
operator-more = more than
operator-at-most = at most
operator-less = less than

## How a question comes out

resolution-own = { $name }: { $text }
resolution-stage = Resolves yes for each if, from the as-of day to the day before closing, the record shows that it
    reached the stage named or a later one.
resolution-kinds = Resolves yes for each if one of these is on record for it from the as-of day to the day before
    closing: { $kinds }.
resolution-yes = Resolves yes if { $rule }.
resolution-yes-each = Resolves yes for each if { $rule }.
resolution-void = Void if ends that are not on record would decide.

# What a rule reads, compared with a number, or with several of which each question has one.
rule-holds = { $read } is { $operator } { $number }
rule-holds-window = { $read } from { $opens } to the day before closing is { $operator } { $number }
rule-holds-standing = { $read }, each with its largest value, comes to { $operator } { $number }
rule-also = { $rule }, and { $also }
rule-read = { $measure } ({ $conditions })
rule-condition = { $column } { $cells }
rule-blank = blank
rule-without = not { $cells }
rule-from = from { $low }
rule-below = below { $high }

resolution-settled = Settled on the record { $days } days after closing, by the rule as written: { $rules }.
resolution-settled-more = Settled on the record { $days } days after closing, by the rule as written: { $rules }; and so
    for { $more } more.

## Why a probability moved

cause-time = time passing
cause-new = new events
cause-revised = revised events
cause-models = edited models
cause-record = recalibration
cause-noise = Monte Carlo noise

moved-since = since the issue before
moved-path = issue by issue
moved-path-told = { $before } on { $day }, { $now } now
moved-caption = Why it moved since { $day }, in percentage points
moved-now = now
moved-chance = chance alone, ±
moved-events = New events that did most to “{ $name }”, by { $day }: { $groups }.
moved-group = { $events ->
    [one] one event of { $kind }, { $entity }, { $points } points
   *[other] { $events } events of { $kind }, { $entity }, { $points } points
}
moved-how = Shares add up to the move exactly: each cause is let happen in turn, over all orders in which they may come
    (Shapley). Noise is what other random numbers do.
