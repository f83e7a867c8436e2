"""Tagged hashes, leaves, trees, maps, proofs and signatures (COMMIT-2 .. COMMIT-8).

Trees are made from above, as RFC 6962 does: a list is split at the greatest power of two below its length. That this is the tree of
COMMIT-5, made from below, is what these cases test. Maps are made bit by bit, and a bit in which all keys agree makes no node. Signatures
are judged by definition (curve.py).
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


def bit_of(key, bit):
    return int.from_bytes(key, "big") >> (255 - bit) & 1


def map_root(entries, bit=0):
    """entries: {key: leaf}"""
    if not entries:
        return tagged("p2pllm/1/empty-map", b"")
    if len(entries) == 1:
        return next(iter(entries.values()))
    sides = [{key: leaf for key, leaf in entries.items() if bit_of(key, bit) == side} for side in (0, 1)]
    if not all(sides):
        return map_root(entries, bit + 1)
    return tagged("p2pllm/1/map", bytes([bit]) + map_root(sides[0], bit + 1) + map_root(sides[1], bit + 1))


def map_proof(entries, key, bit=0):
    """The witness's key, None if there is no entry, and (bit, other side) from the witness upwards."""
    if len(entries) < 2:
        return next(iter(entries), None), []
    sides = [{one: leaf for one, leaf in entries.items() if bit_of(one, bit) == side} for side in (0, 1)]
    if not all(sides):
        return map_proof(entries, key, bit + 1)
    side = bit_of(key, bit)
    witness, steps = map_proof(sides[side], key, bit + 1)
    return witness, [*steps, (bit, map_root(sides[1 - side], bit + 1))]


def flipped(key, *bits):
    number = int.from_bytes(key, "big")
    for bit in bits:
        number ^= 1 << (255 - bit)
    return number.to_bytes(32, "big")


def entry_of(content):
    """Key and leaf of one text, as the objects of a ledger have them."""
    return tagged("p2pllm/1/key", content), tagged("p2pllm/1/leaf/state", content)


def maps():
    for count in (0, 1, 2, 3, 4, 7, 16, 40):
        yield f"{count} entries", dict(entry_of(f"entry {k}".encode()) for k in range(count))
    base = some("base")
    for name, keys in (("keys that differ in the first bit", (base, flipped(base, 0))), ("keys that differ in the last bit", (base, flipped(base, 255))),
                       ("bits 7 and 8", (base, flipped(base, 7), flipped(base, 8), flipped(base, 7, 8))), ("a long way", [base, *(flipped(base, bit) for bit in range(0, 256, 17))])):
        yield name, {key: tagged("p2pllm/1/leaf/state", key) for key in keys}


def map_cases():
    for name, entries in maps():
        listed = [{"key": key.hex(), "leaf": leaf.hex()} for key, leaf in entries.items()]
        asked = [*list(entries)[:12], *(some("absent", k) for k in range(4)), *(flipped(key, 200) for key in list(entries)[:2] if flipped(key, 200) not in entries)]
        proofs = []
        for key in asked:
            witness, steps = map_proof(entries, key)
            proofs.append({"key": key.hex(), "witness": witness.hex() if witness is not None else None, "steps": [{"bit": bit, "sibling": sibling.hex()} for bit, sibling in steps]})
        yield {"name": name, "clauses": ["COMMIT-7", "COMMIT-8"], "entries": listed, "expect": {"root": map_root(entries).hex(), "proofs": proofs}}


def map_membership_cases():
    """Proofs of presence and absence, and what must be refused in their place."""
    for count in (0, 1, 2, 5, 9):
        texts = {entry_of(text)[0]: text for text in (f"entry {k}".encode() for k in range(count))}
        entries = dict(entry_of(text) for text in texts.values())
        top = map_root(entries)
        for word, key in (("presence", next(iter(entries), None)), ("absence", some("absent", count))):
            if key is None:
                continue
            witness, steps = map_proof(entries, key)
            text = texts.get(witness)
            cases = [("", top, key, text, steps), ("another root", flipped(top, 3), key, text, steps), ("a step too many", top, key, text, [*steps, (0, top)]), ("257 steps", top, key, text, [(0, top)] * 257),
                     ("another witness", top, key, b"another", steps)]
            if text is not None:
                cases.append(("no witness", top, key, None, steps))
                cases.append(("nothing", top, key, None, []))
            if steps:
                (bit, sibling), *rest = steps
                sides = [entries[witness], sibling]
                inner = bytes([bit]) + b"".join(reversed(sides) if bit_of(key, bit) else sides)
                cases += [("a step too few", top, key, text, rest), ("the sibling's side", top, flipped(key, bit), text, steps), ("another bit", top, key, text, [(bit ^ 1, sibling), *rest]),
                          ("a bit of a sibling", top, key, text, [(bit, flipped(sibling, 9)), *rest]), ("an inner node for a leaf", top, key, inner, rest)]
            for name, root_shown, asked, shown, way in cases:
                accepted = not name
                yield {"name": f"{word} among {count}" + (f": {name}" if name else ""), "clauses": ["COMMIT-8"], "root": root_shown.hex(), "key": asked.hex(),
                       "witness": shown.hex() if shown is not None else None, "steps": [{"bit": bit, "sibling": sibling.hex()} for bit, sibling in way],
                       "expect": {"accepted": accepted, "present": accepted and shown is not None and entry_of(shown)[0] == asked}}


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


TOPICS = {"hash": hash_cases, "commitment": commitment_cases, "membership": membership_cases, "map": map_cases, "map_membership": map_membership_cases, "signature": signature_cases}
