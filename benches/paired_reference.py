"""What crates/report/src/stats/mcnemar.rs is held to. Needs statsmodels 0.15.0.

McNemar's exact test and Holm's correction are statsmodels' own; Newcombe's
interval is written here from the paper, around statsmodels' Wilson interval."""

from math import sqrt

from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint


def newcombe(both, only_a, only_b, neither):
    """Method 10 of Newcombe, Statistics in Medicine 17 (1998), 2635-2650."""
    n = both + only_a + only_b + neither
    p1, p2 = (both + only_a) / n, (both + only_b) / n
    low1, high1 = proportion_confint(both + only_a, n, method="wilson")
    low2, high2 = proportion_confint(both + only_b, n, method="wilson")
    spread = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    product = both * neither - only_a * only_b
    product = product if product < 0 else max(product - n / 2, 0)
    phi = product / sqrt(spread) if spread else 0
    low, high = (p1 - low1, high2 - p2), (high1 - p1, p2 - low2)
    join = lambda x, y: sqrt(x * x - 2 * phi * x * y + y * y)
    return p1 - p2 - join(*low), p1 - p2 + join(*high)


for a, b in [(7, 3), (0, 0), (5, 5), (1, 0), (6, 0), (12, 2), (30, 50), (400, 350), (10, 100)]:
    print(a, b, repr(float(mcnemar([[10, a], [b, 5]], exact=True).pvalue)))
for table in [(36, 12, 2, 0), (1, 1, 7, 12), (14, 5, 0, 22), (65, 7, 3, 1), (70, 0, 0, 6), (50, 0, 0, 0)]:
    print(table, newcombe(*table))
print(multipletests([0.01, 0.04, 0.03, 0.5], method="holm")[1])
