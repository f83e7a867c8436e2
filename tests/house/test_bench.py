"""scripts/bench: a loss of a fifth is reported, a smaller one is not, and bench/README.md is made from
bench/results."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from tools import bench

COMMITTED = {
    "date": "2026-01-02",
    "processor": "P",
    "cores": 2,
    "commit": "abc",
    "repetitions": 3,
    "times_ms": {},
    "ratios": {"route": {"baseline": "dijkstra", "value": 2.0}},
}


def row(name, time, label="", **more):
    return {"run_type": "iteration", "run_name": name, "cpu_time": time, "label": label, **more}


class Bench(unittest.TestCase):
    def losses(self, **ratios):
        return list(
            bench.losses(
                COMMITTED,
                {"ratios": {name: {"baseline": "dijkstra", "value": value} for name, value in ratios.items()}},
            )
        )

    def test_a_loss_of_a_fifth(self):
        for value in (1.6, 1.61, 2, 30):
            self.assertEqual([], self.losses(route=value))
        self.assertEqual(
            ["route: 1.59 times as fast as dijkstra, 2 at commit abc (2026-01-02, P): a loss of more than 20%"],
            self.losses(route=1.59),
        )

    def test_a_ratio_that_is_missing_or_new(self):
        self.assertEqual(["route: has no measured ratio; scripts/bench writes them anew"], self.losses())
        self.assertEqual(
            ["pareto: has no committed ratio; scripts/bench writes them anew"], self.losses(route=2, pareto=1)
        )
        other = {"ratios": {"route": {"baseline": "walk", "value": 2}}}
        self.assertEqual(
            ["route: has no committed ratio to this baseline; scripts/bench writes them anew"],
            list(bench.losses(COMMITTED, other)),
        )

    def test_figures_are_lost_on_their_own_side(self):
        """A ratio that is to be great is lost below four fifths, one that is to be small above five quarters."""
        for kind, kept, lost in (("at least", (8, 9, 20), 7.9), ("at most", (12.5, 11, 2), 12.6)):
            committed, found = ({"commit": "abc", "date": "2026-01-02", "figures": [{"work": "w", "against": "a", "kind": kind, "value": value}]}
                                for value in (10, None))
            for value in (*kept, lost):
                found["figures"][0]["value"] = value
                expected = [f"w against a: {lost}, 10 at commit abc (2026-01-02): a loss of more than 20%"] if value == lost else []
                self.assertEqual(expected, list(bench.lost_figures(committed, found)))
        self.assertEqual(["w against a: has no measured figure; scripts/bench writes them anew"], list(bench.lost_figures(committed, {"figures": []})))

    def test_a_missed_figure_is_shown_as_missed(self):
        figure = {"program": "p", "work": "w", "against": "a", "kind": "at least", "value": 3, "bound": 4, "met": False}
        shown = bench.page({"market": {"date": "d", "processor": "P", "cores": 2, "commit": "c", "figures": [figure]}})
        self.assertIn("| w | a | 3 | at least 4 | **missed** |", shown)

    def test_ratios_are_of_medians_in_one_report(self):
        rows = [row("route", time, "against dijkstra") for time in (1, 9, 2)] + [
            row("dijkstra", time) for time in (5, 4, 6)
        ]
        rows += [{"run_type": "aggregate", "run_name": "route", "cpu_time": 100, "label": "against dijkstra"}]
        result = bench.result_of({"context": {"num_cpus": 2}, "benchmarks": rows}, "abc")
        self.assertEqual({"route": {"baseline": "dijkstra", "value": 2.5}}, result["ratios"])
        self.assertEqual({"median": 2, "least": 1, "greatest": 9}, result["times_ms"]["route"])

    def test_a_benchmark_with_an_error_is_no_result(self):
        with self.assertRaises(SystemExit) as refused:
            bench.result_of(
                {
                    "context": {"num_cpus": 2},
                    "benchmarks": [row("route", 1, error_occurred=True, error_message="another weight")],
                },
                "abc",
            )
        self.assertEqual("bench: route: another weight", str(refused.exception))

    def test_the_page_is_made_from_the_results(self):
        self.assertEqual(bench.page(bench.load()), (bench.ROOT / "bench/README.md").read_text())
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "bench/results").mkdir(parents=True)
            bench.write_page(folder)
            self.assertNotIn("## reference", (Path(folder) / "bench/README.md").read_text())

    def test_every_program_has_ratios(self):
        results = bench.load()
        self.assertEqual(bench.PROGRAMS.keys() | bench.FIGURES.keys(), results.keys())
        for name, result in results.items():
            self.assertTrue(result["ratios"] if name in bench.PROGRAMS else result["figures"], name)
        for name, programs in bench.FIGURES.items():
            self.assertEqual({*programs, *bench.SCRIPTS.get(name, ())}, {figure["program"] for figure in results[name]["figures"]})


if __name__ == "__main__":
    unittest.main()
