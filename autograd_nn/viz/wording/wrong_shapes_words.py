"""Which shape was taken for another."""

TABLE = {
    "turned": ("{shape} has its axes in the other order.", "{shape} 的轴顺序反了。"),
    "axes_exchanged": (
        "in {shape} the last two axes are exchanged.",
        "{shape} 的最后两个轴对调了。",
    ),
    "of_result": (
        "{shape} is the shape of the result, and a gradient has the shape of the input.",
        "{shape} 是结果的形状，而梯度的形状与输入相同。",
    ),
    "sum_missing": (
        "{shape} is not yet summed over the axes along which the input was spread.",
        "{shape} 还没有沿广播的轴求和。",
    ),
    "already_summed": ("{shape} is what comes out after the sum.", "{shape} 是求和之后的形状。"),
    "of_input": (
        "{shape} is the shape of an input; the operation changes it.",
        "{shape} 是一个输入的形状；这个运算会改变形状。",
    ),
    "inner_kept": (
        "in {shape} the inner axes of the product are left: they are summed.",
        "{shape} 中保留了乘积的内部轴，而它们应当被求和。",
    ),
    "inner_axes": (
        "{shape} takes the inner axes of the product: the outer ones stay.",
        "{shape} 取了乘积的内部轴，而留下的是外部的轴。",
    ),
    "axis_kept": (
        "in {shape} the axis that is summed is kept with length 1.",
        "{shape} 中被求和的轴以长度 1 保留了下来。",
    ),
    "other_axis": (
        "{shape} is without another axis than the one that goes.",
        "{shape} 去掉的不是该去掉的那个轴。",
    ),
    "batch_forgotten": (
        "{shape} is without its first axis, the examples.",
        "{shape} 少了第一个轴，即样本轴。",
    ),
    "last_forgotten": ("{shape} is without its last axis.", "{shape} 少了最后一个轴。"),
    "size": (
        "{shape} is all elements in one row: how many there are, and not the shape.",
        "{shape} 把所有元素排成了一行：这是个数，而不是形状。",
    ),
    "scalar": ("() is a single number, and this is an array.", "() 是单个数，而这里是数组。"),
    "one_too_many": (
        "{shape} has an axis of length 1 too many.",
        "{shape} 多了一个长度为 1 的轴。",
    ),
    "unknown": ("it is not {shape}.", "不是 {shape}。"),
}
