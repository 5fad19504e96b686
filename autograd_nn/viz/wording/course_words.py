"""What the page of the explorer says where it trains."""

TABLE = {
    "title": ("Training", "训练"),
    "one": ("One step", "一步"),
    "one_title": (
        "One step of training: update, forward, backward (t)",
        "训练一步：更新、前向、反向（t）",
    ),
    "ten": ("Ten steps", "十步"),
    "run": ("Run", "运行"),
    "pause": ("Pause", "暂停"),
    "run_title": ("Train until it is paused (r)", "持续训练，直到暂停（r）"),
    "not_finite": (
        "The loss is no longer a finite number. Undo takes the run back; try a smaller α.",
        "损失已不是有限的数。撤销可以退回这次运行；请试试更小的 α。",
    ),
    "switch": ("Course of training", "训练进程"),
    "curve_said": (
        "{name} over {count} steps: {first} at first, {loss} now.",
        "{name}，{count} 步：开始时 {first}，现在 {loss}。",
    ),
    "plane_said": (
        "Decision boundary: about {right} of {count} samples stand on ground of their class.",
        "决策边界：{count} 个样本中约 {right} 个落在自己类别的区域内。",
    ),
    "plane_keys": (
        "Page Up and Page Down choose a sample, arrows move it, digits give it a class.",
        "Page Up 与 Page Down 选择样本，方向键移动，数字键设定类别。",
    ),
    "drag": ("Drag a sample.", "可拖动样本。"),
    "sample": ("Sample {row} at ({x}, {y}), class", "样本 {row}，位于 ({x}, {y})，类别"),
    "sample_between": (
        "Sample {row} at ({x}, {y}), its label between classes; make it",
        "样本 {row}，位于 ({x}, {y})，标签介于类别之间；设为",
    ),
    "sample_class": ("Class of the sample", "样本的类别"),
    "add": ("Add a sample", "添加样本"),
    "add_said": (
        "Click where it shall be, or press Enter on the plane. The program has room for {count}: a "
        "new one takes the place of another, beginning with sample 0.",
        "点击要放置的位置，或在平面上按回车。程序只能容纳 {count} 个样本：新样本依次取代原有样本，"
        "从样本 0 开始。",
    ),
    "painting_said": (
        "Picture of example {row}; pixel {place} is {x}. Arrows choose a pixel, Enter paints it, "
        "Delete clears it.",
        "样本 {row} 的图像；像素 {place} 为 {x}。方向键选择像素，回车涂画，Delete 清除。",
    ),
    "brush": ("Brush", "画笔"),
    "paint": ("Paint into the picture.", "可在图像上涂画。"),
    "answer": ("Example {row}: {name} is {x}.", "样本 {row}：{name} 为 {x}。"),
    "answers": (
        "Example {row}: class {first} with {x}, then {second} with {y}.",
        "样本 {row}：类别 {first}，值 {x}；其次是 {second}，值 {y}。",
    ),
}
