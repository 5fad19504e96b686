"""The same with this library's Tensors."""

import random

import numpy as np

from autograd_nn import Tensor, no_grad, ops

words = (
    "ada ben cleo dora emil fritz gina hugo ina jon karl lea mia nils olga paul rosa tim".split()
)
chars = sorted(set("".join(words)))
stoi = {s: i + 1 for i, s in enumerate(chars)}
stoi["."] = 0
itos = {i: s for s, i in stoi.items()}
vocab_size, block_size, n_embd, n_hidden = len(itos), 3, 4, 12


def build_dataset(words):
    X, Y = [], []
    for w in words:
        context = [0] * block_size
        for ch in w + ".":
            X.append(context)
            Y.append(stoi[ch])
            context = context[1:] + [stoi[ch]]
    return np.array(X), np.array(Y)


random.seed(42)
random.shuffle(words)
Xtr, Ytr = build_dataset(words[:14])
Xdev, Ydev = build_dataset(words[14:])

draw = random.Random(2147483647)
randn = lambda *shape: np.reshape([draw.gauss(0, 1) for _ in range(np.prod(shape))], shape)
C = Tensor(randn(vocab_size, n_embd))
W1 = Tensor(randn(n_embd * block_size, n_hidden) * (5 / 3) / ((n_embd * block_size) ** 0.5))
W2 = Tensor(randn(n_hidden, vocab_size) * 0.01)
b2 = Tensor(randn(vocab_size) * 0)
bngain, bnbias = Tensor(np.ones((1, n_hidden))), Tensor(np.zeros((1, n_hidden)))
bnmean_running, bnstd_running = np.zeros((1, n_hidden)), np.ones((1, n_hidden))
parameters = [C, W1, W2, b2, bngain, bnbias]

lossi = []
for i in range(8):
    ix = [(7 * i + 5 * k) % len(Xtr) for k in range(16)]
    Xb, Yb = Xtr[ix], Ytr[ix]
    emb = C[Xb]
    embcat = emb.reshape(emb.shape[0], -1)
    hpreact = embcat @ W1
    bnmeani = hpreact.mean(0, keepdims=True)
    bnstdi = hpreact.std(0, keepdims=True, ddof=1)
    hpreact = bngain * (hpreact - bnmeani) / bnstdi + bnbias
    with no_grad():
        bnmean_running = 0.9 * bnmean_running + 0.1 * bnmeani
        bnstd_running = 0.9 * bnstd_running + 0.1 * bnstdi
    h = np.tanh(hpreact)
    logits = h @ W2 + b2
    loss = ops.sparse_softmax_cross_entropy(logits, Yb).mean()
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.3 if i < 6 else 0.03
    for p in parameters:
        p.data += -lr * p.grad
    lossi.append(loss.item())


@no_grad()
def split_loss(x, y):
    embcat = C[x].reshape(len(x), -1)
    hpreact = bngain * (embcat @ W1 - bnmean_running) / bnstd_running + bnbias
    logits = np.tanh(hpreact) @ W2 + b2
    return ops.sparse_softmax_cross_entropy(logits, y).mean().item()


out, context = [], [0] * block_size
for _ in range(5):
    hpreact = C[[context]].reshape(1, -1) @ W1
    h = np.tanh(bngain * (hpreact - bnmean_running) / bnstd_running + bnbias)
    probs = ops.softmax(h @ W2 + b2, axis=1)
    ix = probs.argmax().item()
    context = context[1:] + [ix]
    out.append(itos[ix])

# Every step of the loss by itself, and what comes back to each result.
for p in parameters:
    p.grad = None
h = np.tanh(C[Xb].reshape(16, -1) @ W1 * bngain + bnbias)
logits = h @ W2 + b2
logit_maxes = logits.max(1, keepdims=True)
norm_logits = logits - logit_maxes
counts = norm_logits.exp()
probs = counts / counts.sum(1, keepdims=True)
loss = -probs.log()[range(16), Yb].mean()
loss.backward()
results = {
    "losses": lossi,
    "splits": [split_loss(Xtr, Ytr), split_loss(Xdev, Ydev)],
    "name": "".join(out),
    "of counts": counts.grad[:2],
    "of probabilities": probs.grad[:2],
    "of embedding": C.grad[:3],
}
