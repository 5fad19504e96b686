"""What `diagnose` says of how a model is put together."""

TABLE = {
    "since_rounding": (
        "So it was at the first step; since then only rounding made them differ.",
        "第一步时就是这样；此后只有舍入误差使它们不同。",
    ),
    "ends": ("{told}.", "{told}。"),
    "first_loss": (
        "The loss of the first step is {loss}: {because}.",
        "第一步的损失是 {loss}：{because}。",
    ),
    "of_batch": ("One batch {told}", "对一个批次{told}"),
    "frozen": (
        "{layers} are frozen, {names} (trainable=False): {size} of {total} weights get no gradient "
        "and stay as they are.",
        "{layers}被冻结：{names}（trainable=False）：{total} 个权重中有 {size} 个得不到梯度，保持"
        "不变。",
    ),
    "frozen_one": (
        "{layers} is frozen, {names} (trainable=False): {size} of {total} weights get no gradient "
        "and stay as they are.",
        "{layers}被冻结：{names}（trainable=False）：{total} 个权重中有 {size} 个得不到梯度，保持"
        "不变。",
    ),
    "frozen_never": (
        "{sentence} Their biases are those of the initializer: they were never trained.",
        "{sentence}它们的偏置仍是初始值：从未训练过。",
    ),
    "frozen_advice": (
        "Set layer.trainable = True, and compile again. Frozen layers are of use where they were "
        "trained on something else before.",
        "设置 layer.trainable = True 并重新 compile。冻结的层只有事先在别处训练过才有用。",
    ),
    "summed": (
        "The loss is a sum over the batch and not a mean, so a step is {size} times as large: the "
        "learning_rate {rate} does what {times} does with a mean.",
        "损失是对批次求和而不是求平均，所以一步是 {size} 倍大：learning_rate {rate} 的效果相当于"
        "求平均时的 {times}。",
    ),
    "summed_dead": (
        "{sentence} {share} of the relu units of {name} are dead.",
        "{sentence}{name} 的 relu 单元有 {share} 已失活。",
    ),
    "summed_advice": (
        "Take reduction='sum_over_batch_size', the default, or divide the learning_rate by the "
        "batch size: {rate}.",
        "使用默认的 reduction='sum_over_batch_size'，或把 learning_rate 除以批次大小：{rate}。",
    ),
}
