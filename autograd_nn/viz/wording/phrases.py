"""All phrases: ``area.key`` to how it is said in English and in Chinese."""

from __future__ import annotations

from autograd_nn.viz.wording import (
    assembly_words,
    causes_words,
    changing_words,
    checks_words,
    computing_words,
    course_words,
    exercises_words,
    faults_words,
    filming_words,
    formula_words,
    learned_words,
    mistakes_words,
    names_words,
    numbers_words,
    page_words,
    rates_words,
    report_words,
    rules_words,
    runs_words,
    scales_words,
    sheet_words,
    steps_words,
    symptoms_words,
    verdict_words,
    wires_words,
    wrong_shapes_words,
)

AREAS: dict[str, dict[str, tuple[str, str]]] = {
    "assembly": assembly_words.TABLE,
    "causes": causes_words.TABLE,
    "changing": changing_words.TABLE,
    "checks": checks_words.TABLE,
    "computing": computing_words.TABLE,
    "course": course_words.TABLE,
    "exercises": exercises_words.TABLE,
    "faults": faults_words.TABLE,
    "filming": filming_words.TABLE,
    "formula": formula_words.TABLE,
    "learned": learned_words.TABLE,
    "mistakes": mistakes_words.TABLE,
    "names": names_words.TABLE,
    "numbers": numbers_words.TABLE,
    "page": page_words.TABLE,
    "rates": rates_words.TABLE,
    "report": report_words.TABLE,
    "rules": rules_words.TABLE,
    "runs": runs_words.TABLE,
    "scales": scales_words.TABLE,
    "sheet": sheet_words.TABLE,
    "steps": steps_words.TABLE,
    "symptoms": symptoms_words.TABLE,
    "verdict": verdict_words.TABLE,
    "wires": wires_words.TABLE,
    "wrong_shapes": wrong_shapes_words.TABLE,
}

PHRASES = {
    f"{area}.{key}": phrase for area, table in AREAS.items() for key, phrase in table.items()
}
