"""Edits and noise, made by listed mutations of the sample newsroom's articles, and how the archive tells them apart."""
