"""Seeing: a graph as a picture, as text, and as data."""

from autograd_nn.viz.explorer import Page, explore
from autograd_nn.viz.picture import Graph, draw
from autograd_nn.viz.rendering import NoRendererError, RenderingError
from autograd_nn.viz.stepping import Step, Steps, steps
from autograd_nn.viz.view import Cluster, Edge, GraphView, Node, Numbers

__all__ = [
    "Cluster",
    "Edge",
    "Graph",
    "GraphView",
    "Node",
    "NoRendererError",
    "Numbers",
    "Page",
    "RenderingError",
    "Step",
    "Steps",
    "draw",
    "explore",
    "steps",
]
