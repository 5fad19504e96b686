"""What is said of gradient rules, of the inputs of an operation, and of the signs of formulas."""

TABLE = {
    # What a rule does with the gradient
    "takes_place": (
        "{upstream} takes place {place} of {input}",
        "{upstream} 放到 {input} 的第 {place} 位",
    ),
    "own": ("own rule of {name}", "{name} 自己的规则"),
    "zeros_added": ("zeros, {upstream} added at [{place}]", "全零，在 [{place}] 处加上 {upstream}"),
    "zero_at": ("{upstream}, 0 at [{place}]", "{upstream}，在 [{place}] 处为 0"),
    "joined": ("{pieces} joined", "{pieces} 拼接"),
    "spread": ("{upstream}, spread", "{upstream}，展开到各元素"),
    "reshaped": ("{upstream}, reshaped back", "{upstream}，恢复原来的形状"),
    "summed_axis": ("{rule}, summed over axis {axes}", "{rule}，沿轴 {axes} 求和"),
    "summed_axes": ("{rule}, summed over axes {axes}", "{rule}，沿轴 {axes} 求和"),
    "part": ("{input}, part {index}", "{input}，第 {index} 部分"),
    "more": ("… {n} more", "… 另外 {n} 个"),
    # What an input is to an operation
    "first_factor": ("first factor", "第一个因子"),
    "second_factor": ("second factor", "第二个因子"),
    "first_term": ("first term", "第一项"),
    "second_term": ("second term", "第二项"),
    "numerator": ("numerator", "分子"),
    "denominator": ("denominator", "分母"),
    "base": ("base", "底数"),
    "exponent": ("exponent", "指数"),
    "first_input": ("first input", "第一个输入"),
    "second_input": ("second input", "第二个输入"),
    "third_input": ("third input", "第三个输入"),
    "fourth_input": ("fourth input", "第四个输入"),
    "fifth_input": ("fifth input", "第五个输入"),
    "sixth_input": ("sixth input", "第六个输入"),
    "nth_input": ("input {n}", "第 {n} 个输入"),
    "way": ("from {source}", "来自 {source}"),
    "way_role": ("from {source}, its {role}", "来自 {source}，作为其{role}"),
    # The signs of formulas
    "sign_slope": (
        "∂₁v, ∂₂v: the slope of v by its first, its second input alone",
        "∂₁v、∂₂v：v 仅对其第一个、第二个输入的斜率（局部导数）",
    ),
    "sign_gradient": (
        "∂L/∂x: the gradient of L by x, over all ways from x to L",
        "∂L/∂x：L 对 x 的梯度，计入从 x 到 L 的所有路径",
    ),
    "sign_sigmoid": (
        "σ(z) = 1/(1 + e⁻ᶻ), the sigmoid; σ′ its slope",
        "σ(z) = 1/(1 + e⁻ᶻ)，sigmoid 函数；σ′ 是它的斜率",
    ),
    "sign_fused_binary": (
        "BCE(σ): binary cross-entropy of the sigmoid, computed as one",
        "BCE(σ)：sigmoid 的二元交叉熵，合为一步计算",
    ),
    "sign_binary": ("BCE: binary cross-entropy", "BCE：二元交叉熵"),
    "sign_fused_categorical": (
        "CCE(softmax): categorical cross-entropy of the softmax, computed as one",
        "CCE(softmax)：softmax 的多类交叉熵，合为一步计算",
    ),
    "sign_categorical": ("CCE: categorical cross-entropy", "CCE：多类交叉熵"),
    "sign_sparse": ("sparse: the labels are numbers of classes", "sparse：标签是类别的编号"),
    "sign_normal": (
        "Φ: the distribution function of the normal distribution",
        "Φ：正态分布的分布函数",
    ),
    "sign_rate": ("α: the learning rate; ←: is set to", "α：学习率；←：赋值为"),
    "sign_velocity": (
        "μ: the part of the velocity that is kept",
        "μ：保留的速度（velocity）比例",
    ),
    "sign_mean": ("ρ: the part of the mean that is kept", "ρ：保留的均值比例"),
    "sign_decay": ("λ: the weight decay", "λ：权重衰减"),
    "sign_betas": (
        "β₁, β₂: the parts of the means that are kept; t: the number of the step",
        "β₁、β₂：保留的均值比例；t：步数",
    ),
    "sign_epsilon": ("ε keeps the division finite", "ε 使除法结果保持有限"),
    "sign_convolution": ("∗: convolution; ∗ᵀ the same backwards", "∗：卷积；∗ᵀ 是其反向"),
    "sign_so_far": (
        "Σ…, Π…: the sums, the products so far",
        "Σ…、Π…：到目前为止的和、积",
    ),
    "sign_iverson": ("[…]: 1 where it holds, else 0", "[…]：条件成立处为 1，否则为 0"),
    "sign_elementwise": ("⊙: element by element", "⊙：逐元素相乘"),
    "sign_outer": ("⊗: every element with every other", "⊗：每个元素与另一方的每个元素相乘"),
}
