"""What `why` finds to be connected wrongly between the last layer and the loss."""

TABLE = {
    "pairs": (
        "{first} of shape {first_shape} and {second} of shape {second_shape} were broadcast to "
        "{shape} in {equation}",
        "形状为 {first_shape} 的 {first} 与形状为 {second_shape} 的 {second} 在 {equation} 中被广播"
        "为 {shape}",
    ),
    "pairs_why": (
        "Each of the {n} predictions meets each of the {n} targets, {pairs} pairs in place of "
        "{n}: the loss is smallest where all predictions are the same.",
        "{n} 个预测中的每一个都与 {n} 个目标中的每一个比较，共 {pairs} 对，而不是 {n} 对：所有预测"
        "都相同时损失最小。",
    ),
    "pairs_try": (
        "Give both one shape: {name}.reshape(-1, 1), or predictions[:, 0]. The losses of this "
        "library do that, or refuse.",
        "使两者形状一致：{name}.reshape(-1, 1)，或 predictions[:, 0]。本库的损失函数会这样做，或者"
        "拒绝计算。",
    ),
    "examples": (
        "the {name} in {where} goes along axis 0, that of the {n} examples: it normalises over "
        "examples and not over classes",
        "{where} 中的 {name} 沿轴 0（{n} 个样本的轴）：它在样本之间归一化，而不是在类别之间",
    ),
    "examples_why": (
        "Of shape {shape}, its columns have the sum 1 in place of its rows. What is predicted for "
        "one example depends on the others of its batch; alone in a batch it is given 1 for every "
        "class.",
        "它的形状为 {shape}，和为 1 的是各列而不是各行。对一个样本的预测取决于同一批次的其他样本；"
        "如果批次中只有一个样本，每个类别都会得到 1。",
    ),
    "examples_try": (
        "{name}(z, axis=-1): the classes are the last axis.",
        "{name}(z, axis=-1)：类别是最后一个轴。",
    ),
    "one_unit": (
        "the softmax over the one unit of {where} is 1 for every example, so the output is "
        "constant",
        "对 {where} 的唯一单元取 softmax，每个样本都得到 1，所以输出恒定",
    ),
    "one_unit_why": (
        "e^z / e^z = 1 whatever z is: its slope is 0, and no weight gets a gradient.",
        "无论 z 是多少，e^z / e^z = 1：它的斜率为 0，所有权重都得不到梯度。",
    ),
    "one_unit_try": (
        "For two classes: activation='sigmoid' with BinaryCrossentropy; or one unit for each "
        "class.",
        "两个类别时：用 activation='sigmoid' 和 BinaryCrossentropy；或每个类别一个单元。",
    ),
    "twice": (
        "the {first} of {where} is followed by the {second} of {by}: the activation is applied "
        "twice",
        "{where} 的 {first} 之后又有 {by} 的 {second}：激活函数用了两次",
    ),
    "twice_loss": (
        "the {first} of {where} is followed by the {second} of the loss, whose from_logits=True "
        "takes what it is given as logits: the activation is applied twice",
        "{where} 的 {first} 之后又有损失的 {second}（from_logits=True 把收到的值当作 logits）：激"
        "活函数用了两次",
    ),
    "twice_sigmoid": (
        "The second gets numbers between 0 and 1, so what it gives lies between 0.5 and 0.731: "
        "never sure, and never a class 0. In a cross-entropy a sample of class 1 costs −ln 0.731 = "
        "0.3133 or more, and one of class 0 −ln 0.5 = 0.6931 or more.",
        "第二个收到的数在 0 与 1 之间，所以它的输出在 0.5 与 0.731 之间：永远不能确定，也永远不会是"
        "类别 0。在交叉熵中，类别 1 的样本至少损失 −ln 0.731 = 0.3133，类别 0 的样本至少损失 −ln "
        "0.5 = 0.6931。",
    ),
    "twice_softmax": (
        "The second gets numbers between 0 and 1, so of {n} classes none gets a probability above "
        "{best}, and the loss stays above {least}.",
        "第二个收到的数在 0 与 1 之间，所以 {n} 个类别中没有一个的概率超过 {best}，损失始终高于 "
        "{least}。",
    ),
    "twice_try": (
        "Leave one of them out: activation=None in the last layer with from_logits=True, or the "
        "activation with from_logits=False.",
        "去掉其中一个：最后一层用 activation=None 并设 from_logits=True，或保留激活函数并设 "
        "from_logits=False。",
    ),
    "last": (
        "the last activation, {kind} in {where}, does not fit the cross-entropy",
        "最后的激活函数（{where} 中的 {kind}）与交叉熵不匹配",
    ),
    "last_linear": (
        "the last activation, linear in {where}, does not fit the cross-entropy",
        "最后的激活函数（{where} 中没有激活函数，即线性输出）与交叉熵不匹配",
    ),
    "logits_relu": (
        "The loss takes logits, which may be any number; those of a relu are never below 0, so "
        "that it cannot be sure of its answers, and where one is 0 no gradient passes.",
        "损失需要 logits，可以是任何数；relu 的输出不会小于 0，所以它无法对回答有把握，而在输出"
        "为 0 的地方没有梯度通过。",
    ),
    "logits_tanh": (
        "The loss takes logits, which may be any number; those of a {kind} are never beyond ±1, so "
        "that it cannot be sure of its answers, and slopes vanish.",
        "损失需要 logits，可以是任何数；{kind} 的输出不会超出 ±1，所以它无法对回答有把握，而且斜率"
        "会消失。",
    ),
    "logits_try": (
        "activation=None in the last layer, as from_logits=True wants it.",
        "最后一层用 activation=None，这正是 from_logits=True 所需要的。",
    ),
    "probabilities": (
        "The loss takes probabilities, and nothing keeps those of a {kind} output between 0 and "
        "1: {share} of them are not inside, where the loss is clipped and no step helps.",
        "损失需要概率，而 {kind} 的输出不一定在 0 与 1 之间：其中 {share} 不在这个范围内，损失在那"
        "里被截断，任何一步更新都没有帮助。",
    ),
    "probabilities_linear": (
        "The loss takes probabilities, and nothing keeps those of a linear output between 0 and "
        "1: {share} of them are not inside, where the loss is clipped and no step helps.",
        "损失需要概率，而线性输出不一定在 0 与 1 之间：其中 {share} 不在这个范围内，损失在那里被截"
        "断，任何一步更新都没有帮助。",
    ),
    "probabilities_try": (
        "activation='{name}' in the last layer; or from_logits=True with none.",
        "最后一层用 activation='{name}'；或不用激活函数并设 from_logits=True。",
    ),
    "symmetric": (
        "all {n} units of {where} compute the same",
        "{where} 的全部 {n} 个单元计算的结果都相同",
    ),
    "symmetric_all": (
        "The weights {name} are all {x}, so each unit gives the same number and gets the same "
        "gradient: they stay the same in every step, and the layer is as good as one unit.",
        "权重 {name} 全为 {x}，所以每个单元给出相同的数，得到相同的梯度：它们在每一步都保持相同，这"
        "一层只相当于一个单元。",
    ),
    "symmetric_zero": (
        "The weights {name} are all {x}, so each unit gives the same number and gets the same "
        "gradient: they stay the same in every step, and the layer is as good as one unit, which "
        "gives nothing through weights that are 0.",
        "权重 {name} 全为 {x}，所以每个单元给出相同的数，得到相同的梯度：它们在每一步都保持相同，这"
        "一层只相当于一个单元，而且为 0 的权重什么也传不过去。",
    ),
    "symmetric_each": (
        "The weights {name} are the same in each unit, so each unit gives the same number and gets "
        "the same gradient: they stay the same in every step, and the layer is as good as one "
        "unit.",
        "权重 {name} 在每个单元中都相同，所以每个单元给出相同的数，得到相同的梯度：它们在每一步都保"
        "持相同，这一层只相当于一个单元。",
    ),
    "symmetric_each_zero": (
        "The weights {name} are the same in each unit, so each unit gives the same number and gets "
        "the same gradient: they stay the same in every step, and the layer is as good as one "
        "unit, which gives nothing through weights that are 0.",
        "权重 {name} 在每个单元中都相同，所以每个单元给出相同的数，得到相同的梯度：它们在每一步都保"
        "持相同，这一层只相当于一个单元，而且为 0 的权重什么也传不过去。",
    ),
    "symmetric_try": (
        "Draw the weights at random, which breaks the symmetry: "
        "kernel_initializer='glorot_uniform', 'he_normal' with relu.",
        "随机抽取权重以打破对称：kernel_initializer='glorot_uniform'，配合 relu 用 'he_normal'。",
    ),
}
