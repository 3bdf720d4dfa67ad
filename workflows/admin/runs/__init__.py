"""The history: the list of runs, the page of one, and what people do to them."""
