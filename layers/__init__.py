"""Map layers, one question about places a file, and the scene they belong to."""
