### What moved between two reports, and why.

## The page

compare-title = What moved: { $title }
compare-subtitle = From the report as of { $first } to the one as of { $second }.
compare-before = Before: “{ $title }”, as of { $day }.
compare-after = After: “{ $title }”, as of { $day }.
compare-nothing-new = Nothing was computed anew: every number is one of the two reports, or the difference of two.

# Bottom line.
compare-some-still = { $both ->
    [one] { $both } question is in both reports; { $still } moved by less than a point.
   *[other] { $both } questions are in both reports; { $still } moved by less than a point.
}
compare-all-still = { $both ->
    [one] { $both } question is in both reports; none moved by a point or more.
   *[other] { $both } questions are in both reports; none moved by a point or more.
}
compare-rose = Rose most: “{ $question }”, from { $before } to { $after }.
compare-fell = Fell most: “{ $question }”, from { $before } to { $after }.
compare-only-second = { $count ->
    [one] Only in the second report, { $count } question: { $names }.
   *[other] Only in the second report, { $count } questions: { $names }.
}
compare-only-first = { $count ->
    [one] Only in the first, { $count } question: { $names }.
   *[other] Only in the first, { $count } questions: { $names }.
}
compare-only-name = “{ $question }”
compare-only-others = others

# Largest moves; then all.
compare-largest = Largest moves
compare-questions = All questions in both
compare-how = A difference is that of the two probabilities, in percentage points. Questions that are asked anew each
    time are compared at the same horizon: so many days ahead of either report.
compare-table = Before and after
compare-difference = difference, points
compare-interval-before = 90 % interval before
compare-interval-after = 90 % interval after
compare-overlap = intervals overlap
compare-base-before = base rate before
compare-base-after = base rate after

# What is not compared.
compare-not-compared = Not compared
compare-only = Questions in one report only
compare-stands = stands
compare-other = Questions that ask something else now
compare-asked-before = asked before
compare-said-before = said before
compare-asked-after = asked after
compare-said-after = said after
compare-rule-before = rule before
compare-rule-after = rule after

# What it cannot say.
compare-limits = What this comparison cannot say
compare-limits-days = { $days ->
    [one] The two look ahead from days that lie { $days } day apart: at the same horizon they ask of other days. Of a
        question with a last day of its own, part of the move is time passing, for fewer days are left.
   *[other] The two look ahead from days that lie { $days } days apart: at the same horizon they ask of other days. Of a
        question with a last day of its own, part of the move is time passing, for fewer days are left.
}
compare-limits-chance = Small moves may be chance: futures and posterior draws are finite. The command forecast watch
    says which moves are larger than that.
compare-limits-overlap = Intervals that overlap do not show that nothing changed: each says what is not known about
    parameters, and both rest for the most part on the same record.

## How questions are called

compare-name-ahead = { $question }, { NUMBER($days, useGrouping: 0) } days ahead
compare-name-by = { $question }, by { $day }

## Largest moves, drawn

compare-largest-title = Hollow diamonds: as of { $first }; dots: as of { $second }
compare-largest-alt = Lines from hollow diamonds, as of { $first }, to dots, as of { $second }, for { $count }
    questions; orange where the probability rose, blue where it fell. Farthest: { $far }, from { $before } to
    { $after }.

## Why they moved

compare-why = Why they moved
compare-why-not-told = Why these moved is not told here: the second report holds no shares of causes since the first.
    Exact shares, of time passing, new and revised events, edited models, recalibration and chance, are given by
    forecast explain QUESTION, once both days have been issued.
compare-why-small = No move that is explained, and no share of one, is as much as a point.
compare-why-table = Shares of each move, in percentage points
compare-why-moved = moved
compare-why-chance = chance alone
compare-why-shares = Shares add up to the move exactly: each cause is let happen in turn, over all orders in which
    they may come (Shapley). Noise is what other random numbers do. Questions of which neither the move nor a share is
    as much as a point are left out.
compare-why-other-book = Shares begin from what was issued; { $other } of { $count } were issued with another number
    than above.
compare-why-events = New events that did most
compare-why-of = of
compare-why-points = points
compare-why-left-out = Each group of new events was left out by itself, so these effects need not add up.

## What they were made from

compare-made = What they were made from
compare-made-how = Of { $count } inputs that the reports name, { $differ } differ. Of a digest the first { $shown }
    characters are shown.
compare-made-table = What differs in what they were made from
compare-made-what = what
compare-made-kind = kind
compare-made-live = live
compare-made-backtest = backtest
compare-made-through = { $source }: looked at through
compare-made-rows = { $source }: rows known
