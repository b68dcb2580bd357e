### What a report says of itself, of all questions together, and around its sections.

## Every face

face-brand = Brinkcast forecast
face-title = { $title }, as of { $day }
face-as-of = as of { $day }
face-contents = Contents
face-skip = Skip to the content
face-foot = As of { $day }. The same numbers stand in report.json and report.pdf.
figure-data = Data of { $title }
figure-data-untitled = Data of this figure
figure-show = Show

# Around a table that can be searched.
table-rows = Show rows with
table-group = of
table-every = all
table-order = sorted by
table-written = as written
table-found = { $shown } of { $rows }

## Title block

title-audience = For { $audience }.
title-as-of = As of { $day }: nothing that became known on that day or later was used.
title-live = Live forecast: the questions were written before what they ask about could be seen.
title-backtest = Backtest: models and questions were written after the fact; only what was known then was used, but
    hindsight in their choice cannot be ruled out.
title-source = { $title } through { $day }
title-fetched = Data fetched: { $sources }.
title-no-book = Not in the book: nothing said here will be scored, unless the brief is issued too.
title-in-book = In the book since { $day }, between rows { $first } and { $last }.
title-in-book-other = In the book since { $day }, between rows { $first } and { $last }; { $other } of { $count } were issued
    with another number, which counts.
gate-nothing = Convergence gate: no model was sampled.
gate-passed = Convergence gate: passed by { $models } (worst R-hat { $rhat }, smallest effective sample size { $ess }).

## Bottom line

bottom-title = Bottom line
bottom-titled = { $name }, by { $day }
bottom-next = { $name }: { $stage } or later
bottom-process = { $group }: { $name }
bottom-level = { $name }, { $operator } { $level }
bottom-by = { $said } by { $day }
bottom-led = { $name }: { $days }.
bottom-likeliest = { $domain }: of what closes first, highest is “{ $title }”, at { $said }.
bottom-known = Known to come already: { $steps }.
bottom-known-step = { $name }, { $step }
bottom-known-more = { $count } more
bottom-still = No forecast says another number than on { $day }.
bottom-moved = Moved most since { $day }: “{ $title }”, from { $before } to { $now }.
bottom-usual = No forecast lies more than five points from its base rate.
bottom-above = Farthest above its base rate of { $base } is “{ $title }”, at { $said }.
bottom-below = Farthest below its base rate of { $base } is “{ $title }”, at { $said }.
bottom-mover = What would move “{ $model }” most is one more of “{ $covariate }”, which goes with a factor of { $middle } on
    background rates (90 % interval { $low } to { $high }; an association, not an effect).

## All questions

questions-title = All questions
questions-caption = Forecasts
questions-how = The interval holds the probability nine times in ten, given what is not known about the model's
    parameters. The base rate is how often the same happened before, and past windows are the windows of the same length
    in which it did, with the number of recorded events of the kind in brackets. The benchmark is the strongest forecast
    that was tried of those that fit nothing, where one beats the base rate. Windows are half-open: an event on the
    closing day is out.
questions-processes = Questions over processes stand in a table for each group: a row a process, a column a closing day,
    and in each cell the probability, with the base rate in brackets, which is what is usual for processes of its kind at
    its stage. All are shares of the same futures; the day that a column names is still in.
questions-benchmark = benchmark
questions-past = past windows (events)
questions-held = { $held } of { $windows }
questions-held-events = { $held } of { $windows } ({ $events })
questions-why-first = the brief has not been issued before with any of these questions
questions-why-lacking = Why forecasts moved is not told: { $why }.

## A domain, and a group of questions

domain-base-rates = There is no model of this domain yet: these are base rates ({ $models }), so forecast and base rate
    agree. { $summaries }
domain-models = { $count ->
    [one] From the model { $models }. { $summaries }
   *[other] From the models { $models }. { $summaries }
}
domain-model = “{ $title }”
group-caption = Forecasts: { $title }
group-dots = Dots: probability; lines: its 90 % interval; hollow diamonds: base rate.
group-daily = Left of the line the values known; right of it half of all futures lie in the darker band and nine tenths in
    the lighter one. Dashed: median, and the levels that are asked about. A future may touch a level and fall back, so the
    bands do not show the probabilities below.
group-windows = Bars: past windows of { $days } days. Boxes: the same windows ahead; half of all futures lie in the darker
    box, nine tenths in the lighter one, and the stroke is the median.
group-levels = How probable it is that the number comes to each level, by each closing day, bent as the forecasts above
    are. On the page the threshold can be moved.
group-path = Each point is what was said on that day of the same question over the days that followed it, with its 90 %
    interval; filled where it had come out yes by the as-of day.

## Limits, timeline, glossary

limits-title = What can be forecast here, and what cannot
limits-about = What is known of each model's reach, whatever it says in this report.
timeline-about = What the record held for the last twelve months when the forecast was made, by the day it happened.
glossary-title = Glossary
glossary-caption = Words used here
glossary-word = word

## A report that is refused

refused-title = Refused
refused-subtitle = This report was refused.
refused-as-of = As of { $day }
refused-gate = Refused by the convergence gate
refused-why = No probabilities are published, because a model failed the convergence gate.
refused-do = What to do: { $hint }.
