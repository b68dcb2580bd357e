### What more than one page says.

## Headings of columns

column-after = after
column-as-of = as of
column-base-rate = base rate
column-before = before
column-brier = Brier score
column-came-out = came out
column-closes = closes
column-date = date
column-events = events
column-in-words = in words
column-interval = 90 % interval
column-kind = kind
column-meaning = meaning
column-models = models
column-outcome = outcome
column-parameter = parameter
column-posterior = posterior: median [90 %]
column-prior = prior, 90 %
column-probability = probability
column-process = process
column-question = question
column-said = said
column-source = source

## Words

yes = yes
no = no

## Numbers, dates and lists

percent-less = less than 1 %
percent-more = more than 99 %

# Patterns of dates, by how precisely a day is known: https://unicode.org/reports/tr35/tr35-dates.html
date-day = d MMMM y
date-month = MMMM y
date-year = y
date-day-brief = d MMM y
date-month-brief = MMM y
date-year-brief = y
date-deadline = its deadline, { $day }

lasted-days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
lasted-years = { $years } years

listed-and = { $most } and { $last }
listed-or = { $most } or { $last }
