"""The sentences of `why` around a cause: the gradient, what is healthy, the path, the proof."""

TABLE = {
    # The gradient
    "none": (
        "The gradient of {name} is not computed: {because}.",
        "{name} 的梯度没有计算：{because}。",
    ),
    "nothing": (
        "Nothing is wrong with the gradient of {name}. It {size}.",
        "{name} 的梯度没有问题：{size}。",
    ),
    "fine_but": (
        "The gradient of {name} {size}, which is fine, but {because}.",
        "{name} 的梯度：{size}，这没有问题；但是 {because}。",
    ),
    "wrong": ("The gradient of {name} {size}: {because}.", "{name} 的梯度：{size}。{because}。"),
    "wrong_loss": (
        "The loss {loss} is {x}, and the gradient of {name} {size}: {because}.",
        "损失 {loss} 为 {x}，{name} 的梯度：{size}。{because}。",
    ),
    "was_but": (
        "When backward() ran, the gradient of {name} {size}, but {because}.",
        "运行 backward() 时，{name} 的梯度：{size}；但是 {because}。",
    ),
    "was_nothing": (
        "Nothing is wrong with the gradient of {name}. When backward() ran, it {size}.",
        "{name} 的梯度没有问题。运行 backward() 时：{size}。",
    ),
    "was_held": (
        "{name}.grad holds just that. The weights were changed since: for the way that it took "
        "compute the loss again.",
        "{name}.grad 中正是这个值。此后权重已被修改：要看梯度经过的路径，请重新计算损失。",
    ),
    "is_number": ("is {x}", "等于 {x}"),
    "was_number": ("was {x}", "当时等于 {x}"),
    "is_zero": ("is 0 in every element", "每个元素都是 0"),
    "was_zero": ("was 0 in every element", "当时每个元素都是 0"),
    "is_not_finite": (
        "is not finite in all its {n} elements",
        "全部 {n} 个元素都不是有限值",
    ),
    "was_not_finite": (
        "was not finite in all its {n} elements",
        "当时全部 {n} 个元素都不是有限值",
    ),
    "has_size": ("has the {told}", "其{told}"),
    "had_size": ("had the {told}", "当时其{told}"),
    # What is healthy
    "no_elements": ("It has no elements.", "它没有元素。"),
    "not_taken": (
        "{n} of its {elements} are 0 because no index took them.",
        "它的 {elements}中有 {n} 个为 0，因为没有索引取到它们。",
    ),
    "not_taken_one": (
        "{n} of its {elements} is 0 because no index took them.",
        "它的 {elements}中有 {n} 个为 0，因为没有索引取到它们。",
    ),
    "nearly_right": (
        "The loss is nearly at its minimum: {told}, so little is sent back.",
        "损失接近最小值：{told}，所以回传的很少。",
    ),
    "balanced": (
        "Its terms pull in opposite directions and balance, as those of every parameter do: the "
        "loss is at a flat point, such as a minimum.",
        "它的各项方向相反、相互平衡，所有参数都是如此：损失位于平坦点，例如最小值处。",
    ),
    "taken_away": (
        "Its terms add up to nothing but rounding: what comes after takes it away again, as a "
        "normalization does with a bias before it.",
        "它的各项之和只剩舍入误差：后面的运算又把它减掉了，就像归一化减掉它之前的偏置那样。",
    ),
    "flat_point": (
        "The loss is at a flat point here, such as a minimum.",
        "损失在这里位于平坦点，例如最小值处。",
    ),
    "smaller_sigmoids": (
        "A typical element of it is about {ratio} times smaller than one of {other}, which is "
        "usual with {sigmoids} on its way, each of a slope of at most 1/4.",
        "它的典型元素约为 {other} 的 1/{ratio}；途中有 {sigmoids}，每个的斜率最多 1/4，"
        "这是正常的。",
    ),
    "smaller": (
        "A typical element of it is about {ratio} times smaller than one of {other}, which is "
        "usual where layers lie between.",
        "它的典型元素约为 {other} 的 1/{ratio}；中间隔着若干层时，这是正常的。",
    ),
    # How right the predictions are
    "wrong_classes": (
        "{share} of the probability, in the mean, is on wrong classes",
        "平均有 {share} 的概率落在错误的类别上",
    ),
    "margins": ("every margin is kept", "所有间隔都已满足"),
    "lacking": (
        "the probabilities in its logarithm lack {share} to 1",
        "对数中的概率距 1 还差 {share}",
    ),
    "residuals": (
        "the residuals are {share} of the spread of the targets in the mean",
        "残差平均为目标离散程度的 {share}",
    ),
    # The path
    "path": (
        "From {loss} back to {w}, along the path that carries most:",
        "从 {loss} 回到 {w}，沿传递梯度最多的路径：",
    ),
    "at": ("at", "位置"),
    "through": ("back through", "反向经过"),
    "factor": ("factor", "倍数"),
    "norm": ("norm of gradient", "梯度的范数"),
    "in_layer": ("{operation} in {layer}", "{operation}（{layer}）"),
    "here": ("← here", "← 在这里"),
    "more_stops": ("… {stops} more …", "… 另外 {stops} …"),
    "try": ("What to try:", "可以尝试："),
    # The proof
    "proof": (
        "Computed again {words}: its gradient has the norm {after} in place of {before}, and the "
        "loss is {loss} in place of {loss_before}.",
        "{words}重新计算：它的梯度的范数是 {after}，而不是 {before}；损失是 {loss}，而不是 "
        "{loss_before}。",
    ),
    "without": ("without the {name} in {where}", "去掉 {where} 中的 {name} 后"),
    "without_of": ("without the {name} of {where}", "去掉 {where} 的 {name} 后"),
    "without_it": ("without it", "去掉它之后"),
    "with_activation": ("with a {name}", "加上 {name} 后"),
    "divided": ("with {name} divided by {x}", "把 {name} 除以 {x} 后"),
    "one_shape": ("with both in one shape", "两者形状一致时"),
    "last_axis": ("along the last axis", "沿最后一个轴"),
    "random": ("with weights drawn at random", "用随机抽取的权重"),
}
