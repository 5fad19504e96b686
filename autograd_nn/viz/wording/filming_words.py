"""What the page of a film says, and its pictures."""

TABLE = {
    "heading": ("Training of {title}", "{title} 的训练过程"),
    "dark": ("Dark", "深色"),
    "time": ("Time", "时间"),
    "first": ("First frame", "第一帧"),
    "back": ("One frame back", "后退一帧"),
    "next": ("One frame on", "前进一帧"),
    "last": ("Last frame", "最后一帧"),
    "frame": ("Frame", "帧"),
    "play_or_pause": ("Play or pause (space)", "播放或暂停（空格键）"),
    "speed": ("Speed", "速度"),
    "slow": ("slow", "慢"),
    "normal": ("normal", "中"),
    "fast": ("fast", "快"),
    "before": ("Before training, {last} epochs to come.", "训练之前，共 {last} 轮。"),
    "at": ("Epoch {done} of {last}: {told}", "第 {done} 轮，共 {last} 轮：{told}"),
    "answers": ("What the model answers", "模型的回答"),
    "loss": ("Loss", "损失"),
    "flow": ("Gradient flow", "梯度流"),
    "flow_caption": (
        "Norm of the gradient of each layer, first layer on top: the mean over the batches of the "
        "epoch. The bars are logarithmic.",
        "各层梯度的范数，第一层在最上：为该轮各批次的平均值。条形按对数刻度。",
    ),
    "not_computed": ("not computed", "未计算"),
    "weights": ("Weights", "权重"),
    "weights_caption": (
        "Blue is above zero, orange with a bar below; the scale of a weight is the same in all "
        "frames.",
        "蓝色为正，带横线的橙色为负；同一权重在所有帧中使用相同刻度。",
    ),
    "first_units": ("(the first {units} of {all} units)", "（{all} 个单元中的前 {units} 个）"),
    "first_rows": ("(the first {rows} of {all} inputs)", "（{all} 个输入中的前 {rows} 个）"),
    "plane": (
        "The ground has the colour and the small shapes of the class that the model names there, "
        "fainter where it is undecided; lines are the decision boundary. {count} of {of} samples.",
        "底色和小图形表示模型在该处判定的类别，越不确定颜色越淡；线条是决策边界。"
        "显示 {of} 个样本中的 {count} 个。",
    ),
    "plane_said": (
        "Decision boundary: about {right} of {count} samples stand on ground of their class.",
        "决策边界：{count} 个样本中约 {right} 个落在自己类别的区域内。",
    ),
    "images": (
        "Each image with the class that the model takes it for; where it is wrong, the right one "
        "in parentheses. {count} of {of} samples.",
        "每幅图像及模型判定的类别；判错时括号内为正确类别。显示 {of} 个样本中的 {count} 个。",
    ),
    "image_said": (
        "Taken for {named}, is {target}; ahead of the next class by {lead} %.",
        "判定为 {named}，实为 {target}；领先次选类别 {lead} %。",
    ),
    "curve": (
        "The line is what the model answers along its one feature, the points are samples. "
        "{count} of {of} samples.",
        "线条是模型沿唯一特征的回答，点是样本。显示 {of} 个样本中的 {count} 个。",
    ),
    "curve_said": (
        "The answers of the model as a line through {count} samples.",
        "模型的回答（线条）与 {count} 个样本。",
    ),
    "points": (
        "Answers (upwards) against true values (to the right); right answers stand on the dashed "
        "line. {count} of {of} values.",
        "回答（纵轴）与真实值（横轴）；正确的回答位于虚线上。显示 {of} 个值中的 {count} 个。",
    ),
    "points_said": (
        "{count} answers of the model against their true values.",
        "模型的 {count} 个回答与其真实值。",
    ),
    "table": (
        "Rows: what samples are. Columns: what the model takes them for. {count} of {of} samples.",
        "行：样本的真实类别。列：模型判定的类别。{of} 个样本中的 {count} 个。",
    ),
    "others": ("others", "其他"),
    "no_answers": (
        "What the model answers is shown for one input and one output with true values.",
        "仅当模型只有一个输入和一个输出且有真实值时，才显示模型的回答。",
    ),
    "keys": (
        "Keys: `←` `→` one frame, `Page Up` `Page Down` ten, `Home` `End` the first and the last, "
        "`space` plays.",
        "按键：`←` `→` 一帧，`Page Up` `Page Down` 十帧，`Home` `End` 第一帧与最后一帧，"
        "`空格` 播放。",
    ),
    "bits": (
        "Drawn are 255 shades or places (8 bits) so that this file is small; losses and norms are "
        "exact to six digits.",
        "图中使用 255 级深浅或位置（8 位），使文件较小；损失和范数精确到六位数字。",
    ),
}
