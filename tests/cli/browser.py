"""Drives a headless Chromium through its debugging pipe: what a page looks like at a width and in a colour scheme.

The environment variable CHROMIUM names another program than `chromium`.
"""
import base64
import json
import os
import shutil
import struct
import subprocess
import tempfile
import zlib

PROGRAM = shutil.which(os.environ.get("CHROMIUM", "chromium"))


class Browser:
    """A Chromium with one page, for a `with` statement."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="p2pllm-chromium-")
        (to_it, self.to), (self.of, of_it) = os.pipe(), os.pipe()

        flags = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
                 "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}")
        shell = f'exec "$0" "$@" 3<&{to_it} 4>&{of_it}'  # it reads commands from 3 and answers on 4
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(["sh", "-c", shell, PROGRAM, *flags], pass_fds=(to_it, of_it), **quiet)
        os.close(to_it)
        os.close(of_it)
        self.number, self.session, self.rest, self.events = 0, None, b"", []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        os.close(self.to)
        os.close(self.of)
        self.profile.cleanup()

    def message(self):
        while b"\0" not in self.rest:
            part = os.read(self.of, 1 << 20)
            if not part:
                raise RuntimeError("Chromium ended")
            self.rest += part
        text, _, self.rest = self.rest.partition(b"\0")
        return json.loads(text)

    def ask(self, method, **parameters):
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters} | ({"sessionId": self.session} if self.session else {})
        os.write(self.to, json.dumps(command).encode() + b"\0")
        while (answer := self.message()).get("id") != self.number:
            self.events.append(answer.get("method"))
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, path, width, scheme):
        """Shows a file at a width in pixels, light or dark."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.ask("Page.navigate", url=path.as_uri())
        while "Page.loadEventFired" not in self.events:
            self.events.append(self.message().get("method"))

    def value(self, expression):
        """What an expression of JavaScript is in the page."""
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def screenshot(self, scale=1):
        """The whole page as PNG."""
        width, height = self.value("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": scale}
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"])


def pixels(png):
    """Width, height and the rows of a PNG of 8 bits a channel without interlacing, each row a list of (red, green, blue)."""
    place, data = 8, b""
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place:place + 8])
        part = png[place + 8:place + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", part)
        data += part if kind == b"IDAT" else b""
        place += length + 12
    if depth != 8 or interlaced or colour not in (2, 6):
        raise ValueError("another kind of PNG")
    size, raw, rows = (3 if colour == 2 else 4), zlib.decompress(data), []
    before = bytearray(width * size)
    for r in range(height):
        kind, row = raw[r * (width * size + 1)], bytearray(raw[r * (width * size + 1) + 1:(r + 1) * (width * size + 1)])
        for k in range(len(row)):
            left, up, corner = (row[k - size] if k >= size else 0), before[k], (before[k - size] if k >= size else 0)
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda value: abs(guess - value))
            row[k] = (row[k] + (0, left, up, (left + up) // 2, paeth)[kind]) & 255
        rows.append([tuple(row[k:k + 3]) for k in range(0, len(row), size)])
        before = row
    return width, height, rows
