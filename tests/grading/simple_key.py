"""A key of one short question, and submissions to it, for tests of running."""

KEY = r"""# A square

## 1 Square

```given
a, b \in \mathbb{R}
```

```rubric
points: 4
items:
  - {id: square, points: 3, reach: '(a + b)^2 = a^2 + 2 a b + b^2'}
  - {id: reasoning, points: 1, steps: valid}
```

$$ (a + b)^2 = a^2 + 2 a b + b^2 $$
"""

HEADING = "## 1\n\n"
RIGHT = HEADING + "$$ (a+b)^2 = a^2 + 2ab + b^2 $$\n"
WRONG = HEADING + "$$ (a+b)^2 = a^2 + ab + b^2 $$\n"
UNREADABLE = HEADING + "$$ (a+b)^2 = a^2 + \\oops{ $$\n"
