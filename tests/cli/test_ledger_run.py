"""The service of a durable ledger: what it answers, and what is there after it was killed (STORE-4, STORE-8)."""
import json
import random
import signal
import time

from harness import BAD_INPUT, HOLDS, REFUTED, SANITIZED, main
from ledger_world import LedgerTest, encoded, transfer


class Service(LedgerTest):
    """STORE-8."""

    def test_a_transaction_is_answered_with_its_block(self):
        chain = self.init()
        client = self.serve()
        transactions = [transfer(chain, nonce) for nonce in range(5)]
        client.send("".join(encoded(transaction) for transaction, _ in transactions))
        for number, (_, name) in enumerate(transactions, 1):
            answer = client.answer()
            self.assertEqual((number, name, "none"), (answer["line"], answer["id"], answer["outcome"]))
            self.assertGreaterEqual(answer["height"], 1)
        self.assertEqual(["line", "id", "outcome", "height"], list(answer))
        self.assertIn("", self.stop(signal.SIGTERM))
        self.assertGreaterEqual(self.status()["height"], answer["height"])

    def test_time_is_the_height_also_without_transactions(self):
        self.init()
        client = self.serve()
        client.send('{"status":{}}\n')
        first = client.answer()["status"]
        time.sleep(0.3)
        client.send('{"status":{}}\n')
        second = client.answer()
        self.assertEqual(2, second["line"])
        self.assertGreater(second["status"]["height"], first["height"] + 3)
        self.assertEqual(0, second["status"]["pending"])

    def test_transactions_wait_for_the_end_of_the_interval(self):
        chain = self.init()
        client = self.serve(interval="60m")
        client.send(encoded(transfer(chain, 0)[0]) + '{"status":{}}\n')
        answer = client.answer()
        self.assertEqual((2, 1, 0), (answer["line"], answer["status"]["pending"], answer["status"]["height"]))
        self.stop(signal.SIGINT)
        answer = client.answer()
        self.assertEqual((1, "stopping"), (answer["line"], answer["error"]["reason"]))
        self.assertIsNone(client.answer())
        self.assertEqual(0, self.status()["height"])
        self.assertFalse((self.folder / "a.socket").exists())
        self.assertFalse((self.folder / "a.ledger-wal").exists())

    def test_what_is_refused_is_in_no_block_and_changes_nothing(self):
        chain = self.init()
        client = self.serve()
        good, name = transfer(chain, 0)
        client.send(encoded(good))
        self.assertEqual("none", client.answer()["outcome"])
        other_chain = transfer("00" * 32, 1)[0]
        for sent, outcome in ((good, "nonce_used"), (transfer(chain, 7)[0], "nonce_ahead"), (good[:-1], "malformed_encoding"), (good + b"\0", "malformed_encoding"), (b"", "malformed_encoding"),
                              (b"\x98\x08" + good[1:], "malformed_encoding"), (good[:-64] + bytes(64), "wrong_signature"), (other_chain, "wrong_chain"),
                              (transfer(chain, 1, valid_until=0)[0], "past_valid_until"), (transfer(chain, 1, fee=0)[0], "fee_too_low"), (bytes(70_000), "malformed_encoding")):
            with self.subTest(outcome):
                client.send(encoded(sent))
                answer = client.answer()
                self.assertEqual((outcome, None), (answer["outcome"], answer["height"]))
                self.assertEqual(outcome == "malformed_encoding", answer["id"] is None)
        client.send(encoded(transfer(chain, 1, amount=10**15)[0]))
        answer = client.answer()
        self.assertEqual("not_covered", answer["outcome"])
        self.assertIsNotNone(answer["height"])
        client.send(encoded(transfer(chain, 2)[0]))
        self.assertEqual("none", client.answer()["outcome"])

    def test_one_transaction_sent_twice_counts_once(self):
        chain = self.init()
        client = self.serve(interval="100ms")
        client.send(encoded(transfer(chain, 0)[0]) * 3)
        self.assertEqual(["none", "nonce_used", "nonce_used"], [client.answer()["outcome"] for _ in range(3)])

    def test_lines_that_are_no_requests(self):
        chain = self.init()
        client = self.serve()
        good = encoded(transfer(chain, 0)[0])
        number = 0
        for line in ("", "x", "{", "[]", "{}", "null", '{"status":1}', '{"status":{"more":1}}', '{"encoded":"0"}', '{"encoded":"AB"}', '{"encoded":1}', '{"transaction":{}}',
                     '{"encoded":"00","status":{}}', '{"encoded":"00","more":1}', '{"transaction":[]}', '{"encoded":"00"} x', '{"encoded":"00","encoded":"00"}', "\0", "[" * 1000, '{"status":"\\ud800"}'):
            number += 1
            with self.subTest(line[:40]):
                client.send(line + "\n")
                answer = client.answer()
                self.assertEqual((number, "malformed"), (answer["line"], answer["error"]["reason"]))
                self.assertTrue(answer["error"]["rule"].startswith("request"), answer)
        client.send(b'{"encoded":"\xff"}\n')
        self.assertEqual("malformed", client.answer()["error"]["reason"])
        client.send(good)
        self.assertEqual((number + 2, "none"), (lambda answer: (answer["line"], answer["outcome"]))(client.answer()))

    def test_a_line_that_is_cut_off(self):
        chain = self.init()
        client = self.serve()
        client.send(encoded(transfer(chain, 0)[0]) + encoded(transfer(chain, 1)[0])[:-1])
        client.end()
        answers = sorted((client.answer() for _ in range(2)), key=lambda answer: answer["line"])
        self.assertEqual("none", answers[0]["outcome"])
        self.assertEqual((2, "truncated"), (answers[1]["line"], answers[1]["error"]["reason"]))
        self.assertIsNone(client.answer())

    def test_a_line_that_is_too_long_ends_the_connection_after_the_answers_due(self):
        chain = self.init()
        for ending in ("\n", ""):
            client = self.connect() if self.program else self.serve()
            client.send(encoded(transfer(chain, 1 if ending == "" else 0)[0]) + '{"encoded":"' + "0" * (1 << 18) + '"}' + ending)
            answers = sorted((client.answer() for _ in range(2)), key=lambda answer: answer["line"])
            self.assertEqual(("none", "too_long"), (answers[0]["outcome"], answers[1]["error"]["reason"]))
            self.assertIsNone(client.answer())
        longest = '{"encoded":"' + "0" * ((1 << 18) - 14) + '"}'
        client = self.connect()
        client.send(longest + "\n" + longest[:-1] + ' }\n')
        answers = [client.answer(), client.answer()]
        self.assertEqual({"too_long", "malformed_encoding"}, {answer.get("outcome") or answer["error"]["reason"] for answer in answers})

    def test_too_many_connections(self):
        self.init()
        clients = [self.serve(), *(self.connect() for _ in range(255))]
        for client in clients:
            client.send('{"status":{}}\n')
        self.assertTrue(all("status" in client.answer() for client in clients))
        late = self.connect()
        answer = late.answer()
        self.assertEqual((0, "too_many_connections"), (answer["line"], answer["error"]["reason"]))
        self.assertIsNone(late.answer())
        clients[3].close()
        time.sleep(0.1)
        again = self.connect()
        again.send('{"status":{}}\n')
        self.assertIn("status", again.answer())

    def test_a_client_that_reads_no_answer_costs_little_memory(self):
        self.init()
        clients = [self.serve(), *(self.connect() for _ in range(5))]
        for client in clients:
            client.socket.setblocking(False)
            sent = 0
            for _ in range(200):
                try:
                    sent += client.socket.send(b"\n" * (1 << 16))
                except BlockingIOError:
                    time.sleep(0.005)
        status = open(f"/proc/{self.program.pid}/status").read()
        resident = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
        if not SANITIZED:  # AddressSanitizer keeps what is freed
            self.assertLess(resident, 100_000, "kB")
        clients[0].socket.settimeout(60)
        for number in range(1, 20_001):
            self.assertEqual(number, clients[0].answer()["line"])

    def test_lines_of_a_client_that_reads_no_answer_wait_until_it_does(self):
        """STORE-8: few answers are kept for a client; its other lines are taken later, without anything more from it."""
        chain = self.init()
        client, other = self.serve(interval="60m"), self.connect()
        client.send(b"\n" * 25_000 + encoded(transfer(chain, 0)[0]).encode())  # the service reads it at once

        def pending():
            other.send('{"status":{}}\n')
            return other.answer()["status"]["pending"]

        self.assertEqual(0, pending())
        for number in range(1, 25_001):
            self.assertEqual(number, client.answer()["line"])
        self.assertEqual(1, pending())

    def test_too_many_pending(self):
        self.init()
        client = self.serve(interval="60m")
        client.send(b'{"encoded":"00"}\n' * 100_001 + b'{"status":{}}\n')
        answer = client.answer()
        self.assertEqual((100_001, "too_many_pending"), (answer["line"], answer["error"]["reason"]))
        self.assertEqual(100_000, client.answer()["status"]["pending"])

    def test_a_client_that_leaves_is_not_waited_for(self):
        chain = self.init()
        client = self.serve(interval="100ms")
        client.send(encoded(transfer(chain, 0)[0]))
        client.close()
        client = self.connect()
        client.send(encoded(transfer(chain, 1)[0]))
        self.assertEqual("none", client.answer()["outcome"])


class Clients(LedgerTest):
    """STORE-8: submit and status."""

    def test_submit(self):
        chain = self.init()
        self.serve()
        self.write("good.jsonl", "".join(encoded(transfer(chain, nonce)[0]) for nonce in range(3)))
        out = self.expect(HOLDS, "ledger", "submit", "a.socket", "good.jsonl").out
        self.assertRegex(out, r"^(line [1-3]: none, in block \d+, [0-9a-f]{64}\n){3}$")
        answer = self.expect(REFUTED, "ledger", "submit", "a.socket", "good.jsonl", "--json").json
        self.assertEqual([("nonce_used", None)] * 3, [(a["outcome"], a["height"]) for a in answer["answers"]])
        answer = self.expect(BAD_INPUT, "ledger", "submit", "a.socket", "-", given="x\n" + encoded(transfer(chain, 3)[0]).strip())
        self.assertRegex(answer.out, r"^line 1: malformed: request.*\nline 2: none, in block \d+, [0-9a-f]{64}\n$")
        self.assertEqual("p2pllm: a.socket: 1 of 2: these requests have no outcome\n", answer.err)
        self.expect(HOLDS, "ledger", "submit", "a.socket", "-", given="")

    def test_the_members_of_a_transaction(self):
        """The JSON of traces and the encoding are the same request."""
        self.expect(HOLDS, "ledger", "init", "a.ledger", str(self.example_trace()))
        self.serve()
        lines = [json.loads(line) for line in self.example_trace().read_text().splitlines()]
        requests = [json.dumps({"transaction": line["transaction"]}) for line in lines if "transaction" in line]
        answer = self.run_program("ledger", "submit", "a.socket", "-", "--json", given="\n".join(requests)).json
        self.assertEqual("none", answer["answers"][0]["outcome"])
        self.assertEqual(len(requests), sum("outcome" in each for each in answer["answers"]))

    @staticmethod
    def example_trace():
        from harness import EXAMPLES
        return EXAMPLES / "contracts" / "two_shards.jsonl"

    def test_nobody_answers(self):
        self.init()
        self.expect_bad("a.socket: no ledger answers: No such file or directory", "ledger", "submit", "a.socket", "head.jsonl")
        self.serve()
        self.program.kill()
        self.program.wait()
        self.expect_bad("a.socket: no ledger answers: Connection refused", "ledger", "submit", "a.socket", "head.jsonl")
        self.expect_bad("a.socket: no ledger answers: Connection refused", "ledger", "status", "a.socket")
        self.expect_bad("n.ledger: it cannot be opened: No such file or directory", "ledger", "status", "n.ledger")

    def test_status_of_a_file_is_that_of_its_service(self):
        chain = self.init()
        client = self.serve()
        client.send(encoded(transfer(chain, 0)[0]))
        client.answer()
        self.assertGreaterEqual(self.status("a.socket")["height"], 1)
        self.expect_bad("a.ledger: another process has it open", "ledger", "status", "a.ledger")
        self.stop(signal.SIGTERM)
        status = self.status()
        self.assertIsNone(status["pending"])
        self.serve(interval="60m")
        self.assertEqual({**status, "pending": 0}, self.status("a.socket"))
        self.assertIn(f"chain  {chain}\n", self.expect(HOLDS, "ledger", "status", "a.socket").out)


class Killed(LedgerTest):
    """STORE-4: kill -9 at any moment, and nothing acknowledged is lost."""

    def test_kill_9(self):
        chain, nonce, acknowledged, heights = self.init(), 0, {}, {}
        chance = random.Random(1)
        for _ in range(12):
            client = self.serve("--snapshot-operations", "50", interval="10ms")
            deadline = time.monotonic() + chance.uniform(0.01, 0.25)
            while time.monotonic() < deadline:
                batch = chance.randrange(1, 30)
                for _ in range(batch):
                    client.send(encoded(transfer(chain, nonce)[0]))
                    nonce += 1
                for _ in range(max(1, batch - 3)):  # a few stay under way; a client that reads too little is not read
                    answer = client.answer()
                    acknowledged[answer["id"]] = answer["height"]
            self.program.kill()
            self.program.wait()
            while (answer := client.answer()) is not None:
                acknowledged[answer["id"]] = answer["height"]
            self.assertGreaterEqual(self.status()["height"], max(acknowledged.values()))
            nonce = self.next_nonce(nonce)
        self.assertGreater(len(acknowledged), 24)
        self.expect(HOLDS, "ledger", "export", "a.ledger", "t.jsonl", "--verify-all")
        self.expect(HOLDS, "contract", "replay", "t.jsonl")
        height = 1
        for line in map(json.loads, (self.folder / "t.jsonl").read_text().splitlines()):
            if "transaction" in line:
                heights[line["transaction"]["nonce"]] = height
            height += line.get("end_block", {"count": 0})["count"]
        nonces = {transfer(chain, nonce)[1]: nonce for nonce in heights}
        for name, block in acknowledged.items():
            self.assertEqual(block, heights[nonces[name]])

    def next_nonce(self, sent):
        """What was sent and not acknowledged may be there or not."""
        self.expect(HOLDS, "ledger", "export", "a.ledger", "t.jsonl")
        there = [json.loads(line)["transaction"]["nonce"] for line in (self.folder / "t.jsonl").read_text().splitlines() if '"transaction"' in line]
        self.assertEqual(list(range(len(there))), there)
        self.assertLessEqual(len(there), sent)
        return len(there)


if __name__ == "__main__":
    main()
