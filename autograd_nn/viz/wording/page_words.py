"""What stands on the page of `explore`. A letter between backticks is shown as a key to press."""

TABLE = {
    "heading": ("Backpropagation of {root}", "{root} 的反向传播"),
    "skip": ("Skip the picture", "跳过图"),
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "play_title": ("Play or pause (space)", "播放或暂停（空格键）"),
}
