"""An app of a host project, as docs/own-triggers.md shows it: its orders start workflows."""
