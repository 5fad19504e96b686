"""What `diagnose` says of gradients and of the units that they go through."""

TABLE = {
    # Gradients
    "exploding": (
        "The gradient of {name} has the norm {size} at the first step.",
        "{name} 的梯度在第一步的范数为 {size}。",
    ),
    "exploding_epoch": (
        "The gradient of {name} has the norm {size} in the first epoch. A learning rate that is "
        "too large looks the same; a GradientMonitor tells them apart.",
        "{name} 的梯度在第一轮的范数为 {size}。学习率过大看起来也一样；用 GradientMonitor 可以区"
        "分。",
    ),
    "exploding_advice": (
        "Use a smaller initial scale (kernel_initializer 'glorot_uniform', or 'he_normal' with "
        "relu), scale y where it is large, or limit steps with clipnorm=1.0 in the optimizer.",
        "减小初始尺度（kernel_initializer 用 'glorot_uniform'，配合 relu 用 'he_normal'），y 太大时"
        "缩放 y，或在优化器中用 clipnorm=1.0 限制步长。",
    ),
    "vanishing": (
        "The gradient of {first} is {share} times that of {most} (norms, median over the epochs).",
        "{first} 的梯度是 {most} 的 {share} 倍（范数，各轮的中位数）。",
    ),
    "vanishing_or": (
        "The gradient of {first} is {share} times that of {most} (norms, median over the epochs). "
        "Dead or saturated units look the same; a GradientMonitor tells them apart.",
        "{first} 的梯度是 {most} 的 {share} 倍（范数，各轮的中位数）。失活或饱和的单元看起来也一"
        "样；用 GradientMonitor 可以区分。",
    ),
    "vanishing_advice": (
        "Use fewer layers, relu with kernel_initializer='he_normal' in place of sigmoid or tanh, "
        "or larger initial weights (kernel_initializer='glorot_uniform'). A sigmoid passes at most "
        "a quarter of a gradient.",
        "减少层数，用 relu 加 kernel_initializer='he_normal' 代替 sigmoid 或 tanh，或加大初始权重"
        "（kernel_initializer='glorot_uniform'）。sigmoid 最多只传递梯度的四分之一。",
    ),
    # Units
    "saturated": (
        "{share} of the {kind} values of {name} are on its flat ends before the first step, and "
        "hardly any gradient passes.",
        "在第一步之前，{name} 的 {kind} 值有 {share} 位于平坦的两端，几乎没有梯度通过。",
    ),
    "saturated_threshold": (
        "below {x} at the start, healthy below 5 %",
        "开始时低于 {x}，健康时低于 5 %",
    ),
    "saturated_advice": (
        "Use smaller initial weights (kernel_initializer='glorot_uniform'), or relu.",
        "减小初始权重（kernel_initializer='glorot_uniform'），或用 relu。",
    ),
    "dead": (
        "{share} of the relu units of {name} are 0 for every sample{start}: no gradient passes "
        "through them, so their own weights stay as they are.",
        "{name} 的 relu 单元有 {share} 对每个样本都是 0{start}：没有梯度通过它们，所以它们自己的"
        "权重保持不变。",
    ),
    "dead_before": (" ({share} before the first step)", "（第一步之前为 {share}）"),
    "dead_threshold": ("below {x}, healthy below 10 %", "低于 {x}，健康时低于 10 %"),
    "dead_advice": (
        "Start with bias_initializer='zeros' and kernel_initializer='he_normal', use a smaller "
        "learning_rate, or tanh or softplus in place of relu.",
        "以 bias_initializer='zeros' 和 kernel_initializer='he_normal' 开始，减小 learning_rate，"
        "或用 tanh 或 softplus 代替 relu。",
    ),
}
