"""What stands around the formula of a derivative."""

TABLE = {
    "where": ("where", "其中"),
    "examples": ("the number of examples", "样本数"),
    "ones": ("𝟏: ones", "𝟏：全为 1"),
    "holds": ("𝟏[…]: 1 where it holds, else 0", "𝟏[…]：成立处为 1，否则为 0"),
    "placed": ("x at [i]: zeros, x added at [i]", "x at [i]：全为零，在 [i] 处加上 x"),
    "each": (
        "⊙, powers, fractions and functions: element by element",
        "⊙、乘方、除法与函数：逐元素计算",
    ),
    "axes": ("Σ₀, Σ₁: the sum over that axis", "Σ₀、Σ₁：沿该轴求和"),
    "own": (
        "{name}: the rule of {operation} for its input {slot}, which no formula says",
        "{name}：{operation} 对其第 {slot} 个输入的规则，没有公式可写",
    ),
    "one": (
        "{name}: one of the results of {operation}",
        "{name}：{operation} 的结果之一",
    ),
    "nothing": (
        "{derivative} is not computed: no gradient flows from {loss} to {w}. "
        "viz.why(loss, w) says why.",
        "{derivative} 未计算：没有梯度从 {loss} 流到 {w}。viz.why(loss, w) 会说明原因。",
    ),
}
