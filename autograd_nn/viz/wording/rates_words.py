"""What `diagnose` says of the learning rate."""

TABLE = {
    "not_finite_first": (
        "The loss is {value} in epoch {epoch}.",
        "第 {epoch} 轮的损失是 {value}。",
    ),
    "not_finite": (
        "The loss is {value} in epoch {epoch}, after {before}.",
        "第 {epoch} 轮的损失是 {value}，此前为 {before}。",
    ),
    "or_exploding": (
        "{sentence} Gradients that explode from the start look the same; a GradientMonitor tells "
        "them apart.",
        "{sentence}梯度从一开始就爆炸看起来也一样；用 GradientMonitor 可以区分。",
    ),
    "went_up": (
        "The loss went up from {first} to {last}.",
        "损失从 {first} 升到 {last}。",
    ),
    "ran_away_threshold": (
        "finite, and below {x} times the first",
        "有限，且低于最初的 {x} 倍",
    ),
    "drove_saturated": (
        "Training drove the units of {name} to where no gradient passes: {share} are saturated, "
        "{before} were before the first step, and the loss is {loss}.",
        "训练把 {name} 的单元推到了没有梯度通过的地方：{share} 已饱和，第一步之前为 {before}，损"
        "失是 {loss}。",
    ),
    "drove_dead": (
        "Training drove the units of {name} to where no gradient passes: {share} are dead, "
        "{before} were before the first step, and the loss is {loss}.",
        "训练把 {name} 的单元推到了没有梯度通过的地方：{share} 已失活，第一步之前为 {before}，损"
        "失是 {loss}。",
    ),
    "jumps": (
        "The loss jumps up and down, by {jump} from epoch to epoch, and gets nowhere: {first} at "
        "first, {last} at last.",
        "损失上下跳动，每轮变化 {jump}，没有进展：最初 {first}，最后 {last}。",
    ),
    "jumps_threshold": ("changes below {x}", "变化低于 {x}"),
    "rate_large_advice": (
        "Make learning_rate ten times smaller; if that is not enough, again.",
        "把 learning_rate 缩小到十分之一；如果还不够，再缩小一次。",
    ),
    "small_steps": (
        "A step changes no kernel by more than 10^{most} of its size (norm of the update by norm "
        "of the weights), and the loss only went from {first} to {last}.",
        "一步对任何权重矩阵的改变都不超过其大小的 10^{most}（更新的范数除以权重的范数），损失只从 "
        "{first} 变到 {last}。",
    ),
    "no_steps": (
        "A step changes no kernel at all (norm of the update by norm of the weights), and the loss "
        "only went from {first} to {last}.",
        "一步完全没有改变任何权重矩阵（更新的范数除以权重的范数），损失只从 {first} 变到 {last}。",
    ),
    "small_steps_threshold": (
        "at least 10^{x}, healthy about 10^−3",
        "至少 10^{x}，健康时约为 10^−3",
    ),
    "slow_fall": (
        "The loss goes down in nearly every epoch and yet by {fall} only, from {first} to {last} "
        "in {n} epochs.",
        "损失几乎每轮都在下降，但总共只降了 {fall}：{n} 轮中从 {first} 降到 {last}。",
    ),
    "rate_small_advice": (
        "Make learning_rate ten times larger, as long as the loss goes down faster.",
        "把 learning_rate 加大到十倍，只要损失下降得更快就继续。",
    ),
}
