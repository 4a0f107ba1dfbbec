#!/usr/bin/env python3
"""Popularity's row of `evaluate time-split`, counted again from the protocol's words alone, by other code.

usage: recount_popularity.py RATINGS [CUT]      RATINGS: viewer, title, rating, epoch seconds; CUT: 0.1

A title's popularity is its number of events before the cut. Each event after it is asked when the viewer has at least five
events before that event and has not met the title; titles already met are no candidates. What is printed beside it says how
much hangs on each reading of the words: who is asked, as of when popularity counts, and who wins among equals.
"""
import math
import re
import sys
from collections import Counter, defaultdict

LEAST = 5


def read(path):
    rows = []
    with open(path, encoding="utf-8", newline=None) as f:
        for line in f:
            field = re.split(r"::|[\t,]", line.strip())
            if field[0].isdigit():
                rows.append((int(field[3]), len(rows), field[0], int(field[1])))
    return sorted(rows)


def count(rows, cut, *, least=LEAST, known_at_cut=0, as_of_event=False, ties="kind"):
    before = len(rows) - int(len(rows) * cut)
    titles = {title: i for i, title in enumerate(sorted({r[3] for r in rows}))}
    popularity = Counter(r[3] for r in rows[:before])
    as_popular = Counter(popularity.values())  # how many titles have so many events
    at_cut = Counter(r[2] for r in rows[:before])
    met = defaultdict(list)
    for _, _, viewer, title in rows[:before]:
        met[viewer].append(title)
    asked = hits = 0
    gain = 0.0
    for _, _, viewer, title in rows[before:]:
        mine = met[viewer]
        if len(mine) >= least and title not in mine and at_cut[viewer] >= known_at_cut:
            own, skip = popularity[title], set(mine)
            ahead = sum(n for events, n in as_popular.items() if events > own)
            ahead -= sum(1 for other in skip if popularity[other] > own)
            if ahead < 10 and ties != "kind":
                ahead += sum(1 for other in titles if popularity[other] == own and other not in skip and
                             (ties == "unkind" and other != title or titles[other] < titles[title]))
            asked += 1
            if ahead < 10:
                hits += 1
                gain += 1 / math.log2(ahead + 2)
        mine.append(title)
        if as_of_event:
            as_popular[popularity[title]] -= 1
            popularity[title] += 1
            as_popular[popularity[title]] += 1
    return asked, hits / asked, gain / asked


def main():
    rows = read(sys.argv[1])
    cut = float(sys.argv[2]) if len(sys.argv) > 2 else 0.1
    readings = [
        ("as the protocol says, equals by id", {"ties": "id"}),
        ("the asked title first among equals", {"ties": "kind"}),
        ("the asked title last among equals", {"ties": "unkind"}),
        ("popularity as of each event", {"ties": "id", "as_of_event": True}),
        ("every event asked, however new the viewer", {"ties": "id", "least": 0}),
        ("viewers with five events before the cut", {"ties": "id", "known_at_cut": LEAST}),
        ("the same, popularity as of each event", {"ties": "id", "known_at_cut": LEAST, "as_of_event": True}),
    ]
    for words, reading in readings:
        asked, hr, ndcg = count(rows, cut, **reading)
        print(f"{words:45} asked {asked:6} hr@10 {hr:.4f} ndcg@10 {ndcg:.4f}", flush=True)


if __name__ == "__main__":
    main()
