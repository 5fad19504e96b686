"""An expression of single numbers, forward and backward, as a first page shows it."""

from micrograd.engine import Value

a = Value(-4.0)
b = Value(2.0)
c = a + b
d = a * b + b**3
c += c + 1
c += 1 + c + (-a)
d += d * 2 + (b + a).relu()
d += 3 * d + (b - a).relu()
e = c - d
f = e**2
g = f / 2.0
g += 10.0 / f
g.backward()

x, y = Value(3.0), Value(0.5)
z = (x * y + 1) ** -1 - y / x
z.backward()
z2 = 1 - (2 / x) * (x * x - y)
z2.backward()  # gradients of x and y add up
results = {
    "g": g.data,
    "of a": a.grad,
    "of b": b.grad,
    "z": [z.data, z2.data],
    "of x": x.grad,
    "of y": y.grad,
}
