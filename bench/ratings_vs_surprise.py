"""Processor seconds until Marquee's rating prediction is as good as scikit-surprise ends.

usage: ratings_vs_surprise.py TRAIN TEST BENCH_GIBBS

Same rows for both: SVD and SVD++ of scikit-surprise with the settings it comes with, then Marquee's sampler (viewers,
titles, implicit sets both ways, rank 16, one chain on one thread) with as few samples as reach the same RMSE. Quality is what
counts: one has gradient steps, the other samples, so epochs can't be compared.
"""
import math
import re
import subprocess
import sys
import time

from surprise import SVD, Dataset, Reader, SVDpp
from surprise.model_selection import PredefinedKFold

train, test, gibbs = sys.argv[1:4]
TRIED = (1, 2, 5, 10, 20, 40, 80)


def of_surprise(make):
    data = Dataset.load_from_folds([(train, test)], Reader(line_format="user item rating timestamp", sep="\t"))
    fit, asked = next(PredefinedKFold().split(data))
    model = make()
    started = time.process_time()
    model.fit(fit)
    spent = time.process_time() - started
    square = [(model.predict(u, i).est - r) ** 2 for u, i, r in asked]
    return spent, math.sqrt(sum(square) / len(square))


def of_marquee(samples):
    line = subprocess.run([gibbs, train, test, "16", str(samples), "1", "1"], check=True, capture_output=True,
                          text=True).stdout
    sweeps, rate, rmse = re.search(r"(\d+) sweeps.* ([\d.]+) a processor second, RMSE ([\d.]+)", line).groups()
    return int(sweeps) / float(rate), float(rmse)


ours = [(n, *of_marquee(n)) for n in TRIED]
for n, spent, rmse in ours:
    print(f"marquee, {n + 10} sweeps: {spent:.2f} processor seconds, RMSE {rmse:.4f}", flush=True)
for name, make in (("SVD", lambda: SVD(random_state=1)), ("SVD++", lambda: SVDpp(random_state=1, cache_ratings=True))):
    spent, rmse = of_surprise(make)
    print(f"surprise {name}: {spent:.2f} processor seconds, RMSE {rmse:.4f}")
    reached = next((o for o in ours if o[2] <= rmse), None)
    if reached:
        print(f"  marquee is as good after {reached[0] + 10} sweeps, {reached[1]:.2f} processor seconds: "
              f"{spent / reached[1]:.1f} times faster")
    else:
        print(f"  marquee does not get there with {TRIED[-1]} samples")
