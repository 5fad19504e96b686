"""Seeing: a graph as a picture, as text, and as data."""

from typing import TYPE_CHECKING, Any

from autograd_nn.viz.causes.finding import Stop
from autograd_nn.viz.causes.reasons import Reason, why
from autograd_nn.viz.chain.chain_rule import Explanation, explain
from autograd_nn.viz.elements.terms import Term
from autograd_nn.viz.elements.zooming import Zoom, zoom
from autograd_nn.viz.exercises.asking import Exercise, exercise
from autograd_nn.viz.exercises.questions import Question, Verdict
from autograd_nn.viz.filming.film_page import Film, film
from autograd_nn.viz.graph.view import Cluster, Edge, GraphView, Node, Numbers
from autograd_nn.viz.page.explorer import Page, explore
from autograd_nn.viz.pictures.picture import Graph, draw
from autograd_nn.viz.pictures.rendering import NoRendererError, RenderingError
from autograd_nn.viz.stepping import Step, Steps, steps
from autograd_nn.viz.symbolic.closed_form import Formula, formula
from autograd_nn.viz.watching.diagnosing import Findings, diagnose
from autograd_nn.viz.watching.monitoring import GradientMonitor
from autograd_nn.viz.watching.plotting import plot_gradient_flow, plot_histograms, plot_loss
from autograd_nn.viz.watching.plotting_models import plot_decision_boundary, plot_weights
from autograd_nn.viz.watching.run_page import report
from autograd_nn.viz.watching.symptoms import Finding
from autograd_nn.viz.wording.saying import language

__all__ = [
    "Cluster",
    "Edge",
    "Exercise",
    "Explanation",
    "Film",
    "Finding",
    "Findings",
    "Formula",
    "GradientMonitor",
    "Graph",
    "GraphView",
    "NoRendererError",
    "Node",
    "Numbers",
    "Page",
    "Question",
    "Reason",
    "RenderingError",
    "Step",
    "Steps",
    "Stop",
    "Term",
    "Verdict",
    "Zoom",
    "diagnose",
    "draw",
    "exercise",
    "explain",
    "explore",
    "film",
    "formula",
    "language",
    "plot_decision_boundary",
    "plot_gradient_flow",
    "plot_histograms",
    "plot_loss",
    "plot_weights",
    "report",
    "steps",
    "why",
    "zoom",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        from autograd_nn.missing_names import missing

        raise missing(__name__, name, __all__)
