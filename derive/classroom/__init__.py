"""A class: many submissions marked in processes that can be killed, resumed, and written as files.

| file | holds |
|---|---|
| `marking` | one submission, from its files to its paper and what is written of it |
| `folder` | the folder of the output: whole files, nothing outside of it |
| `run` | all submissions: what is marked already, the workers, the files of the class |
| `bundle` | the same, packed for Gradescope |
"""
