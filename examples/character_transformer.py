"""A transformer that writes: character by character, sentences of a grammar of which it saw some.

In the grammar a verb goes with its subject (a dog runs, two dogs run), a word that stands some
characters before it: each place must look back. How well is known: the grammar itself says how
surprising each next character is at least.
"""

import numpy as np

from autograd_nn import Input, Model, replayable, set_random_seed
from autograd_nn.layers import Dense, Embedding, Layer, LayerNormalization, MultiHeadAttention
from autograd_nn.optimizers import Adam

LOOKS = ["", "small ", "old ", "brown "]
ANIMALS, VERBS = ["dog", "cat", "bird", "horse"], ["run", "sleep", "sing", "eat"]
PLACES = ["", " here", " outside"]
WIDTH, HEADS, EPOCHS = 32, 4, 40

SENTENCES = [
    f"{first} {look}{animal}{'s' * many} {verb}{'s' * (not many)}{place}."
    for first, many in (("this", 0), ("the", 0), ("two", 1), ("the", 1))
    for look in LOOKS
    for animal in ANIMALS
    for verb in VERBS
    for place in PLACES
]
LETTERS = sorted(set("".join(SENTENCES)))
LENGTH = max(map(len, SENTENCES))


def as_numbers(sentences):
    """What is seen, the end of a sentence first, and what comes next, as numbers of letters."""
    end = LETTERS.index(".")
    following = np.full((len(sentences), LENGTH), end)
    for row, sentence in zip(following, sentences, strict=True):
        row[: len(sentence)] = [LETTERS.index(letter) for letter in sentence]
    seen = np.concatenate([np.full((len(sentences), 1), end), following[:, :-1]], axis=1)
    return seen, following


@replayable
class Places(Layer):
    """Adds to each place in a sentence numbers of its own, which are learnt."""

    def build(self, input_shape):
        self.numbers = self.add_weight(input_shape[1:], "uniform", "numbers")

    def call(self, inputs):
        return inputs + self.numbers


def block(x):
    """What was before is looked at, then each place is thought about; both are added to x."""
    y = LayerNormalization()(x)
    x = x + MultiHeadAttention(HEADS, WIDTH // HEADS)(y, y, use_causal_mask=True)
    y = Dense(2 * WIDTH, activation="relu")(LayerNormalization()(x))
    return x + Dense(WIDTH)(y)


set_random_seed(0)
rng = np.random.default_rng(0)
order = rng.permutation(SENTENCES)
known, others = order[: 3 * len(order) // 4], order[3 * len(order) // 4 :]

letters = Input((LENGTH,))
hidden = Places()(Embedding(len(LETTERS), WIDTH)(letters))
hidden = block(block(hidden))
scores = Dense(len(LETTERS), activation="softmax")(LayerNormalization()(hidden))
model = Model(letters, scores)
model.compile(Adam(0.005), "sparse_categorical_crossentropy")
model.fit(*as_numbers(known), epochs=EPOCHS, batch_size=32, verbose=0)

# Where each sentence is as likely as any other, nobody can be less surprised than this.
least = np.log(len(SENTENCES)) / LENGTH
found = model.evaluate(*as_numbers(others), verbose=0)
print(f"Surprise for a character of sentences it never saw: {found:.3f}, at least {least:.3f}")
assert found < 1.2 * least


def written(count):
    """Sentences, each character drawn as likely as the model says."""
    sentences = [""] * count
    for place in range(LENGTH):
        shares = model.predict(as_numbers(sentences)[0], verbose=0)[:, place].astype(np.float64)
        limits = shares.cumsum(axis=1) / shares.sum(axis=1, keepdims=True)
        drawn = (rng.random((count, 1)) < limits).argmax(axis=1)
        sentences = [s + LETTERS[k] for s, k in zip(sentences, drawn, strict=True)]
    return [sentence.partition(".")[0] + "." for sentence in sentences]


sentences = written(200)
right = np.mean([sentence in SENTENCES for sentence in sentences])
new = sorted(set(sentences) & set(others))
print(f"{right:.0%} of what it writes is in the grammar. It had never seen:")
print(*new[:3], sep="\n")
assert right > 0.8 and len(new) > 20
