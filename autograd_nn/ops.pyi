from autograd_nn.engine.operation import Operation

__all__: list[str]

def __getattr__(name: str) -> Operation: ...
