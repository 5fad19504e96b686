"""Seeing: a graph as a picture, as text, and as data."""

from autograd_nn.viz.chain_rule import Explanation, explain
from autograd_nn.viz.diagnosing import Findings, diagnose
from autograd_nn.viz.explorer import Page, explore
from autograd_nn.viz.finding import Stop
from autograd_nn.viz.monitoring import GradientMonitor
from autograd_nn.viz.picture import Graph, draw
from autograd_nn.viz.plotting import plot_gradient_flow, plot_histograms, plot_loss
from autograd_nn.viz.plotting_models import plot_decision_boundary, plot_weights
from autograd_nn.viz.reasons import Reason, why
from autograd_nn.viz.rendering import NoRendererError, RenderingError
from autograd_nn.viz.run_page import report
from autograd_nn.viz.stepping import Step, Steps, steps
from autograd_nn.viz.terms import Term
from autograd_nn.viz.view import Cluster, Edge, GraphView, Node, Numbers
from autograd_nn.viz.zooming import Zoom, zoom

__all__ = [
    "Cluster",
    "Edge",
    "Explanation",
    "Findings",
    "GradientMonitor",
    "Graph",
    "GraphView",
    "NoRendererError",
    "Node",
    "Numbers",
    "Page",
    "Reason",
    "RenderingError",
    "Step",
    "Steps",
    "Stop",
    "Term",
    "Zoom",
    "diagnose",
    "draw",
    "explain",
    "explore",
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
