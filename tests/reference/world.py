"""The naive twin of the foraging world: dictionaries and plain integers, written to be read.

It draws the same random numbers in the same order as `foraging_env.core.world` and must give the same life.
"""

MASK = 2**64 - 1
SECOND = {"horizontal": (0, 1), "vertical": (1, 0), "positive": (-1, 1), "negative": (1, 1)}
PATTERNS = list(SECOND)
MOVES = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if (r, c) != (0, 0)]


class SplitMix64:
    """Steele, Lea, Flood (2014), as printed in their figure 13."""

    def __init__(self, state):
        self.state = state

    def word(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, n):
        return ((self.word() >> 32) * n) >> 32

    def uniform(self):
        return (self.word() >> 11) / 2**53


class NaiveWorld:
    """``pair_at`` maps every cell with food to (pattern, anchor of its pair)."""

    def __init__(self, rows, cols, view, quota, value, rng_state):
        self.rows, self.cols, self.view = rows, cols, view
        self.quota = dict(zip(PATTERNS, quota, strict=True))
        self.value = dict(zip(PATTERNS, value, strict=True))
        self.arriving, self.share = None, 0.0
        self.rng = SplitMix64(rng_state)
        self.build()

    def build(self):
        self.position = (self.rng.below(self.rows), self.rng.below(self.cols))
        self.eaten = None
        self.rewarded = self.punished = 0
        while True:
            self.pair_at = {}
            if all(self.lay(pattern) for pattern in PATTERNS for _ in range(self.quota[pattern])):
                return

    def wrap(self, row, col):
        return row % self.rows, col % self.cols

    def cells(self, pattern, anchor):
        d_row, d_col = SECOND[pattern]
        return [anchor, self.wrap(anchor[0] + d_row, anchor[1] + d_col)]

    def is_legal(self, pattern, anchor):
        near = [self.wrap(r + i, c + j) for r, c in self.cells(pattern, anchor) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        return not any(cell in self.pair_at for cell in near)

    def put(self, pattern, anchor):
        for cell in self.cells(pattern, anchor):
            self.pair_at[cell] = (pattern, anchor)

    def lay(self, pattern):
        for _ in range(self.rows * self.cols):
            anchor = (self.rng.below(self.rows), self.rng.below(self.cols))
            if self.is_legal(pattern, anchor):
                self.put(pattern, anchor)
                return True
        every = [(row, col) for row in range(self.rows) for col in range(self.cols)]
        legal = [anchor for anchor in every if self.is_legal(pattern, anchor)]
        if legal:
            self.put(pattern, legal[self.rng.below(len(legal))])
        return bool(legal)

    def successor(self, pattern):
        if self.share == 0 or self.rng.uniform() >= self.share:
            return pattern
        present = [p for p in PATTERNS for _ in range(self.arriving[p])]
        return present[self.rng.below(len(present))]

    def step(self, action):
        d_row, d_col = MOVES[action]
        self.position = self.wrap(self.position[0] + d_row, self.position[1] + d_col)
        self.eaten = None
        if self.position in self.pair_at:
            pattern, anchor = self.pair_at[self.position]
            for cell in self.cells(pattern, anchor):
                del self.pair_at[cell]
            fresh = self.successor(pattern)
            if not self.lay(fresh):
                fresh = pattern
                self.lay(pattern)
            self.quota[pattern] -= 1
            self.quota[fresh] += 1
            self.eaten = pattern
            self.rewarded += self.value[pattern] == 1
            self.punished += self.value[pattern] == -1

    def around(self):
        """The cells in view, row by row."""
        reach = range(-(self.view // 2), self.view // 2 + 1)
        return [[self.wrap(self.position[0] + i, self.position[1] + j) for j in reach] for i in reach]

    def binary_view(self):
        return [[int(cell in self.pair_at) for cell in line] for line in self.around()]

    def pattern_view(self):
        return [
            [[int(cell in self.pair_at and self.pair_at[cell][0] == p) for cell in line] for line in self.around()]
            for p in PATTERNS
        ]
