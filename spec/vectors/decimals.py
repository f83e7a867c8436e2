"""Decimals of 50 digits that are known to be correctly rounded: market.py says how."""
from fractions import Fraction

from mpmath import mp, mpf

mp.dps = 200
BOUND = Fraction(1, 10**120)
DIGITS = 50


def real(value):
    return mpf(value.numerator) / value.denominator


def fraction(value):
    sign, mantissa, exponent, _ = value._mpf_
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


def nearest(value):
    """d.dd..de<exponent> of 50 digits, of a fraction."""
    size, exponent = abs(value), 0
    if size == 0:
        raise ValueError("0 has no digits")
    exponent = len(str(size.numerator)) - len(str(size.denominator))
    while size >= Fraction(10) ** (exponent + 1):
        exponent += 1
    while size < Fraction(10) ** exponent:
        exponent -= 1
    scaled = size / Fraction(10) ** (exponent - DIGITS + 1) + Fraction(1, 2)
    digits = str(scaled.numerator // scaled.denominator)
    if len(digits) > DIGITS:
        digits, exponent = digits[:-1], exponent + 1
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:]}e{exponent}"


def decimal(value, bound=BOUND):
    value = fraction(value)
    low, high = nearest(value * (1 - bound)), nearest(value * (1 + bound))
    assert low == high, (low, high)
    return low
