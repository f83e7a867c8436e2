"""Writes the conformance vectors: python3 generate.py [FOLDER]   (default: beside this file)

Independent of the C++ programs: it is written from the clauses, by brute force and by definition, over Python's fractions
and, where exponentials enter, mpmath at 160 digits and more with an error bound for every value that is written (see market.py). Running it
again gives the same bytes. Exit 77 where mpmath is missing.
"""
import importlib.util
import json
import sys
from pathlib import Path

FORMAT = "p2pllm-vectors/1"


def document(topic, cases):
    """The file's text: a line a field, so that a change of one case is a change of few lines."""
    names = [case["name"] for case in cases]
    assert len(set(names)) == len(names), [name for name in names if names.count(name) > 1]
    blocks = []
    for case in cases:
        fields = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in case.items()]
        blocks.append("{" + ",\n ".join(fields) + "}")
    return f'{{"format": "{FORMAT}", "topic": "{topic}", "cases": [\n' + ",\n".join(blocks) + "\n]}\n"


def main():
    if importlib.util.find_spec("mpmath") is None:
        print("skipped: mpmath (Debian: python3-mpmath) is not installed")
        return 77
    import cbor
    import certificates
    import chains
    import commitments
    import files
    import layer_cases
    import market
    import messages
    import moves
    import simulations
    import states
    import transactions

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    topics = {**chains.TOPICS, **market.TOPICS, **moves.TOPICS, **certificates.TOPICS, **files.TOPICS, **cbor.TOPICS, **commitments.TOPICS,
              **transactions.TOPICS, **messages.TOPICS, **states.TOPICS, **simulations.TOPICS,
              **layer_cases.TOPICS}
    for topic, cases in topics.items():
        listed = list(cases())
        (folder / f"{topic}.json").write_text(document(topic, listed))
        print(f"{topic}: {len(listed)} cases")
    return 0


if __name__ == "__main__":
    sys.exit(main())
