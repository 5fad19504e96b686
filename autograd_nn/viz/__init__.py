"""Seeing: a graph as a picture, as text, and as data."""

from autograd_nn.viz.chain_rule import Explanation, explain
from autograd_nn.viz.finding import Stop
from autograd_nn.viz.picture import Graph, draw
from autograd_nn.viz.reasons import Reason, why
from autograd_nn.viz.rendering import NoRendererError, RenderingError
from autograd_nn.viz.stepping import Step, Steps, steps
from autograd_nn.viz.terms import Term
from autograd_nn.viz.view import Cluster, Edge, GraphView, Node, Numbers
from autograd_nn.viz.zooming import Zoom, zoom

__all__ = [
    "Cluster",
    "Edge",
    "Explanation",
    "Graph",
    "GraphView",
    "NoRendererError",
    "Node",
    "Numbers",
    "Reason",
    "RenderingError",
    "Step",
    "Steps",
    "Stop",
    "Term",
    "Zoom",
    "draw",
    "explain",
    "steps",
    "why",
    "zoom",
]
