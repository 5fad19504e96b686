"""Names letter by letter: an embedding, a hidden layer with batch normalization, running means."""

import random

import torch
import torch.nn.functional as F

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
    return torch.tensor(X), torch.tensor(Y)


random.seed(42)
random.shuffle(words)
Xtr, Ytr = build_dataset(words[:14])
Xdev, Ydev = build_dataset(words[14:])

draw = random.Random(2147483647)
randn = lambda *shape: torch.tensor(
    [draw.gauss(0, 1) for _ in range(torch.Size(shape).numel())], dtype=torch.float64
).reshape(shape)
C = randn(vocab_size, n_embd)
W1 = randn(n_embd * block_size, n_hidden) * (5 / 3) / ((n_embd * block_size) ** 0.5)
W2 = randn(n_hidden, vocab_size) * 0.01
b2 = randn(vocab_size) * 0
bngain = torch.ones((1, n_hidden), dtype=torch.float64)
bnbias = torch.zeros((1, n_hidden), dtype=torch.float64)
bnmean_running = torch.zeros((1, n_hidden), dtype=torch.float64)
bnstd_running = torch.ones((1, n_hidden), dtype=torch.float64)
parameters = [C, W1, W2, b2, bngain, bnbias]
for p in parameters:
    p.requires_grad = True

lossi = []
for i in range(8):
    ix = torch.tensor([(7 * i + 5 * k) % len(Xtr) for k in range(16)])
    Xb, Yb = Xtr[ix], Ytr[ix]
    emb = C[Xb]
    embcat = emb.view(emb.shape[0], -1)
    hpreact = embcat @ W1
    bnmeani = hpreact.mean(0, keepdim=True)
    bnstdi = hpreact.std(0, keepdim=True)
    hpreact = bngain * (hpreact - bnmeani) / bnstdi + bnbias
    with torch.no_grad():
        bnmean_running = 0.9 * bnmean_running + 0.1 * bnmeani
        bnstd_running = 0.9 * bnstd_running + 0.1 * bnstdi
    h = torch.tanh(hpreact)
    logits = h @ W2 + b2
    loss = F.cross_entropy(logits, Yb)
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.3 if i < 6 else 0.03
    for p in parameters:
        p.data += -lr * p.grad
    lossi.append(loss.item())


@torch.no_grad()
def split_loss(x, y):
    embcat = C[x].view(len(x), -1)
    hpreact = bngain * (embcat @ W1 - bnmean_running) / bnstd_running + bnbias
    logits = torch.tanh(hpreact) @ W2 + b2
    return F.cross_entropy(logits, y).item()


out, context = [], [0] * block_size
for _ in range(5):
    hpreact = C[torch.tensor([context])].view(1, -1) @ W1
    h = torch.tanh(bngain * (hpreact - bnmean_running) / bnstd_running + bnbias)
    probs = F.softmax(h @ W2 + b2, dim=1)
    ix = probs.argmax().item()
    context = context[1:] + [ix]
    out.append(itos[ix])

# Every step of the loss by itself, and what comes back to each result.
for p in parameters:
    p.grad = None
h = torch.tanh(C[Xb].view(16, -1) @ W1 * bngain + bnbias)
logits = h @ W2 + b2
logit_maxes = logits.max(1, keepdim=True).values
norm_logits = logits - logit_maxes
counts = norm_logits.exp()
probs = counts / counts.sum(1, keepdim=True)
loss = -probs.log()[range(16), Yb].mean()
for t in (norm_logits, counts, probs):
    t.retain_grad()
loss.backward()
results = {
    "losses": lossi,
    "splits": [split_loss(Xtr, Ytr), split_loss(Xdev, Ydev)],
    "name": "".join(out),
    "of counts": counts.grad[:2].tolist(),
    "of probabilities": probs.grad[:2].tolist(),
    "of embedding": C.grad[:3].tolist(),
}
