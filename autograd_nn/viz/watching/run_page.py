"""`report`: one HTML file of a run of training, to be kept or mailed."""

from __future__ import annotations

import datetime
import html
import importlib.metadata
import math
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.callbacks import History
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentTypeError, StateError
from autograd_nn.files import checked_path
from autograd_nn.training.gradient_norms import PREFIX
from autograd_nn.viz.graph import notation
from autograd_nn.viz.watching.curves import curves
from autograd_nn.viz.watching.diagnosing import diagnose
from autograd_nn.viz.watching.monitoring import GradientMonitor
from autograd_nn.viz.watching.norm_map import norm_map
from autograd_nn.viz.watching.replaying import replay_of
from autograd_nn.viz.wording.saying import say, speaking, spoken

_ROWS = 12
"""So many epochs the table has at most, the first and the last among them."""


@checked_keywords
def report(
    model: Any,
    path: str | Path = "report.html",
    monitor: GradientMonitor | None = None,
    lang: str | None = None,
) -> Path:
    """Write a page about the last run of ``fit``: one file that works offline and can be mailed.

    It has the findings of ``diagnose``, the curves of losses and metrics, the epochs as a table,
    how large the gradients were by layer and epoch (kept by ``record_gradients=True`` or a monitor,
    else of a small run that is replayed on a copy) as a picture, the layers, optimizer and loss
    with their settings, and the versions of what it ran with. No script, no request, no package
    beyond NumPy.

    Parameters   model: a model that was trained
                 path: where to write, default "report.html"
                 monitor: the GradientMonitor that watched the run, for more findings and tables
                 lang: "en" or "zh" (Chinese), None for that of ``viz.language``
    Returns      the path
    Raises       StateError where nothing was trained yet, ArgumentTypeError for what is no
                 model, ArgumentError for another ending and a folder that is not there
    """
    if not hasattr(model, "layers") or not hasattr(model, "history"):
        raise ArgumentTypeError(f"report takes a trained model, got {type(model).__name__}.")
    history = model.history
    if history is None or not history.epoch:
        raise StateError("There is no run to report yet: call fit first, for one epoch at least.")
    path = checked_path(path, "html")
    with speaking(lang):
        text = _page(model, history, monitor)
    path.write_text(text, encoding="utf-8")
    return path


def _page(model: Any, history: History, monitor: GradientMonitor | None) -> str:
    findings = diagnose(history, monitor)
    title = _text(say("report.title", name=model.name))
    parts = [
        f"<h1>{title}</h1>",
        f"<p>{_in_short(history)}</p>",
        _section("report.findings", findings.html()),
        _section("report.losses", _figures(history) + _epochs(history)),
        _gradients(history, monitor),
        _section("report.model", _layers(model)),
        _section("report.settings", _settings(model, history)),
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{spoken()}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _section(key: str, content: str) -> str:
    return f"<section><h2>{_text(say(key))}</h2>{content}</section>"


def _in_short(history: History) -> str:
    said = [notation.count(len(history.epoch), "numbers.epochs")]
    if history.seconds is not None:
        said.append(f"{history.seconds:.3g} s")
    for name in ("loss", "val_loss", "accuracy", "val_accuracy"):
        if history.history.get(name):
            last = notation.number(history.history[name][-1])
            said.append(say("report.last_of", name=name, x=last))
    return say("report.short", told=say("numbers.comma").join(said))


def _figures(history: History) -> str:
    """A picture of the losses, and one for each metric with its validation."""
    groups: dict[str, dict[str, list[float]]] = {}
    for name, values in _curves_of(history).items():
        groups.setdefault(name.removeprefix("val_"), {})[name] = values
    return "".join(
        f"<figure>{curves(group, history.epoch, name)}"
        f"<figcaption>{_text(say('report.by_epoch', name=name))}</figcaption></figure>"
        for name, group in groups.items()
    )


def _curves_of(history: History) -> dict[str, list[float]]:
    """The losses and metrics that are numbers in every epoch."""
    return {
        name: values
        for name, values in history.history.items()
        if not name.startswith(PREFIX)
        and len(values) == len(history.epoch)
        and all(isinstance(value, (int, float, np.number)) for value in values)
    }


def _epochs(history: History) -> str:
    count = len(history.epoch)
    chosen = np.unique(np.linspace(0, count - 1, min(count, _ROWS)).round().astype(int))
    logs = _curves_of(history)
    rows = [
        [str(history.epoch[i] + 1), *(_number(values[i]) for values in logs.values())]
        for i in chosen
    ]
    caption = say("report.all_epochs")
    if len(rows) < count:
        caption = say("report.some_epochs", n=len(rows), count=count)
    return _table(caption, [say("report.epoch"), *logs], rows)


def _gradients(history: History, monitor: GradientMonitor | None) -> str:
    measured = history.history if monitor is None else {**history.history, **monitor.history}
    norms = {n.removeprefix(PREFIX): v for n, v in measured.items() if n.startswith(PREFIX)}
    epochs, source = history.epoch, say("report.mean")
    if not norms:
        norms = _replayed(history)
        epochs = list(range(len(next(iter(norms.values()), []))))
        source = say("report.replayed")
    if not norms:
        return ""
    caption = _text(say("report.map_caption", source=source))
    picture = f"<figure>{norm_map(norms, epochs)}<figcaption>{caption}</figcaption></figure>"
    ratios = {name: measured.get(f"update_ratio/{name}") for name in norms}
    header = [
        say("report.parameter"),
        say("report.first_epoch"),
        say("report.last_epoch"),
        say("report.smallest"),
        say("report.largest"),
    ]
    header += [say("report.ratio")] if any(ratios.values()) else []
    rows = []
    for name, values in norms.items():
        known = [value for value in values if value == value]
        shown = [values[0], values[-1], min(known, default=math.nan), max(known, default=math.nan)]
        ratio = ratios[name]
        rows.append([name, *map(_measured, shown), *([_measured(ratio[-1])] if ratio else [])])
    table = _table(say("report.norm_caption", source=source), header, rows)
    summary = _text(say("report.each_parameter"))
    tables = [f"{picture}<details><summary>{summary}</summary>{table}</details>"]
    if monitor is not None and monitor.records and monitor.records[-1].activities:
        units = [
            [name, a.kind, _share(a.saturated), _share(a.dead)]
            for name, a in monitor.records[-1].activities.items()
        ]
        heads = ("report.layer", "report.activation", "report.saturated", "report.dead")
        tables.append(_table(say("report.units"), [*map(say, heads)], units))
    return _section("report.gradients", "".join(tables))


def _replayed(history: History) -> dict[str, list[float]]:
    """The norms of a run that recorded none, from a copy; {} where that cannot be."""
    run = replay_of(history)
    try:
        return {} if run is None else run.norms(run.at_start(), run.epochs)
    except Exception:  # code of the user's that a copy does not run
        return {}


def _layers(model: Any) -> str:
    rows = []
    for layer in model.layers:
        shapes = ", ".join(
            f"{(weight.name or 'weight').rpartition('/')[2]} {notation.shape(weight.shape)}"
            for weight in layer.weights
        )
        activation = getattr(layer, "activation", None)
        called = getattr(activation, "__name__", None) or getattr(activation, "name", "")
        size = sum(weight.size for weight in layer.weights)
        rows.append([layer.name, type(layer).__name__, str(called), shapes, f"{size:,}"])
    total = sum(weight.size for weight in model.weights)
    trained = sum(weight.size for weight in model.trainable_weights)
    caption = say("report.trained", total=f"{total:,}", trained=f"{trained:,}")
    header = [
        say("report.layer"),
        say("report.kind"),
        say("report.activation"),
        say("report.weights"),
        say("report.parameters"),
    ]
    return _table(caption, header, rows)


def _settings(model: Any, history: History) -> str:
    rows = []
    chosen_ones = [(say("report.optimizer"), model.optimizer)]
    if hasattr(model.loss, "parts"):  # of several outputs
        chosen_ones += [
            (say("report.loss_of", name=name, w=f"{w:g}"), x) for name, x, w in model.loss.parts()
        ]
    elif model.loss is not None:
        chosen_ones.append((say("report.loss"), model.loss))
    for what, chosen in chosen_ones:
        rows.append([what, type(chosen).__name__])
        for key, value in chosen.get_config().items():
            if key != "name" and value is not None:
                rows.append([say("report.of", what=what, key=key), repr(value)])
    system = f"{platform.system()} {platform.machine()}"
    rows += [
        [say("report.epochs"), str(len(history.epoch))],
        [say("report.steps"), str(getattr(history, "params", {}).get("steps", ""))],
        [say("report.time"), "" if history.seconds is None else f"{history.seconds:.3g} s"],
        [
            say("report.written"),
            datetime.datetime.now().astimezone().isoformat(" ", "minutes"),
        ],
        ["autograd_nn", _version()],
        ["NumPy", np.__version__],
        ["Python", say("report.on", version=platform.python_version(), system=system)],
    ]
    return _table(say("report.how"), [say("report.setting"), say("report.value")], rows)


def _version() -> str:
    try:
        return importlib.metadata.version("autograd-nn")
    except importlib.metadata.PackageNotFoundError:
        return say("report.checkout")


def _table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column names the row; numbers to the right."""
    head = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{_text(row[0])}</th>'
        + "".join(f"<td>{_text(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    label = html.escape(caption, quote=True)
    return (
        f'<div class="wide" role="region" aria-label="{label}" tabindex="0"><table>'
        f"<caption>{_text(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _text(text: str) -> str:
    """Text of anybody as text of the page."""
    return html.escape(notation.clean(str(text), 200), quote=True)


def _number(value: float) -> str:
    return "NaN" if value != value else notation.number(float(value))


def _measured(value: float) -> str:
    if value == -math.inf:
        return say("report.no_update")
    return say("numbers.not_computed") if value != value else notation.number(float(value))


def _share(share: float | None) -> str:
    return "" if share is None or share != share else f"{share:.0%}"


_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #ffffff; --faint: #d5d5d5;
  --soft: #555555; --c0: #0060a0; --c1: #b34a00; --c2: #00735a; --c3: #8a3d73; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --paper: #16181b; --faint: #43474d;
  --soft: #b4b4b4; --c0: #6cb8f0; --c1: #f2a063; --c2: #55cfa9; --c3: #e3a0cd; } }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --faint: #bbb;
  --soft: #333; --c0: #0060a0; --c1: #b34a00; --c2: #00735a; --c3: #8a3d73; }
  figure, tr, li { break-inside: avoid; } h2 { break-after: avoid; } .wide { overflow: visible; } }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; overflow-wrap: anywhere; } h2 { font-size: 1.2rem; margin-top: 2rem; }
figure { margin: 1rem 0; } figcaption, caption { color: var(--soft); text-align: left;
  padding: .25rem 0; }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 13px; }
svg polyline, svg line, svg circle { fill: none; stroke-width: 2; }
@media screen and (max-width: 500px) { svg text { font-size: 19px; } }
svg .norm { fill: var(--c0); } svg .empty { fill: none; stroke: var(--faint); }
details { margin: 1rem 0; } summary { cursor: pointer; padding: .4rem 0; min-height: 24px; }
svg .grid { stroke: var(--faint); stroke-width: 1; }
.stroke-0 { stroke: var(--c0); } .stroke-1 { stroke: var(--c1); }
.stroke-2 { stroke: var(--c2); } .stroke-3 { stroke: var(--c3); }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--faint); }
thead th { word-break: keep-all; }
tbody th { font-weight: normal; }
li { margin-bottom: .8rem; overflow-wrap: anywhere; }
"""
