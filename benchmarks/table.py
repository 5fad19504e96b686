"""Results as a text table, with the ratios and the targets beneath."""

from collections.abc import Sequence

from benchmarks.measure import summary
from benchmarks.processes import Result
from benchmarks.targets import TARGETS, verdict
from benchmarks.works import OURS

HEADER = ("", "median", "quartiles", "autograd_nn ÷ it", "")


def medians(results: Sequence[Result]) -> dict[str, float]:
    """Return the median of each row that was measured."""
    return {
        result.label: summary(result.samples).median
        for result in results
        if result.samples and not result.failure
    }


def table(title: str, work: str, results: Sequence[Result]) -> str:
    """Return the lines of one work."""
    known = medians(results)
    ours = known.get(OURS.label)
    lines = [HEADER]
    for result in results:
        if result.label not in known:
            lines.append((result.label, "—", "", "", result.failure))
            continue
        spread = summary(result.samples)
        ratio = f"{ours / spread.median:.2f}" if ours is not None else ""
        lines.append(
            (
                result.label,
                f"{number(spread.median)} {result.unit}",
                f"{number(spread.lower)} – {number(spread.upper)}",
                "" if result.label == OURS.label else ratio,
                result.note,
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    if ours is None:
        widths[3] = 0
        lines[0] = (*HEADER[:3], "", "")
    rows = [_aligned(line, widths) for line in lines]
    return "\n".join([f"{work}: {title}", *rows, *verdicts(work, known)])


def verdicts(work: str, known: dict[str, float]) -> list[str]:
    """Return a line for each target of the work."""
    lines = []
    for target in TARGETS:
        if target.work != work:
            continue
        value, met = verdict(target, known)
        over = f" × {target.over}" if target.over else ""
        measured = "not measured" if value is None else f"{number(value)}: {_word(met)}"
        lines.append(f"  target: {target.row} ≤ {target.limit:g}{over} — {measured}")
    return lines


def number(value: float) -> str:
    """Return three significant digits, without an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _word(met: bool | None) -> str:
    return "met" if met else "MISSED"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    label, middle, note = line[0].ljust(widths[0]), line[1:4], line[4]
    numbers = "  ".join(text.rjust(w) for text, w in zip(middle, widths[1:], strict=True) if w)
    return f"  {label}  {numbers}  {note}".rstrip()
