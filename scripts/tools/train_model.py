"""Trains the model that is shipped as an example, a Llama of bytes, on the King James Bible.

    scripts/train-model [--out FILE] [--minutes N | --steps N] [--resume | --start FILE] [--seed N] [--text FILE]
    scripts/train-model --report FILE    prints the losses of these weights, and what they write
    scripts/train-model --check          five steps, and whether a resume repeats them; takes seconds

The text is in the public domain (Debian package bible-kjv-text, whose copyright file says so). byte_llama.py says what
the model is. Muon (momentum with all singular values made 1) moves the matrices, Adam the embedding and the gains. The
rate rises for 200 steps, then is constant, and falls linearly to 0 over the last quarter of the steps. A step reads
4,096 bytes, in windows of 256 while the rate falls and of 128 before; they depend on the seed and the step alone. One
thread; matrix products are in bfloat16 where the processor has it.

FILE is a safetensors file (float32). It is renewed every few minutes, with FILE.state, from which --resume goes on as
if nothing had happened. --start begins anew with the weights of a file: a new warm-up, and give it another seed. With
--minutes the clock decides the number of steps; the run is the one that --steps with that number gives.
"""

import argparse
import os
import tempfile
import time

from . import byte_llama  # before PyTorch, which reads the number of threads when it is loaded
from .byte_llama import CONTEXT, CPU, PARTS
from .king_james import king_james

import torch

BYTES_PER_STEP, WARM_UP_STEPS = 4096, 200
MUON_RATE, MUON_MOMENTUM, MUON_DECAY = 0.02, 0.95, 0.05
ADAM_RATE, ADAM_BETAS = 0.004, (0.9, 0.99)
FALLING = 4  # the rate falls over one in so many of the steps
TIME_BEFORE = 0.7  # of all: a step of short windows takes less of it
HAS_BFLOAT16 = "avx512_bf16" in CPU
PROMPTS = ((b"And the LORD", 0), (b"In the beginning", 0), (b"And the LORD", 0.8), (b"Blessed are", 0.8))


def orthogonal(m):
    """m: (layers, rows, columns). The same singular vectors, all singular values in about 0.7 .. 1.2.

    Source: five Newton-Schulz steps with the coefficients of Jordan et al., "Muon", 2024."""
    is_tall = m.shape[1] > m.shape[2]
    x = m.transpose(1, 2) if is_tall else m
    x = x / (x.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    for _ in range(5):
        a = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.transpose(1, 2) if is_tall else x


class Training:
    """The model, the optimizers and the counts, all of which a resume restores. Times are in seconds."""

    def __init__(self, seed, steps=None):
        self.seed, self.steps, self.step, self.cpu, self.wall = seed, steps, 0, 0.0, 0.0
        self.model = byte_llama.new_model(seed)
        self.momentum = {name: torch.zeros_like(tensor) for name, tensor in self.model.items() if tensor.dim() == 3}
        self.adam = torch.optim.Adam([tensor for tensor in self.model.values() if tensor.dim() < 3], betas=ADAM_BETAS)

    def is_falling(self):
        return self.steps is not None and self.steps - self.step <= self.steps // FALLING

    def rate(self):
        """In (0, 1], of the greatest rates."""
        rising = min(1, (self.step + 1) / WARM_UP_STEPS)
        falling = (self.steps - self.step) / (self.steps // FALLING) if self.is_falling() else 1
        return rising * falling

    def batch_loss(self, data):
        length = CONTEXT if self.is_falling() else CONTEXT // 2
        g = torch.Generator().manual_seed((self.seed << 32) + self.step)
        starts = torch.randint(len(data) - length - 1, (BYTES_PER_STEP // length,), generator=g)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HAS_BFLOAT16):
            return byte_llama.loss_of(self.model, data, starts, length)

    @torch.no_grad()
    def move_matrices(self, rate):
        for name, average in self.momentum.items():
            average.lerp_(self.model[name].grad, 1 - MUON_MOMENTUM)
            self.model[name].mul_(1 - rate * MUON_DECAY)
        for _, name, rows in PARTS:
            if rows:
                ahead = self.model[name].grad.lerp(self.momentum[name], MUON_MOMENTUM)[:, slice(*rows)]
                scale = max(1, ahead.shape[1] / ahead.shape[2]) ** 0.5
                self.model[name][:, slice(*rows)].sub_(orthogonal(ahead), alpha=rate * scale)

    def do_step(self, data):
        """Returns the loss of the step's batch before the step."""
        loss = self.batch_loss(data)
        for tensor in self.model.values():
            tensor.grad = None
        loss.backward()
        rate = self.rate()
        self.adam.param_groups[0]["lr"] = rate * ADAM_RATE
        self.adam.step()
        self.move_matrices(rate * MUON_RATE)
        self.step += 1
        return loss.item()

    def save(self, path):
        state = vars(self) | {"adam": self.adam.state_dict()}
        byte_llama.write_atomically(path, lambda file: torch.save(state, file))

    def load(self, path):
        state = torch.load(path)
        self.adam.load_state_dict(state.pop("adam"))
        for name, tensor in state.pop("model").items():
            self.model[name].data.copy_(tensor.data)
        vars(self).update(state)

    def write(self, path):
        byte_llama.write_safetensors(path, self.model, seed=self.seed, step=self.step, steps=self.steps)


def shown(losses):
    return ", ".join(f"{name} {loss:.4f}" for name, loss in losses.items())


def train(run, data, held_out, arguments):
    """Goes on with the run until its last step; saves and prints as it goes."""
    wall, cpu = time.time() - run.wall, time.process_time() - run.cpu
    saved, average = run.wall, None
    while run.steps is None or run.step < run.steps:
        loss = run.do_step(data)
        average = loss if average is None else average + (loss - average) / 50
        run.wall, run.cpu = time.time() - wall, time.process_time() - cpu
        if run.steps is None and run.wall >= TIME_BEFORE * 60 * arguments.minutes:
            run.steps = run.step + -(-run.step // (FALLING - 1))
        is_last = run.step == run.steps
        if run.step % 100 == 0 or is_last:
            left = run.wall / run.step * (run.steps - run.step) if run.steps else 60 * arguments.minutes - run.wall
            print(f"step {run.step} of {run.steps or '?'}: loss {average:.4f}, {run.wall / 60:.1f} minutes,", end=" ")
            print(f"{run.cpu / 60:.1f} of CPU, about {left / 60:.0f} left", flush=True)
        if run.wall - saved >= 60 * arguments.save_minutes or is_last:
            saved = run.wall
            run.save(f"{arguments.out}.state")
            run.write(arguments.out)
        if run.step % 1000 == 0 or is_last:
            print(f"step {run.step}: held out: {shown(byte_llama.losses(run.model, held_out))}", flush=True)


def report(path, held_out):
    model = byte_llama.new_model(0)
    byte_llama.read_safetensors(path, model)
    print(f"held out, float32: {shown(byte_llama.losses(model, held_out))}")
    print(f"held out, rounded: {shown(byte_llama.losses(byte_llama.rounded(model), held_out))}")
    for prompt, temperature in PROMPTS:
        print(f"\nT = {temperature}: {byte_llama.write_on(model, prompt, 300, temperature)}")


def check(data):
    """Whether five steps with a stop after the second are the five steps without one, bit for bit."""
    whole, before, after, again = Training(1, 5), Training(1, 5), Training(2), byte_llama.new_model(3)
    straight = [whole.do_step(data) for _ in range(5)]
    stopped = [before.do_step(data) for _ in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        state, file = os.path.join(folder, "state"), os.path.join(folder, "safetensors")
        before.save(state)
        after.load(state)
        stopped += [after.do_step(data) for _ in range(3)]
        after.write(file)
        byte_llama.read_safetensors(file, again)
    is_same = straight == stopped and all(torch.equal(again[name], tensor) for name, tensor in whole.model.items())
    print(f"losses: {', '.join(map(str, straight))}")
    print(f"after a resume and through a file: {'the same bits' if is_same else 'OTHERS'}")
    return is_same


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", help="file to learn from instead of the text of bible-kjv")
    parser.add_argument("--out", default="kjv.safetensors", help="default: %(default)s")
    parser.add_argument("--minutes", type=float, default=100, help="about this long in all; default: %(default)s")
    parser.add_argument("--steps", type=int, help="this many steps in all, however long they take")
    parser.add_argument("--seed", type=int, default=17, help="default: %(default)s")
    parser.add_argument("--save-minutes", type=float, default=3, help="between two files; default: %(default)s")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--resume", action="store_true", help="go on from OUT.state")
    what.add_argument("--start", metavar="FILE", help="begin with these weights")
    what.add_argument("--report", metavar="FILE", help="only say how good these weights are")
    what.add_argument("--check", action="store_true", help="only test that a resume changes nothing")
    return parser.parse_args()


def main():
    arguments = parsed()
    if arguments.text:
        with open(arguments.text, "rb") as file:
            text = file.read()
    else:
        text = king_james()
    data, held_out = byte_llama.split(text)
    if arguments.check:
        return 0 if check(data[:20000]) else 1
    if arguments.report:
        report(arguments.report, held_out)
        return 0
    run = Training(arguments.seed, arguments.steps)
    if arguments.start:
        byte_llama.read_safetensors(arguments.start, run.model)
    if arguments.resume:
        run.load(f"{arguments.out}.state")
        run.steps = arguments.steps or run.steps
    train(run, data, held_out, arguments)
    return 0
