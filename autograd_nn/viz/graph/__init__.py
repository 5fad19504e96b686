"""What a picture, a text or a page shows: the neutral view of a graph, and how it is made."""
