"""What `why` finds at a place of the graph: no connection, a flat step, a scale, a balance."""

TABLE = {
    # No gradient
    "no_float": (
        "{name} holds {dtype}, and only floating-point data can have a gradient",
        "{name} 的数据类型是 {dtype}，而只有浮点数据才能有梯度",
    ),
    "no_float_try": ("{name} = Tensor(data, dtype=float).", "{name} = Tensor(data, dtype=float)。"),
    "constant_copy": ("{name} is a constant, {origin}", "{name} 是常量，{origin}"),
    "constant_copy_try": (
        "Ask for the Tensor that it was detached from, or leave out .detach().",
        "改为询问被 detach 的那个 Tensor，或去掉 .detach()。",
    ),
    "constant": (
        "{name} is a constant, its requires_grad is False",
        "{name} 是常量，它的 requires_grad 为 False",
    ),
    "constant_why": (
        "That is so for the weights of a frozen layer (layer.trainable = False), for results "
        "computed inside no_grad() or from constants only, and for Tensor(…, "
        "requires_grad=False).",
        "冻结的层的权重（layer.trainable = False）、在 no_grad() 中或只由常量计算的结果，以及 "
        "Tensor(…, requires_grad=False) 都是这样。",
    ),
    "constant_try": (
        "Set w.requires_grad = True (layer.trainable = True) and compute the loss again.",
        "设置 w.requires_grad = True（layer.trainable = True），并重新计算损失。",
    ),
    "itself_detached": ("{name} itself was {origin}", "{name} 本身{origin}"),
    "itself_detached_try": (
        "Leave out .detach(), or ask for the Tensor that it was detached from.",
        "去掉 .detach()，或改为询问被 detach 的那个 Tensor。",
    ),
    "not_recorded": (
        "{name} was not recorded, so it is connected with nothing",
        "{name} 没有被记录，所以与任何量都没有连接",
    ),
    "not_recorded_why": (
        "It was computed inside no_grad(), or from constants only: .data, .item(), .numpy() and "
        ".detach() give constants.",
        "它是在 no_grad() 中计算的，或只由常量计算：.data、.item()、.numpy() 和 .detach() 得到的都"
        "是常量。",
    ),
    "not_recorded_try": (
        "Compute the loss from the Tensors themselves, outside of no_grad().",
        "在 no_grad() 之外，直接用这些 Tensor 计算损失。",
    ),
    "not_connected": ("{loss} was not computed from {w}", "{loss} 不是由 {w} 计算得到的"),
    "by_hand": (
        "{loss} is a Tensor made by hand: it was not computed from anything.",
        "{loss} 是直接创建的 Tensor：不是由任何量计算得到的。",
    ),
    "not_connected_try": (
        "Compute the loss from this very Tensor; .data, .item(), .numpy() and float() leave the "
        "graph without a trace.",
        "用这个 Tensor 本身计算损失；.data、.item()、.numpy() 和 float() 会不留痕迹地离开计算图。",
    ),
    "same_numbers": (
        "{other} has the same shape and the same numbers as {w}, but is another Tensor: "
        "Tensor({variable}.data) makes a new one.",
        "{other} 与 {w} 形状相同、数值相同，却是另一个 Tensor："
        "Tensor({variable}.data) 会新建一个。",
    ),
    "depends_on": ("{loss} does depend on {names}.", "{loss} 依赖于 {names}。"),
    "depends_on_more": (
        "{loss} does depend on {names} and {n} more.",
        "{loss} 依赖于 {names} 以及另外 {n} 个。",
    ),
    "detached": (
        "{loss} depends on a detached copy, and through it no gradient flows",
        "{loss} 依赖于一个被 detach 的副本，梯度不能通过它",
    ),
    "was_detached": ("{name} was {origin}", "{name} {origin}"),
    "origin_named": (
        "detached from Tensor {name} of shape {shape}",
        "由 Tensor {name}（形状 {shape}）经 detach 得到",
    ),
    "origin_made": (
        "detached from the Tensor made by {name} of shape {shape}",
        "由 {name} 得到的 Tensor（形状 {shape}）经 detach 得到",
    ),
    "origin_leaf": (
        "detached from a leaf Tensor of shape {shape}",
        "由一个叶子 Tensor（形状 {shape}）经 detach 得到",
    ),
    "detached_sure": ("{told}.", "{told}。"),
    "detached_doubt": (
        "{told}. A detached Tensor keeps no graph, so whether that was computed from {name} "
        "cannot be seen; nothing else in the graph was.",
        "{told}。被 detach 的 Tensor 不保留计算图，所以看不出它是否由 {name} 计算得到；图中没有"
        "其他量是由它计算的。",
    ),
    "detached_try": (
        "Leave out .detach() where the gradient should flow.",
        "在梯度应当通过的地方去掉 .detach()。",
    ),
    "bypassed": (
        "the loss is computed from the logits {z} directly, and {p} is only shown",
        "损失直接由 logits {z} 计算，{p} 只用于显示",
    ),
    "bypassed_why": (
        "{operation} takes a sigmoid or softmax and its cross-entropy in one step, which is exact "
        "where the probability is nearly 0 or 1. That {w} gets no gradient is by design; the "
        "weights get theirs through {z}.",
        "{operation} 把 sigmoid 或 softmax 与交叉熵合为一步，在概率接近 0 或 1 时仍然精确。{w} 得"
        "不到梯度是有意的设计；权重通过 {z} 得到梯度。",
    ),
    "bypassed_try": (
        "Ask for {z} instead; or call the loss by hand on the probabilities, which keeps the "
        "chain through them.",
        "改为询问 {z}；或者手动对概率计算损失，这样链式法则会经过它们。",
    ),
    "no_derivative": (
        "{operation} has no derivative for its input {slot}, {name}",
        "{operation} 对它的第 {slot} 个输入 {name} 没有导数（从 0 数起）",
    ),
    "no_derivative_try": (
        "Such an input chooses or counts (a condition, labels). For an operation of your own, "
        "give a rule in place {slot} of `gradients`.",
        "这样的输入用来选择或计数（条件、标签）。如果是自己定义的运算，请在 `gradients` 的第 "
        "{slot} 个位置给出求导规则。",
    ),
    # Contributions that cancel
    "uses_cancel": (
        "what {name} receives from its {n} uses cancels",
        "{name} 从它的 {n} 处使用收到的贡献相互抵消",
    ),
    "uses_get": (
        "It gets {parts}: {share} % is left in the sum.",
        "它收到的贡献：{parts}。求和后只剩 {share} %。",
    ),
    "uses_get_more": (
        "It gets {parts} and {n} more: {share} % is left in the sum.",
        "它收到的贡献：{parts}，以及另外 {n} 项。求和后只剩 {share} %。",
    ),
    "by_use": ("{x} by {node}", "来自 {node} 的 {x}"),
    "norm_by_use": ("the norm {x} by {node}", "来自 {node} 的范数 {x}"),
    "uses_try": (
        "If the uses are meant to pull apart, this is a balance and nothing is wrong; otherwise "
        "look for a sign, or for the same thing added and taken away.",
        "如果这些使用本来就应当方向相反，这就是平衡，没有问题；否则请检查符号，或同一个量是否被加上"
        "又减去。",
    ),
    "batch": (
        "the examples of the batch pull {name} in opposite directions",
        "批次中的样本把 {name} 拉向相反的方向",
    ),
    "batch_terms": (
        "Added up without their signs its terms are {times} times larger: {share} % is left in "
        "the sum.",
        "不计符号相加，它的各项之和是现在的 {times} 倍：求和后只剩 {share} %。",
    ),
    "batch_nothing": (
        "The single terms are not 0, and their sum is.",
        "单独的各项不为 0，它们的和却为 0。",
    ),
    "batch_others": (
        "Other parameters of the same loss do get a gradient.",
        "同一损失的其他参数能得到梯度。",
    ),
    "batch_try": (
        "Look at the data: the same inputs with opposite targets, or an input that has no "
        "relation with the targets, give such sums.",
        "检查数据：相同的输入对应相反的目标，或输入与目标无关，就会得到这样的和。",
    ),
    # What .grad holds
    "times": (
        "{name}.grad is {times} times the gradient: backward() ran {times} times without "
        "zero_grad() between, and gradients accumulate.",
        "{name}.grad 是梯度的 {times} 倍：backward() 运行了 {times} 次，其间没有 zero_grad()，而梯"
        "度会累加。",
    ),
    "besides": (
        "{name}.grad has the norm {kept}, the gradient of this loss {now}: gradients accumulate, "
        "and it holds something from an earlier backward(), or of another loss, besides.",
        "{name}.grad 的范数是 {kept}，而这个损失的梯度的范数是 {now}：梯度会累加，其中还含有之前的 "
        "backward() 或另一个损失留下的部分。",
    ),
    "left_over": (
        "{name}.grad is not what this loss gives",
        "{name}.grad 不是这个损失给出的梯度",
    ),
    "left_over_try": (
        "Call w.zero_grad() (or optimizer.zero_grad(parameters)) before each backward().",
        "每次 backward() 之前调用 w.zero_grad()（或 optimizer.zero_grad(parameters)）。",
    ),
    # Through depth
    "targets": ("the targets are huge", "目标值非常大"),
    "targets_why": (
        "They are {targets} in the root mean square, and the residuals, {residual}, are what the "
        "loss sends back.",
        "它们的均方根为 {targets}，而损失回传的正是残差 {residual}。",
    ),
    "targets_try": (
        "Scale the targets: (y - y.mean()) / y.std(), and the predictions back.",
        "缩放目标：(y - y.mean()) / y.std()，并把预测还原。",
    ),
    "exploding": ("{steps} of its path enlarge it", "它的路径上有 {steps}把它放大"),
    "exploding_why": (
        "The largest factor, {x}, is that of {operation} in {node}.",
        "最大的倍数 {x} 来自 {node} 中的 {operation}。",
    ),
    "exploding_try": (
        "Smaller weights, gradient clipping (clipnorm of an optimizer), a mean and not a sum.",
        "减小权重、裁剪梯度（优化器的 clipnorm）、求平均而不是求和。",
    ),
    "vanishing": (
        "it vanishes through depth, {small} of the {steps} at least halve it",
        "它随深度消失，{steps}中有 {small} 步至少使它减半",
    ),
    "vanishing_why": (
        "Its root mean square is {own}, that of {other} {x}; no single step is at fault.",
        "它的均方根为 {own}，{other} 的为 {x}；没有哪一步单独有错。",
    ),
    "vanishing_try": (
        "Fewer layers; relu or tanh in place of sigmoid; he_normal or glorot_uniform weights; "
        "connections that skip layers.",
        "减少层数；用 relu 或 tanh 代替 sigmoid；用 he_normal 或 glorot_uniform 初始化权重；使用跨"
        "层连接。",
    ),
    "starved": (
        "it vanishes through depth, {losing} of the {steps} on the longest way each take a part "
        "of it",
        "它随深度消失，最长路径的 {steps}中有 {losing} 步各使它减小一部分",
    ),
    "starved_why": (
        "Their factors, by operation: {told}. Together × {x}, so that {w} and all that lies as "
        "deep starve; no single step is at fault.",
        "各运算的倍数：{told}。合计 × {x}，因此 {w} 和同样深的参数都几乎得不到梯度；没有哪一步单独"
        "有错。",
    ),
    "starved_factors": ("{name} {n} times × {x}", "{name} {n} 次 × {x}"),
    "starved_try": (
        "Factors near 1: larger weights (glorot_uniform, he_normal), relu in place of sigmoid, "
        "fewer steps, connections that skip some.",
        "使倍数接近 1：更大的权重（glorot_uniform、he_normal）、用 relu 代替 sigmoid、更少的步数、"
        "跨过若干步的连接。",
    ),
}
