"""The titles and labels of plots: what is drawn and what would be good."""

TABLE = {
    "training": ("training", "训练"),
    "validation": ("validation", "验证"),
    "losses": ("Loss by epoch: falling, then level, is good", "各轮的损失：先下降后平稳为好"),
    "broken": ("not finite from epoch {epoch} on", "从第 {epoch} 轮起非有限"),
    "best": ("circle: best validation, epoch {epoch}", "圆圈：验证最好，第 {epoch} 轮"),
    # Gradients by depth
    "flow": ("Gradient norm by depth: level is good", "各层的梯度范数：高低相近为好"),
    "ratio": (
        "first kernel {x} × the last",
        "第一个权重矩阵是最后一个的 {x} 倍",
    ),
    "by_depth": ("parameter, first layer to last", "参数，从第一层到最后一层"),
    "norm": ("norm of the gradient", "梯度的范数"),
    "kernels": ("kernels", "权重矩阵"),
    "others": ("others", "其他参数"),
    "range": ("range over the epochs", "各轮之间的范围"),
    # Distributions
    "weights": (
        "Weights over the epochs: spreading slowly is good",
        "各轮的权重：缓慢展宽为好",
    ),
    "gradients": (
        "Gradients over the epochs: one hump around 0 is good",
        "各轮的梯度：在 0 附近只有一个峰为好",
    ),
    "shares": (
        "value / largest of the epoch (at the right)",
        "值 / 该轮的最大值（标在右侧）",
    ),
    # Decisions
    "decision": (
        "Decision of the model: points on ground of their colour is good",
        "模型的决策：点落在同色的区域为好",
    ),
    "largest": ("the class with the largest answer", "输出最大的类别"),
    "line": ("black line: {x}", "黑线：{x}"),
    "answer": ("answer of the model", "模型的输出"),
    "logit": ("logit", "logit（未经激活的输出）"),
    "class": ("class {label}", "类别 {label}"),
    "first_feature": ("first feature", "第一个特征"),
    "second_feature": ("second feature", "第二个特征"),
    # Weights as images
    "unit": ("unit {n}", "单元 {n}"),
    "weight": ("weight (• negative)", "权重（• 为负）"),
    "weights_of": (
        "Weights of {name}\nshapes are good, mere noise is not",
        "{name} 的权重\n看得出形状为好，全是噪声不好",
    ),
    "some_weights_of": (
        "Weights of {name}, the first {shown} of {units} units\nshapes are good, mere noise is not",
        "{name} 的权重，{units} 个单元中的前 {shown} 个\n看得出形状为好，全是噪声不好",
    ),
}
