"""What stands around what `diagnose` finds in a run of training, and how runs are replayed."""

TABLE = {
    # Around findings
    "named": ("{name}: {sentence}", "{name}：{sentence}"),
    "threshold": ("Threshold: {told}.", "阈值：{told}。"),
    "proof": ("Proof: {told}", "证明：{told}"),
    "advice": ("Try: {told}", "建议：{told}"),
    "nothing": ("Nothing found.", "没有发现问题。"),
    "below": ("below {x}", "低于 {x}"),
    "at_most": ("at most {x}", "不超过 {x}"),
    "at_least": ("at least {x}", "至少 {x}"),
    "replayed": (
        "Replayed for {epochs} from the first weights {change}: the loss is {after} in place of "
        "{before}.",
        "从最初的权重出发{change}重放 {epochs}：损失是 {after}，而不是 {before}。",
    ),
    "not_seen_gradients": (
        "Not looked at: vanishing and exploding gradients. They need fit(record_gradients=True) or "
        "a GradientMonitor.",
        "没有检查：梯度消失和梯度爆炸。需要 fit(record_gradients=True) 或 GradientMonitor。",
    ),
    "not_seen_units": (
        "Not looked at: scale of the inputs, saturated and dead units, size of the updates. They "
        "need monitor = GradientMonitor(), fit(callbacks=[monitor]) and diagnose(history, "
        "monitor).",
        "没有检查：输入的尺度、饱和和失活的单元、更新的大小。需要 monitor = GradientMonitor()、"
        "fit(callbacks=[monitor]) 和 diagnose(history, monitor)。",
    ),
    "not_seen_base": (
        "Not looked at: whether the loss is stuck at the base rate, which is not known here.",
        "没有检查：损失是否停在基准水平，这里不知道基准水平。",
    ),
    "not_seen_trends": (
        "Trends of the loss cannot be told from {n} of at least {least} epochs.",
        "只有 {n} 轮（至少需要 {least} 轮），看不出损失的趋势。",
    ),
    # With what a run is replayed
    "with_rate": ("with learning_rate {rate}", "，用 learning_rate {rate} "),
    "with_scaled": ("with scaled inputs", "，用缩放后的输入"),
    "without_last": ("without the last activation", "，去掉最后的激活函数"),
    "with_fitting": ("with the activation that fits", "，换成合适的激活函数"),
    "with_random": ("with weights drawn at random", "，用随机抽取的权重"),
    "with_all": ("with all layers trained", "，训练所有的层"),
    "with_initializer": ("with weights of an initializer", "，用初始化器的权重"),
    "with_tenth": ("with a tenth of learning_rate", "，用十分之一的 learning_rate "),
    "with_ten": ("with ten times the learning_rate", "，用十倍的 learning_rate "),
    "with_leaky": ("with leaky_relu in place of relu", "，用 leaky_relu 代替 relu "),
    "with_relu": (
        "with relu and weights of an initializer",
        "，用 relu 和初始化器的权重",
    ),
}
