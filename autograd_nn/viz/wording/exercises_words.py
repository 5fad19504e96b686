"""What exercises ask, and the verdict on the answers."""

TABLE = {
    "ask_value": ("What is {name} = {expression}?", "{name} = {expression} 是多少？"),
    "ask_gradient": ("What is {name}?", "{name} 是多少？"),
    "ask_gradient_of_sum": (
        "What is {name}? {target} is used {count} times: add up what comes back.",
        "{name} 是多少？{target} 被用了 {count} 次：把传回来的都加起来。",
    ),
    "ask_rule": (
        "{name} = {expression}. What goes back {way}? Write g for {total}.",
        "{name} = {expression}。这条边传回什么：{way}？用 g 表示 {total}。",
    ),
    "ask_shape": (
        "What is the shape of {name} = {expression}?",
        "{name} = {expression}，它的形状是什么？",
    ),
    "ask_shape_of": ("What is the shape of {name}?", "{name} 的形状是什么？"),
    "ask_shape_before": (
        "What is the shape of what goes back {way}, before it is summed to {target}?",
        "这条边传回的量，在求和得到 {target} 之前，形状是什么：{way}？",
    ),
    "with_shapes": ("{expression} with {shapes}", "{expression}（{shapes}）"),
    "ask_fault": ("One of these rules is wrong. Which row?", "下面有一条规则是错的。是哪一行？"),
    "fault_row": (
        "{name} = {expression}: {way}; {total} = {upstream}, it sends {contribution}",
        "{name} = {expression}：{way}；{total} = {upstream}，传回：{contribution}",
    ),
    "fault_found": ("Right: {mistake}", "正确：{mistake}"),
    "before_the_fault": (
        "{way} the numbers are right. Look further down.",
        "{way}：这里的数是对的。请往下看。",
    ),
    "past_the_fault": (
        "{way} the numbers are right. Look further up.",
        "{way}：这里的数是对的。请往上看。",
    ),
    "follows_the_fault": (
        "{way} the rule is right: its numbers follow from others that are wrong. Look further up.",
        "{way}：这里的规则是对的，它的数是由前面错误的数得来的。请往上看。",
    ),
    "of_shape": ("{text} (shape {shape})", "{text}（形状 {shape}）"),
    "all_right": ("Right.", "正确。"),
    "all_of_many_right": ("All {count} are right.", "{count} 题全部正确。"),
    "all_cells_right": (
        "All {count} arrays are right, in every cell.",
        "全部 {count} 个数组的每个元素都正确。",
    ),
    "wrong_cells": (
        "{wrong} of its {count} cells are not right, the first of them {place}, which is {number}.",
        "它的 {count} 个元素中有 {wrong} 个不对，第一个是 {place}，其值为 {number}。",
    ),
    "function_stopped": (
        "The function stopped in its line {line}: {error}",
        "函数在第 {line} 行中止：{error}",
    ),
    "some_right": ("{right} of {count} right.", "{count} 题中答对 {right} 题。"),
    "not_answered": ("Not answered: {names}.", "未作答：{names}。"),
    "many_not_answered": ("{count} are not answered yet.", "还有 {count} 题未作答。"),
    "first_wrong": ("{name} is not right: {mistake}", "{name} 不对：{mistake}"),
    "follows": ("{names}: as it follows from that.", "{names}：由此推出的结果。"),
    "also_wrong": ("Look at {names} again, too.", "也请再看一看 {names}。"),
    "or_else": (
        "The same number comes out where {others}.",
        "下面的情况也会得出同样的数：{others}。",
    ),
    "wrong_shape": (
        "it has the shape {said}, and {name} has the shape {shape}, as {target} has.",
        "它的形状是 {said}，而 {name} 的形状与 {target} 相同，是 {shape}。",
    ),
    "not_finite": ("it is not a finite number.", "它不是有限的数。"),
    "rounded": (
        "it is right as far as it goes; give three digits.",
        "到这一位为止是对的；请给出三位有效数字。",
    ),
    "unknown_mistake": (
        "no common mistake gives that number. It is made {where}.",
        "没有哪种常见错误会得出这个数。它是这样来的：{where}。",
    ),
    "in_a_sentence": ("{mistake}.", "{mistake}。"),
    "unknown_rule": ("it gives other numbers than the rule does.", "它得出的数与正确规则不同。"),
    "not_finite_rule": (
        "it gives infinity, or what is no number, at these numbers.",
        "代入这些数后，它得出无穷大或者不是数。",
    ),
    "does_not_fit": (
        "it does not work on these shapes: {shapes}.",
        "它不适用于这些形状：{shapes}。",
    ),
    "gives_shape": (
        "it gives the shape {said}, and {target} has the shape {shape}.",
        "它得出的形状是 {said}，而 {target} 的形状是 {shape}。",
    ),
    "unknown_in_value": ("of {expression}", "由 {expression} 得出"),
    "way_of_role_to": ("{way}, to {target}", "{way}，到 {target}"),
    "way_to": ("{way} to {target}", "{way}，到 {target}"),
    "both_ways": ("{first} and {second}", "{first}，以及 {second}"),
    "at_sum": ("where the contributions to {target} meet", "{target} 的各份贡献汇合之处"),
    "at_value": ("in {target} = {expression}", "在 {target} = {expression} 中"),
    "happens": ("{mistake}, {where}.", "{where}：{mistake}。"),
    "given": ("Given:", "已知："),
    "asked": ("Asked:", "求："),
    # the sheet
    "title_of_values": ("The forward pass of {root}", "{root} 的前向传播"),
    "title_of_gradients": ("The backward pass of {root}", "{root} 的反向传播"),
    "title_of_rules": ("The gradient rules of {root}", "{root} 的求导规则"),
    "title_of_shapes": ("The shapes of {root}", "{root} 的形状"),
    "title_of_fault": ("Find the wrong rule in {root}", "找出 {root} 中的错误规则"),
    "your_name": ("Name", "姓名"),
    "your_date": ("Date", "日期"),
    "key": ("Key", "答案"),
    # the section of the page
    "switch": ("Exercise", "练习"),
    "begins": (
        "Exercise: before each backward step the page asks for its number.",
        "练习：在反向传播的每一步之前，页面会先问它的数值。",
    ),
    "ask_contribution": (
        "Next, {way}. What does it contribute to {goal}?",
        "下一步，{way}。它对 {goal} 的贡献是多少？",
    ),
    "ask_sum": (
        "Next, {way}. So far {goal} is {before}. What is it with this contribution?",
        "下一步，{way}。到目前为止 {goal} 是 {before}。加上这份贡献后是多少？",
    ),
    "your_number": ("Your number", "你的答案"),
    "check": ("Check", "检查"),
    "show_it": ("Show it", "看答案"),
    "more_add_up": ("{count} more add up to {sum}", "其余 {count} 项之和为 {sum}"),
    "three_digits": (
        "Three digits are enough; 1/3 and 3e−4 are numbers, too.",
        "三位有效数字就够了；1/3 和 3e−4 也可以。",
    ),
    "no_number": (
        "Write a number, such as −0.25, 1/3 or 3e−4.",
        "请写一个数，例如 −0.25、1/3 或 3e−4。",
    ),
    "right_it_is": ("Right: it is {number}.", "正确：是 {number}。"),
    "it_is": ("It is {number}.", "是 {number}。"),
}
