"""A figure is a file here and a row in `gallery`."""
