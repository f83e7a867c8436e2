"""Reads the bytes of a file of an exact model from the left, without the programs."""


class ModelBytes:
    """MODEL-2."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        self.at += count
        return self.data[self.at - count : self.at]

    def value(self):
        """One value of the canonical encoding (COMMIT-1)."""
        first = self.take(1)[0]
        major, short = first >> 5, first & 31
        if major == 7:
            return {20: False, 21: True, 22: None}[short]
        argument = short if short < 24 else int.from_bytes(self.take(1 << short - 24), "big")
        if major in (2, 3):
            content = self.take(argument)
            return content if major == 2 else content.decode()
        return argument if major == 0 else [self.value() for _ in range(argument)]
