"""A recommender with two towers, for viewers and for films: their dot product is a rating.

Viewers and films are numbers in a table; what the towers learn of them lies in a few directions,
the tastes, of which the ratings were made.
"""

import numpy as np

from autograd_nn import Input, Model, set_random_seed
from autograd_nn.layers import Dense, Dot, Embedding, Flatten
from autograd_nn.optimizers import Adam

VIEWERS, FILMS, TASTES = 60, 40, 3

random = np.random.default_rng(0)
liked, has = random.normal(size=(VIEWERS, TASTES)), random.normal(size=(FILMS, TASTES))
pairs = random.permutation(VIEWERS * FILMS)
viewers, films = np.divmod(pairs, FILMS)
ratings = (liked[viewers] * has[films]).sum(axis=1) + 0.1 * random.normal(size=len(pairs))
seen = len(pairs) // 2


def tower(count, name):
    """A row of a table for each, and a layer above it."""
    number = Input((1,), dtype="int32", name=name)
    row = Flatten()(Embedding(count, 8, name=f"{name}_table")(number))
    return number, Dense(8, name=f"{name}_tower")(row)


set_random_seed(0)
viewer, of_viewer = tower(VIEWERS, "viewer")
film, of_film = tower(FILMS, "film")
model = Model([viewer, film], Dot(axes=1)([of_viewer, of_film]))
model.compile(Adam(0.01), "mse")
known = [viewers[:seen, None], films[:seen, None]]
model.fit(known, ratings[:seen], epochs=60, batch_size=64, verbose=0)

new = [viewers[seen:, None], films[seen:, None]]
error = np.sqrt(model.evaluate(new, ratings[seen:], verbose=0))
spread = ratings[seen:].std()
print(f"Ratings never seen: error {error:.2f}, where guessing their mean is off by {spread:.2f}")
assert error < 0.35 * spread

# Films near one another in the tower are liked by the same viewers.
towers = Model(film, of_film).predict(np.arange(FILMS)[:, None])
at_viewers = Model(viewer, of_viewer).predict(np.arange(VIEWERS)[:, None])
best = np.argsort(-(at_viewers[0] @ towers.T))[:3]
wanted = np.argsort(-(liked[0] @ has.T))[:5]
print(f"For viewer 0: films {best.tolist()}; the five that suit best are {wanted.tolist()}")
assert len(set(best) & set(wanted)) >= 2
