### What figures say: axes, legends, what a mark tells, and the words for who cannot see them.

## What several figures share

figures-data = The figure's data
figures-probability = probability, per cent
figures-as-of = as of { $day }
figures-by = by { $day }
figures-per-cent-a-year = per cent a year

## What a mark tells who points at it, by the field of its row

# No two fields of one row may have the same words: the page keeps one of them only.
mark-after = after, per cent
mark-at = day
mark-at-first = from
mark-base = base rate, per cent
mark-before = before, per cent
mark-by = when
mark-closes = when
mark-end = until
mark-events = events
mark-from = from
mark-happened = happened, per cent
mark-high = to, nine times in ten
mark-horizon = ahead
mark-level = level
mark-low = from, nine times in ten
mark-middle = middle
mark-month = month
mark-out = outcome
mark-p = probability, per cent
mark-q5 = 5 % of futures below
mark-q25 = 25 % below
mark-q50 = median
mark-q75 = 75 % below
mark-q95 = 95 % below
mark-ratio = ratio
mark-said = said
mark-text = probability (base rate)
mark-to = to
mark-value = value
mark-when = reached

## Names of forecasts within their group

label-next = { $name }: { $next }
label-at-least = at least { $level }
label-above = above { $level }

## Dots: probabilities with their intervals and base rates

dots-title = Probabilities
dots-alt = Dots with 90 per cent intervals for { $questions } questions; hollow diamonds are the base rate. Highest:
    { $name }, { $probability } { $closes }.
dots-by = by

## A series: windows or daily values of the past, and the bands of futures ahead

series-sum = total, { $unit }
series-max = largest, { $unit }
series-count = events
series-volatility = volatility, % a year
series-windows = { $what } in { $days } days
series-windows-alt = Bars: { $title } since { $day }, the last { $last }. Ahead: median { $median } in the first
    { $days } days, 90 per cent of futures between { $low } and { $high }.
series-asked = asked about: { $levels }
series-values = Values in { $unit }
series-values-alt = Line: { $last } { $unit } on { $day }, the last value known. Ahead: on { $end } the median is
    { $median }, and 90 per cent of futures lie between { $low } and { $high }.
series-data = The figure's data: the record, then quantiles over futures
series-from = from
series-value = value
series-share = { $share } %
series-median = median

## How probable other levels are

level-title = How probable other levels are
level-alt = Lines: the probability of { $operator } each level, by { $days }. { $beginning } { $level } by { $first }:
    { $said }.
level-axis = { $operator } so much: { $unit }
level-events = events
level-per-cent = per cent
level-threshold = threshold

## What was said, issue by issue

path-title = What was said, issue by issue
path-title-ahead = What was said, issue by issue, { $horizon } ahead
path-alt = Lines: what was said { $horizon } ahead at { $issues } issues since { $day }, with 90 per cent intervals;
    filled dots had come out yes. Now: { $now }.
path-each = { $name } { $probability }
path-days = { NUMBER($days, useGrouping: 0) } days
path-horizon = horizon
path-now = now
path-before = before
path-came = { $came ->
    [yes] came out yes
    [no] came out no
   *[open] not out yet
}

## Events by month

timeline-title = Timeline
timeline-nothing = Nothing was recorded in the last twelve months.
timeline-figure = Events of the last twelve months
timeline-alt = Bars by month of the twelve months before { $day }: { $counts }.
timeline-count = { NUMBER($events, useGrouping: 0) } of { $source }
timeline-month = month
timeline-latest = The { $events } latest events known
timeline-known = what was known

## Parameters: each posterior within its prior

parameters-title = Posterior within prior
parameters-alt = Grey bars: the middle 90 per cent of the prior of { $parameters } parameters;
    lines and dots: their posterior. The data told most about { $name }.
parameters-axis = place in the prior
parameters-low = 5 %
parameters-middle = middle
parameters-high = 95 %
