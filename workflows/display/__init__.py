"""How things are said and drawn: labels, words, cards and marks. Imports no view."""
