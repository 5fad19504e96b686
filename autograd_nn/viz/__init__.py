"""Seeing: a graph as a picture, as text, and as data."""

from autograd_nn.viz.diagnosing import Findings, diagnose
from autograd_nn.viz.monitoring import GradientMonitor
from autograd_nn.viz.picture import Graph, draw
from autograd_nn.viz.plotting import plot_gradient_flow, plot_histograms, plot_loss
from autograd_nn.viz.plotting_models import plot_decision_boundary, plot_weights
from autograd_nn.viz.rendering import NoRendererError, RenderingError
from autograd_nn.viz.run_page import report
from autograd_nn.viz.view import Cluster, Edge, GraphView, Node, Numbers

__all__ = [
    "Cluster",
    "Edge",
    "Findings",
    "GradientMonitor",
    "Graph",
    "GraphView",
    "Node",
    "NoRendererError",
    "Numbers",
    "RenderingError",
    "diagnose",
    "draw",
    "plot_decision_boundary",
    "plot_gradient_flow",
    "plot_histograms",
    "plot_loss",
    "plot_weights",
    "report",
]
