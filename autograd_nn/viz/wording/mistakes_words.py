"""What was done wrong in a forward or a backward pass."""

TABLE = {
    "sum_missing": (
        "the sum over the examples is missing, one is taken alone",
        "没有对样本求和，只取了其中一个",
    ),
    "averaged": (
        "the mean over the examples is taken, and not their sum",
        "对样本取了平均，而应当求和",
    ),
    "n_missing": ("1/n is missing, with n = {about}", "漏了 1/n，其中 n = {about}"),
    "n_twice": (
        "1/n is there once too often, with n = {about}",
        "多乘了一次 1/n，其中 n = {about}",
    ),
    "transposed": (
        "a matrix is transposed in the product, or one is not that should be",
        "乘积中有一个矩阵转置错了：该转的没有转，或不该转的转了",
    ),
    "other_side": ("the gradient is let through on the wrong side", "让梯度从错误的一侧通过了"),
    "at_output": (
        "the slope is taken at the output and not at the input",
        "斜率是在输出处取的，而不是在输入处",
    ),
    "upstream_forgotten": (
        "the gradient from above is forgotten: this is the slope alone",
        "忘了乘上游传来的梯度：这只是局部斜率",
    ),
    "slope_forgotten": (
        "the slope is forgotten: the gradient is handed on as it came",
        "忘了乘局部斜率：梯度原样传了下去",
    ),
    "sign": ("the sign is turned round", "符号反了"),
    "doubled": ("a factor 2 too much", "多了一个因子 2"),
    "halved": ("a factor 2 is missing", "少了一个因子 2"),
    "other_input": ("this is the rule of the other input", "用了另一个输入的求导规则"),
    "value_for_slope": (
        "the function itself is taken in place of its derivative",
        "用了函数本身，而不是它的导数",
    ),
    "divided": ("divided by the slope, and not multiplied with it", "除以了斜率，而应当乘以斜率"),
    "number_missing": ("the factor {about} is missing", "漏了因子 {about}"),
    "factor_missing": ("the factor {about} is missing", "漏了因子 {about}"),
    "term_sign": ("the sign of {about} is turned round", "{about} 的符号反了"),
    "term_missing": ("the term {about} is missing", "漏了项 {about}"),
    "factor_inverted": (
        "{about} is above the line and belongs below it, or the other way round",
        "{about} 的分子分母位置颠倒了",
    ),
    "forgotten": ("nothing is sent back", "没有任何梯度传回"),
    "path_forgotten": ("this way is forgotten in the sum", "求和时漏了这条路径"),
    "overwritten": (
        "overwritten instead of added: only what comes from {about} is left",
        "覆盖了而没有相加：只剩下来自 {about} 的一份",
    ),
    "inputs_swapped": ("the two inputs are exchanged", "两个输入对调了"),
    "matrix_transposed": ("a matrix is transposed", "有一个矩阵被转置了"),
    "sum_for_mean": ("the sum is taken, and not the mean", "取了总和，而应当取平均"),
    "mean_for_sum": ("the mean is taken, and not the sum", "取了平均，而应当取总和"),
    "not_applied": ("the function is not applied", "没有应用这个函数"),
    "input_forgotten": ("one of the two inputs is left out", "漏了两个输入中的一个"),
    "value_at_minus": ("the sign of the input is turned round", "输入的符号反了"),
    "applied_twice": ("the function is applied twice", "函数被应用了两次"),
    "added": ("the inputs are added", "把输入相加了"),
    "multiplied": ("the inputs are multiplied one by one", "把输入逐个相乘了"),
}
