"""Grading: keys, the questions of a submission, and marks that can be defended line by line."""
