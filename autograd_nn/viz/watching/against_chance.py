"""Whether labels follow from the inputs at all, and whether a model names one class only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from autograd_nn.viz.graph.notation import count, number
from autograd_nn.viz.watching.evidence import Evidence, is_several
from autograd_nn.viz.watching.replaying import Replay
from autograd_nn.viz.watching.symptoms import FEW_EPOCHS, Finding
from autograd_nn.viz.wording.saying import say

FEWEST = 60
"""So many samples are needed to tell chance from a relation."""

MOST = 1000
"""So many samples are compared with one another."""

ORDERS = 40
"""Labels are put into so many other orders to see what chance does."""

MAJORITY = 0.8
"""A class with this share or more is what a model may name always and be right mostly."""

RARE = 0.95
"""With a share below this the first epochs are not told: every network begins with the majority."""

ALWAYS, FOUND = 0.98, 0.05
"""A model names one class only where that is its answer for so many samples, and where of those of
other classes it gets no more than so many right."""


def unrelated_labels(e: Evidence) -> Finding | None:
    """Labels that say nothing of the inputs, as after one of the two was shuffled.

    It takes three looks that agree. The nearest other sample has the same label no more often than
    after the labels were put into any order; the run itself shows nothing else on samples held
    out; and a copy trained from the first weights on four fifths of the samples does not get below
    chance on the last fifth.
    """
    labels = _labels(e)
    if e.run is None or labels is None or len(labels) < FEWEST or _learned_held_out(e):
        return None
    if np.max(np.bincount(labels)) >= MAJORITY * len(labels):
        return None  # neighbours are of one class nearly always, whatever the inputs say
    x = e.run.data.x.reshape(len(labels), -1).astype(np.float64)
    rows = np.linspace(0, len(x) - 1, min(len(x), MOST)).astype(int)
    nearest, by_chance, best = _agreement(x[rows], labels[rows])
    if nearest > best:
        return None
    share = float(np.max(np.bincount(labels)) / len(labels))
    try:
        held_out, base, in_training = _held_out(e.run, labels)
    except Exception:  # code of the user's that a copy does not run
        return None
    if held_out < 0.98 * base:
        return None
    return Finding(
        "labels do not follow from the inputs",
        say(
            "learned.unrelated",
            nearest=f"{nearest:.1%}",
            chance=f"{by_chance:.1%}",
            best=f"{best:.1%}",
            share=f"{share:.1%}",
        ),
        say("learned.unrelated_threshold"),
        say("learned.unrelated_advice"),
        say(
            "learned.unrelated_proof",
            held_out=number(held_out),
            base=number(base),
            in_training=number(in_training),
        ),
    )


def one_class_only(e: Evidence) -> Finding | None:
    """An accuracy that is the share of the most frequent class, which the model names always, or
    so nearly always that it finds next to none of the others."""
    labels = _labels(e)
    if e.run is None or labels is None:
        return None
    counts = np.bincount(labels)
    share, majority = float(counts.max() / len(labels)), int(counts.argmax())
    if np.count_nonzero(counts) == 1:
        return _one_label(majority, len(labels))
    just_began = len(e.loss) < FEW_EPOCHS and share < RARE
    if share < MAJORITY or just_began or e.has_learned:
        return None
    named = _named(e, len(counts))
    if named is None:
        return None
    right, rare = named == labels, labels != majority
    found, often = int(np.sum(right & rare)), int(np.sum(named == majority))
    if often < ALWAYS * len(named) or found > FOUND * np.sum(rare) or np.mean(right) > share:
        return None
    samples = count(len(named), "numbers.samples")
    if often == len(named):
        how_often = say("learned.each_of", samples=samples)
    else:
        how_often = say("learned.some_of", n=f"{often:,}", samples=samples)
    equals = np.mean(right) == share
    return Finding(
        "one class only",
        say(
            "learned.one_class_equals" if equals else "learned.one_class_more",
            majority=majority,
            often=how_often,
            share=f"{share:.1%}",
            right=f"{np.mean(right):.3f}",
            rare=count(int(np.sum(rare)), "numbers.samples"),
            found=found,
        ),
        say("learned.one_class_threshold", x=f"{MAJORITY:.0%}"),
        say("learned.one_class_advice", weights="{0: 1, 1: 30}"),
    )


# ---------------------------------------------------------------------- below


def _one_label(label: int, samples: int) -> Finding:
    return Finding(
        "one class only",
        say("learned.one_label", samples=count(samples, "numbers.samples"), label=label),
        say("learned.one_label_threshold"),
        say("learned.one_label_advice"),
    )


def _labels(e: Evidence) -> Any:
    """Integer labels, one for each sample kept; None where the loss is not one of classes."""
    if e.run is None or is_several(e.run):
        return None
    loss, y = e.model.loss, np.asarray(e.run.data.y)
    if isinstance(loss, SparseCategoricalCrossentropy) and y.size == len(y):
        labels = y.reshape(len(y)).astype(int)
    elif isinstance(loss, CategoricalCrossentropy) and y.ndim == 2:
        labels = y.argmax(axis=1)
    elif isinstance(loss, BinaryCrossentropy) and y.size == len(y):
        labels = (y.reshape(len(y)) > 0.5).astype(int)
    else:
        return None
    return labels if labels.size and labels.min() >= 0 else None


def _learned_held_out(e: Evidence) -> bool:
    """Whether samples for validation show that there is something to learn."""
    validation = e.logs.get("val_loss")
    if not validation or e.base_loss is None:
        return False
    return min(validation) < 0.9 * e.base_loss


def _agreement(x: Any, labels: Any) -> tuple[float, float, float]:
    """How often the nearest other sample has the same label, and in the mean and at most over
    random orders of the labels."""
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
    squares = np.square(x).sum(axis=1)
    away = squares[:, None] + squares - 2 * x @ x.T
    np.fill_diagonal(away, np.inf)
    nearest = away.argmin(axis=1)
    random = np.random.default_rng(0)
    by_chance = []
    for _ in range(ORDERS):
        mixed = random.permutation(labels)
        by_chance.append(float(np.mean(mixed[nearest] == mixed)))
    return (
        float(np.mean(labels[nearest] == labels)),
        float(np.mean(by_chance)),
        max(by_chance),
    )


def _held_out(run: Replay, labels: Any) -> tuple[float, float, float]:
    """The smallest loss on samples held out, that of knowing only the shares of the classes, and
    the last loss on the others."""
    held = np.arange(len(labels)) % 5 == 4
    first, last = run.data.rows(~held), run.data.rows(held)
    model = run.at_start()
    losses: list[float] = []
    best = np.inf
    done = run.most_epochs(max(run.epochs, 20))
    for part in _parts(done):
        losses += run.trained(model, part, first)
        best = min(best, run.loss_without_training(model, last))
    shares = np.bincount(labels[~held], minlength=int(labels.max()) + 1) / np.sum(~held)
    chance = -np.mean(np.log(np.maximum(shares[labels[held]], 1e-7)))
    return best, float(chance), losses[-1]


def _parts(epochs: int) -> Sequence[int]:
    """The epochs in up to ten parts, after each of which one looks."""
    each = max(epochs // 10, 1)
    return [each] * (epochs // each)


def _named(e: Evidence, classes: int) -> Any:
    """The class that the model names for each of the samples kept."""
    assert e.run is not None
    try:
        p = np.asarray(e.run.at_end().predict(e.run.data.x))
    except Exception:  # code of the user's that a copy does not run
        return None
    if p.ndim == 2 and p.shape[1] > 1:
        return p.argmax(axis=1)
    if p.size != len(p):
        return None
    middle = 0.0 if e.model.loss.from_logits else 0.5
    return (p.reshape(len(p)) > middle).astype(int)
