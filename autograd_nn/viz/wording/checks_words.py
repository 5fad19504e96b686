"""What differences say of an edge: ``draw(loss, edges="check")``."""

TABLE = {
    "right": ("right", "正确"),
    "right_to": ("right to {x}", "正确，误差 {x}"),
    "wrong": (
        "wrong{where}: rule {rule}, differences {found}",
        "错误{where}：规则 {rule}，差分 {found}",
    ),
    "kink": (
        "at a kink{where}: slope {left} from the left, {right} from the right, rule {rule}",
        "在折点处{where}：左侧斜率 {left}，右侧斜率 {right}，规则 {rule}",
    ),
    "at": (" at {place}", "（位于 {place}）"),
    "all_right": ("{edges} right", "{edges}正确"),
    "wrong_first": (
        "{n} of {of} wrong, the first: {first}",
        "{of} 条中 {n} 条错误，第一条：{first}",
    ),
    "kink_first": (
        "{n} of {of} at a kink, the first: {first}",
        "{of} 条中 {n} 条在折点处，第一条：{first}",
    ),
    "unchecked_first": (
        "{n} of {of} not checked, the first: {first}",
        "{of} 条中 {n} 条未检验，第一条：{first}",
    ),
    "first": (
        "not checked: the first {n} of {of} inputs are",
        "未检验：只检验 {of} 个输入中的前 {n} 个",
    ),
    "another": (
        "not checked: computed again, the result is another",
        "未检验：再次计算的结果不同",
    ),
    "empty": ("not checked: no elements", "未检验：没有元素"),
    "not_finite": (
        "not checked: numbers that are not finite",
        "未检验：含有非有限值",
    ),
    "rounding": (
        "not checked: rounding of the result hides it",
        "未检验：被结果的舍入误差掩盖",
    ),
    "end": ("not checked: at the end of the domain", "未检验：在定义域的边界"),
}
