"""What `diagnose` says of the scale of inputs and targets."""

TABLE = {
    "inputs_large": (
        "The inputs are too large: feature {place} of x has the root mean square {size}.",
        "输入太大：x 的特征 {place} 的均方根为 {size}。",
    ),
    "inputs_small": (
        "The inputs are too small: the largest feature of x has the root mean square {size}.",
        "输入太小：x 中最大的特征的均方根为 {size}。",
    ),
    "inputs_threshold": (
        "between {low} and {high}, best about 1",
        "介于 {low} 与 {high} 之间，最好约为 1",
    ),
    "inputs_advice": (
        "Scale x before training: (x - x.mean(axis=0)) / x.std(axis=0), or divide by the largest "
        "possible value. Do the same to what is predicted later.",
        "训练前缩放 x：(x - x.mean(axis=0)) / x.std(axis=0)，或除以可能的最大值。以后预测时对输入"
        "做同样的处理。",
    ),
    "targets": (
        "The targets are too large: y has the root mean square {size}, and a network gives about 1 "
        "at first.",
        "目标太大：y 的均方根为 {size}，而网络最初的输出约为 1。",
    ),
    "targets_threshold": ("below {x}, best about 1", "低于 {x}，最好约为 1"),
    "targets_advice": (
        "Scale y before training, y = (y - mean) / std, and bring predictions back with p * std + "
        "mean; a large learning_rate does not do the same.",
        "训练前缩放 y：y = (y - mean) / std，预测后用 p * std + mean 还原；加大 learning_rate 没有"
        "同样的效果。",
    ),
    "targets_proof": (
        "Replayed for {epochs} from the first weights with scaled targets: the loss is {after} in "
        "the units of y, in place of {before}.",
        "从最初的权重出发，用缩放后的目标重放 {epochs}：以 y 的单位计，损失是 {after}，而不是 "
        "{before}。",
    ),
    "reach": (
        "The last activation, {name} in {layer}, gives numbers {between} only, and {share} of the "
        "targets are not: they go from {low} to {high}.",
        "最后的激活函数（{layer} 中的 {name}）只给出{between}的数，而 {share} 的目标不在其中：目标"
        "从 {low} 到 {high}。",
    ),
    "between": ("between {low} and {high}", "介于 {low} 与 {high} 之间"),
    "from_up": ("from {low} up", "不小于 {low}"),
    "reach_threshold": ("at most {x} of the targets", "不超过 {x} 的目标"),
    "reach_advice": (
        "activation=None in the last layer, which may give any number; or scale y to what the "
        "activation gives.",
        "最后一层用 activation=None，可以输出任何数；或者把 y 缩放到激活函数的输出范围。",
    ),
}
