"""The sentences of `steps`: forward, backward, update."""

TABLE = {
    "forward": ("Forward", "前向传播"),
    "backward": ("Backward", "反向传播"),
    "update": ("Update", "更新"),
    "heading": ("{phase}:", "{phase}："),
    "more": ("… {n} more: print(steps) shows all.", "… 另外 {n} 步：print(steps) 显示全部。"),
    "none_backward": ("No backward steps: {why}.", "没有反向步骤：{why}。"),
    # Forward
    "in_call": ("In {scope}: {label}", "在 {scope} 中：{label}"),
    "results": ("{formula}: {n} results.", "{formula}：{n} 个结果。"),
    "is_number": ("{formula} = {number}.", "{formula} = {number}。"),
    "is_array": ("{formula}: {told}.", "{formula}：{told}。"),
    "of_shape": ("shape {shape}, {told}", "形状 {shape}，{told}"),
    "another": ("another {label}", "另一个 {label}"),
    "and": (" and ", "和"),
    "changed_since": (
        "{sentence} It was computed from {others}: the data were changed since.",
        "{sentence}它是由{others}计算得到的：此后数据已被修改。",
    ),
    # Backward
    "starts": (
        "Backward starts at {label}: {gradient} = 1.",
        "反向传播从 {label} 开始：{gradient} = 1。",
    ),
    "goes": (
        "From {source} to {target}: {product}{sum}",
        "从 {source} 到 {target}：{product}{sum}",
    ),
    "goes_as": (
        "From {source} to {target}, its {role}: {product}{sum}",
        "从 {source} 到其{role} {target}：{product}{sum}",
    ),
    "product": (
        "slope {slope}, times {above}, is {contribution}.",
        "斜率 {slope}，乘以 {above}，得 {contribution}。",
    ),
    "rule": ("{rule}.", "{rule}。"),
    "rule_size": ("{rule}; {size}.", "{rule}；{size}。"),
    "with_slope": ("{rule}, slope {slope}", "{rule}，斜率 {slope}"),
    "complete": (" {gradient} is complete.", "{gradient} 已完整。"),
    "so_far": (" So far {total}; {more} more to come.", "目前为：{total}；还有 {more} 项。"),
    "gradient_is": (" {gradient} = {total}.", "{gradient} = {total}。"),
    "complete_sum": (
        " {gradient} is complete, the sum of {n}: {total}.",
        "{gradient} 已完整，是 {n} 项之和：{total}。",
    ),
    # Update
    "assigned": ("{lines}, with {given}.", "{lines}，其中 {given}。"),
    "assigned_sizes": ("{lines}, with {given}. {sizes}.", "{lines}，其中 {given}。{sizes}。"),
    "by_name": (
        "{label} ← {name}({label}, {gradient}). {sizes}.",
        "{label} ← {name}({label}, {gradient})。{sizes}。",
    ),
    "size": ("{name}: {told}", "{name}：{told}"),
    "new": ("new, {told}", "新建，{told}"),
    "from_to": (
        "norm {before} → {after}, the change {change}",
        "范数 {before} → {after}，改变量 {change}",
    ),
    "loss_goes": (
        "With the new parameters {label} goes from {before} to {after}{change}.",
        "用新的参数，{label} 从 {before} 变为 {after}{change}。",
    ),
    "unchanged": (": unchanged", "：没有变化"),
    "down": (": down by {x}", "：下降 {x}"),
    "up": (": up by {x}", "：上升 {x}"),
}
