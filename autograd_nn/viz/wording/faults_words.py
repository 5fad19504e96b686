"""What `why` finds at a step: saturated, dead, out of scale, not finite, wired wrongly."""

TABLE = {
    # Activations
    "saturated": ("the {name} in {where} is saturated", "{where} 中的 {name} 已饱和"),
    "so_saturated": (
        " So the {name} in {where} is saturated. {told}",
        "因此 {where} 中的 {name} 已饱和。{told}",
    ),
    "saturated_try": (
        "Bring its inputs near 0: smaller weights or biases, scaled inputs, a smaller learning "
        "rate if it was healthy before; or relu instead of {name}.",
        "使它的输入接近 0：减小权重或偏置、缩放输入、如果之前正常则减小学习率；或用 relu 代替 "
        "{name}。",
    ),
    "saturated_one": (
        "Its input {label} is {x}, beyond ±{limit}, where {name} is flat: slope {slope}. {lets}",
        "它的输入 {label} 为 {x}，超出 ±{limit}，{name} 在那里是平坦的：斜率 {slope}。{lets}",
    ),
    "saturated_many": (
        "{share} of the {n} elements are beyond ±{limit}, where {name} is flat: mean slope "
        "{slope}, at most {steepest}. {lets}",
        "{n} 个元素中有 {share} 超出 ±{limit}，{name} 在那里是平坦的：平均斜率 {slope}，最大可为 "
        "{steepest}。{lets}",
    ),
    "softmax_one": (
        "In its row one place has more than {certain}. {lets}",
        "它的行中有一个位置超过 {certain}。{lets}",
    ),
    "softmax_many": (
        "In {share} of the {n} rows one place has more than {certain}. {lets}",
        "{n} 行中有 {share} 的行，其中一个位置超过 {certain}。{lets}",
    ),
    "softmax_try": (
        "Smaller logits: smaller weights, scaled inputs, or a division by a temperature.",
        "减小 logits：减小权重、缩放输入，或除以一个温度。",
    ),
    "stays_zero": (" So the relu in {where} stays at 0.", "因此 {where} 中的 relu 一直为 0。"),
    "dead": ("the relu in {where} is dead", "{where} 中的 relu 已失活"),
    "dead_one": (
        "Its input {label} is {x}, not above 0. {lets}",
        "它的输入 {label} 为 {x}，不大于 0。{lets}",
    ),
    "dead_many": (
        "{share} of {n} elements are 0. {lets}",
        "{n} 个元素中有 {share} 为 0。{lets}",
    ),
    "dead_units": (
        "{share} of {n} elements are 0; {dead} of {units} are 0 for each of {examples}. {lets}",
        "{n} 个元素中有 {share} 为 0；{units}中有 {dead} 个对 {examples}全都为 0。{lets}",
    ),
    "dead_unit": (
        "{share} of {n} elements are 0; {dead} of {units} is 0 for each of {examples}. {lets}",
        "{n} 个元素中有 {share} 为 0；{units}中有 {dead} 个对 {examples}全都为 0。{lets}",
    ),
    "dead_try": (
        "A unit that is 0 for every example cannot learn its way back: a smaller learning rate, a "
        "bias of 0 or a little above, he_normal weights, scaled inputs; or softplus, which is "
        "never flat.",
        "对每个样本都为 0 的单元无法通过学习恢复：减小学习率、把偏置设为 0 或略大于 0、用 "
        "he_normal 初始化权重、缩放输入；或用从不平坦的 softplus。",
    ),
    "lets_nothing": (
        "It lets nothing of the gradient through.",
        "它完全不让梯度通过。",
    ),
    "lets": ("It lets {x} % of the gradient through.", "它让 {x} % 的梯度通过。"),
    # Other steps
    "chose": (
        "the {name} in {where} chose something else than {x}, in every element",
        "{where} 中的 {name} 在每个元素上都没有选择 {x}",
    ),
    "clipped": (
        "the {name} in {where} holds {x} at its limits, in every element",
        "{where} 中的 {name} 在每个元素上都把 {x} 截断在边界值",
    ),
    "equation": ("{told}.", "{told}。"),
    "chose_try": (
        "No gradient goes to what was not chosen: wider limits, or a smooth function instead.",
        "没有被选中的量得不到梯度：放宽边界，或改用光滑的函数。",
    ),
    "flat": (
        "the {name} in {where} is flat at {input} = {z}",
        "{where} 中的 {name} 在 {input} = {z} 处是平坦的",
    ),
    "flat_rule": ("{rule}. {lets}", "{rule}。{lets}"),
    "flat_try": (
        "Look why its input is where it is: the values before it, the weights, the inputs.",
        "检查它的输入为什么在这里：之前的值、权重、输入数据。",
    ),
    "steep": (
        "the {name} in {where} is steep at {input} = {z}",
        "{where} 中的 {name} 在 {input} = {z} 处非常陡",
    ),
    "steep_why": (
        "{rule}. It makes the gradient {x} times larger.",
        "{rule}。它把梯度放大到 {x} 倍。",
    ),
    "steep_try": (
        "Keep its input away from there: clip it, or add a small number to a denominator.",
        "让它的输入远离那里：截断它，或给分母加一个很小的数。",
    ),
    # Scale
    "relu_zero": (
        "it is multiplied by {name}, and the relu in {where} gives 0 everywhere",
        "它乘以 {name}，而 {where} 中的 relu 处处输出 0",
    ),
    "relu_zero_why": (
        "All {n} elements of its input are 0 or below.",
        "它的输入的全部 {n} 个元素都不大于 0。",
    ),
    "times_zero": (
        "{equation} multiplies it by {label}",
        "{equation} 把它乘以 {label}",
    ),
    "times_zero_named": (
        "{equation} multiplies it by {label}, which is 0",
        "{equation} 把它乘以 {label}，而 {label} 为 0",
    ),
    "times_zero_try": ("Find out why that factor is 0.", "找出这个因子为什么是 0。"),
    "every_zero": ("Every element of {label} is 0", "{label} 的每个元素都是 0"),
    "elements": (
        "The elements of {label} are up to {largest} in size, {size} in the root mean square",
        "{label} 的元素绝对值最大为 {largest}，均方根为 {size}",
    ),
    "is": ("{label} is {x}", "{label} 为 {x}"),
    "inputs_huge": ("the inputs {label} are huge", "输入 {label} 非常大"),
    "inputs_zero": ("the inputs {label} are all 0", "输入 {label} 全为 0"),
    "inputs_tiny": ("the inputs {label} are tiny", "输入 {label} 非常小"),
    "input": ("the input {told}", "输入 {told}"),
    "inputs_normal": (
        "{told}; scaled inputs are about 1.{effect}",
        "{told}；缩放后的输入约为 1。{effect}",
    ),
    "then": ("{told}.{effect}", "{told}。{effect}"),
    "inputs_try": (
        "Scale the inputs: x / 255 for pixels, (x - x.mean(0)) / x.std(0) for measurements.",
        "缩放输入：像素用 x / 255，测量值用 (x - x.mean(0)) / x.std(0)。",
    ),
    "inputs_zero_try": (
        "Inputs that are 0 teach nothing: look where they come from.",
        "全为 0 的输入什么也教不了：检查它们从哪里来。",
    ),
    "weights_huge": ("the weights {label} are huge", "权重 {label} 非常大"),
    "weights_zero": ("the weights {label} are all 0", "权重 {label} 全为 0"),
    "weights_tiny": ("the weights {label} are tiny", "权重 {label} 非常小"),
    "weight": ("the weight {told}", "权重 {told}"),
    "weights_nothing": (
        " Nothing gets through weights that are 0, forward or back.",
        "前向和反向都没有任何东西能通过为 0 的权重。",
    ),
    "weights_multiply": (
        " They multiply the size of what goes through by about {size}; initializers keep that "
        "near 1.{effect}",
        "它们把通过的量的大小乘以约 {size}；初始化器使它保持在 1 附近。{effect}",
    ),
    "weights_try": (
        "Draw weights with an initializer: glorot_uniform for sigmoid and tanh, he_normal for "
        "relu.",
        "用初始化器抽取权重：sigmoid 和 tanh 用 glorot_uniform，relu 用 he_normal。",
    ),
    "weights_grew": (
        "If they grew in training: a smaller learning rate.",
        "如果它们是在训练中变大的：减小学习率。",
    ),
    # Not finite
    "log_try": (
        "log is -∞ at 0 and NaN below: log(x + 1e-7), np.clip(x, 1e-7, None), or a loss with "
        "from_logits=True.",
        "log 在 0 处为 -∞，小于 0 时为 NaN：log(x + 1e-7)、np.clip(x, 1e-7, None)，或用 "
        "from_logits=True 的损失。",
    ),
    "divide_try": (
        "The denominator is 0 (or as good as): add a small number to it, or clip it.",
        "分母为 0（或几乎为 0）：给它加一个很小的数，或截断它。",
    ),
    "sqrt_try": (
        "sqrt has no value below 0 and an infinite slope at 0: sqrt(x + 1e-12).",
        "sqrt 在小于 0 时没有值，在 0 处斜率为无穷大：sqrt(x + 1e-12)。",
    ),
    "exp_try": (
        "exp overflows above 709 (88 in float32): subtract the largest first, or use logsumexp, "
        "softmax, sigmoid, which do.",
        "exp 在超过 709（float32 为 88）时溢出：先减去最大值，或用会这样做的 logsumexp、softmax、"
        "sigmoid。",
    ),
    "power_try": (
        "A power of 0 or of a negative number: clip the base, or add a small number.",
        "0 或负数的乘方：截断底数，或加一个很小的数。",
    ),
    "matmul_try": (
        "Values this large overflow: smaller weights, scaled inputs, a smaller learning rate.",
        "这么大的值会溢出：减小权重、缩放输入、减小学习率。",
    ),
    "guard_try": (
        "where(condition, f(x), 0) does not help: 0 · ∞ is NaN. Make the argument harmless first: "
        "f(where(condition, x, 1)).",
        "where(condition, f(x), 0) 没有用：0 · ∞ 是 NaN。先让自变量无害："
        "f(where(condition, x, 1))。",
    ),
    "overflow_try": (
        "Look for what makes its inputs so large: weights, inputs, the learning rate.",
        "查找是什么使它的输入这么大：权重、输入、学习率。",
    ),
    "one_from_start": ("{name} is {x} from the start", "{name} 一开始就是 {x}"),
    "one_from_start_try": (
        "Look where that number comes from.",
        "检查这个数从哪里来。",
    ),
    "nan_from_start": ("{name} holds NaN from the start", "{name} 一开始就含有 NaN"),
    "infinity_from_start": (
        "{name} holds an infinity from the start",
        "{name} 一开始就含有无穷大",
    ),
    "from_start_try": (
        "Find the rows: np.argwhere(~np.isfinite(x)); leave them out, or fill them in.",
        "找出这些行：np.argwhere(~np.isfinite(x))；去掉它们，或填补它们。",
    ),
    "column": (
        "Column {shown} in every row, as 0/0 gives: of a constant column, (x - x.mean(0)) / "
        "x.std(0) divides 0 by a spread of 0. Leave such a column out, or divide by np.where(std "
        "== 0, 1, std).",
        "第 {shown} 列的每一行都是如此，就像 0/0 的结果：对常数列，(x - x.mean(0)) / x.std(0) 用 0 "
        "除以为 0 的标准差。去掉这样的列，或除以 np.where(std == 0, 1, std)。",
    ),
    "columns": (
        "Columns {shown} in every row, as 0/0 gives: of a constant column, (x - x.mean(0)) / "
        "x.std(0) divides 0 by a spread of 0. Leave such a column out, or divide by np.where(std "
        "== 0, 1, std).",
        "第 {shown} 列的每一行都是如此，就像 0/0 的结果：对常数列，(x - x.mean(0)) / x.std(0) 用 0 "
        "除以为 0 的标准差。去掉这样的列，或除以 np.where(std == 0, 1, std)。",
    ),
    "made_nan": (
        "{operation} in {place} made NaN",
        "{place} 中的 {operation} 产生了 NaN",
    ),
    "made_infinity": (
        "{operation} in {place} made an infinity",
        "{place} 中的 {operation} 产生了无穷大",
    ),
    "made_nan_of": (
        "{operation} in {place} made NaN of finite numbers",
        "{place} 中的 {operation} 由有限值产生了 NaN",
    ),
    "made_infinity_of": (
        "{operation} in {place} made an infinity of finite numbers",
        "{place} 中的 {operation} 由有限值产生了无穷大",
    ),
    "before_that": (
        "Before that, {operation} in {place} made an infinity, and ∞ - ∞ and 0 · ∞ are NaN.",
        "在此之前，{place} 中的 {operation} 产生了无穷大，而 ∞ - ∞ 和 0 · ∞ 是 NaN。",
    ),
    "rule_nan": (
        "the gradient rule of {operation} in {place} makes NaN",
        "{place} 中 {operation} 的梯度规则产生 NaN",
    ),
    "rule_infinity": (
        "the gradient rule of {operation} in {place} makes an infinity",
        "{place} 中 {operation} 的梯度规则产生无穷大",
    ),
    "sends": (
        "All values are finite. Of the gradient that it sends to {name}, {counted}.",
        "所有的值都是有限的。在它传给 {name} 的梯度中，{counted}。",
    ),
    "sends_before": (
        "Before that, {operation} in {place} sends an infinite gradient, and 0 · ∞ is NaN.",
        "在此之前，{place} 中的 {operation} 传出无穷大的梯度，而 0 · ∞ 是 NaN。",
    ),
    "zero_times_infinity": (
        "There the gradient from above is 0 and the slope infinite: 0 · ∞ is NaN.",
        "那里的上游梯度为 0，而斜率为无穷大：0 · ∞ 是 NaN。",
    ),
    "one_number": ("the one number is {x}", "唯一的数是 {x}"),
    "counted": (
        "{n} of {elements} are not a finite number, the first ({x}) at {place}",
        "{elements}中有 {n} 个不是有限值，第一个（{x}）位于 {place}",
    ),
    "counted_one": (
        "{n} of {elements} is not a finite number, the first ({x}) at {place}",
        "{elements}中有 {n} 个不是有限值，第一个（{x}）位于 {place}",
    ),
    "made_of": ("{counted}, made of {told}", "{counted}，由 {told} 得到"),
    "in_scope": ("{label} in {scope}", "{scope} 中的 {label}"),
    "of_layer": ("{label} of layer {scope}", "层 {scope} 的 {label}"),
}
