### Other worlds and other times: pairs, scenarios, what came after past events, links between models, what happened.

## How questions hang together

pairs-title = How the questions hang together
pairs-how = All questions are answered by the same futures, so that of any two it can be said how often both are so.
    Where one is so, causes that both share are more likely at work: this is seeing, and not what doing one would do
    to the other.
pairs-table = Pairs of questions, from the same futures
pairs-first-question = first question
pairs-second-question = second question
pairs-first = first
pairs-second = second
pairs-both = both
pairs-second-where-first = second, where the first is so
pairs-second-where-not = and where it is not
pairs-few = not said: { $futures } futures
pairs-first-only = first only
pairs-second-only = second only
pairs-neither = neither
pairs-first-axis = first question: so, then not
pairs-second-axis = second question: so, then not
pairs-caption = { $first }, and { $second }
pairs-alt = Tiles whose areas are probabilities. First: { $first }. Second: { $second }. Both { $both }, first only
    { $first_only }, second only { $second_only } and neither { $neither }.
pairs-way = way

## Scenarios

scenarios-title = Scenarios
scenarios-introduction = Seeing and doing are different. “Given” keeps, of the same futures, those in which something
    happens: what it tells about hidden causes counts too. “Suppose” puts an event into every future, as if somebody
    had done that, and lets the models run on from there. Differences are in percentage points, from paired futures;
    one whose interval holds nought is one that these futures do not show.
scenarios-side-by-side = Scenarios side by side
scenarios-as-things-are = as things are
scenarios-here = here
scenarios-there = there
scenarios-difference = difference, points
scenarios-difference-interval = 90 % interval of it
scenarios-from-to = { $low } to { $high }
scenarios-both = both
scenarios-scenario = scenario
scenarios-kept = futures that count
scenarios-of-group = In scenarios: { $title }
scenarios-given = Given { $conditions }. That is so in { $kept } of { $futures } futures, { $share }; they count alike.
scenarios-condition = “{ $question }”: { $answer }
scenarios-put = Supposed in every future: { $events }.
scenarios-put-event = { $event } on { $day }
scenarios-taken = Taken out: what was scheduled and is named in the brief.
scenarios-supposed = What follows a supposed event here is what followed such events on record: an association.
    Whether the act itself brings it about cannot be read off this record.
scenarios-refused = The condition holds in { $kept } of { $futures } futures. Below { $fewest } nothing is said; about
    { $enough } futures would do (`draws` of the scenario).
scenarios-table = In the world as it is, and here: { $title }
scenarios-caption = Dots: probability here; lines: its 90 % interval; hollow diamonds: the world as it is
scenarios-alt = Dots with 90 per cent intervals for { $questions } questions in this scenario; hollow diamonds are the
    world as it is. Farthest apart: { $farthest }, { $base } and { $here }.

## What came after past events

# Names of onsets and of events come from the brief, in the plural.
aftermath-lead = In the { $days } days after { $known } past { $onsets }, which make { $spells ->
        [one] { $spells } separate spell
       *[other] { $spells } separate spells
    }, { $recorded } { $events } were recorded where recent rates had led to expect { $expected }: a ratio of
    { $ratio }, with a 90 % interval of { $interval }.
aftermath-more = It lies above 1: more came than expected.
aftermath-fewer = It lies below 1: fewer came than expected.
aftermath-as-many = It holds 1: neither more nor fewer than expected is shown.
aftermath-few-onsets = As of { $day } the record holds too few { $onsets } to say how many { $events } come after
    them.
aftermath-few-events = As of { $day } the record holds too few { $events } to say how many of them come after
    { $onsets }.
aftermath-none-known = None that can be used is on it.
aftermath-none-over = { $known ->
    [one] The only one that can be used lies less than { $days } days back.
   *[other] All { $known } that can be used lie less than { $days } days back.
}
aftermath-some-over = { $over ->
    [one] Of { $known } that can be used, { $over } lies { $days } days back ({ $spells } separate spell), with
        { $recorded } recorded after it and { $expected } expected.
   *[other] Of { $known } that can be used, { $over } lie { $days } days back ({ $spells ->
            [one] { $spells } separate spell
           *[other] { $spells } separate spells
        }), with { $recorded } recorded after them and { $expected } expected.
}
# The name of the onsets begins a sentence, and comes with a capital.
aftermath-method = Expected is what would have come at the rate of the days before each onset, in which an event loses
    half its weight in { $half } days, and the long run since { $since } counts like { $long } days. { $onsets } that
    follow each other in less than { $apart } days are one onset, and its own day counts on neither side. Windows that
    overlap make one spell; what falls into two of them counts in both, recorded and expected alike.
aftermath-coverage = The interval rests on how much spells differ, and on how much windows anywhere on the record do.
    In simulated worlds in which as many come as are expected, such intervals held 1 in 91 to 98 of 100.
aftermath-table = { $events } after { $onsets }
aftermath-days-after = days after
aftermath-onsets = onsets
aftermath-not-over = not over
aftermath-spells = separate spells
aftermath-recorded = recorded
aftermath-expected = expected
aftermath-ratio = ratio
aftermath-onsets-table = The { $onsets } behind it: { $events } recorded after each, and expected
aftermath-known = what was known
aftermath-window = { $days } days
aftermath-link = source
aftermath-left-out = { $early ->
    [one] Left out: { $early } before { $day }, with too little record before it to say what was to be expected.
   *[other] Left out: { $early } before { $day }, with too little record before them to say what was to be expected.
}

## The figure of what came after

aftermath-axis = recorded, as a multiple of what was expected
aftermath-caption = Dots: ratio; lines: its 90 % interval; dashed: as many as expected
aftermath-alt = Dots with 90 per cent intervals on a logarithmic axis, and a line at 1. { $ratios }.
aftermath-from-to = { $low } to { $high }
aftermath-too-few = too few

## How models hang together

links-title = How the models hang together
links-introduction = All models run into one set of futures: what makes an event comes before what reads it, so that
    an outage follows an attack, and a move of the price an outage, in the same future. What follows are associations
    on record, and each may be nothing: priors lie around no effect, and an interval that holds it is one that the
    data do not tell from none.
links-table = Links between models
links-model = model
links-reads = reads
links-estimated = what is estimated
links-shown = shown to differ from none
links-record-only = { $name } (on record only: no model makes it)

## What happened

afterwards-title = Second part: what happened
afterwards-apart = This part is apart from the rest: nothing of it was known to the forecasts above, which are the
    same with and without it. Each question is settled by its own rule on the record as it stands now.
afterwards-settled-as-of = { $questions } questions were settled on the record as of { $day }.
afterwards-open = { $questions } have not closed or settled yet.
afterwards-scores = The Brier score is the square of what lies between the probability and what happened, 1 for yes
    and 0 for no: 0 is best, 0.25 is what saying one half always gets, 1 is worst. These questions were asked on one
    day and hang together, so their mean shows what happened here and is no measure of skill.
afterwards-summary = How the forecasts did, on average
afterwards-about = questions about
afterwards-settled = settled
afterwards-yes = came out yes
afterwards-void = void
afterwards-of-base-rate = of the base rate
afterwards-all = all
afterwards-processes = { $questions } questions about single processes came out no; they are in the numbers above.
afterwards-page = What happened: { $domain }
afterwards-closed = closed
afterwards-forecast = forecast
afterwards-reads = the record reads
