"""The editor: the canvas, the pages of its pieces, and their forms."""
