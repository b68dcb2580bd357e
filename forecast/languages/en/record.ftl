### What forecasts were worth once their questions had come out.

## Track record

record-title = Track record
record-nothing = The book held no forecast that had come out by the as-of day, so nothing can be said here of how good
    such forecasts are. They are scored from the day on which they are issued.
record-how = All forecasts in the book whose questions had come out by the as-of day, of whatever brief. Brier and
    logarithmic scores: 0 is best. Skill is over the base rate, with its 90 % interval: days of issue within a year
    are drawn together, for windows overlap and causes last.
record-none-live = No live forecast had come out yet.
record-live = Live
record-live-about = Forecasts of questions that were written, and forecast, before their windows had been open for a
    week.
record-backtests = Backtests
record-backtests-about = Forecasts made after the fact from what was known then: hindsight in the choice of models and
    questions cannot be ruled out.
record-void-only = All { $count } are void.
record-all = all

# Scores and skill.
record-skill = Scores and skill
record-void = void
record-happened = happened
record-brier = Brier
record-log = log
record-skill-over = skill over the base rate
record-skill-shown = { $skill } % [{ $low }, { $high }]
record-skill-worse = { $skill } % [{ $low }, { $high }], worse
record-skill-none = { $skill } % [{ $low }, { $high }], no skill shown

# What scores are made of.
record-parts = What mean Brier scores are made of: miscalibration, less discrimination, plus uncertainty
record-score = score
record-miscalibration = miscalibration
record-discrimination = discrimination
record-uncertainty = uncertainty

# Ranges of numbers.
record-ranges = How often the 5 to 95 % range of a number held what came
record-ranges-count = ranges
record-ranges-held = held

# Misses.
record-misses = The { $count } worst misses

## Reliability

reliability-live = Reliability: live
reliability-backtests = Reliability: backtests
reliability-few = Below { $few } forecasts that came out, no reliability is drawn.
reliability-said = said, per cent
reliability-happened = happened, per cent
reliability-alt = Reliability diagram of { $count } forecasts: how often it happened against what was said, with the
    band in which it would lie nine times in ten if all were calibrated. { $outside } of the forecasts lie where the
    curve is outside it. Bars show how often what was said.
reliability-data = The figure's data, in tenths
reliability-forecasts = forecasts
reliability-mean-said = mean said
reliability-tenth = { $low } to { $high } %
