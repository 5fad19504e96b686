"""What a page says of its computing."""

TABLE = {
    "drawn": (
        "Numbers that were drawn at random, such as a dropout mask, stay as they were drawn.",
        "随机抽取的数（例如 dropout 的掩码）保持抽取时的值不变。",
    ),
    "taken": (
        "What Python decided by a number of the graph stays as it was recorded ({places}).",
        "Python 根据图中的数所作的选择保持记录时的样子（{places}）。",
    ),
    "scheduled": (
        "α follows the schedule of the optimizer. A number that you type takes its place; undo or "
        "reset brings the schedule back.",
        "α 按优化器的学习率计划变化。输入别的数会取代计划；撤销或重置可恢复计划。",
    ),
    "large": (
        "This page does not compute anew: its parameters and inputs are more than it can hold.",
        "本页不能重新计算：参数和输入的数据太多，页面放不下。",
    ),
    "call": (
        "This page does not compute anew: it would have to call {name}, which has no form in "
        "JavaScript.",
        "本页不能重新计算：其中用到的 {name} 没有 JavaScript 形式。",
    ),
    "changed": (
        "This page does not compute anew: what was recorded is not what the present data give. "
        "Record the loss again.",
        "本页不能重新计算：记录下来的结果与现在的数据不一致。请重新计算一次损失。",
    ),
    "error": (
        "This page does not compute anew: a function could not be written down as calls ({error}).",
        "本页不能重新计算：有一个函数无法写成一步步的调用（{error}）。",
    ),
}
