"""The neutral view as DOT, as text and as a picture."""
