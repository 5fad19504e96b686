"""PyTorch: the loop written by hand, rows drawn by index, one thread (the faster for this size)."""

import sys

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
data = np.load(sys.argv[1])
X, Y = torch.from_numpy(data["X"]), torch.from_numpy(data["Y"])
model = nn.Sequential(
    nn.Linear(64, 25), nn.Sigmoid(), nn.Linear(25, 15), nn.Sigmoid(), nn.Linear(15, 1)
)
for layer in model[::2]:  # Keras's starting point
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
loss_function = nn.BCEWithLogitsLoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.001, alpha=0.9, eps=1e-7)
for _ in range(100):
    total = 0.0
    for rows in torch.randperm(len(X)).split(32):
        optimizer.zero_grad()
        loss = loss_function(model(X[rows]), Y[rows])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(rows)
print(total / len(X))
