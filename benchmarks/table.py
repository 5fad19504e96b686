"""Results as a text table: ratios, who is faster in words, and the targets beneath."""

from collections.abc import Mapping, Sequence

from benchmarks.measure import Summary, summary
from benchmarks.processes import Result
from benchmarks.targets import TARGETS, verdict
from benchmarks.works import BESIDE

OURS = "autograd_nn"  # how the labels of our rows begin
SPACES = ("MiB", "bytes")


def summaries(results: Sequence[Result]) -> dict[str, Summary]:
    """Return median and quartiles of each row that was measured."""
    return {
        result.label: summary(result.samples)
        for result in results
        if result.samples and not result.failure
    }


def table(title: str, work: str, results: Sequence[Result]) -> str:
    """Return the lines of one work."""
    known = summaries(results)
    lines = [_header(results, known)]
    for result in results:
        if result.label not in known:
            lines.append((result.label, "—", "", "", result.failure))
            continue
        spread = known[result.label]
        ratio = ratio_of(result, known)
        told = (result.note, faster(result, known))
        lines.append(
            (
                result.label,
                f"{number(spread.median)} {result.unit}",
                f"{number(spread.lower)} – {number(spread.upper)}",
                "" if ratio is None else number(ratio),
                " · ".join(filter(None, told)),
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    rows = [_aligned(line, widths) for line in lines]
    medians = {label: spread.median for label, spread in known.items()}
    return "\n".join([f"{work}: {title}", *rows, *verdicts(work, medians)])


def ratio_of(result: Result, known: Mapping[str, Summary]) -> float | None:
    """Return our median through its; None where there is nothing to compare."""
    ours, its = known.get(result.reference), known.get(result.label)
    if ours is None or its is None or result.reference == result.label:
        return None
    return ours.median / its.median


def faster(result: Result, known: Mapping[str, Summary]) -> str:
    """Return the words for a row of somebody else that is better than ours, "" for another."""
    ratio = ratio_of(result, known)
    if ratio is None or ratio <= 1 or is_ours(result.label):
        return ""
    word = "less" if result.unit in SPACES else "faster"
    close = known[result.reference].lower <= known[result.label].upper
    within = ", within the spread" if close else ""
    return f"{word} than ours by a factor of {number(ratio)}{within}"


def is_ours(label: str) -> bool:
    """Whether the row is one of autograd_nn's, here or in another checkout."""
    return label.rpartition(": ")[2].startswith(OURS) or label.endswith(BESIDE)


def verdicts(work: str, known: Mapping[str, float]) -> list[str]:
    """Return a line for each target of the work."""
    lines = []
    for target in TARGETS:
        if target.work != work:
            continue
        value, met = verdict(target, known)
        over = f" × {target.over}" if target.over else ""
        measured = "not measured" if value is None else f"{number(value)}: {_word(met)}"
        lines.append(f"  target: {target.row} ≤ {target.limit:.3g}{over} — {measured}")
    return lines


def number(value: float) -> str:
    """Return three significant digits, without an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 1:
        return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return f"{value:.3f}" if value >= 0.01 or value <= 0 else f"{value:.6f}".rstrip("0")


def _header(
    results: Sequence[Result], known: Mapping[str, Summary]
) -> tuple[str, str, str, str, str]:
    references = {result.reference.rpartition(": ")[2] for result in results} - {""}
    if not references or all(ratio_of(result, known) is None for result in results):
        return ("", "median", "quartiles", "", "")
    return ("", "median", "quartiles", "ours ÷ it", f"ours: {', '.join(sorted(references))}")


def _word(met: bool | None) -> str:
    return "met" if met else "MISSED"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    label, middle, note = line[0].ljust(widths[0]), line[1:4], line[4]
    numbers = "  ".join(text.rjust(w) for text, w in zip(middle, widths[1:], strict=True) if w)
    return f"  {label}  {numbers}  {note}".rstrip()
