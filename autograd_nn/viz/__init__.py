"""Seeing: a graph as a picture, as text, and as data."""

from autograd_nn.viz.chain_rule import Explanation, explain
from autograd_nn.viz.finding import Stop
from autograd_nn.viz.picture import Graph, draw
from autograd_nn.viz.reasons import Reason, why
from autograd_nn.viz.rendering import NoRendererError, RenderingError
from autograd_nn.viz.view import Cluster, Edge, GraphView, Node, Numbers

__all__ = [
    "Cluster",
    "Edge",
    "Explanation",
    "Graph",
    "GraphView",
    "Node",
    "NoRendererError",
    "Numbers",
    "Reason",
    "RenderingError",
    "Stop",
    "draw",
    "explain",
    "why",
]
