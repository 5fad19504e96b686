"""What is said, in every language: the phrases by their keys, and the language they are said in."""
