"""The labels to ask for: at least one of every recipient, with as few other contacts as possible.

That is red-blue set cover: hard in general, small here. The problem is reduced without losing the optimum, split in two
on a label while it is large, and a small rest is solved by trying every choice.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

import numpy as np

from toolkit.audience.targets.signatures import BitWords, Counts, bit_words, codes, distinct, has, meets, smallest

_ALL_CHOICES = 20  # labels of which all 2^20 choices are tried: some 30 ms
_CHARGED = 64  # needs used for a bound
_START = 100_000  # cost of examining a problem besides its sets, in the same unit
EFFORT = 5_000_000  # labels times sets examined before giving up on a proof: about half a second


class Cover(NamedTuple):
    """Labels chosen; no choice has fewer outsiders than `at_least`."""

    labels: BitWords
    outsiders: int
    at_least: int


class _Problem(NamedTuple):
    """What remains to be chosen, after some labels were."""

    needs: BitWords  # sets of which each must be covered
    hits: BitWords  # sets better not covered
    prices: Counts  # per such set: its outsiders
    chosen: BitWords
    paid: int


def cheapest_cover(needs: BitWords, hits: BitWords, prices: Counts) -> Cover:
    """The set of labels that covers all of `needs`, and of `hits` those with the lowest total price.

    Every one of `needs` has a label. Best first: a problem is divided in two by using a label or not, and branches
    that cannot be better than the best cover found are dropped. The result is proven optimal, unless over 20 labels
    remain and the budget is spent: then `at_least` is lower.
    """
    start = _Problem(needs, hits, prices, bit_words([], len(needs)), 0)
    best, effort = _taken(start, np.bitwise_or.reduce(needs, axis=1)), EFFORT
    order = count()
    waiting = [(0, next(order), start)]
    while waiting and waiting[0][0] < best.paid and effort > 0:
        least, _, problem = heappop(waiting)
        problem = _reduced(problem)
        labels = codes(np.bitwise_or.reduce(problem.needs, axis=1))
        effort -= _START + len(labels) * (problem.needs.shape[1] + problem.hits.shape[1])
        if len(labels) <= _ALL_CHOICES:
            best = min(best, _exhausted(problem, labels), key=lambda found: found.paid)
            continue
        best = min(best, _greedy(problem), key=lambda found: found.paid)
        bound = max(least, problem.paid + _bound(problem))
        if bound < best.paid:
            widest = max(labels, key=lambda label: int(has(problem.needs, label).sum()))
            one = bit_words([widest], len(needs))
            heappush(waiting, (bound, next(order), _taken(problem, one)))
            heappush(waiting, (bound, next(order), _without(problem, one)))
    return _cover(start, best, at_least=waiting[0][0] if waiting else best.paid)


def good_cover(needs: BitWords, hits: BitWords, prices: Counts) -> Cover:
    """A cheap cover found quickly; not proven optimal."""
    start = _Problem(needs, hits, prices, bit_words([], len(needs)), 0)
    return _cover(start, _greedy(start), at_least=0)


def _cover(start: _Problem, best: _Problem, *, at_least: int) -> Cover:
    chosen = _needed(start, best.chosen)
    outsiders = int(start.prices[meets(start.hits, chosen)].sum())
    return Cover(chosen, outsiders, min(at_least, outsiders))


def _taken(problem: _Problem, labels: BitWords) -> _Problem:
    needs, hits, prices, chosen, paid = problem
    met, hit = meets(needs, labels), meets(hits, labels)
    return _Problem(needs[:, ~met], hits[:, ~hit], prices[~hit], chosen | labels, paid + int(prices[hit].sum()))


def _without(problem: _Problem, labels: BitWords) -> _Problem:
    return problem._replace(needs=problem.needs & ~labels[:, None], hits=problem.hits & ~labels[:, None])


def _reduced(problem: _Problem) -> _Problem:
    """The same problem with fewer sets and labels: an optimum of it is one of the problem."""
    while True:
        size = problem.needs.shape[1], problem.hits.shape[1], np.bitwise_count(problem.needs).sum()
        labels = np.bitwise_or.reduce(problem.needs, axis=1)
        problem = _taken(problem, labels & ~np.bitwise_or.reduce(problem.hits, axis=1))  # labels that cost nothing
        only = problem.needs[:, np.bitwise_count(problem.needs).sum(axis=0) == 1]
        problem = _taken(problem, np.bitwise_or.reduce(only, axis=1))  # unavoidable labels
        problem = problem._replace(needs=smallest(problem.needs))
        problem = _without(problem, _dominated(problem))
        problem = _merged(problem)
        if size == (problem.needs.shape[1], problem.hits.shape[1], np.bitwise_count(problem.needs).sum()):
            return problem


def _dominated(problem: _Problem) -> BitWords:
    """Labels dominated by another that covers the same needs, or more, and hits nothing else."""
    needs, hits = problem.needs, problem.hits
    labels = codes(np.bitwise_or.reduce(needs, axis=1))
    beside = {label: np.bitwise_and.reduce(needs[:, has(needs, label)], axis=1) for label in labels}
    dear = {label: np.bitwise_and.reduce(hits[:, has(hits, label)], axis=1) for label in labels}
    gone = bit_words([], len(needs))
    for label in labels:
        for other in codes(beside[label] & ~gone):
            if other != label and has(dear[other][:, None], label)[0]:
                gone |= bit_words([label], len(needs))
                break
    return gone


def _merged(problem: _Problem) -> _Problem:
    """Unneeded labels are dropped; sets that become equal are merged."""
    hits = problem.hits & np.bitwise_or.reduce(problem.needs, axis=1)[:, None]
    of, sets = distinct(hits)
    prices = np.bincount(of, problem.prices, minlength=sets.shape[1]).astype(np.int64)
    some = sets.any(axis=0)
    return problem._replace(hits=sets[:, some], prices=prices[some])


def _exhausted(problem: _Problem, labels: list[int]) -> _Problem:
    """The best of all choices of these labels, by summing over the subsets of what is not chosen.

    For each set of labels: the outsiders that have no label besides, and whether a need has none besides.
    """
    spared = np.bincount(_places(problem.hits, labels), problem.prices, minlength=1 << len(labels))
    unmet = np.zeros(1 << len(labels), bool)
    unmet[_places(problem.needs, labels)] = True
    for place in range(len(labels)):
        sums, truths = spared.reshape(-1, 2, 1 << place), unmet.reshape(-1, 2, 1 << place)
        sums[:, 1] += sums[:, 0]
        truths[:, 1] |= truths[:, 0]
    spared[unmet] = -1
    left = int(np.flatnonzero(spared == spared.max())[-1])  # the last, as it excludes most labels
    chosen = (label for place, label in enumerate(labels) if not left >> place & 1)
    return _taken(problem, bit_words(chosen, len(problem.needs)))


def _places(sets: BitWords, labels: list[int]) -> Counts:
    """Each set as a number with a bit for each of these labels."""
    places = np.zeros(sets.shape[1], np.int64)
    for place, label in enumerate(labels):
        places |= has(sets, label).astype(np.int64) << place
    return places


def _greedy(problem: _Problem) -> _Problem:
    """A good cover: repeatedly the label that costs least for each need it covers."""
    while problem.needs.shape[1]:
        labels = codes(np.bitwise_or.reduce(problem.needs, axis=1))
        gains = [int(has(problem.needs, label).sum()) for label in labels]
        costs = [int(problem.prices[has(problem.hits, label)].sum()) for label in labels]
        best = min(range(len(labels)), key=lambda at: (costs[at] + 1e-9) / gains[at])
        problem = _taken(problem, bit_words([labels[best]], len(problem.needs)))
    return problem


def _bound(problem: _Problem) -> int:
    """A lower bound on the cost of every cover of the problem.

    Each need in turn charges the price of its cheapest label to the sets hit; a label that hits more is charged as much
    in total. What was charged for one need is not available for the next, so that the charges add up.
    """
    left, total = problem.prices.astype(np.float64), 0.0
    members = {label: has(problem.hits, label) for label in codes(np.bitwise_or.reduce(problem.needs, axis=1))}
    cheapest = np.full(problem.needs.shape[1], np.inf)
    for label, hit in members.items():
        needed = has(problem.needs, label)
        cheapest[needed] = np.minimum(cheapest[needed], left[hit].sum())
    for at in np.argsort(cheapest)[::-1][:_CHARGED]:
        labels = codes(problem.needs[:, at])
        prices = [float(left[members[label]].sum()) for label in labels]
        if (charge := min(prices)) <= 0:
            continue
        share = np.zeros(len(left))
        for label, price in zip(labels, prices, strict=True):
            share[members[label]] = np.maximum(share[members[label]], charge / price)
        left *= 1 - share
        total += charge
    return int(np.ceil(total - 1e-6))


def _needed(problem: _Problem, chosen: BitWords) -> BitWords:
    """The chosen labels without redundant ones, the most expensive first."""
    for label in sorted(codes(chosen), key=lambda label: -int(problem.prices[has(problem.hits, label)].sum())):
        rest = chosen & ~bit_words([label], len(chosen))
        if meets(problem.needs, rest).all():
            chosen = rest
    return chosen
