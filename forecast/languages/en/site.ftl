### What the site says.

## Every page

site-brand = Brinkcast forecasts
site-pages = Pages
site-neighbours = Neighbours
site-foot = Read from the book up to row { $row }, written on { $day }, with the seal { $seal }.
site-newest = Newest forecasts
site-issues = All issues
site-questions = All questions

## Cells, and what several forecasts came to

site-outcome = { $outcome ->
    [yes] { yes }
    [no] { no }
    [void] void
   *[open] open
}
site-made = { $made ->
    [live] live
   *[backtest] backtest
}
site-since = since the issue before
site-usual = of the base rate
site-brief = brief
site-written = written
site-forecasts = forecasts
site-how = The interval holds the probability nine times in ten, given what is not known about the model's parameters.
    The base rate is how often the same happened before. Since the issue before it moved by so many percentage points.
site-told = { $made ->
    [live] Live: { $count } forecasts; came out: { $yes } yes, { $no } no; void: { $void }; open: { $open }.
   *[backtest] Backtests, made after the fact from what was known then: { $count } forecasts; came out: { $yes } yes,
        { $no } no; void: { $void }; open: { $open }.
}
site-worth = Mean Brier score { $mine }, of the base rate { $usual }: 0 is best.

## The first page

site-index-title = Forecasts
site-index-subtitle = What is forecast, what was, and what came of it: read from a book to which rows are only ever
    added.
site-index-size = { $forecasts } forecasts of { $questions } questions, in { $issues } issues.
site-index-written = Last written on { $day } at { $time } UTC.
site-index-issues = Newest issues
site-index-issues-caption = The newest issue of each brief
site-index-says = What { $brief } says as of { $day }
site-index-path = issue by issue
site-index-path-told = { $before } on { $day }, { $now } now
site-book = The book
site-book-caption = What stands in the book
site-book-rows = rows
site-book-number = number
site-book-kind = { $kind ->
    [question] questions, each with its window
    [forecast] forecasts
    [resolution] questions that came out
    [void] questions made void
   *[spec] models as they were written
}
site-book-all = all rows
site-book-head = Each row is sealed with the one before. Whoever keeps the head, the number of the last row and its
    seal, can check later that the book still begins as it did:

## Issues

site-issues-subtitle = Every day on which something was forecast, newest first; nothing is left out.
site-issues-of = Issues of { $brief }
site-issue-title = { $brief }, as of { $day }
site-issue-subtitle = What was said on a day, and what has come of it since.
site-issue-before = Issue before
site-issue-after = Issue after
site-issue-written = { $count } forecasts, written on { $day }, rows { $first } to { $last } of the book.
site-issue-written-over = { $count } forecasts, written from { $begin } to { $end }, rows { $first } to { $last } of the
    book.
site-issue-forecasts = Forecasts
site-issue-caption = All forecasts of the issue

## Questions

site-questions-subtitle = Everything that was ever forecast, whatever the day: each question with its rule, its path and
    its outcomes.
site-questions-part = Questions
site-questions-caption = All questions, whatever the day
site-questions-last = last as of
site-questions-said = said then
site-question-day = As of { $day }; above as it was asked last.
site-question-days = As of { $first } to { $last }; above as it was asked last.
site-question-newest = Newest issue with it
site-question-by = By { $brief }
site-question-path = What was said, day by day
site-question-path-alt = Line of { $count } forecasts by { $brief }, with 90 per cent intervals and base rates:
    { $first } as of { $begin }, { $last } as of { $end }; { $yes } came out yes, { $no } no, { $void } are void,
    { $open } open. The table below has the numbers.
site-question-path-how = The line is what was said from day to day, the band holds the probability nine times in ten,
    the dashed line is the base rate. A filled mark came out yes, a hollow one no, a cross is void, a small dot is still
    open.
site-question-mark = { $day }: { $probability }, interval { $interval }, base rate { $usual }; { $outcome }
site-question-rule = How it is settled
site-question-forecasts = All its forecasts
site-question-caption = Its forecasts and how they came out
site-question-record = the record says
site-question-nothing = nothing
site-question-made = made
site-question-row = row

## How a question is settled

site-rule-asked = As asked from { $first } to { $last }:
site-rule-yes = Resolves yes if, { $window }, { $rules }.
site-rule-window = from { $first } to { $last }
site-rule-window-length = in the { $length } from the day on which it is asked
site-rule-window-other = from the day on which it is asked to the day before it closes

## The record

site-record-subtitle = What forecasts in the book were worth once their questions had come out, of whatever brief.
site-record-size = Come out: { $known } forecasts; void: { $void }; open: { $open }.
site-record-how = Brier and logarithmic scores: 0 is best. Skill is over the base rate, with its 90 % interval: days of
    issue within a year are drawn together, for windows overlap and causes last. What is void is counted, and not
    scored.
site-record-none = None has come out yet.

## Sums of the record, and what the page's script says of those that are chosen

site-sums-title = { $made ->
    [live] Live by domain, models and year
   *[backtest] Backtests by domain, models and year
}
site-sums-how = Each row holds sums, so that rows can be added up: the mean Brier score of several is the sum of their
    sums over the number that came out. Years are those of the as-of day. With scripts, the choices do so; the skill of
    what is chosen has no interval here, so it cannot be told from chance.
site-sums-caption = Sums of scores
site-sums-domain = domain
site-sums-year = year
site-sums-brier = sum of Brier scores
site-sums-usual = of base rates
site-sums-mean = mean Brier score
site-sums-mean-usual = of base rate
site-sums-choose-domain = Domain
site-sums-choose-all = all
site-sums-choose-models = models
site-sums-choose-from = from
site-sums-choose-to = to
site-sums-counted = { $out } came out, { $void } void.
site-sums-scored = { $out } came out, { $void } void. Mean Brier score { $mine }, of the base rate { $usual }.
site-sums-skilled = { $out } came out, { $void } void. Mean Brier score { $mine }, of the base rate { $usual }: skill
    { $skill } %, without an interval.
