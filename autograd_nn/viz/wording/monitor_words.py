"""What a `GradientMonitor` tells of the run that it watched."""

TABLE = {
    "short": (
        "<GradientMonitor, {epochs} measured; see .summary(), or viz.diagnose(history, monitor)>",
        "<GradientMonitor，测量了 {epochs}；见 .summary() 或 viz.diagnose(history, monitor)>",
    ),
    "nothing": (
        "Nothing measured yet: give it to fit, callbacks=[monitor].",
        "还没有测量任何东西：请把它交给 fit，callbacks=[monitor]。",
    ),
    "measured": ("Epoch {epoch}, {steps} measured.", "第 {epoch} 轮，测量了 {steps}。"),
    "parameter": ("parameter", "参数"),
    "norm": ("gradient norm", "梯度范数"),
    "ratio": ("log10 update/weight", "log10 更新/权重"),
    "noise": ("agreement of batches", "各批次的一致程度"),
    "cost": ("Measuring took {share} of the time.", "测量占用了 {share} 的时间。"),
    "every": ("every {n} steps", "每 {n} 步一次"),
    "every_step": ("every step", "每一步"),
    "of_epochs": ("{steps} of every {n} epochs", "每 {n} 轮测一轮、{steps}"),
    "thinned": (
        "It was thinned to {rarely}, for it took {took} where {limit} is the limit (max_cost).",
        "测量已减少为{rarely}，因为它占用了 {took}，而上限 max_cost 是 {limit}。",
    ),
}
