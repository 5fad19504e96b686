"""What `zoom` tells of one element and of the terms that it is made of."""

TABLE = {
    "sum": ("sum", "和"),
    "sum_of": ("sum of {terms} = {x}", "{terms}之和 = {x}"),
    "sum_of_slopes": (
        "sum of {terms}, each local slope × gradient above",
        "{terms}之和，每项为局部斜率 × 上游梯度",
    ),
    "no_terms": (
        "no terms: the loss uses the Tensor, and not this element of it",
        "没有项：损失用到了这个张量，但没有用到其中的这个元素",
    ),
    "back": (
        "back: the gradient of each operand that wants one, through this element",
        "回传：每个需要梯度的操作数经由这个元素得到的梯度",
    ),
    "closed": (
        "{numbers} of the layer stayed closed: there are too many to open all.",
        "该层中有 {numbers}没有展开：数量太多，无法全部展开。",
    ),
    "no_scalars": (
        "No graph of scalars: more than {n} operands.",
        "没有标量图：操作数超过 {n} 个。",
    ),
    "short": (
        "<Zoom into {label} = {value}: {terms}, see .text() or .draw()>",
        "<Zoom：{label} = {value}，{terms}，见 .text() 或 .draw()>",
    ),
    # The names of terms
    "more": ("{n} more", "另外 {n} 项"),
    "rest_of_graph": ("rest of the graph", "图的其余部分"),
    "loss_itself": ("the loss itself", "损失本身"),
    "left": ("not in proportion to any", "与任何操作数都不成比例的部分"),
    "its": (", its {role}", "（作为其{role}）"),
    "own_rule": ("{through}: its own rule, as a whole", "{through}：它自己的规则，作为整体"),
    "example": ("example {n}", "样本 {n}"),
    "through": ("{name} through {through}", "{name}，经由 {through}"),
    "sends_back": ("what {through} sends back", "{through} 回传的量"),
    "slope_by": ("{slope} by {by}", "{slope} 对 {by}"),
}
