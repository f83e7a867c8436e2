"""Runs the fuzz targets for some minutes and prints one table: what each must keep, how fast it ran, what it found.

    scripts/fuzz [--minutes M] [--target NAME].. [--jobs N] [--seed S] [--engine libfuzzer|afl] [--empty]
                 [--planted-fault] [--output FOLDER]

Each target runs for M minutes (1), as many at a time as N (all processors). Without --target all run; without --seed
the seed is a new one. The committed corpus is the start, or nothing with --empty. A finding does not end a campaign: it
is made small, named with the law that it breaks, and the target goes on. What was found and the grown corpora are in
FOLDER (build/fuzz-out). --planted-fault gives each target an answer that is wrong, which it must notice. AFL++ takes
part where it is installed (apt-get install afl++). Exit codes: 0 nothing found, 1 something, 2 bad usage, no clang, or a
failed build. The programs are built first; the environment variable P2PLLM_FUZZ names a folder of other ones.
Meanwhile standard error has one line that is written anew: the seconds left, the targets that run, and the executions
and findings so far. If it is no terminal, it has such a line each minute.
"""

import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from .arguments import Parser
from .faults import ROOT
from .fuzz_progress import Progress

JOBS = len(os.sched_getaffinity(0))
SEED_END = 1 << 32
SECONDS_TO_SHRINK = 15
SEEDS_JUDGED_MAX = 20  # of those that break a law before AFL++ begins
FINDINGS_MAX = 5  # of one target in one campaign; more are hardly new
# Entropic schedules cost more than half of the time where an input has thousands of features.
LIBFUZZER = ["-entropic=0", "-detect_leaks=0", "-print_final_stats=1", "-timeout=25", "-rss_limit_mb=2048"]
SANITIZERS = {"ASAN_OPTIONS": "malloc_context_size=1:quarantine_size_mb=16:handle_abort=2"}
# AFL++ refuses options of AddressSanitizer that are not its own; its programs have none.
AFL = {"AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_NO_AFFINITY": "1"}


@dataclass(frozen=True)
class Target:
    name: str
    corpus: str
    bytes_max: int
    dictionary: str = ""


TARGETS = {
    target.name: target
    for target in (
        Target("certificate_check", "certificate_check", 6144, "certificate_check.dict"),
        Target("channel_two_parties", "channel_two_parties", 2048),
        Target("contracts_diff", "contracts", 2048),
        Target("contracts_invariants", "contracts", 2048),
        Target("encoding_roundtrip", "encoding_roundtrip", 4096),
        Target("gguf_parse", "gguf_parse", 8192),
        Target("exact_model_parse", "exact_model_parse", 16384),
        Target("judge_witness", "judge_witness", 256),
        Target("network_columns", "network_columns", 4096, "network_parse.dict"),
        Target("network_parse", "network_parse", 4096, "network_parse.dict"),
        Target("safetensors_parse", "safetensors_parse", 4096),
        Target("scenario_run", "scenario_run", 2048, "network_parse.dict"),
        Target("service_protocol", "service_protocol", 4096, "service_protocol.dict"),
        Target("signatures_real", "signatures_real", 256),
        Target("sla_dispute", "sla_dispute", 2048),
        Target("trace_replay", "trace_replay", 4096),
        Target("store_recovery", "store_recovery", 256),
    )
}


HISTORIES = {"contracts_diff", "contracts_invariants", "channel_two_parties", "sla_dispute"}


def stop(message):
    print(f"fuzz: {message}", file=sys.stderr)
    sys.exit(2)


def options_from(arguments):
    parser = Parser("fuzz", __doc__)
    for name, default, *form in (
        ("--minutes", 1.0, float, lambda minutes: 0 < minutes < 1e6, "a number above 0"),
        ("--jobs", JOBS, int, lambda jobs: 0 < jobs <= 1024, "an integer from 1 to 1024"),
        ("--seed", None, int, lambda seed: 0 < seed < SEED_END, "an integer from 1 to 2^32 - 1"),
        ("--engine", "libfuzzer", str, ("libfuzzer", "afl").__contains__, "libfuzzer or afl"),
        ("--output", ROOT / "build/fuzz-out", Path, lambda path: not path.is_file(), "a folder"),
    ):
        parser.add_argument(name, default=default, type=parser.value(name, *form), metavar=name[2:].upper())
    known = parser.value("--target", str, TARGETS.__contains__, "one of " + ", ".join(TARGETS))
    parser.add_argument("--target", action="append", type=known, metavar="NAME")
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--planted-fault", action="store_true")
    return parser.parse_args(arguments)


def laws(page):
    """The law of each target in a phrase, as fuzz/README.md states it in bold."""
    rows = re.findall(r"^\| `(\w+)` \| .*? \| (.*) \|$", page, re.M)
    return {name: re.sub(r"[`*]", "", re.search(r"\*\*(.+?)\*\*", law)[1]).rstrip(".") for name, law in rows}


@dataclass
class Finding:
    law: str
    path: Path


@dataclass
class Campaign:
    """One target's run, and what its output says."""

    target: Target
    executions: int = 0
    seconds: float = 0.0
    features: int = 0
    deepest: int = 0
    skipped: str = ""
    findings: list = field(default_factory=list)
    is_running: bool = False
    executions_of_program: int = 0  # of the one that runs, which `read` counts at its end
    page: Path = None  # where AFL++ writes its counts now and then

    def hear(self, line):
        """Takes the count from a line that a program of libFuzzer printed."""
        if count := re.match(r"#(\d+)\t", line):
            self.executions_of_program = int(count[1])

    def executions_so_far(self):
        if self.page and self.page.exists():
            *_, last = [""] + self.page.read_text().splitlines()
            columns = last.split(",")  # AFL++: the time first, and total_execs as the twelfth
            return int(columns[11]) if len(columns) > 11 and columns[11].strip().isdigit() else self.executions
        return self.executions + self.executions_of_program

    def read(self, output):
        """Adds up what one program printed."""
        self.executions_of_program = 0
        counts = re.findall(r"stat::number_of_executed_units:\s*(\d+)", output)
        self.executions += int(counts[-1]) if counts else 0
        self.features = max([self.features, *map(int, re.findall(r"\bft: (\d+)", output))])
        self.deepest = max([self.deepest, *map(int, re.findall(r"deepest chain of transitions (\d+)", output))])

    def row(self, law):
        if self.skipped:
            return [self.target.name, law, "", "", "", "", self.skipped]
        speed = self.executions / self.seconds if self.seconds else 0.0
        found = str(len(self.findings)) if self.findings else "none"
        deepest = str(self.deepest) if self.deepest else "-"
        return [self.target.name, law, str(self.executions), f"{speed:.0f}", str(self.features), deepest, found]


def law_of(output):
    """The law that a program says was broken, or the sanitizer's summary."""
    for pattern in (r"law broken: (.*?):? *$", r"^SUMMARY: (.*?)(?: \S*/\S*)?$", r"ERROR: libFuzzer: (.*?)(?: on|$)"):
        if found := re.search(pattern, output, re.M):
            return found[1].strip()
    return "ends without a word"


def is_known(campaign, law):
    """Whether a finding broke this law already, be it with other numbers or bytes."""
    same = lambda words: re.sub(r"(?<![A-Z]-)\b(\d+|[0-9a-f]{8,})\b", "0", words)
    return same(law) in [same(finding.law) for finding in campaign.findings]


def table(rows):
    head = ["target", "law", "executions", "per second", "features", "deepest", "findings"]
    lines = [head, *rows]
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    numbers = {2, 3, 4, 5}
    return "\n".join(
        "  ".join(cell.rjust(width) if k in numbers else cell.ljust(width) for k, (cell, width) in enumerate(zip(line, widths))).rstrip()
        for line in lines
    )


def built(names, engine):
    """The folder of the programs."""
    if os.environ.get("P2PLLM_FUZZ"):
        return Path(os.environ["P2PLLM_FUZZ"])
    if not shutil.which("clang++"):
        stop("clang++: not found: apt-get install clang")
    preset = {"libfuzzer": "fuzz", "afl": "afl"}[engine]
    for command in (
        ["cmake", "--preset", preset, "-Wno-dev"],
        ["cmake", "--build", "--preset", preset, "-j", str(JOBS), "--target", *(f"fuzz_{name}" for name in names)],
    ):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            print(done.stdout, file=sys.stderr)
            stop(f"{' '.join(command)} fails")
    return ROOT / "build" / preset / "fuzz"


def execute(command, seconds, hear=lambda line: None, variables=SANITIZERS):
    """What a program printed, and whether it ended well. It is killed after these seconds.

    hear: called with each line, when it is printed. variables: of the environment, unless they are set already.
    """
    environment = {**variables, **os.environ}
    lines, is_late = [], threading.Event()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as program:
        timer = threading.Timer(seconds, lambda: (is_late.set(), program.kill()))
        timer.start()
        for line in program.stdout:
            lines.append(line)
            hear(line)
        timer.cancel()
    return "".join(lines), program.returncode == 0 or is_late.is_set()


def shrunk(program, path, law, options):
    """A smaller input that breaks the same law, if there is one soon."""
    made = path.with_name(path.name + ".small")
    command = [program, "-minimize_crash=1", f"-max_total_time={SECONDS_TO_SHRINK}", f"-exact_artifact_path={made}"]
    execute([*command, *options, path], SECONDS_TO_SHRINK + 30)
    if made.exists() and re.sub(r"\d+", "", law_of(execute([program, *options, made], 60)[0])) == re.sub(r"\d+", "", law):
        return made
    return path


def keep(campaign, path, law, folder):
    kept = folder / f"finding-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
    shutil.copyfile(path, kept)
    campaign.findings.append(Finding(law, kept))


def run(program, campaign, options, seed):
    """A campaign of libFuzzer; it begins again after each finding."""
    target, folder = campaign.target, options.output / campaign.target.name
    shutil.rmtree(folder, ignore_errors=True)
    grown, crashes = folder / "corpus", folder / "crashes"
    grown.mkdir(parents=True)
    crashes.mkdir()
    more = ["--planted-fault"] if options.planted_fault else []
    seeds = [] if options.empty else [ROOT / "fuzz/corpus" / target.corpus]
    dictionary = [f"-dict={ROOT / 'fuzz' / target.dictionary}"] if target.dictionary else []
    end = time.monotonic() + 60 * options.minutes
    while (left := end - time.monotonic()) > 0.5 and len(campaign.findings) < FINDINGS_MAX:
        began = time.monotonic()
        command = [program, f"-max_total_time={max(1, int(left))}", f"-max_len={target.bytes_max}", f"-seed={seed}"]
        command += [*LIBFUZZER, f"-artifact_prefix={crashes}/", *dictionary]
        output, ended_well = execute([*command, *more, grown, *seeds], left + 60, campaign.hear)
        campaign.seconds += time.monotonic() - began
        campaign.read(output)
        seed = seed % (SEED_END - 1) + 1
        if ended_well:
            continue
        law = law_of(output)
        artifact = re.search(r"Test unit written to (\S+)", output)
        if is_known(campaign, law):
            seeds = []  # a committed input breaks it at once, or others do: look for something else
        elif artifact:
            keep(campaign, shrunk(program, Path(artifact[1]), law, more), law, folder)
        else:
            campaign.skipped = law
            return campaign
    return campaign


def run_afl(program, campaign, options, seed):
    """A campaign of AFL++ on the same target; it goes on after findings by itself."""
    target, folder = campaign.target, options.output / f"afl-{campaign.target.name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    seeds = ROOT / "fuzz/corpus" / target.corpus
    if options.empty:
        seeds = folder / "seeds"
        seeds.mkdir()
        (seeds / "one").write_bytes(b"1")
    more = ["--planted-fault"] if options.planted_fault else []
    seconds = max(1, int(60 * options.minutes))
    campaign.page = folder / "out/default/plot_data"
    dictionary = ["-x", ROOT / "fuzz" / target.dictionary] if target.dictionary else []
    command = ["afl-fuzz", *dictionary, "-i", seeds, "-o", folder / "out", "-V", str(seconds), "-t", "5000+", "-m", "none"]
    output, _ = execute([*command, "-s", str(seed), "--", program, *more], seconds + 120, variables=AFL)
    statistics = folder / "out/default/fuzzer_stats"
    broken = [seeds / name for name in skipped_seeds(output)[:SEEDS_JUDGED_MAX]]
    if not statistics.exists() and not broken:
        campaign.skipped = "afl-fuzz does not start: " + abort_of(output)[:100]
        return campaign
    if statistics.exists():
        read_afl(campaign, statistics.read_text())
    for crash in [*broken, *sorted((folder / "out/default/crashes").glob("id:*"))]:
        law = law_of(execute([program, *more, crash], 60, variables=AFL)[0])
        if not is_known(campaign, law):
            keep(campaign, crash, law, folder)
    return campaign


def uncoloured(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def skipped_seeds(output):
    """The names of the inputs that AFL++ did not begin with, because the program crashed on them."""
    return re.findall(r"Test case '[^']*orig:([^']+)' results in a crash, skipping", uncoloured(output))


def abort_of(output):
    """Why AFL++ says that it stops; otherwise its last line."""
    plain = uncoloured(output)
    said = re.search(r"PROGRAM ABORT : (.*)", plain)
    return said[1].strip() if said else (plain.strip().splitlines() or ["no word"])[-1]


def read_afl(campaign, text):
    """Takes the counts from AFL++'s own page."""
    stats = dict(re.findall(r"^(\w+)\s*: (.*?)\s*$", text, re.M))
    campaign.page = None
    campaign.executions = int(stats.get("execs_done", 0))
    campaign.seconds = float(stats.get("run_time", 0))
    campaign.features = int(stats.get("edges_found", 0))


def tell(campaign):
    target = campaign.target
    for finding in campaign.findings:
        path = finding.path.resolve()
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        print(f"\n{target.name}: {finding.law}\n  {shown} ({path.stat().st_size} bytes)")
        if target.name in HISTORIES:
            print(f"  as a trace:     p2pllm contract fuzz-case {shown} --target {target.name}")
        print(f"  keep as a test: cp {shown} fuzz/corpus/{target.corpus}/ && ctest --preset dev -R 'fuzz: {target.name}'")


def run_all(campaigns, options, work):
    """Runs the campaigns, some at a time, and tells how far they are."""

    def run_one(campaign):
        campaign.is_running = True
        work(campaign)
        campaign.is_running = False

    rounds = -(-len(campaigns) // options.jobs)
    with Progress(campaigns, 60 * options.minutes * rounds), ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(run_one, campaigns))


def main(arguments=None):
    options = options_from(arguments)
    names = list(dict.fromkeys(options.target or TARGETS))
    says = laws((ROOT / "fuzz/README.md").read_text())
    campaigns = [Campaign(TARGETS[name]) for name in names]
    is_afl = options.engine == "afl"
    if is_afl and not (shutil.which("afl-fuzz") and shutil.which("afl-clang-fast++")):
        for campaign in campaigns:
            campaign.skipped = "skipped: afl++ is not installed"
    else:
        folder = built(names, options.engine)
        work = run_afl if is_afl else run
        seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1, SEED_END)
        print(f"{len(names)} targets, {options.minutes:g} minutes each, seed {seed}", flush=True)
        run_all(campaigns, options, lambda one: work(folder / f"fuzz_{one.target.name}", one, options, seed))
    print(table([campaign.row(says[campaign.target.name]) for campaign in campaigns]))
    for campaign in campaigns:
        tell(campaign)
    return 1 if any(campaign.findings for campaign in campaigns) else 0
