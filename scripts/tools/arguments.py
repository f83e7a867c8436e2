"""What the command lines of scripts/ have in common: one line says what is wrong, and the exit code is 2."""

import argparse
import sys


class Parser(argparse.ArgumentParser):
    """A parser of whole option names, with the module's description as it is written."""

    def __init__(self, name, description):
        super().__init__(
            prog=f"scripts/{name}",
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.name = name

    def error(self, message):
        print(f"{self.name}: {message}", file=sys.stderr)
        sys.exit(2)

    def value(self, name, convert, holds, form):
        """An option's value of this form; an empty one is refused, since a variable that is not set leaves one."""

        def read(text):
            try:
                found = convert(text)
            except ValueError:
                found = None
            if not text or found is None or not holds(found):
                self.error(f"{name}: {'empty' if not text else text}: must be {form}")
            return found

        return read
