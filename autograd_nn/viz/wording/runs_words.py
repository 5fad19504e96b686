"""What `diagnose` finds in a run of training. The second word of a key says what it is for."""

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
    # Inputs and targets
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
    # Gradients
    "exploding": (
        "The gradient of {name} has the norm {size} at the first step.",
        "{name} 的梯度在第一步的范数为 {size}。",
    ),
    "exploding_epoch": (
        "The gradient of {name} has the norm {size} in the first epoch. A learning rate that is "
        "too large looks the same; a GradientMonitor tells them apart.",
        "{name} 的梯度在第一轮的范数为 {size}。学习率过大看起来也一样；用 GradientMonitor 可以"
        "区分。",
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
        "{first} 的梯度是 {most} 的 {share} 倍（范数，各轮的中位数）。失活或饱和的单元看起来也一样"
        "；"
        "用 GradientMonitor 可以区分。",
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
        "{name} 的 relu 单元有 {share} 对每个样本都是 0{start}：没有梯度通过它们，所以它们自己的权"
        "重"
        "保持不变。",
    ),
    "dead_before": (" ({share} before the first step)", "（第一步之前为 {share}）"),
    "dead_threshold": ("below {x}, healthy below 10 %", "低于 {x}，健康时低于 10 %"),
    "dead_advice": (
        "Start with bias_initializer='zeros' and kernel_initializer='he_normal', use a smaller "
        "learning_rate, or tanh or softplus in place of relu.",
        "以 bias_initializer='zeros' 和 kernel_initializer='he_normal' 开始，减小 learning_rate，"
        "或用"
        " tanh 或 softplus 代替 relu。",
    ),
    # The learning rate
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
        "训练把 {name} 的单元推到了没有梯度通过的地方：{share} 已饱和，第一步之前为 {before}，损失"
        "是 "
        "{loss}。",
    ),
    "drove_dead": (
        "Training drove the units of {name} to where no gradient passes: {share} are dead, "
        "{before} were before the first step, and the loss is {loss}.",
        "训练把 {name} 的单元推到了没有梯度通过的地方：{share} 已失活，第一步之前为 {before}，损失"
        "是 "
        "{loss}。",
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
    # What was learned
    "stuck": (
        "The loss stays at {level}; without looking at x it would be {base}, from {source}.",
        "损失停在 {level}；完全不看 x 也会是 {base}（依据{source}）。",
    ),
    "stuck_guessed": ("as many samples of every class", "各类样本数相同"),
    "stuck_shares": ("the shares of the labels", "标签的比例"),
    "stuck_accuracy": (
        "{sentence} Accuracy {found}; always the most frequent class gives {base}.",
        "{sentence}准确率 {found}；总是回答最常见的类别则为 {base}。",
    ),
    "stuck_later": (
        "{sentence} Trained on for {epochs} in a copy it comes to {best} at best.",
        "{sentence}在副本上继续训练 {epochs}，最好只到 {best}。",
    ),
    "stuck_threshold": ("below {x} of it", "低于它的 {x} 倍"),
    "stuck_advice": (
        "See first that y belongs to x, row by row. Then try a layer more or wider ones (relu, "
        "kernel_initializer='he_normal'), Adam(0.01), and more epochs.",
        "先逐行确认 y 与 x 对应。然后试试多加一层或加宽各层（relu、"
        "kernel_initializer='he_normal'）、Adam(0.01)，以及更多轮数。",
    ),
    "overfitting": (
        "val_loss went up from {best} in epoch {epoch} to {last}, while loss went down from "
        "{before} to {after}.",
        "val_loss 从第 {epoch} 轮的 {best} 升到 {last}，而 loss 从 {before} 降到 {after}。",
    ),
    "overfitting_threshold": ("at most {x} times its smallest", "不超过其最小值的 {x} 倍"),
    "overfitting_advice": (
        "Stop in time: EarlyStopping(patience=5, restore_best_weights=True). More data, Dropout, "
        "fewer units or weight_decay in the optimizer help too.",
        "及时停止：EarlyStopping(patience=5, restore_best_weights=True)。更多数据、Dropout、更少的"
        "单元或优化器中的 weight_decay 也有帮助。",
    ),
    "lagging": (
        "The loss in training is {loss} and that of the validation {validation}; but of the very "
        "samples trained on it is {without} without training=True. {layers} of batch normalization "
        "then use moving averages in place of those of a batch, and they are still far behind.",
        "训练中的损失是 {loss}，验证损失是 {validation}；但对训练过的同一批样本，不用 training="
        "True "
        "时损失是 {without}。{layers}批量归一化这时用滑动平均代替批次的平均，而滑动平均还远远"
        "落后。",
    ),
    "lagging_one": (
        "The loss in training is {loss} and that of the validation {validation}; but of the very "
        "samples trained on it is {without} without training=True. {layers} of batch normalization "
        "then uses moving averages in place of those of a batch, and they are still far behind.",
        "训练中的损失是 {loss}，验证损失是 {validation}；但对训练过的同一批样本，不用 training="
        "True "
        "时损失是 {without}。{layers}批量归一化这时用滑动平均代替批次的平均，而滑动平均还远远"
        "落后。",
    ),
    "lagging_threshold": (
        "a loss without training below {x} times that in training",
        "不用 training=True 的损失低于训练中损失的 {x} 倍",
    ),
    "lagging_advice": (
        "Train for more steps, or BatchNormalization(momentum=0.9) in place of {momentum}: after n "
        "steps momentum ** n of the averages is still what they began with.",
        "训练更多步，或用 BatchNormalization(momentum=0.9) 代替 {momentum}：n 步之后，平均值中仍有 "
        "momentum ** n 是初始值。",
    ),
    "lagging_proof": (
        "In a copy with the averages of these samples in their place the loss is {loss}.",
        "在副本中换成这些样本的平均值后，损失是 {loss}。",
    ),
    "unrelated": (
        "The nearest other sample has the same label in {nearest} of the cases; with the labels in "
        "any other order it is {chance} in the mean and up to {best}. So these labels may as well "
        "have been shuffled against the inputs. Always the most frequent class is right in "
        "{share}.",
        "最近的另一个样本有相同标签的情况占 {nearest}；把标签任意重排，平均为 {chance}，最多 "
        "{best}。所以这些标签就像与输入打乱了一样。总是回答最常见的类别，正确率为 {share}。",
    ),
    "unrelated_threshold": (
        "more often than in any of 40 random orders",
        "高于 40 种随机排列中的任何一种",
    ),
    "unrelated_advice": (
        "See that y belongs to x, row by row: both shuffled by one permutation, sorted by one key, "
        "read from one table.",
        "逐行确认 y 与 x 对应：用同一个排列打乱、按同一个键排序、从同一张表读取。",
    ),
    "unrelated_proof": (
        "Replayed from the first weights on four fifths of the samples: on the others the loss "
        "does not fall below {held_out}, chance is {base}; on those it was trained on it is "
        "{in_training}.",
        "从最初的权重出发，用五分之四的样本重放：在其余样本上损失不低于 {held_out}，随机水平是 "
        "{base}；在训练过的样本上是 {in_training}。",
    ),
    "one_class_equals": (
        "The model names class {majority} for {often}, and that is the label of {share}: the "
        "accuracy, {right}, equals the share of the majority and says nothing of the others. Of "
        "{rare} of other classes it gets {found} right.",
        "模型对{often}都回答类别 {majority}，而它占标签的 {share}：准确率 {right} 等于多数类的比例"
        "，"
        "说明不了其他类别。其他类别的 {rare}中它答对 {found} 个。",
    ),
    "one_class_more": (
        "The model names class {majority} for {often}, and that is the label of {share}: the "
        "accuracy, {right}, is no more than the share of the majority and says nothing of the "
        "others. Of {rare} of other classes it gets {found} right.",
        "模型对{often}都回答类别 {majority}，而它占标签的 {share}：准确率 {right} 不高于多数类的"
        "比例，说明不了其他类别。其他类别的 {rare}中它答对 {found} 个。",
    ),
    "each_of": ("each of {samples}", "{samples}中的每一个"),
    "some_of": ("{n} of {samples}", "{samples}中的 {n} 个"),
    "one_class_threshold": (
        "a share of the majority below {x}",
        "多数类的比例低于 {x}",
    ),
    "one_class_advice": (
        "Look at recall or AUC and not at accuracy; give rare classes more weight (class_weight="
        "{weights}) or more samples; and train longer.",
        "看召回率或 AUC 而不是准确率；给稀有类别更大的权重（class_weight={weights}）或更多样本；"
        "并训练更久。",
    ),
    "one_label": (
        "Each of {samples} has the label {label}: there is nothing to tell apart, and the accuracy "
        "of always naming it is 1.",
        "{samples}的标签都是 {label}：没有什么可区分的，总是回答它的准确率就是 1。",
    ),
    "one_label_threshold": ("at least two classes", "至少两个类别"),
    "one_label_advice": (
        "See how y was made, and whether the samples of one class came first and the others were "
        "cut off.",
        "检查 y 是怎么得到的，是否某一类的样本排在前面而其余的被截掉了。",
    ),
    # How it is put together
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
        "损失是对批次求和而不是求平均，所以一步是 {size} 倍大：learning_rate {rate} 的效果相当于求"
        "平均"
        "时的 {times}。",
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
