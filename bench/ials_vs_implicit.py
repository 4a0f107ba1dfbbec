"""implicit's ALS on the benchmark's matrix: one line an iteration with seconds so far and quality.

usage: ials_vs_implicit.py DIR RANK ITERATIONS A0 LAMBDA THREADS JUDGE
  DIR    folder made by "ials make"; JUDGE the bench_ials program, which judges both sides' factors.

The objective is that of "ials train DIR RANK . A0 LAMBDA 0": implicit minimises (Hu, Koren, Volinsky 2008)
  sum c (1 - xy)^2 over observed + sum (xy)^2 over the others + R (|x|^2 + |y|^2).
With c - 1 = 1 / a0 its matrix is ours divided by a0; its right-hand side is ours times s = 1 + a0 (an observed
pair counts c = s / a0, not 1 / a0). Scaling both sides' factors by sqrt(s) makes one into the other when
R = s * lambda / a0. So both have the same minima, up to a factor that no ranking sees.
"""
import os
import resource
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np  # noqa: E402
import scipy.sparse as sp  # noqa: E402
from implicit.cpu.als import AlternatingLeastSquares  # noqa: E402


def read_matrix(folder):
    with open(os.path.join(folder, "shape"), encoding="ascii") as f:
        rows, cols = (int(x) for x in f.readline().split())
    start = np.fromfile(os.path.join(folder, "train.start"), dtype=np.uint64).astype(np.int64)
    col = np.fromfile(os.path.join(folder, "train.col"), dtype=np.uint32).astype(np.int32)
    return sp.csr_matrix((np.ones(len(col), dtype=np.float32), col, start.astype(np.int32)), shape=(rows, cols))


def processor_seconds():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime


def main():
    folder, rank, iterations, a0, lam, threads, judge = sys.argv[1:8]
    rank, iterations, a0, lam, threads = int(rank), int(iterations), float(a0), float(lam), int(threads)
    matrix = read_matrix(folder)
    model = AlternatingLeastSquares(
        factors=rank, alpha=1 + 1 / a0, regularization=(1 + a0) * lam / a0, iterations=iterations,
        dtype=np.float32, use_native=True, use_cg=os.environ.get("IALS_CG", "1") == "1",
        num_threads=threads, random_state=1)
    spent = used = 0.0
    cpu = processor_seconds()
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        users, items = os.path.join(scratch, "users"), os.path.join(scratch, "items")

        def judged(iteration, elapsed, *_):
            nonlocal spent, used, cpu
            spent += elapsed
            used += processor_seconds() - cpu
            np.asarray(model.user_factors, dtype=np.float32).tofile(users)
            np.asarray(model.item_factors, dtype=np.float32).tofile(items)
            quality = subprocess.run([judge, "judge", folder, str(rank), users, items], check=True,
                                     capture_output=True, text=True).stdout.strip()
            print(f"iteration {iteration + 1} seconds {spent:.3f} cpu {used:.3f} {quality}", flush=True)
            cpu = processor_seconds()

        begin = time.perf_counter()
        model.fit(matrix, show_progress=False, callback=judged)
        print(f"whole fit with judging {time.perf_counter() - begin:.1f} s")
    print(f"peak MiB {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


if __name__ == "__main__":
    main()
