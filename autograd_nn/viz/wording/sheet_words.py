"""What stands on the sheets of a workbook."""

TABLE = {
    "forward": ("forward", "前向"),
    "backward": ("backward", "反向"),
    "update": ("update", "更新"),
    "answers": ("answers", "答案"),
    "forward_heading": ("Forward pass to {root}", "前向传播至 {root}"),
    "backward_heading": ("Backward pass from {root}", "从 {root} 开始的反向传播"),
    "update_heading": ("Update", "更新"),
    "forward_note": (
        "Blue numbers are given, on yellow the parameters: change one, and all sheets follow. "
        "Every other number is a formula.",
        "蓝色数字是给定的，黄底的是参数：修改任意一个，所有工作表都会随之更新。其余数字都是公式。",
    ),
    "backward_note": (
        "Orange: the gradient, the sum of what comes from every use. Grey: the slope of one "
        "operation. White: what one use contributes.",
        "橙色：梯度，即每次使用所贡献部分之和。灰色：单个运算的斜率。白色：一次使用的贡献。",
    ),
    "blank_note": (
        "Fill in the empty cells, with numbers or formulas: green is right (three digits are "
        "enough), red is not.",
        "请在空白单元格中填入数字或公式：绿色表示正确（三位有效数字即可），红色表示不正确。",
    ),
    "update_note": (
        "What the optimizer makes of the parameters. Blue numbers are given: change the learning "
        "rate.",
        "优化器更新后的参数。蓝色数字是给定的：可以修改学习率。",
    ),
    "start": ("the backward pass starts here", "反向传播从这里开始"),
    "sum": ("the sum of its {n} contributions", "其 {n} 项贡献之和"),
    "learning_rate": ("learning rate α", "学习率 α"),
    "iteration": ("step number", "步数"),
    "after": ("{label} after the step", "更新后的 {label}"),
    "kept": ("{name} before", "更新前的 {name}"),
    "kept_after": ("{name} after", "更新后的 {name}"),
}
