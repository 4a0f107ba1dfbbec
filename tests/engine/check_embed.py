"""examples/embed.c as a stranger would run it: once, and once more on the same folder. usage: check_embed.py PROGRAM"""
import pathlib
import subprocess
import sys
import tempfile


def run(program, folder):
    done = subprocess.run([program, folder], capture_output=True, text=True, timeout=1000)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def page(lines):
    return lines[lines.index("home page of viewer-0:") + 1:]


with tempfile.TemporaryDirectory() as tmp:
    folder = str(pathlib.Path(tmp) / "data")
    first = run(sys.argv[1], folder)
    print("\n".join(first))
    assert first[0] == "titles: 11 read, 11 new", first[0]
    assert first[1] == "events: 160 accepted, 0 known already, 0 refused", first[1]
    assert first[2] == "model 1: 40 viewers, 160 interactions", first[2]
    shown = page(first)
    assert len([line for line in shown if line.startswith("    ")]) >= 5, shown
    # A film of their taste that they have not watched comes first, and none that they have.
    items = [line.strip() for line in shown if line.startswith("    ")]
    for seen in ("The Long Harbour", "Harbour Lights", "Nightwatch Nine", "A Quiet Verdict"):
        assert not any(item.startswith(seen + " (") for item in items), (seen, items)
    assert items[0].startswith("Salt and Iron (2016): "), items
    assert all(item.split("): ", 1)[1] for item in items), items

    again = run(sys.argv[1], folder)
    assert again[0] == "titles: 11 read, 0 new", again[0]
    assert again[1] == "events: 0 accepted, 160 known already, 0 refused", again[1]
    assert again[2] == "model 2: 40 viewers, 160 interactions", again[2]
    usage = subprocess.run([sys.argv[1]], capture_output=True, text=True)
    assert usage.returncode == 2 and "usage" in usage.stderr
