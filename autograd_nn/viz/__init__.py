"""Seeing: a graph as a picture, as text, and as data."""

from autograd_nn.viz.diagnosing import Findings, diagnose
from autograd_nn.viz.monitoring import GradientMonitor
from autograd_nn.viz.picture import Graph, draw
from autograd_nn.viz.rendering import NoRendererError, RenderingError
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
]
