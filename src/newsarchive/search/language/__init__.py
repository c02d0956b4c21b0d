"""The query language: text into a tree, a tree into text and into words. Needs no engine."""
