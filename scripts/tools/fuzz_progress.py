"""What scripts/fuzz tells on standard error while its campaigns run.

On a terminal it is one line, written anew twice a second and erased at the end; elsewhere it is a line a minute.
"""

import sys
import threading
import time

SECONDS_ON_A_TERMINAL = 0.5
SECONDS_ELSEWHERE = 60.0


class Progress:
    """Follows campaigns, which say whether they run, how many inputs they executed, and what they found.

    seconds: how long all of them take together. out: a stream. clock: the time in seconds.
    """

    def __init__(self, campaigns, seconds, out=None, clock=time.monotonic):
        self.campaigns, self.out, self.clock = campaigns, out or sys.stderr, clock
        self.is_terminal = self.out.isatty()
        self.every = SECONDS_ON_A_TERMINAL if self.is_terminal else SECONDS_ELSEWHERE
        self.end = clock() + seconds
        self.due = clock() + self.every
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.follow, daemon=True)

    def line(self):
        left = max(0, round(self.end - self.clock()))
        running = sum(campaign.is_running for campaign in self.campaigns)
        executions = sum(campaign.executions_so_far() for campaign in self.campaigns)
        found = sum(len(campaign.findings) for campaign in self.campaigns)
        return f"{left} s left, targets running: {running}, executions: {executions}, findings: {found}"

    def tick(self):
        """Writes the line if it is due."""
        if self.clock() < self.due:
            return
        self.due += self.every
        self.out.write(f"\r\x1b[K{self.line()}" if self.is_terminal else f"fuzz: {self.line()}\n")
        self.out.flush()

    def follow(self):
        while not self.over.wait(0.1):
            self.tick()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        if self.is_terminal:
            self.out.write("\r\x1b[K")
            self.out.flush()
