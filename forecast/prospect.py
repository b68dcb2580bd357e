"""What a model runs into: what is known, how far it goes, how many futures there are, and what stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from forecast import conditions
from forecast.events import Futures, Snapshot, day
from forecast.inference import Sizes
from forecast.rules import Rule


@dataclass(frozen=True)
class Prospect:
    """What `simulate` of a family is given beside its posterior.

    Parameters
    ----------
    snapshot : Snapshot
        What is known, and what is scheduled or supposed: rows dated to the as-of day or later.
    until : date
        Events before this day are simulated; a later day does not change what comes before.
    sizes : Sizes
    so_far : Futures or None
        Events of the models that ran before, future by future.
    """

    snapshot: Snapshot
    until: date
    sizes: Sizes
    so_far: Futures | None = None

    @property
    def days(self) -> int:
        """How many days lie ahead."""
        return (self.until - self.snapshot.as_of).days

    def member(self, number: int, members: int) -> "Prospect":
        """Give a member of a pool its share of the futures: every `members`th."""
        if members == 1:
            return self
        so_far = self.so_far.member(number, members) if self.so_far else None
        return replace(self, sizes=self.sizes.shared(members), so_far=so_far)

    def scheduled(self, kinds: Sequence[str]) -> pd.DataFrame:
        """List what is known to come, or supposed to: rows of these kinds from the as-of day on."""
        rows = self.snapshot.of_kind(tuple(kinds))
        return rows[(rows["event_at"] >= day(self.snapshot.as_of)).to_numpy()]

    def made(self, rule: Rule) -> list[pd.DataFrame]:
        """List the events of a rule that models before made, one frame a kind; none where no model makes the kind."""
        frames = self.so_far.events if self.so_far else {}
        found = [frames[kind] for kind in rule.kinds if kind in frames]
        return [frame[conditions.matching(frame, rule.where)] for frame in found]

    def coming(self, rule: Rule) -> pd.DataFrame:
        """List the events of a rule that lie ahead, made or scheduled: draw, event_at, entity, value, n."""
        columns = ["draw", "event_at", "entity", "value", "n"]
        known = self.scheduled(rule.kinds)
        if len(known):  # a record without such events need not have the columns that the rule names
            known = known[conditions.matching(known, rule.where)]
        every = pd.DataFrame({"draw": np.arange(self.sizes.draws)}).merge(known[columns[1:]], "cross")
        parts = [frame[columns].astype({"entity": str}) for frame in self.made(rule)]
        return pd.concat([every.astype({"entity": str}), *parts], ignore_index=True)
