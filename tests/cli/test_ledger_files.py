"""Files of ledgers as traces and back, and every way in which a file can be wrong (STORE, LEDGER-11)."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

from harness import BAD_INPUT, EXAMPLES, HOLDS, PROGRAM, REFUTED, main
from ledger_world import LedgerTest, encoded, head, linked, tagged, transfer

TRACES = sorted((EXAMPLES / "contracts").glob("*.jsonl"))
NOBODY = 65534


class Files(LedgerTest):
    """STORE-1, STORE-2, STORE-5, STORE-7."""

    def filled(self, blocks=3):
        """A ledger of some blocks with a transaction each."""
        chain = self.init()
        client = self.serve()
        for nonce in range(blocks):
            client.send(encoded(transfer(chain, nonce)[0]))
            height = client.answer()["height"]
        self.stop(signal.SIGTERM)
        return chain, height

    def tamper(self, sql, *values):
        database = sqlite3.connect(self.folder / "a.ledger")
        database.execute(sql, values)
        database.commit()
        database.close()

    def run_refused(self, message, *options):
        self.expect_bad(message, "ledger", "run", "a.ledger", "a.socket", *options)

    def test_init(self):
        self.assertRegex(self.expect(HOLDS, "ledger", "init", "a.ledger", "head.jsonl").out, r"^a\.ledger: a ledger of chain [0-9a-f]{64}\n$")
        self.expect_bad("a.ledger: it exists already", "ledger", "init", "a.ledger", "head.jsonl")
        self.expect_bad("head.jsonl: it exists already", "ledger", "init", "head.jsonl", "head.jsonl")
        self.expect_bad("no/a.ledger: it cannot be opened: No such file or directory", "ledger", "init", "no/a.ledger", "head.jsonl")
        text = head()
        wrong = self.write("wrong.jsonl", text.replace(text[-10:-3], "0000000"))
        self.assertIn("wrong.jsonl: line 1: /link: ", self.expect(BAD_INPUT, "ledger", "init", "b.ledger", wrong).err)
        self.assertIn("b.jsonl: line 1: line 1, column 1: malformed JSON".replace("line 1: line 1, ", "line 1, "), self.expect(BAD_INPUT, "ledger", "init", "b.ledger", self.write("b.jsonl", "x\n")).err)
        self.assertFalse((self.folder / "b.ledger").exists())
        status = self.status()
        self.assertEqual((0, 0, status["chain"], status["chain"]), (status["height"], status["snapshot"], status["parent"], status["link"]))

    def test_a_file_of_another_kind(self):
        self.run_refused("a.ledger: it cannot be opened: No such file or directory")
        self.write("a.ledger", "some text that is no database, and long enough to be looked at as one: " * 20)
        self.run_refused("a.ledger: it is no ledger")
        (self.folder / "a.ledger").unlink()
        self.tamper("CREATE TABLE things (a)")
        self.run_refused("a.ledger: application id 0x00000000: it is no ledger, whose id is 0x7032704c")
        (self.folder / "a.ledger").unlink()
        self.write("a.ledger", "")
        self.run_refused("a.ledger: application id 0x00000000: it is no ledger, whose id is 0x7032704c")
        self.init()
        self.tamper("PRAGMA user_version = 7")
        self.run_refused("a.ledger: format 7: this program reads and writes format 2")

    def test_a_head_of_another_chain(self):
        chain, _ = self.filled()
        self.tamper("UPDATE ledger SET head = ?", head("another").strip())
        self.run_refused(f"a.ledger: chain {chain}: its genesis is of chain {self.init('b.ledger', self.write('h.jsonl', head('another')))}")

    def test_a_block_that_was_changed(self):
        _, height = self.filled()
        database = sqlite3.connect(self.folder / "a.ledger")
        original, = database.execute("SELECT block FROM blocks WHERE height = ?", [height]).fetchone()
        database.close()
        self.tamper("UPDATE blocks SET block = ? WHERE height = ?", original[:-1] + bytes([original[-1] ^ 1]), height)
        self.run_refused(f"a.ledger: height {height}: the block or its link was changed")
        self.run_refused(f"a.ledger: height {height}: the block or its link was changed", "--verify-all")
        self.expect_bad(f"a.ledger: height {height}: the block or its link was changed", "ledger", "export", "a.ledger", "t.jsonl")
        self.tamper("UPDATE blocks SET block = ? WHERE height = ?", original[:-1], height)
        self.assertIn(f"a.ledger: height {height}: the block: byte ", self.expect(BAD_INPUT, "ledger", "run", "a.ledger", "a.socket").err)

    def test_a_signature_that_was_changed_with_all_links(self):
        _, height = self.filled(1)
        database = sqlite3.connect(self.folder / "a.ledger")
        rows = database.execute("SELECT height, link, block FROM blocks ORDER BY height").fetchall()
        link, = database.execute("SELECT chain FROM ledger").fetchone()
        for number, recorded, block in rows:
            if number == height:
                at = block.rindex(bytes(32))
                block = block[:at - 1] + bytes([block[at - 1] ^ 1]) + block[at:]
            link = tagged("p2pllm/1/store", link + block)
            self.assertEqual(number < height, link == recorded)
            database.execute("UPDATE blocks SET link = ?, block = ? WHERE height = ?", [link, block, number])
        database.commit()
        database.close()
        self.serve(interval="60m")
        self.stop(signal.SIGTERM)
        self.run_refused(f"a.ledger: height {height}: the block: transactions/0: wrong_signature: the sender must have signed it", "--verify-all")

    def test_two_processes(self):
        """On one file, and on one socket (STORE-8)."""
        self.init()
        self.serve(interval="60m")
        self.run_refused("a.ledger: another process has it open")
        for verb in ("status", "export"):
            self.expect_bad("a.ledger: another process has it open", "ledger", verb, "a.ledger", *(["t.jsonl"] if verb == "export" else []))
        self.expect_bad("a.ledger: another process has it open", "ledger", "import", "a.ledger", "head.jsonl")
        self.init("b.ledger", self.write("h.jsonl", head("another")))
        self.expect_bad("a.socket: another process serves it", "ledger", "run", "b.ledger", "a.socket")
        self.program.kill()
        self.program.wait()
        self.serve(interval="60m")

    def test_a_socket_that_cannot_be_made(self):
        self.init()
        self.expect_bad("head.jsonl: it exists, and is no socket", "ledger", "run", "a.ledger", "head.jsonl")
        self.expect_bad("no/a.socket: it cannot be made: No such file or directory", "ledger", "run", "a.ledger", "no/a.socket")
        self.expect_bad(f"{'s' * 108}: 108 bytes: the path of a socket has at most 107 bytes", "ledger", "run", "a.ledger", "s" * 108)
        for text in ("1", "0s", "9ms", "61m", "1h", "s", "-1s", "1.5s", "99999999999999999999s"):
            self.expect_bad(f'--interval: "{text}": a whole number and ms, s or m are required, from 10ms to 60m', "ledger", "run", "a.ledger", "a.socket", f"--interval={text}")

    def as_nobody(self, *arguments):
        def prepare():
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        return subprocess.run([PROGRAM, *arguments], capture_output=True, cwd=self.folder, timeout=60, preexec_fn=prepare if os.getuid() == 0 else None)

    def test_a_file_that_cannot_be_written(self):
        """Read, it can be; a log that was left beside it would have to be written."""
        _, height = self.filled()
        os.chmod(self.folder, 0o555)
        os.chmod(self.folder / "a.ledger", 0o444)
        done = self.as_nobody("ledger", "run", "a.ledger", "a.socket")
        self.assertEqual((BAD_INPUT, b"p2pllm: a.ledger: it cannot be written\n"), (done.returncode, done.stderr))
        done = self.as_nobody("ledger", "status", "a.ledger", "--json")
        self.assertEqual((HOLDS, b""), (done.returncode, done.stderr))
        self.assertGreaterEqual(json.loads(done.stdout)["height"], height)
        os.chmod(self.folder, 0o755)
        (self.folder / "a.ledger-wal").write_bytes(b"something")
        os.chmod(self.folder, 0o555)
        done = self.as_nobody("ledger", "status", "a.ledger")
        self.assertEqual((BAD_INPUT, b"p2pllm: a.ledger: blocks are in the log beside it, and it cannot be written: copy both to where it can\n"), (done.returncode, done.stderr))
        os.chmod(self.folder, 0o755)

    def test_a_full_disk(self):
        """A small file system of its own, for which one has to be root."""
        disk = self.folder / "disk"
        disk.mkdir()
        if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", disk], capture_output=True).returncode != 0:
            self.skipTest("no file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        chain = self.init("disk/a.ledger")
        client = self.serve(file="disk/a.ledger")
        last, nonce = {}, 0
        while "error" not in last:
            client.send("".join(encoded(transfer(chain, nonce + k)[0]) for k in range(100)))
            for _ in range(100):
                answer = client.answer()
                last = answer if "error" in answer else last
                acknowledged = answer.get("height") or acknowledged
            nonce += 100
        self.assertEqual({"reason": "not_durable", "rule": "disk/a.ledger: the disk is full"}, last["error"])
        self.assertEqual(5, self.program.wait(60))
        self.assertEqual(b"p2pllm: disk/a.ledger: the disk is full\n", self.program.stderr.read())
        for name in ("a.ledger", "a.ledger-wal"):
            if (disk / name).exists():
                shutil.copy(disk / name, self.folder / name)
        self.assertIn(self.status()["height"], (acknowledged, acknowledged + 1))
        self.expect(HOLDS, "ledger", "export", "a.ledger", "t.jsonl", "--verify-all")
        self.serve()


class Segments(LedgerTest):
    """LEDGER-11."""

    def test_every_example_there_and_back(self):
        for path in TRACES:
            with self.subTest(path.name):
                name = path.stem
                self.expect(HOLDS, "ledger", "import", f"{name}.ledger", path)
                status = self.status(f"{name}.ledger")
                self.expect(HOLDS, "ledger", "export", f"{name}.ledger", f"{name}.jsonl")
                replayed = self.expect(HOLDS, "contract", "replay", f"{name}.jsonl", "--json").json
                self.assertEqual((status["chain"], status["height"], status["state"]), (replayed["chain"], replayed["blocks"], replayed["state"]))
                self.expect(HOLDS, "ledger", "export", f"{name}.ledger", f"{name}.s", "--segment-blocks", "2")
                segments = sorted(each.name for each in self.folder.glob(f"{name}.s.*"))
                self.assertEqual(max(1, (status["height"] + 1) // 2), len(segments))
                self.expect(HOLDS, "ledger", "import", f"{name}.again", *segments)
                self.assertEqual(status, self.status(f"{name}.again"))
                out = self.expect(HOLDS, "ledger", "import", f"{name}.again", *segments).out
                self.assertEqual(f"{name}.again: 0 blocks added, the last one at height {status['height']}\n", out)

    def segments(self):
        self.expect(HOLDS, "ledger", "import", "a.ledger", EXAMPLES / "contracts" / "job_disputed.jsonl")
        self.expect(HOLDS, "ledger", "export", "a.ledger", "s", "--segment-blocks", "3")
        return [[json.loads(line) for line in (self.folder / f"s.{k}").read_text().splitlines()] for k in (1, 2, 3)]

    def test_what_a_head_names_is_checked(self):
        _, second, third = self.segments()
        first_line = second[0]
        self.assertEqual(["format", "chain", "height", "state", "parent", "link"], list(first_line))
        self.assertEqual(("p2pllm-trace-segment/2", 4), (first_line["format"], first_line["height"]))
        for k in (2, 3):
            lines = (self.folder / f"s.{k}").read_text()
            self.assertEqual(lines, linked(map(json.loads, lines.splitlines())))
        chain, other = first_line["chain"], "ab" * 32
        for change, message in (({"chain": other}, f"chain {other}: the ledger is of chain {chain}"), ({"height": 12}, "height 12: the ledger's last block is at height 10"),
                                ({"state": other}, f"state {other}: the ledger's is {first_line['state']}"), ({"parent": other}, f"parent {other}: the ledger's is {first_line['parent']}"),
                                ({"height": 1}, "/height: 1: a whole number from 2 to 2^62 is required"), ({"more": 1}, "/more: 1: unknown key; known here: format, chain, height, state, parent, link")):
            with self.subTest(message):
                wrong = self.write("w.jsonl", linked([{**first_line, **change}, *second[1:]]))
                self.assertIn(f"p2pllm: w.jsonl: line 1: {message}\n", self.expect(BAD_INPUT, "ledger", "import", "a.ledger", wrong).err)
        self.expect_bad("s.2: line 1: a later segment of a trace: it begins from a state, against which p2pllm ledger import checks it", "contract", "replay", "s.2")
        self.expect_bad("s.2: line 1: a later segment of a trace: a genesis is required", "ledger", "import", "n.ledger", "s.2")
        self.expect_bad("s.2: line 1: a later segment of a trace: a genesis is required", "ledger", "init", "n.ledger", "s.2")
        self.expect(HOLDS, "ledger", "import", "n.ledger", "s.1")
        self.expect_bad("s.3: line 1: height 7: the ledger's last block is at height 3", "ledger", "import", "n.ledger", "s.3")
        self.expect(HOLDS, "ledger", "import", "n.ledger", "s.2", "s.3")

    def test_a_line_that_was_changed(self):
        _, second, _ = self.segments()
        self.expect(HOLDS, "ledger", "import", "b.ledger", "s.1")
        at = next(k for k, line in enumerate(second) if line.get("outcome") == "none")
        end = next(k for k, line in enumerate(second) if "end_block" in line)
        for changed, line, message in (({**second[at], "outcome": "too_late"}, at, "/outcome: recorded too_late, computed none"), ({**second[end], "state": "ab" * 32}, end, f"/state: recorded {'ab' * 20}..., computed {second[end]['state'][:40]}...")):
            with self.subTest(message):
                wrong = self.write("w.jsonl", linked([*second[:line], changed, *second[line + 1:]]))
                out = self.expect(REFUTED, "ledger", "import", "b.ledger", wrong).out
                self.assertTrue(out.startswith(f"w.jsonl: line {line + 1}: {message}"), out)
        text = (self.folder / "s.2").read_text().replace('"outcome":"none"', '"outcome":"too_late"', 1)
        self.assertIn(f"w.jsonl: line {at + 1}: /link: recorded ", self.expect(REFUTED, "ledger", "import", "b.ledger", self.write("w.jsonl", text)).out)
        self.expect_bad("w.jsonl: line 2: the last block has not ended", "ledger", "import", "b.ledger", self.write("w.jsonl", linked(second[:2])))
        without = linked([line for k, line in enumerate(second) if k != at])
        self.assertIn("the ledger has another block at height ", self.expect(REFUTED, "ledger", "import", "a.ledger", self.write("w.jsonl", without)).out)

    def test_empty_blocks_take_one_line(self):
        self.init()
        self.expect(HOLDS, "ledger", "export", "a.ledger", "t.jsonl")
        self.assertEqual(head(), (self.folder / "t.jsonl").read_text())
        genesis = json.loads(head())
        wrong = self.write("e.jsonl", linked([genesis, {"end_block": {"count": 9}, "state": "00" * 32}]))
        self.assertIn("e.jsonl: line 2: /state: recorded 00", self.expect(REFUTED, "ledger", "import", "b.ledger", wrong).out)
        self.assertEqual(0, self.status("b.ledger")["height"])
        self.serve(interval="10ms")
        time.sleep(0.1)
        self.stop(signal.SIGTERM)
        status = self.status()
        self.assertGreater(status["height"], 1)
        self.write("e.jsonl", linked([genesis, {"end_block": {"count": status["height"]}, "state": status["state"]}]))
        self.expect(HOLDS, "ledger", "import", "c.ledger", "e.jsonl")
        self.expect(HOLDS, "ledger", "export", "c.ledger", "t.jsonl")
        self.assertEqual((self.folder / "e.jsonl").read_text(), (self.folder / "t.jsonl").read_text())

    def test_a_trace_of_another_chain(self):
        chain = self.init()
        other = self.init("b.ledger", self.write("h.jsonl", head("another")))
        self.expect_bad(f"h.jsonl: line 1: chain {other}: the ledger is of chain {chain}", "ledger", "import", "a.ledger", "h.jsonl")


if __name__ == "__main__":
    main()
