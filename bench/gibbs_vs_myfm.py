"""Samples per second of myfm: the same ratings, features and rank. usage: gibbs_vs_myfm.py TRAIN TEST RANK SAMPLES"""
import sys
import time

import numpy as np
import scipy.sparse as sps
from myfm import MyFMRegressor, RelationBlock

train, test = (np.loadtxt(p, usecols=(0, 1, 2)) for p in sys.argv[1:3])
rank, samples = int(sys.argv[3]), int(sys.argv[4])
both = np.vstack([train, test])
viewers, viewer = np.unique(both[:, 0], return_inverse=True)
titles, title = np.unique(both[:, 1], return_inverse=True)
n = len(train)
rated = sps.csr_matrix((np.ones(n), (viewer[:n], title[:n])), shape=(len(viewers), len(titles)))


def block(index, has):
    """An entity's own feature, and what it has by 1/sqrt(how many)."""
    size = np.asarray(has.sum(axis=1)).ravel()
    scaled = sps.diags(1 / np.sqrt(np.maximum(size, 1))) @ has
    features = sps.hstack([sps.identity(has.shape[0]), scaled]).tocsr()
    return RelationBlock(index[:n], features), RelationBlock(index[n:], features)


of_viewer, of_title = block(viewer, rated), block(title, rated.T.tocsr())
fm = MyFMRegressor(rank=rank, random_seed=1)
started, used = time.monotonic(), time.process_time()
fm.fit(None, train[:, 2], X_rel=[of_viewer[0], of_title[0]], n_iter=samples + 10, n_kept_samples=samples)
seconds, used = time.monotonic() - started, time.process_time() - used
guess = np.clip(fm.predict(None, X_rel=[of_viewer[1], of_title[1]]), 1, 5)
rmse = np.sqrt(np.mean((guess - test[:, 2]) ** 2))
print(f"myfm: {samples + 10} sweeps in {seconds:.2f} s, {(samples + 10) / seconds:.1f} a second, "
      f"{(samples + 10) / used:.1f} a processor second, RMSE {rmse:.4f}")
