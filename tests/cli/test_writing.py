"""Outputs: their permissions, owners, links and pipes, and the files that a signal leaves (FORMAT-6)."""
import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import time

from harness import BAD_INPUT, EXAMPLES, HOLDS, PROGRAM, SECONDS_MAX, CommandLine, example, main, network, node

SVG = ("contract", "table", "sla")
RUN = ("simulate", str(EXAMPLES / "table1" / "row100.json"), "--seed", "1")
WRITERS = ((("route", example("toy")), "--certificate"), (("pareto", example("toy")), "--certificate"), (("pareto", example("toy")), "--plot"),
           (("solve", example("toy")), "--prices"), (("verify", example("seven_equal")), "--certificate"),
           (("verify", example("seven_equal")), "--smt2"), (("balance", example("paper")), "--certificate"),
           (("check", "own.json", example("seven_equal")), "--smt2"), (SVG, "--svg"),
           ((*RUN, "--json"), "--plot"), (RUN, "--report"), (("show", example("toy")), "--plot"))
NOBODY = 65534


class Writing(CommandLine):
    def setUp(self):
        super().setUp()
        self.expect(HOLDS, "verify", example("seven_equal"), "--certificate", "own.json")

    def mode(self, name):
        return stat.S_IMODE((self.folder / name).stat().st_mode)

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())


class Replaced(Writing):
    """FORMAT-6: an existing file is replaced as a whole, and keeps its owner and its permissions."""

    def test_permissions_are_kept(self):
        for arguments, option in WRITERS:
            for mode in (0o600, 0o640, 0o666, 0o755):
                with self.subTest(arguments=arguments, option=option, mode=oct(mode)):
                    self.write("out", "old")
                    (self.folder / "out").chmod(mode)
                    self.expect(HOLDS, *arguments, option, "out")
                    self.assertNotEqual("old", (self.folder / "out").read_text())
                    self.assertEqual(oct(mode), oct(self.mode("out")))
                    self.assertEqual(["out", "own.json"], self.names())

    def test_new_files_follow_the_mask(self):
        for mask, mode in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
            self.assertEqual(0, self.start("route", example("toy"), "--certificate", f"new{mask}", preexec_fn=lambda m=mask: os.umask(m)).wait())
            self.assertEqual(oct(mode), oct(self.mode(f"new{mask}")))

    def test_a_file_that_nobody_may_write_is_refused(self):
        for arguments, option in WRITERS:
            for mode in (0o444, 0o400, 0o555, 0):
                with self.subTest(arguments=arguments, option=option, mode=oct(mode)):
                    self.write("out", "old")
                    (self.folder / "out").chmod(mode)
                    self.expect_bad("out: cannot be written: it is read-only", *arguments, option, "out")
                    (self.folder / "out").chmod(0o600)
                    self.assertEqual("old", (self.folder / "out").read_text())
        self.assertEqual(["out", "own.json"], self.names())

    def test_the_owner_is_kept(self):
        if os.geteuid() != 0:
            self.skipTest("only root gives files away")
        for path in (self.write("out", "old"), self.write("other", "old")):
            os.chown(self.folder / path, NOBODY, NOBODY)
            (self.folder / path).chmod(0o4750 if path == "other" else 0o640)
            self.expect(HOLDS, "route", example("toy"), "--certificate", path)
            status = (self.folder / path).stat()
            self.assertEqual((NOBODY, NOBODY), (status.st_uid, status.st_gid))
            self.assertEqual(0o4750 if path == "other" else 0o640, self.mode(path))

    def as_nobody(self, name):
        """Writes the certificate of a route to this file as user nobody; returns the exit code and the error line."""
        done = subprocess.run([str(self.folder / "program"), "route", "-", "--certificate", name], cwd=self.folder, capture_output=True, user=NOBODY,
                              group=NOBODY, extra_groups=[], input=(EXAMPLES / "toy.json").read_bytes(), timeout=SECONDS_MAX)
        return done.returncode, done.stderr.decode()

    def test_where_the_owner_cannot_be_kept_by_replacing_the_file_is_written_in_place(self):
        if os.geteuid() != 0:
            self.skipTest("only root acts as others")
        shutil.copy(PROGRAM, self.folder / "program")
        (self.folder / "program").chmod(0o755)
        refused = BAD_INPUT, "p2pllm: {}: cannot be written: Permission denied\n"
        for folder in (0o755, 0o777):  # without and with permission to create files there
            self.write("out", "old" * 1000)
            (self.folder / "out").chmod(0o666)
            self.folder.chmod(folder)
            self.assertEqual((HOLDS, ""), self.as_nobody("out"))
            status = (self.folder / "out").stat()
            self.assertEqual((0, 0, 0o666), (status.st_uid, status.st_gid, self.mode("out")))
            self.expect(HOLDS, "check", "out", example("toy"))
            if folder == 0o755:
                self.assertEqual((refused[0], refused[1].format("new")), self.as_nobody("new"))
        self.assertEqual((HOLDS, ""), self.as_nobody("new"))
        self.assertEqual(NOBODY, (self.folder / "new").stat().st_uid)
        self.write("shut", "old")
        (self.folder / "shut").chmod(0o644)
        self.assertEqual((refused[0], refused[1].format("shut")), self.as_nobody("shut"))

    def test_of_a_link_the_target_is_written(self):
        (self.folder / "deep").mkdir()
        self.write("deep/file", "old")
        (self.folder / "deep/file").chmod(0o600)
        for name, target in (("link", "deep/file"), ("deep/second", "../link"), ("dangling", "deep/new"), ("deep/far", str(self.folder / "deep/file"))):
            (self.folder / name).symlink_to(target)
            for arguments, option in WRITERS:
                self.expect(HOLDS, *arguments, option, name)
                self.assertTrue((self.folder / name).is_symlink())
        self.assertEqual(0o600, self.mode("deep/file"))
        self.assertEqual(["far", "file", "new", "second"], sorted(path.name for path in (self.folder / "deep").iterdir()))
        (self.folder / "deep/file").chmod(0o400)
        self.expect_bad("link: cannot be written: it is read-only", "route", example("toy"), "--certificate", "link")
        (self.folder / "round").symlink_to("round")
        self.expect_bad("round: cannot be written: Too many levels of symbolic links", "route", example("toy"), "--certificate", "round")

    def test_one_file_under_two_names_is_not_two_outputs(self):
        (self.folder / "link").symlink_to("f")
        for other in ("./f", "link", str(self.folder / "f")):
            for files in ((), ("f",)):
                for name in files:
                    self.write(name, "old")
                self.expect_bad(f"{other}: cannot be written: it is named for two outputs", "pareto", example("toy"), "--plot", "f", "--certificate", other)
            (self.folder / "f").unlink()

    def test_an_input_by_another_name_is_never_overwritten(self):
        text = (EXAMPLES / "toy.json").read_text()
        self.write("n.json", text)
        (self.folder / "link").symlink_to("n.json")
        os.link(self.folder / "n.json", self.folder / "hard")
        for name in ("link", "hard"):
            self.expect_bad(f"{name}: cannot be written: it is an input of this command", "route", "n.json", "--certificate", name)
        with open(self.folder / "n.json", "rb") as given:
            done = subprocess.run([PROGRAM, "route", "-", "--certificate", "n.json"], stdin=given, capture_output=True, cwd=self.folder, timeout=SECONDS_MAX)
        self.assertEqual(b"p2pllm: n.json: cannot be written: it is an input of this command\n", done.stderr)
        self.assertEqual(text, (self.folder / "n.json").read_text())

    def test_a_full_disk_leaves_what_was_there(self):
        self.write("out", "old")
        self.write("n.json", network([node(f"n{k}", [0, 1], 1, 1) for k in range(500)]))

        def limited():
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        program = self.start("route", "n.json", "--certificate", "out", preexec_fn=limited)
        self.assertEqual(b"p2pllm: out: cannot be written: File too large\n", program.communicate()[1])
        self.assertEqual(BAD_INPUT, program.returncode)
        self.assertEqual("old", (self.folder / "out").read_text())
        self.assertEqual(["n.json", "out", "own.json"], self.names())


class Streams(Writing):
    """Streams as outputs: FORMAT-6."""

    def test_an_output_that_is_standard_output_comes_after_the_answer(self):
        told = self.expect(HOLDS, "route", example("toy"), "--certificate", "c.json").out
        certificate = (self.folder / "c.json").read_text()
        self.assertEqual(told + certificate, self.expect(HOLDS, "route", example("toy"), "--certificate", "/dev/stdout").out)
        for path in ("/dev/stdout", "out"):
            with open(self.folder / "out", "wb") as out:
                self.assertEqual(0, self.start("route", example("toy"), "--certificate", path, stdout=out).wait())
            self.assertEqual(told + certificate, (self.folder / "out").read_text())

    def test_an_output_may_be_a_pipe(self):
        reading, writing = os.pipe()
        self.assertEqual(0, self.start("route", example("toy"), "--certificate", f"/dev/fd/{writing}", pass_fds=(writing,)).wait())
        os.close(writing)
        with open(reading, "rb") as pipe:
            self.assertEqual("route", json.loads(pipe.read())["kind"])


class Signals(Writing):
    """FORMAT-6: a signal ends the program in the usual way and leaves no part of a file."""

    TRIES_MAX = 60

    def setUp(self):
        super().setUp()
        digits = "7" * 990
        self.write("n.json", network([node(f"n{k}", [0, 1], f"1{digits}{k}", f"2{digits}{k}") for k in range(4000)]))

    def parts(self):
        return [name for name in os.listdir(self.folder) if name.endswith(".part")]

    def ended_while_writing(self, number):
        """Sends the signal as soon as the temporary file is seen; returns whether it ended the program."""
        program = self.start("route", "n.json", "--certificate", "c.json")
        until = time.monotonic() + SECONDS_MAX
        while program.poll() is None and time.monotonic() < until:
            if self.parts():
                program.send_signal(number)
                program.communicate(timeout=SECONDS_MAX)
                return program.returncode == -number
        program.communicate(timeout=SECONDS_MAX)
        return False

    def test_a_signal_while_a_file_is_written_leaves_no_part_of_it(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number.name):
                self.write("c.json", "old")
                self.assertTrue(any(self.ended_while_writing(number) for _ in range(self.TRIES_MAX)), "the moment was never met")
                self.assertEqual([], self.parts())
                text = (self.folder / "c.json").read_text()
                self.assertTrue(text == "old" or text.endswith("}\n"), "a whole file or what was there")

    def test_a_signal_before_anything_is_written_ends_the_program(self):
        os.mkfifo(self.folder / "pipe")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            program = self.start("route", "pipe", "--certificate", "out")
            time.sleep(0.3)
            program.send_signal(number)
            program.communicate(timeout=SECONDS_MAX)
            self.assertEqual(-number, program.returncode)
            self.assertNotIn("out", self.names())
            self.assertEqual([], self.parts())


if __name__ == "__main__":
    main()
