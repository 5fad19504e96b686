"""What the page of the explorer says where its numbers are changed."""

TABLE = {
    "title": ("Changing numbers", "修改数值"),
    "begin": ("{name} = {loss}, as it was recorded.", "{name} = {loss}，与记录时相同。"),
    "changed": (
        "{name} = {loss}, changed; steps of training: {count}.",
        "{name} = {loss}，已修改；训练步数：{count}。",
    ),
    "not_in_address": (
        "These are more changes than an address takes: a link to this page, or loading it anew, "
        "loses them.",
        "修改太多，网址放不下：复制链接或重新载入页面都会丢失这些修改。",
    ),
    "undo": ("Undo", "撤销"),
    "undo_title": ("Take the last change back (Ctrl+Z)", "撤销上一次修改（Ctrl+Z）"),
    "reset": ("Reset", "重置"),
    "reset_title": ("All numbers as they were recorded", "所有数值恢复为记录时的样子"),
    "rate_title": ("The learning rate of a step of training", "每一步训练的学习率"),
    "no_rate": ("α is a number from 0 on.", "α 必须是不小于 0 的数。"),
    "rate_ends": (
        "The schedule is known here for {n} steps: from here α stays.",
        "本页只知道学习率计划的前 {n} 步：此后 α 保持不变。",
    ),
    "example": ("Example", "样本"),
    "edit_computed": (
        "{name} is computed and follows from what was given. Change that:",
        "{name} 是计算得到的，由给定的数决定。请修改给定的数：",
    ),
    "edit_fixed": (
        "{name} cannot be changed here: the program keeps it as it was recorded.",
        "{name} 在这里不能修改：程序保持它记录时的样子。",
    ),
    "edit_literal": (
        "{name} stands in the code as a number. Make it a Tensor with a name to change it here.",
        "{name} 在代码里是一个数字。把它变成有名字的 Tensor 就能在这里修改。",
    ),
    "edit_choose": (
        "Choose an element above to change it.",
        "在上面选择一个元素来修改它。",
    ),
    "edit_drag": ("Drag to the left or to the right", "向左或向右拖动"),
    "edit_less": ("Less", "减小"),
    "edit_more": ("More", "增大"),
    "edit_keys": (
        "Enter applies, Escape leaves it, arrows up and down step it, with shift tenfold",
        "回车应用，Esc 放弃，上下方向键逐步改变，按住 Shift 为十倍",
    ),
    "keys": (
        "`e` change the chosen number, there `↑` `↓` by steps, with `shift` by tenfold ones, "
        "`Enter` as it is written, `Esc` not at all; `Ctrl` `Z` take a change back.",
        "`e` 修改选中的数，其中 `↑` `↓` 逐步改变，加 `shift` 为十倍，`Enter` 应用所写的数，"
        "`Esc` 放弃；`Ctrl` `Z` 撤销修改。",
    ),
    "edit_no_number": (
        "“{text}” is no number. Write one such as −0.25 or 3e−4.",
        "“{text}”不是数。请输入如 −0.25 或 3e−4 这样的数。",
    ),
    "edit_twofold": (
        "“{text}” can be read as {point} or as {whole}: write one of these.",
        "“{text}”可以读作 {point}，也可以读作 {whole}：请写成其中一种。",
    ),
    "edit_refused": (
        "{x} cannot stand here: the program cannot compute with it.",
        "这里不能是 {x}：程序无法用它计算。",
    ),
    "nudge": ("Nudge", "微扰"),
    "nudge_title": (
        "A number a little more and a little less: does the loss change as its gradient says?",
        "把一个数稍微增大、稍微减小：损失的变化是否与梯度一致？",
    ),
    "nudge_leaf": (
        "Select a number that was given, to nudge it.",
        "请选择一个给定的数来微扰它。",
    ),
    "nudge_losses": (
        "With {name} + {h}, {loss} is {up}; with {name} − {h} it is {down}.",
        "{name} + {h} 时，{loss} 为 {up}；{name} − {h} 时为 {down}。",
    ),
    "nudge_slope": (
        "Their difference ÷ {twice} is {slope}.",
        "两者之差 ÷ {twice} 等于 {slope}。",
    ),
    "nudge_receipt": (
        "The gradient on the receipt: {of} = {gradient}.",
        "清单上的梯度：{of} = {gradient}。",
    ),
    "nudge_none": (
        "No gradient of {name} was computed, to compare it with.",
        "没有计算 {name} 的梯度，无法比较。",
    ),
    "nudge_agree": ("They agree.", "两者一致。"),
    "nudge_bend": (
        "They differ by {difference}: over so wide a nudge the curve bends. Take a smaller h.",
        "两者相差 {difference}：微扰太大，曲线在其间弯曲。请取更小的 h。",
    ),
    "nudge_apart": (
        "They differ by {difference}: a kink lies between, or too few digits are left of the "
        "difference.",
        "两者相差 {difference}：其间有折点，或者差值剩下的有效数字太少。",
    ),
}
