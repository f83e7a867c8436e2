#!/usr/bin/env python3
"""Measures `p2pllm generate`: its first token with the shipped model, and its tokens with SmolLM2 against llama.cpp.

    python3 bench/generate.py BUILD

llama.cpp is that of the package xllamacpp, in this process, with the same given weights as Q8_0; it is skipped if the
package or the weights (scripts/get-model) are not there. Both decode on one core, in turn; a time is that of a long
answer less that of a short one, on the processor, so that start and prompt do not count.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from commands import figure

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / "build/models/SmolLM2-135M-Instruct.Q4_1.gguf"
PROMPT, SHORT, LONG = "Once upon a time", 8, 136
ROUNDS, ROUNDS_OF_FIRST, SECONDS_ASKED = 7, 20, 0.05


def first_token(program):
    times = []
    for _ in range(ROUNDS_OF_FIRST):
        began = time.perf_counter()
        subprocess.run([program, "generate", "--prompt", "In the beginning", "--tokens", "1"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    print(f"  first token {1000 * median(times):.1f} ms ({1000 * min(times):.1f} .. {1000 * max(times):.1f})")
    figure("p2pllm generate, one token, whole command, shipped model", "50 ms", median(times) / SECONDS_ASKED, "at most", 1)


def processor_seconds(who, work):
    before = resource.getrusage(who)
    result = work()
    after = resource.getrusage(who)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, result


class Exact:
    def __init__(self, program, model):
        self.command = [program, "generate", "--model", model, "--temperature", "0", "--threads", "1", "--json", "--prompt", PROMPT]

    def seconds(self, count):
        run = lambda: subprocess.run([*self.command, "--tokens", str(count)], check=True, stdout=subprocess.PIPE, text=True).stdout
        seconds, text = processor_seconds(resource.RUSAGE_CHILDREN, run)
        if len(json.loads(text)["tokens"]) != count:
            raise SystemExit("generate.py: the answer ended early: another prompt is needed")
        return seconds


class LlamaCpp:
    def __init__(self, xllamacpp, path):
        parameters = xllamacpp.CommonParams()
        parameters.model.path, parameters.n_ctx, parameters.n_parallel, parameters.verbosity = str(path), 512, 1, -1
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
        self.server = xllamacpp.Server(parameters)

    def seconds(self, count):
        asked = {"prompt": PROMPT, "n_predict": count, "temperature": 0, "ignore_eos": True, "cache_prompt": False}
        seconds, answer = processor_seconds(resource.RUSAGE_SELF, lambda: self.server.handle_completions(asked))
        answer = answer if isinstance(answer, dict) else json.loads(answer)
        if answer["timings"]["predicted_n"] != count:
            raise SystemExit("generate.py: llama.cpp wrote another number of tokens")
        return seconds


def compare_llama_cpp(program, folder):
    try:
        import xllamacpp
    except ImportError:
        print("xllamacpp is not installed: llama.cpp is skipped")
        return
    if not WEIGHTS.exists():
        print("the weights of SmolLM2 are not here (scripts/get-model): llama.cpp is skipped")
        return
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(ROOT / "scripts"))
    from tools.gguf import Gguf, write_q8_0

    write_q8_0(Gguf(WEIGHTS), folder / "q8_0.gguf")
    subprocess.run([program, "model", "convert", WEIGHTS, folder / "exact.model"], check=True, stdout=subprocess.DEVNULL)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    contenders = {"exact": Exact(program, folder / "exact.model"), "llama.cpp": LlamaCpp(xllamacpp, folder / "q8_0.gguf")}
    rates = {name: [] for name in contenders}
    for turn in range(ROUNDS + 1):
        for name, contender in contenders.items():
            short = contender.seconds(SHORT)
            rate = (LONG - SHORT) / (contender.seconds(LONG) - short)
            if turn:  # the first turn warms up
                rates[name].append(rate)
    for name, found in rates.items():
        print(f"  {name}: {median(found):.1f} tokens a second ({min(found):.1f} .. {max(found):.1f})")
    print(f"  xllamacpp {xllamacpp.__version__}: {xllamacpp.get_system_info().strip()}")
    figure("SmolLM2-135M, tokens a second, one core", f"llama.cpp of xllamacpp {xllamacpp.__version__}, Q8_0", median(rates["exact"]) / median(rates["llama.cpp"]), "at least", 0.8)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = Path(sys.argv[1]) / "p2pllm"
    first_token(program)
    with tempfile.TemporaryDirectory() as folder:
        compare_llama_cpp(program, Path(folder))


if __name__ == "__main__":
    main()
