#!/bin/sh
# Two stories replayed on an invented service: what was known of House of Cards before 2011, and of The Crown before its
# pitch; and what then came. Titles and people are real, but for the two that take the stories up (--later); viewers and everything
# they do are invented (marquee simulate).
#
# usage: examples/two_stories.sh [FOLDER]     MARQUEE=build/marquee VIEWERS=6000 STORIES="house-of-cards the-crown"
set -eu
marquee=${MARQUEE:-marquee}
viewers=${VIEWERS:-6000}
out=${1:-$(mktemp -d)}

# A service of some months, imported; what nobody has made by a day is searched for and kept with its date. Further words go to simulate.
service() {
    name=$1 end=$2 day=$3
    shift 3
    echo
    echo "== $name: a service with $viewers invented viewers, until $end"
    "$marquee" simulate --viewers "$viewers" --end "$end" "$@" --out "$out/$name" >/dev/null
    for form in titles credits; do
        "$marquee" import --data "$out/$name/data" --format $form "$out/$name/$form.csv" >/dev/null
    done
    "$marquee" import --data "$out/$name/data" --format events "$out/$name/events.ndjson" >/dev/null
    "$marquee" strategy opportunities --data "$out/$name/data" --as-of "$day" --floor 20 --store
}

# The pitch comes later. Which dossier was there before it?
pitch() {
    echo
    echo "== $1 is pitched on $2"
    "$marquee" strategy pitch --data "$out/$1/data" --at "$2" "$out/$1/pitch.json"
}

# What became of it: titles that came later and have what a dossier spoke of, against its forecast and the truth.
came() {
    echo
    echo "== What came of $1"
    "$marquee" strategy ledger --data "$out/$1/data" --floor 20
    grep -o '"later":\[.*' "$out/$1/truth.json" | cut -d']' -f1 | tr '{' '\n' | grep "\"takes_up\":\"$2\"" |
        sed 's/.*"launch":"\([^"]*\)","viewers_28d":\([0-9]*\).*/    truth: launched \1, \2 viewers in 28 days/'
}

for story in ${STORIES:-house-of-cards the-crown}; do
case $story in
house-of-cards)
service house-of-cards 2011-03-01T00:00:00Z 2011-02-28T00:00:00Z
cat >"$out/house-of-cards/pitch.json" <<'END'
{"title": "House of Cards", "kind": "series", "genres": ["Drama", "Political"], "tags": ["politics"], "country": "US", "language": "en",
 "credits": [{"role": "director", "billing": 1, "person": "David Fincher"}, {"role": "actor", "billing": 1, "person": "Kevin Spacey"}],
 "comparables": ["House of Cards"]}
END
pitch house-of-cards 2011-03-15T00:00:00Z

;;
the-crown)
# As pitched here The Crown has Helen Mirren in it; the real one had another cast. The service goes on for two months, in which a title comes that takes
# it up (--later): by its writer, with its lead, made again after The Queen.
service the-crown 2014-05-01T00:00:00Z 2014-02-28T00:00:00Z --days 120 --later 2 --heartbeat 3600
cat >"$out/the-crown/pitch.json" <<'END'
{"title": "The Crown", "kind": "series", "genres": ["Drama", "History"], "tags": ["royalty"], "country": "GB", "language": "en",
 "credits": [{"role": "writer", "billing": 1, "person": "Peter Morgan"}, {"role": "actor", "billing": 1, "person": "Helen Mirren"}],
 "comparables": ["The Queen"]}
END
pitch the-crown 2014-03-15T00:00:00Z
came the-crown palace
;;
esac
done
