"""What stands on the page of `explore`. A letter between backticks is shown as a key to press."""

TABLE = {
    "heading": ("Backpropagation of {root}", "{root} 的反向传播"),
    "title": ("Explorer of a backward pass", "反向传播浏览器"),
    "calls_closed": ("Calls closed", "调用收起"),
    "layers_closed": ("Layers closed", "层收起"),
    "steps_closed": ("Steps closed", "步骤收起"),
    "all_open": ("All open", "全部展开"),
    "graph": ("The graph", "整张图"),
    "folded": ("The graph, folded", "整张图（折叠）"),
    "is_open": ("{name} open", "展开 {name}"),
    "no_graphviz": (
        "Drawn by this page. Pictures with formulas along the arrows are laid out by Graphviz, "
        "which was not found when it was made: {install}.",
        "图由本页绘制。箭头上带公式的图由 Graphviz 排版，生成本页时没有找到它：{install}。",
    ),
    "graphviz_failed": (
        "Drawn by this page, because Graphviz failed: {error}",
        "图由本页绘制，因为 Graphviz 出错：{error}",
    ),
    "skip": ("Skip the picture", "跳过图"),
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "play_title": ("Play or pause (space)", "播放或暂停（空格键）"),
}
