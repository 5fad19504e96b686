"""What `explain` says around the products and sums of the chain rule."""

TABLE = {
    # Numbers
    "is": ("{gradient} = {x}.", "{gradient} = {x}。"),
    "is_sum": (
        "{gradient} = {x}, the sum of {n} paths.",
        "{gradient} = {x}，是 {n} 条路径之和。",
    ),
    "is_merged": (
        "{gradient} = {x}, all {n} paths merged.",
        "{gradient} = {x}，{n} 条路径已全部合并。",
    ),
    "about": ("about 10^{n}", "约 10^{n}"),
    "merging": (
        "The gradient of each node is the sum, over its uses, of local slope · gradient of the "
        "use.",
        "每个节点的梯度是对它的各次使用求和：局部斜率 · 使用它的节点的梯度。",
    ),
    "path": ("path {n}", "路径 {n}"),
    "path_before": ("path {n}:", "路径 {n}："),
    "sum": ("sum", "和"),
    "with": ("with", "其中"),
    "same_rule": ("… {nodes} more, each by the same rule …", "… 另外 {nodes}，规则相同 …"),
    # Arrays
    "array": ("{gradient}: {shape}, {told}.", "{gradient}：{shape}，{told}。"),
    "empty": ("empty", "空"),
    "from_to": ("Step by step from {loss} to {w}.", "从 {loss} 到 {w} 的每一步。"),
    "own_rules": ("{nodes} more, each by its own rule", "另外 {nodes}，各按自己的规则"),
    "step": ("{way}:  {rule}", "{way}：  {rule}"),
    "the_sum": ("= the sum", "= 以上之和"),
    "element": (
        "The element {place}: {gradient}{place} = {x}.",
        "元素 {place}：{gradient}{place} = {x}。",
    ),
    "opens": ("{call} opens it into its terms.", "{call} 可把它展开为各项。"),
    "tensor": ("the Tensor of shape {shape}", "形状为 {shape} 的张量"),
}
