"""The text that the shipped model was trained on, from Debian's package bible-kjv."""

import hashlib
import re
import subprocess

TEXT_SHA256 = "b5c4940bcfeee072c0935b5200d0f9d88a00a0199cb0961d16133458fcdfae5d"


def king_james():
    """31,102 verses one a line without their numbers, 4,137,850 bytes."""
    asked = {"input": b"Gen1:1-Rev22:21\n", "stdout": subprocess.PIPE, "check": True}
    lines = subprocess.run(["bible", "-f"], **asked).stdout.split(b"\n")
    verses = [found[1] for found in (re.match(rb"[0-9A-Za-z]+ ?\d+:\d+ (.*)", line) for line in lines) if found]
    text = b"".join(verse + b"\n" for verse in verses[1:])  # the first is the program's greeting
    if hashlib.sha256(text).hexdigest() != TEXT_SHA256:
        raise ValueError("this version of bible-kjv gives another text")
    return text


def learnt_bytes(text):
    """How many bytes are learnt from; the last 3 % are held out."""
    return int(len(text) * 0.97)
