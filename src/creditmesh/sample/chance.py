"""Chance with a seed: the same seed makes the same county, byte for byte."""

import math
import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TypeVar

Thing = TypeVar("Thing")


class Chance(random.Random):
    """Draw as `random.Random` does, in the few shapes the sample needs."""

    @classmethod
    def of(cls, seed: int, topic: str) -> "Chance":
        """Return the stream of one topic, so that a new item does not change the others."""
        # The seed is a text, because hashing an object differs from run to run.
        return cls(f"{seed}:{topic}")

    def happens(self, probability: float) -> bool:
        """Return True with that probability."""
        return self.random() < probability

    def count(self, rate: float) -> int:
        """Return how often something with that expected number happens (Poisson)."""
        limit, product, number = math.exp(-rate), self.random(), 0
        while product > limit:
            product *= self.random()
            number += 1
        return number

    def day(self, first: date, last: date) -> date:
        """Return a day from the first to the last; the last when they are reversed."""
        return first + timedelta(days=int(self.random() * (max((last - first).days, 0) + 1)))

    def later(self, day: date, shortest: int, longest: int) -> date:
        """Return a day so many days after the given one."""
        return day + timedelta(days=self.randint(shortest, longest))

    def one(self, weights: Mapping[Thing, float]) -> Thing:
        """Return one key, drawn by weight."""
        rest = self.random() * sum(weights.values())
        for thing, weight in weights.items():
            rest -= weight
            if rest < 0:
                return thing
        return next(iter(weights))

    def amount(self, typical: float, *, spread: float = 0.8) -> int:
        """Return an amount in fen around a typical number of yuan, to the jiao."""
        return round(typical * self.lognormvariate(0, spread) * 10) * 10

    def digits(self, length: int) -> str:
        """Return so many random digits."""
        return f"{self.randrange(10**length):0{length}d}"
