"""What a first page shows: functions of tensors, NumPy's functions, views, descent."""

import numpy as np
from mygrad import tensor

x = tensor(3.0)
f = x**2
f.backward()
once = x.grad

x = tensor([1.0, 2.0, 3.0])
y = tensor([4.0, 5.0, 6.0])
ℒ = np.sum(np.exp(-x) * y + np.einsum("i,i", x, y))
ℒ.backward()

tens = tensor([[1.0, 2.0], [3.0, 4.0]])
weights = tensor([2.0, -1.0])
out = np.linalg.norm(tens @ weights) + np.sum(np.where(tens > 2, tens**2, 0.0))
out.backward()

w = tensor(10.0)
path = []
for _ in range(6):
    loss = w**2
    loss.backward()
    w = tensor(w.data - 0.3 * w.grad)
    path.append(float(w.data))

z = tensor(np.arange(6.0).reshape(2, 3))
part = z[:, ::2]
(np.array([2.0, 3.0]) * part * np.prod(part, axis=1, keepdims=True)).sum().backward()
results = {
    "once": once,
    "of x": x.grad,
    "of y": y.grad,
    "of tens": tens.grad,
    "of weights": weights.grad,
    "path": path,
    "of z": z.grad,
    "of part": part.grad,
}
