"""Ed25519 by its definition (RFC 8032, 5.1), slow and plain, to make signatures on the edge of COMMIT-3 and judge them."""
import hashlib

P = 2 ** 255 - 19
ORDER = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
NEUTRAL = (0, 1)


def add(a, b):
    product = D * a[0] * b[0] * a[1] * b[1]
    return (a[0] * b[1] + b[0] * a[1]) * pow(1 + product, -1, P) % P, (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P) % P


def times(factor, point):
    result = NEUTRAL
    for bit in bin(factor)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def minus(point):
    return -point[0] % P, point[1]


def encoded(point):
    return (point[1] + (point[0] % 2 << 255)).to_bytes(32, "little")


def decoded(octets):
    """The point, of y modulo P whatever its form; None if there is none."""
    number = int.from_bytes(octets, "little")
    y, sign = number % 2 ** 255 % P, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        return None
    return (-x % P if x % 2 != sign else x), y


def is_small(point):
    return times(8, point) == NEUTRAL


BASE = decoded((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
# 2^255 - 18 and the like: an order-8 point is l times any point of the whole group that is not of smaller order.
TORSION = next(t for t in (times(ORDER, p) for p in (decoded(y.to_bytes(32, "little")) for y in range(2, 99)) if p) if times(4, t) != NEUTRAL)
SMALL = [times(k, TORSION) for k in range(8)]


def sha512_number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def challenge(r, a, message):
    return sha512_number(r, a, message) % ORDER


def secret(seed):
    half = hashlib.sha512(seed).digest()
    return int.from_bytes(half[:32], "little") & (2 ** 254 - 8) | 2 ** 254, half[32:]


def public(seed):
    return encoded(times(secret(seed)[0], BASE))


def sign(seed, message):
    scalar, prefix = secret(seed)
    nonce = sha512_number(prefix, message) % ORDER
    r = encoded(times(nonce, BASE))
    return r + ((nonce + challenge(r, public(seed), message) * scalar) % ORDER).to_bytes(32, "little")


def valid(key, message, signature):
    """COMMIT-3, (a) to (d)."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    a, r_point = decoded(key), decoded(r)
    if s >= ORDER or a is None or int.from_bytes(key, "little") % 2 ** 255 >= P or is_small(a) or (r_point and is_small(r_point)):
        return False
    return encoded(add(times(s, BASE), minus(times(challenge(r, key, message), a)))) == r


def valid_with_cofactor(key, message, signature):
    """What RFC 8032 allows instead of (d), points in any form: 8 S B = 8 R + 8 k A."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    left = times(8 * s, BASE)
    return left == times(8, add(decoded(r), times(challenge(r, key, message), decoded(key))))
