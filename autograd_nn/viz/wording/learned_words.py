"""What `diagnose` says of what a model has learned."""

TABLE = {
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
        "训练中的损失是 {loss}，验证损失是 {validation}；但对训练过的同一批样本，不用 "
        "training=True 时损失是 {without}。{layers}批量归一化这时用滑动平均代替批次的平均，而滑动"
        "平均还远远落后。",
    ),
    "lagging_one": (
        "The loss in training is {loss} and that of the validation {validation}; but of the very "
        "samples trained on it is {without} without training=True. {layers} of batch normalization "
        "then uses moving averages in place of those of a batch, and they are still far behind.",
        "训练中的损失是 {loss}，验证损失是 {validation}；但对训练过的同一批样本，不用 "
        "training=True 时损失是 {without}。{layers}批量归一化这时用滑动平均代替批次的平均，而滑动"
        "平均还远远落后。",
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
        "模型对{often}都回答类别 {majority}，而它占标签的 {share}：准确率 {right} 等于多数类的比"
        "例，说明不了其他类别。其他类别的 {rare}中它答对 {found} 个。",
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
}
