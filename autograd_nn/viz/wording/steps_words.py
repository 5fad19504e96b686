"""The sentences of `steps`."""

TABLE = {
    "starts": (
        "Backward starts at {label}: {gradient} = 1.",
        "反向传播从 {label} 开始：{gradient} = 1。",
    ),
}
