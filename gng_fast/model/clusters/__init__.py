"""Clusters as hills of density on the graph: see README.md for the way from rows to clusters."""
