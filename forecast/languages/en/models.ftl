### What models say of themselves, and the pages on methods, data and how to make a report again.

## Methods and provenance

methods-title = Methods and provenance
methods-how = Every number comes from dated events that were known before the as-of day. A model turns them into
    simulated futures; a question is a rule, and its probability is the share of futures in which the rule holds:
    (k + 1/2) of (n + 1).
methods-model = How: { $method }. Record used since { $since }.

methods-gate = Convergence gate
methods-check = check
methods-found = found
methods-wanted = wanted
methods-r-hat = worst R-hat
methods-r-hat-wanted = at most 1.01
methods-ess-bulk = smallest bulk effective sample size
methods-ess-bulk-wanted = at least 400
methods-ess-tail = smallest tail effective sample size
methods-ess-tail-wanted = at least 400
methods-divergences = divergent transitions
methods-divergences-wanted = none
methods-bfmi = smallest E-BFMI
methods-bfmi-wanted = above 0.3
methods-chains = chains
methods-chains-wanted = as asked
methods-draws = draws a chain
methods-draws-wanted = as asked

methods-placed = Each parameter on a scale on which all priors are alike, logarithmic where it is positive: a
    posterior as wide as the grey bar has learned nothing from the data.
methods-parameters = Parameters before and after the data
methods-rests-on = rests on
methods-to-priors = answers to priors
methods-rests = What a posterior rests on: the data, where it is narrower than { $narrow } of its prior (on the scale of the
    figure); else the prior, or it moved by more than one standard deviation of the prior without growing surer.
methods-answers = How it answers to priors: by how much it changes when all priors are made a little narrower or wider;
    from { $bound } that is noticeable.
rests-prior = set by the prior
rests-moved = moved, no surer
rests-data = the data

elicited-caption = Priors that experts gave, and posteriors with and without them
elicited-by = expert
elicited-given = their prior
elicited-instead = before
elicited-with = posterior with it
elicited-without = posterior without
elicited-untold = cannot be told
elicited-how = Intervals are of 90 %, posteriors have their median before them. Without: the same data, and the prior that
    stood before the expert's; all other priors stay.
elicited-far = { $name }: without the expert's prior the posterior cannot be told from these draws (Pareto k { $k }, above
    { $bound }), only by a fit of its own.
elicited-few = { $name }: without the expert's prior the posterior cannot be told, for there are too few draws to weigh.
elicited-because = { $name }: { $by }, { $on }: { $because }

experts-title = What experts' priors were worth
experts-caption = Experts, and the posteriors without their priors
experts-priors = priors
experts-told = parameters
experts-within = within
experts-surprise = off by
experts-untold = cannot be told
experts-how = Within: of so many parameters the posterior median without the expert's prior lies in their 90 % interval. Off
    by: how far it lies from the middle of their prior, in its standard deviations, on average. This flatters: where an
    expert was furthest off it most often cannot be told.

replicas-caption = Could the model have made this record?
replicas-statistic = statistic
replicas-recorded = recorded
replicas-interval = replicas, 90 %
replicas-far = as far out
replicas-plausible = plausible
replicas-empty = share of bins and cells without an event
replicas-most = most events in one bin and cell
replicas-dispersion = variance over mean of a bin's total
replicas-memory = correlation of a bin's total with the recorded one before
replicas-steps-late = steps up after more than two years on a stage
replicas-steps-passed = steps up after the deadline
replicas-steps-most = most steps up of one kind from one stage
replicas-steps-none = share of pairs of kind and stage at risk without a step up
replicas-ends-young = ends within a year on a stage
replicas-fits = yes
replicas-doubtful = doubtful
replicas-fails = NO
replicas-how = Replicas of the record are drawn from the fitted model, given what had really happened before each bin, or
    for the same days at risk. The last but one column says how many of them are at least as far from their middle as the record.
fit-nothing = Nothing to diagnose: no parameter of it has a prior in the model's file, and nothing was sampled.
fit-skipped = Does not apply: { $lacking }.
fit-exact = comparison of chains (the posterior is exact)
fit-no-replicas = replicas of the record
fit-no-answers = sensitivity to the priors
fit-no-bins = counts left out (there is no likelihood bin by bin)

methods-standing = What covariates contribute on the as-of day
methods-covariate = covariate
methods-reads = reads now
methods-factor = factor on rates now: median [90 %]

data-title = Data
data-about = Rows are those known before the as-of day. Rates are rates of recorded events; the rest is not in them.
data-caption = Sources
data-publisher = publisher
data-licence = licence
data-through = looked at through
data-rows = rows

reproduce-title = How to make this report again
reproduce-how = The same data, specs, program and libraries, and the same rows of the book if it was read, give the
    same bytes on the same machine. The file manifest.json beside this report lists them all; the command forecast
    replay, given that file, makes the report again and compares the bytes, or names what is missing or other. To make
    it only:
reproduce-caption = Digests and versions
reproduce-what = what
reproduce-value = value
reproduce-inputs = inputs
reproduce-snapshot = snapshot
reproduce-model = model { $name }
reproduce-seed = seed of the first model
reproduce-futures = futures
reproduce-book = book
reproduce-sealed = { $rows } rows, the last sealed { $seal }

## How each model came to its numbers

fit-pool = { $models } models, each a like share of the futures
fit-begun = { $method }; refitted, beginning from the posterior { $posterior }
fit-sampled = sampled by NUTS, then simulated forward
fit-parameter = { $meaning } ({ $unit })

unit-a-year = a year
unit-below-1 = below 1
unit-days = days
unit-elasticity = elasticity
unit-factor = factor
unit-log = log
unit-log-rate = log rate
unit-per-e-fold = per e-fold
unit-probability = probability
unit-share = share
unit-size = size
unit-unit-of-sizes = unit of sizes
unit-weight = weight

# Of the effect of a covariate.
on-rates = on rates, for one such event in the window, its square for three

## Counts that feed on themselves

counts-background = events of a typical cell if nothing had happened before
counts-spread-origin = how far background rates differ between origins
counts-spread-mark = between marks
counts-spread-place = between places
counts-spread-front = between fronts, an origin in a place
counts-spread-cell = between cells, beyond origin, mark, place and front
counts-feedback = further events that one event brings in all; elasticity in the log form
counts-own = of that, in its own cell, by half-life; weights are relative
counts-front = on its front, by half-life
counts-origin = elsewhere from its origin
counts-all = from everyone
counts-dispersion = size of the negative binomial; small is bursty

counts-method = sampled by NUTS, then simulated forward with feedback
counts-learned = Learned from { NUMBER($events, useGrouping: 0) } recorded events in { NUMBER($bins, useGrouping: 0) }
    bins of { $days } days; rates are rates of recorded events, and questions resolve on the same record.
counts-associations = Effects of covariates are associations, not causes: what looks like a response is often what was
    foreseen by those who acted.
counts-first = The first events of a new campaign are not foreseen; upper tails are short for that reason.

# Of families that learn how late events become known.
reporting-late = Reports come late: by past lags, { $day } of the events of the last day before the as-of day are known
    by now, and { $week } of those of the last week. Futures complete them.

## Rates that forget

discounted-background = events of a typical cell in the long run

discounted-method = exact posterior of rates that forget with a half-life of { $days } days
discounted-stays = Rates stay what they are now: campaigns neither grow nor end in these futures.

## What simulated events take over from past ones

examples-carried = A simulated event takes its { $column } over from a past one of its cell; of those on record,
    { $values }.
examples-value = { NUMBER($events, useGrouping: 0) } { $value }
examples-not-said = { NUMBER($events, useGrouping: 0) } not said

## Events with a size and a length

marks-rate = onsets in a typical group, out of season
marks-spread = how far rates differ between groups
marks-share = events of a class that reach the next, in a typical group
marks-size = median size, if no class ended
marks-size-spread = how far sizes differ
marks-length = median length, of a typical cause
marks-length-spread = how far lengths of one cause differ
marks-cause-spread = how far medians of causes differ
marks-season = on the rate of its group in its months
marks-covariate = that one such event brings an event of this model within the window

marks-learned = Learned from { NUMBER($events, useGrouping: 0) } events of { $size } or more in { $years } years; what
    is { $half } years old counts half.
marks-left-out = Rows that the model's target left out, column by column: { $columns }.
marks-left-out-none = Rows that the model's target left out, column by column: none.
marks-lasted = Of { NUMBER($events, useGrouping: 0) } events it is known how long they lasted. Where it is not,
    nothing is concluded from that.
marks-vague = { NUMBER($events, useGrouping: 0) } events are dated to a month or a year only and count as of its first
    day, so that near the edge of a window they may stand on the wrong side.
marks-random = What begins is taken to begin at random: neither earlier ones nor other news move its chance here.
marks-rest = All else is taken to begin at random: neither earlier events nor other news move its chance here.
marks-no-link = { $name }: none stands on the record that was read, so this link says nothing here.
marks-link = { $name }: of { $tried } on record that are dated to a day, { $followed } were followed within { $days }
    days by one of the events learned from here, of the same entity and by cause { $causes }. One that is simulated
    brings such an event with a probability learned from these few and from its prior.

## Levels, as prices are

levels-level = volatility ahead against the usual one, if the past said nothing
levels-memory = per cent that it grows with one per cent more volatility in the past
levels-leverage = by how much it grows with a recent mean return of one per cent a day
levels-covariate = on how far the series moves on the day of events of the size that counts as one

levels-method = past paths, rescaled by an exact regression of volatility
levels-paths = How far prices may go is forecast from how restless they have been; paths follow { $paths } past ones
    since { $year }, which overlap.
levels-direction = Direction is not forecast: the mean change of the record is taken off, and the rest is left to past
    paths.
levels-no-link = { $name }: none stands on the record that was read, so how far they move the series is the prior's
    say.
levels-link = { $name }: how much further than usual the series moves on a day on which they begin is learned from
    { $days } such days, of which a few large ones decide. Which way it moves is left open.

## Ordered stages

stages-advance = reaching a higher stage: rate in a typical state and kind at 180 days
stages-exit = ending: rate in a typical state and kind
stages-suspend = being suspended: rate in a typical state and kind
stages-stage-spread = how far rates differ between states
stages-kind-spread = how far rates differ between kinds
stages-pair-spread = how far a kind's states differ from what both say alone
stages-age = change of log advancing when the time on a stage is 2.7 times as long
stages-age-spread = how far that differs between states, and between kinds
stages-deadline = on rates, when a deadline is far, near or passed
stages-trait = on the rate, of those that have the trait

stages-learned = Learned from { $steps } steps up, { $ends } ends and { $suspensions } suspensions in { $years } years
    at risk.

## Climatology

climatology-rates = constant rates with their exact posterior
climatology-replayed = base rate: the record replayed, nothing fitted
climatology-constant = Every process of a kind climbs at the same constant rate, whatever its age, its deadline and
    its opponents; a process is taken to be where its last known event left it.
climatology-how-often = These probabilities are how often the same happened in { $years } years of record since
    { $since }; nothing that is special about today moves them.
