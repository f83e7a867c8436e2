"""Tagged hashes, leaves, trees, proofs of membership and signatures (COMMIT-2 .. COMMIT-6).

Trees are made from above, as RFC 6962 does: a list is split at the greatest power of two below its length. That this is the tree of
COMMIT-5, made from below, is what these cases test. Signatures are judged by definition (curve.py).
"""
import hashlib
from cbor import encode
from common import Dice
import curve


def tagged(tag, content):
    return hashlib.sha256(bytes([len(tag)]) + tag.encode() + content).digest()


def split(count):
    return 1 << (count - 1).bit_length() - 1


def root(leaves):
    if not leaves:
        return tagged("p2pllm/1/empty", b"")
    if len(leaves) == 1:
        return leaves[0]
    at = split(len(leaves))
    return tagged("p2pllm/1/node", root(leaves[:at]) + root(leaves[at:]))


def proof(leaves, index):
    """Siblings from the leaf upwards."""
    if len(leaves) == 1:
        return []
    at = split(len(leaves))
    return proof(leaves[:at], index) + [root(leaves[at:])] if index < at else proof(leaves[at:], index - at) + [root(leaves[:at])]


def leaf(model, step, layers, before, after):
    return tagged("p2pllm/1/leaf/step", encode([model, step, layers, before, after]))


def some(word, number=0):
    return hashlib.sha256(f"{word} {number}".encode()).digest()


def leaves_of(count, word="state"):
    return [leaf(some("model"), j, [3, 300], some(word, j - 1), some(word, j)) for j in range(1, count + 1)]


def hexes(hashes):
    return [one.hex() for one in hashes]


def hash_cases():
    for name, tag, content in (("nothing", "", b""), ("a tag alone", "p2pllm/1/node", b""), ("bytes alone", "", b"abc"), ("a tag and bytes", "abc", b"abc"), ("the length parts the tag", "abca", b"bc"),
                               ("two blocks", "p2pllm/1/leaf/step", bytes(range(100))), ("a tag of 255 bytes", "t" * 255, bytes(255)), ("a tag beyond ASCII", "\u00e9", b"\xc3")):
        yield {"name": name, "clauses": ["COMMIT-2"], "tag": tag, "hex": content.hex(), "expect": {"hash": hashlib.sha256(bytes([len(tag.encode())]) + tag.encode() + content).hexdigest()}}


def commitment_cases():
    for count in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17, 33):
        leaves = leaves_of(count)
        yield {"name": f"{count} steps", "clauses": ["COMMIT-4", "COMMIT-5", "COMMIT-6"], "model": some("model").hex(), "layers": [3, 300], "states": hexes(some("state", j) for j in range(count + 1)),
               "expect": {"leaves": hexes(leaves), "root": root(leaves).hex(), "proofs": [hexes(proof(leaves, index)) for index in range(count)]}}


def membership_cases():
    """Each leaf of lists of some sizes, and what must be refused in its place."""
    for count in (1, 2, 3, 5, 7):
        contents = [f"entry {index}".encode() for index in range(count)]
        leaves = [tagged("p2pllm/1/leaf/step", content) for content in contents]
        top = root(leaves)
        for index, content in enumerate(contents):
            right = proof(leaves, index)
            cases = [("", content, index, count, right), ("another leaf", b"another", index, count, right), ("a sibling too many", content, index, count, [*right, top]), ("an index outside", content, count, count, right),
                     ("an index of 2^64 - 1", content, 2 ** 64 - 1, count, right), ("an empty list", content, index, 0, right)]
            if right:
                pair = leaves[index] + right[0] if index % 2 == 0 else right[0] + leaves[index]
                cases += [("a sibling too few", content, index, count, right[:-1]), ("the first sibling missing", content, index, count, right[1:]), ("the sibling's index", content, index ^ 1, count, right),
                          ("a bit of a sibling", content, index, count, [bytes([right[0][0] ^ 1]) + right[0][1:], *right[1:]]), ("the first sibling twice", content, index, count, [right[0], *right]),
                          ("an inner node for a leaf", pair, index // 2, (count + 1) // 2, right[1:])]
            for name, shown, place, size, hashes in cases:
                yield {"name": f"{index} of {count}" + (f": {name}" if name else ""), "clauses": ["COMMIT-6"], "root": top.hex(), "content": shown.hex(), "index": str(place), "count": str(size), "proof": hexes(hashes),
                       "expect": {"accepted": not name}}


def signature_cases():
    def case(name, key, message, signature):
        return {"name": name, "clauses": ["COMMIT-3"], "key": key.hex(), "message": message.hex(), "signature": signature.hex(),
                "expect": {"valid": curve.valid(key, message, signature)}}

    def number(value):
        return value.to_bytes(32, "little")

    dice = Dice(21)
    for length in (0, 1, 32, 100):
        seed, message = some("seed", length), bytes(dice.below(256) for _ in range(length))
        key, signature = curve.public(seed), curve.sign(seed, message)
        s = int.from_bytes(signature[32:], "little")
        yield case(f"{length} bytes signed", key, message, signature)
        yield case(f"{length} bytes: S + l", key, message, signature[:32] + number(s + curve.ORDER))
        yield case(f"{length} bytes: the key's sign turned", key[:31] + bytes([key[31] ^ 128]), message, signature)
        yield case(f"{length} bytes: R negated", key, message, signature[:31] + bytes([signature[31] ^ 128]) + signature[32:])
        yield case(f"{length} bytes: another key", curve.public(some("other")), message, signature)
        yield case(f"{length} bytes: one byte more", key, message + b"\x00", signature)
    scalar = curve.secret(some("edge"))[0]
    key = curve.public(some("edge"))
    # A point of small order beside R or A: (d) refuses or accepts by k, 8 S B = 8 R + 8 k A holds always.
    for index, torsion in enumerate(curve.SMALL[1:], 1):
        message = b"torsion of R"
        r = curve.encoded(curve.add(curve.times(5, curve.BASE), torsion))
        signature = r + number((5 + curve.challenge(r, key, message) * scalar) % curve.ORDER)
        assert curve.valid_with_cofactor(key, message, signature)
        yield case(f"R with a part of small order, {index}", key, message, signature)
        mixed = curve.encoded(curve.add(curve.times(scalar, curve.BASE), torsion))
        r = curve.encoded(curve.times(7, curve.BASE))
        wanted = {True, False}
        for trial in range(100):
            message = f"torsion of A {trial}".encode()
            k = curve.challenge(r, mixed, message)
            vanishes = curve.times(k, torsion) == curve.NEUTRAL
            if vanishes in wanted:
                wanted.remove(vanishes)
                signature = r + number((7 + k * scalar) % curve.ORDER)
                assert curve.valid_with_cofactor(mixed, message, signature) and curve.valid(mixed, message, signature) == vanishes
                yield case(f"A with a part of small order, {index}, {'vanishing' if vanishes else 'staying'}", mixed, message, signature)
        assert not wanted
    # Every encoding of a point of small order: canonical or not, with either sign where x = 0.
    encodings = sorted({(y + add + (sign << 255)).to_bytes(32, "little") for x, y in curve.SMALL for add in (0, curve.P) if y + add < 1 << 255 for sign in ((0, 1) if x == 0 else (x % 2,))})
    for index, small in enumerate(encodings):
        for trial in range(200):
            message = f"small A {trial}".encode()
            r = curve.encoded(curve.times(9, curve.BASE))
            signature = r + number(9)
            if curve.times(curve.challenge(r, small, message), curve.decoded(small)) == curve.NEUTRAL:
                assert curve.valid_with_cofactor(small, message, signature)
                yield case(f"A of small order, {index}: signed by nobody", small, message, signature)
                break
        message = b"small R"
        signature = small + number(curve.challenge(small, key, message) * scalar % curve.ORDER)
        assert curve.valid_with_cofactor(key, message, signature)
        yield case(f"R of small order, {index}", key, message, signature)
        yield case(f"A and R of small order, {index}", small, b"both", small + number(0))
    for index, y in enumerate(y for y in range(2, 19) if curve.decoded(number(y))):
        yield case(f"A of a y not below p, {index}", number(y + curve.P), b"y", curve.sign(some("edge"), b"y"))
    yield case("A no point", number(next(y for y in range(2, 99) if not curve.decoded(number(y)))), b"off", curve.sign(some("edge"), b"off"))
    yield case("R no point", key, b"off", number(next(y for y in range(2, 99) if not curve.decoded(number(y)))) + number(3))
    yield case("all zero", bytes(32), b"", bytes(64))
    yield case("all ones", b"\xff" * 32, b"", b"\xff" * 64)


TOPICS = {"hash": hash_cases, "commitment": commitment_cases, "membership": membership_cases, "signature": signature_cases}
