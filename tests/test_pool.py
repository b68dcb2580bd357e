"""Pools: members take what they do not say from the pool, and have a like share of the futures."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecast import spec, world
from forecast.errors import SpecError
from forecast.events import Futures
from forecast.inference import Sizes
from forecast.models import counts
from tests.worlds import AS_OF, COUNTS, attacks, snapshot

HEAD, PRIORS = COUNTS.split("[priors]")
PRIORS, REST = PRIORS.split("[options]")
POOL = (
    HEAD.replace('"counts"', '"pool"')
    + f"[options]{REST}"
    + f"""
[[members]]
name = "first"
family = "counts"
[members.priors]{PRIORS}
[[members]]
name = "second"
family = "discounted"
title = "Lately"
covariates = []
options = {{ half_life = 30 }}
priors = {{ background = [0.03, 5.0] }}
"""
)


def test_a_member_says_what_is_its_own_and_takes_all_else_from_the_pool() -> None:
    pool = spec.parse(POOL, "models/strikes.toml")
    first, second = pool.parts
    assert (first.name, second.name) == ("strikes.first", "strikes.second")
    assert (first.title, second.title) == ("Strikes", "Lately")
    assert first.covariates
    assert second.covariates == ()
    assert second.options["half_life"] == 30
    assert second.options["groups"] == first.options["groups"]
    assert second.where == "models/strikes.toml, member `second`"
    assert len({pool.digest, first.digest, second.digest}) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (COUNTS.replace('"counts"', '"pool"'), "members"),
        (POOL.replace('family = "pool"', 'family = "counts"', 1), "members"),
        (POOL.replace('title = "Lately"', 'tilte = "Lately"'), "tilte"),
        (
            HEAD.replace('"counts"', '"pool"') + "[priors]" + PRIORS + "[[members]]\nname = 'a'\nfamily = 'counts'",
            "priors",
        ),
    ],
)
def test_what_is_not_a_pool_is_refused(text: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        spec.parse(text, "models/strikes.toml")


def test_futures_of_a_pool_come_from_its_members_in_turn() -> None:
    def made(draws: list[int], who: str) -> Futures:
        frame = pd.DataFrame({"draw": draws, "event_at": pd.Timestamp(AS_OF), "value": 1.0, "n": 1})
        frame["who"] = pd.Categorical([who] * len(draws))
        return Futures({"strike": frame}, 4, 2, {})

    pooled = Futures.pooled([made([0, 3], "red"), made([1, 3, 3], "blue")])
    frame = pooled.events["strike"]
    assert (pooled.draws, pooled.parameters) == (8, 4)
    assert frame["draw"].tolist() == [0, 6, 3, 7, 7]
    assert frame["who"].tolist() == ["red", "red", "blue", "blue", "blue"]


def test_a_pool_s_probability_is_the_mean_of_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each future of the pool is one of a member, so shares are means exactly; nothing is sampled here."""
    from tests.models.test_counts import made_posterior

    pool = spec.parse(POOL, "models/strikes.toml")
    data = snapshot(attacks(seed=2))
    monkeypatch.setattr(counts, "posterior", lambda *_: made_posterior())
    fitted = world.fit([pool], data)
    until = {"strike": date(2020, 1, 31)}
    mixed = world.simulate([pool], fitted, data, until, Sizes(2000, 100)).events["strike"]
    alone = [
        world.simulate([part], [one], data, until, Sizes(1000, 50)).events["strike"]
        for part, one in zip(pool.parts, fitted, strict=True)
    ]
    shares = [frame["draw"].nunique() / 1000 for frame in alone]
    assert mixed["draw"].nunique() / 2000 == pytest.approx(np.mean(shares))
    with pytest.raises(SpecError, match="shared"):
        world.simulate([pool], fitted, data, until, Sizes(2000, 25))
