"""Reads a GGUF file, and writes its tensors anew as Q8_0: NumPy."""

import struct
from pathlib import Path

import numpy as np

F32, Q4_1, Q8_0 = 0, 3, 8
NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
TEXT, ARRAY = 8, 9


class Gguf:
    """`fields` by key; `tensors` has (rows, columns), format and offset of each name."""

    def __init__(self, path):
        self.data, self.at = Path(path).read_bytes(), 0
        magic, self.version, tensor_count, field_count = self.read("4sIQQ")
        if magic != b"GGUF" or self.version not in (2, 3):
            raise ValueError(f"{path}: no GGUF file of version 2 or 3")
        self.fields, self.tensors = {}, {}
        for _ in range(field_count):
            key = self.text()
            self.fields[key] = self.value(*self.read("I"))
        self.fields_end = self.at
        for _ in range(tensor_count):
            name, (dimensions,) = self.text(), self.read("I")
            shape = self.read(f"{dimensions}Q")[::-1]
            self.tensors[name] = (shape, *self.read("IQ"))
        alignment = self.fields.get("general.alignment", 32)
        self.begin = -(-self.at // alignment) * alignment

    def read(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def text(self):
        (count,) = self.read("Q")
        self.at += count
        return self.data[self.at - count : self.at]

    def value(self, kind):
        if kind == TEXT:
            return self.text()
        if kind == ARRAY:
            kind, count = self.read("IQ")
            return [self.text() for _ in range(count)] if kind == TEXT else list(self.read(f"{count}{NUMBERS[kind]}"))
        return self.read(NUMBERS[kind])[0]

    def tensor(self, name):
        """The values in double precision, which holds them exactly."""
        shape, form, offset = self.tensors[name]
        count, begin = int(np.prod(shape)), self.begin + offset
        if form == F32:
            return np.frombuffer(self.data, "<f4", count, begin).astype(float).reshape(shape)
        layout = {Q4_1: [("scale", "<f2"), ("least", "<f2"), ("low", "u1", 16)], Q8_0: [("scale", "<f2"), ("words", "i1", 32)]}[form]
        blocks = np.frombuffer(self.data, layout, count // 32, begin)
        scale = blocks["scale"].astype(float)[:, None]
        if form == Q8_0:
            return (scale * blocks["words"]).reshape(shape)
        words = np.concatenate((blocks["low"] & 15, blocks["low"] >> 4), 1)
        return (scale * words + blocks["least"].astype(float)[:, None]).reshape(shape)


def q8_0(values):
    """The bytes of values: of each 32 a scale in binary16, the greatest magnitude / 127, and 32 integers."""
    blocks = values.reshape(-1, 32)
    scale = np.abs(blocks).max(1) / 127
    words = np.rint(np.divide(blocks, scale[:, None], out=np.zeros_like(blocks), where=scale[:, None] > 0))
    out = np.empty(len(blocks), [("scale", "<f2"), ("words", "i1", 32)])
    out["scale"], out["words"] = scale, words
    return out.tobytes()


def write_q8_0(source, path):
    """The same model with its matrices as Q8_0."""
    infos, data = b"", b""
    for name, (shape, form, offset) in source.tensors.items():
        is_matrix = len(shape) == 2
        if form == Q8_0:
            content = source.data[source.begin + offset :][: int(np.prod(shape)) // 32 * 34]
        else:
            content = q8_0(source.tensor(name)) if is_matrix else source.tensor(name).astype("<f4").tobytes()
        infos += struct.pack("<Q", len(name)) + name + struct.pack(f"<I{len(shape)}Q", len(shape), *shape[::-1])
        infos += struct.pack("<IQ", Q8_0 if is_matrix else F32, len(data))
        data += content + bytes(-len(content) % 32)
    head = source.data[: source.fields_end] + infos
    Path(path).write_bytes(head + bytes(-len(head) % 32) + data)
